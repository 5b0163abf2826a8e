"""One repair, told by `strict-json` alone."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.scorers import parse_output, read_output

if TYPE_CHECKING:
    from scorers.conftest import Judge


@pytest.mark.parametrize(
    ("text", "repair"),
    [
        ('```json\n{"a": [1, 2]}\n```', "a code fence had to be taken off"),
        ('\n```\n{"a": [1, 2]}\n  ```\n', "a code fence had to be taken off"),
        ('```json\r\n{"a": [1, 2]}\r\n```', "a code fence had to be taken off"),
        ('{"a": [1, 2],}', "a trailing comma had to be taken off"),
        ('{"a": [1, 2,\n],\n}', "2 trailing commas had to be taken off"),
        (
            '```json\n{"a": [1, 2,]}\n```',
            "a code fence and a trailing comma had to be taken off",
        ),
    ],
)
def test_a_repaired_answer_is_judged_and_its_repair_told(
    judge: Judge, text: str, repair: str
) -> None:
    """The value counts as if it had been strict; one check says that it was not."""
    assert read_output(text).value == {"a": [1, 2]}
    assert judge("equals", {"field": "a", "value": [1, 2]}, text).result == "pass"
    assert judge("is-json", {}, text).result == "pass"
    check = judge("strict-json", {}, text)
    assert (check.result, check.reason) == ("fail", repair)


def test_strict_json_needs_no_repair(judge: Judge) -> None:
    """As it came: a pass; no JSON at all: a failure with the reason."""
    assert judge("strict-json", {}, '{"a": 1}').result == "pass"
    assert judge("strict-json", {}, "sorry").reason.startswith("the answer is not JSON")


@pytest.mark.parametrize(
    "text",
    [
        "Here it is:\n```json\n{}\n```",
        "```json\n{}\n``` there",
        "```json\n{}\n```\n```json\n{}\n```",
        '```json\n{"a": 1, "a": 2}\n```',
        '{"a": NaN,}',
        "[1,,]",
        "[,]",
        "{,}",
        "[1 ,]",
        "{'a': 1,}",
        '{"a": 1} // done',
        '{"a": 1,',
        "```json\n```",
        "```",
    ],
)
def test_nothing_else_is_guessed_at(text: str) -> None:
    """Prose, comments, quotes, doubled keys, cut answers: what is no JSON stays none."""
    reading = read_output(text)
    assert (reading.value, reading.repair) == (None, "")
    assert reading.error == parse_output(text)[1] != ""


def test_a_comma_inside_a_text_stays() -> None:
    """A repair never touches a value."""
    reading = read_output('{"a": "x,]", "b": ["\\",}",],}')
    assert reading.value == {"a": "x,]", "b": ['",}']}
    assert reading.repair == "2 trailing commas had to be taken off"


@pytest.mark.parametrize("piece", ['"', "\\", ",", ",]", '"\\', "```\n", "[", " ,\n"])
def test_a_hostile_answer_is_read_once(piece: str) -> None:
    """Four times the text takes some four times as long: no repetition inside a repetition."""

    def seconds(size: int) -> float:
        text = "{" + piece * (size // len(piece))
        began = time.process_time()
        read_output(text)
        return time.process_time() - began

    small = min(seconds(5_000) for _ in range(3))
    assert seconds(20_000) < 16 * small + 0.1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_strict_is_never_repaired(value: object) -> None:
    """Strict JSON is read as it stands; in a fence it reads the same."""
    text = json.dumps(value)
    assert read_output(text).value == value
    assert not read_output(text).repair
    fenced = read_output(f"```json\n{text}\n```")
    assert fenced.value == value
    assert fenced.repair


@given(st.text(alphabet='{}[]",\\` \n1aN', max_size=40))
def test_a_repair_gives_strict_json_or_the_first_error(text: str) -> None:
    """Whatever the text: no exception, and a value only with no error."""
    reading = read_output(text)
    if reading.error:
        assert (reading.value, reading.repair) == (None, "")
        assert reading.error == parse_output(text)[1]
