"""`equals`, and what absence means: the same for every scorer with a field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from paygrade.records.json_value import Json
    from scorers.conftest import Judge


def test_a_field_is_what_expected_says(judge: Judge) -> None:
    """By default the wanted value stands at the same path in the sample's expected."""
    check = judge("equals", {"field": "action"}, {"action": "contest"}, {"action": "contest"})
    assert (check.result, check.value, check.reason) == ("pass", None, "")
    check = judge("equals", {"field": "action"}, {"action": "accept"}, {"action": "contest"})
    assert (check.result, check.reason) == ("fail", "action: got 'accept', wanted 'contest'")


def test_the_wanted_value_may_stand_elsewhere(judge: Judge) -> None:
    """`value` is a literal (also null and false), `expected` another path."""
    assert judge("equals", {"field": "a", "expected": "b.0"}, {"a": 1}, {"b": [1]}).result == "pass"
    assert judge("equals", {"field": "a", "value": 2}, {"a": 2}, {"a": 1}).result == "pass"
    assert judge("equals", {"field": "a", "value": None}, {"a": None}, {"a": 1}).result == "pass"
    assert judge("equals", {"field": "a", "value": False}, {"a": 0}, {"a": 0}).result == "fail"


def test_a_path_goes_through_objects_and_lists(judge: Judge) -> None:
    """Keys are joined by dots; a whole number counts list elements, or is a key of an object."""
    answer: Json = {"cite": [{"id": "e1"}, {"id": "e2"}], "by_day": {"0": "x"}}
    for path, value in [("cite.1.id", "e2"), ("by_day.0", "x")]:
        assert judge("equals", {"field": path, "value": value}, answer).result == "pass"
    for path in [
        "cite.2",
        "cite.-1",
        "cite.00",
        "cite.id",
        "by_day.1",
        "by_day.0.x",
        "cite.1.id.0",
    ]:
        check = judge("equals", {"field": path, "value": "e2"}, answer)
        assert (check.result, check.reason) == ("fail", f"the answer has no '{path}'")


def test_an_answer_that_is_not_json_fails(judge: Judge) -> None:
    """A field cannot be found in prose: that is the model's failure."""
    check = judge("equals", {"field": "a", "value": 1}, "```json\n{}\n``` there")
    assert check.result == "fail"
    assert check.reason == "the answer is not JSON: it starts with a code fence (```)"


def test_the_answer_null_has_no_field(judge: Judge) -> None:
    """The JSON value null is an answer, and holds nothing."""
    check = judge("equals", {"field": "a", "value": None}, "null")
    assert (check.result, check.reason) == ("fail", "the answer has no 'a'")


def test_a_sample_without_the_wanted_value_is_an_error(judge: Judge) -> None:
    """Fail closed: nothing wanted is no pass, whatever the answer is, even no JSON."""
    for answer in ({"x": {"y": None}}, {}, "prose"):
        check = judge("equals", {"field": "x.y"}, answer, {"x": {}})
        assert (check.result, check.reason) == ("error", "expected has no 'x.y'")


@pytest.mark.parametrize("expected", [{}, {"by": None}])
def test_an_optional_value_is_wanted_absent(judge: Judge, expected: Json) -> None:
    """With `optional` a label without the key (or with null) wants an answer without it."""
    params: dict[str, Json] = {"field": "by", "optional": True}
    assert judge("equals", params, {}, expected).result == "pass"
    assert judge("equals", params, {"by": None}, expected).result == "pass"
    check = judge("equals", params, {"by": "2026-12-04"}, expected)
    assert (check.result, check.reason) == ("fail", "by: got '2026-12-04', wanted nothing there")
    assert judge("equals", params, "prose", expected).result == "fail"


def test_an_optional_value_that_is_there_is_wanted(judge: Judge) -> None:
    """With `optional` a label that has the key is compared as ever."""
    params: dict[str, Json] = {"field": "by", "optional": True}
    assert judge("equals", params, {"by": 1}, {"by": 1}).result == "pass"
    assert judge("equals", params, {}, {"by": 1}).reason == "the answer has no 'by'"


