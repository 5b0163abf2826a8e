"""Strict JSON: what is read, what is refused, and that nothing ever raises."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paygrade.scorers import parse_output

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


def nested(levels: int) -> str:
    """Lists in lists."""
    return "[" * levels + "]" * levels


def test_an_answer_is_read_as_json() -> None:
    """A JSON text gives its value and no error; the value null gives no error either."""
    assert parse_output(' {"a": [1, 2.5, "x", true, null]} \n') == (
        {"a": [1, 2.5, "x", True, None]},
        "",
    )
    assert parse_output("null") == (None, "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ('```json\n{"a": 1}\n```', "it starts with a code fence (```)"),
        ("I would refund it.", "expecting value at line 1, column 1"),
        ('{"a": 1}\nDone.', "extra data at line 2, column 1"),
        ("{'a': 1}", "expecting property name enclosed in double quotes at line 1, column 2"),
        ('{"a": "x', "unterminated string starting at line 1, column 7"),
        ('{"a": NaN}', "NaN is not a JSON number"),
        ("[-Infinity]", "-Infinity is not a JSON number"),
        ("1e999", "the number '1e999' is too large"),
        ('{"a": 1, "b": 2, "a": 3}', "it has the key 'a' twice"),
        ('{"x": {"a": 1, "a": 1}}', "it has the key 'a' twice"),
        ("9" * 601, "it has an integer of 601 digits"),
        ("9" * 9_000, "it has an integer of 9000 digits"),
        ('["\\ud83d"]', "it holds half of a surrogate pair"),
        ('{"\\uDE00": 1}', "it holds half of a surrogate pair"),
        ('"\ud83d"', "it holds half of a surrogate pair"),
        (nested(101), "it is nested deeper than 100 levels"),
        (nested(100_000), "it is nested deeper than 100 levels"),
        ('{"a":' * 101 + "1" + "}" * 101, "it is nested deeper than 100 levels"),
    ],
)
def test_what_readers_disagree_on_is_refused(text: str, reason: str) -> None:
    """Each refusal says in a clause what is wrong."""
    assert parse_output(text) == (None, reason)


def test_what_only_looks_suspicious_is_read() -> None:
    """Whole surrogate pairs, an escaped backslash, many shallow lists, 600 digits."""
    assert parse_output('"\\ud83d\\ude00"') == ("😀", "")
    assert parse_output('"\\\\ud800"') == ("\\ud800", "")
    assert parse_output(json.dumps([[]] * 500)) == ([[]] * 500, "")
    assert parse_output(nested(100))[1] == ""
    assert parse_output("9" * 600) == (10**600 - 1, "")


def test_the_limit_of_depth_does_not_hang_on_the_stack() -> None:
    """Deep inside other calls the same text gives the same answer."""

    def deep(levels: int) -> tuple[object, str]:
        return parse_output(nested(100)) if levels == 0 else deep(levels - 1)

    assert deep(sys.getrecursionlimit() // 3)[1] == ""


@given(st.text() | st.from_regex(r'[\[\]{}",:0-9eE.\\u\- ntf]{0,40}', fullmatch=True))
@example("\ufeff1")
@example("\x00")
def test_nothing_raises(text: str) -> None:
    """Whatever a model writes gives a value or a reason, never both and never an exception."""
    value, error = parse_output(text)
    assert value is None or not error


@given(JSON)
def test_every_json_value_survives(value: object) -> None:
    """What was written as JSON is read back, in either way of writing what is not ASCII."""
    assert parse_output(json.dumps(value)) == (value, "")
    assert parse_output(json.dumps(value, ensure_ascii=False)) == (value, "")