@pytest.mark.parametrize(
    ("got", "wanted"),
    [(True, 1), (1, True), (0, False), (1.0, 1), ("1", 1), (None, False), ("", None), ([], {})],
)
def test_types_are_part_of_the_value(judge: Judge, got: Json, wanted: Json) -> None:
    """True is not 1, 1.0 is not 1, and neither is so inside lists and objects."""
    for shape in (lambda x: x, lambda x: [x], lambda x: {"k": [x]}):
        check = judge("equals", {"field": "a", "value": shape(wanted)}, {"a": shape(got)})
        assert check.result == "fail"


@pytest.mark.parametrize(
    ("got", "wanted", "reason"),
    [
        ({"a": [1, {"c": "x"}]}, {"a": [1, {"c": "y"}]}, "f.a.1.c: got 'x', wanted 'y'"),
        ({"a": 1}, {"a": 1, "b": 2}, "f.b: got nothing, wanted 2"),
        ({"a": 1, "b": {"c": 2}}, {"a": 1}, "f.b: got {'c': 2}, wanted nothing there"),
        ([1, 2], [1], "f: got [1, 2], wanted [1]"),
        ("x" * 99, "y", f"f: got '{'x' * 78}…, wanted 'y'"),
        (
            "x" * 99 + "a", "x" * 99 + "b",
            f"f: got '{'x' * 78}…, wanted '{'x' * 78}… (alike up to character 99)",
        ),
        (
            "x" * 50, "x" * 51,
            f"f: got '{'x' * 50}', wanted '{'x' * 51}' (alike up to character 50)",
        ),
        ([True, None, 1.5, ["\u202e"]], 1, "f: got [true, null, 1.5, ['\\u202e']], wanted 1"),
        (10**400, 1, "f: got an integer of 1329 bits, wanted 1"),
        ({"a": True, "b": None}, 1, "f: got {'a': true, 'b': null}, wanted 1"),
        ("x" * 78, 1, f"f: got '{'x' * 78}', wanted 1"),
        ({"k" * 200: 1}, [], f"f: got {{'{'k' * 77}…, wanted []"),
    ],
)  # fmt: skip
def test_a_reason_names_the_first_difference(
    judge: Judge, got: Json, wanted: Json, reason: str
) -> None:
    """Got and wanted are short, visible, and as deep inside the value as the difference."""
    assert judge("equals", {"field": "f", "value": wanted}, {"f": got}).reason == reason


def test_a_whole_answer_is_compared_as_text(judge: Judge) -> None:
    """Without a field, text is compared in Unicode's form C, by default without space around."""
    assert judge("equals", {}, " caf\u00e9\n", "cafe\u0301").result == "pass"
    assert judge("equals", {"trim": False}, "yes\n", "yes").reason == (
        "the answer: got 'yes\\n', wanted 'yes'"
    )
    assert judge("equals", {}, "Yes", "yes").result == "fail"
    assert judge("equals", {"ignore_case": True}, "STRASSE", "straße").result == "pass"
    assert judge("equals", {}, '"yes"', "yes").result == "fail"


def test_a_whole_answer_is_compared_as_json(judge: Judge) -> None:
    """Without a field, a wanted object, list, number or null is compared as JSON."""
    assert judge("equals", {}, '{"b": [1], "a": null}', {"a": None, "b": [1]}).result == "pass"
    assert judge("equals", {}, "null", None).result == "pass"
    assert judge("equals", {}, '{"a": 1.0}', {"a": 1}).reason == "a: got 1.0, wanted 1"
    assert judge("equals", {}, "[1, 2]", [1, 3]).reason == "1: got 2, wanted 3"
    assert judge("equals", {}, "one", 1).reason == (
        "the answer is not JSON: expecting value at line 1, column 1, wanted 1"
    )
    assert judge("equals", {"expected": "x"}, "one", {}).reason == "expected has no 'x'"
