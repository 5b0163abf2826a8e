"""`contains`, `icontains` and `regex`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paygrade.records.json_value import Json
    from scorers.conftest import Judge


def test_a_text_holds_another(judge: Judge) -> None:
    """The whole answer is searched, in Unicode's form C and with its letter case."""
    assert judge("contains", {"value": "caf\u00e9"}, "au cafe\u0301 !").result == "pass"
    check = judge("contains", {"value": "Refund"}, "refund it")
    assert (check.result, check.reason) == (
        "fail",
        "the answer: got 'refund it', wanted 'Refund' in it",
    )


def test_icontains_ignores_letter_case(judge: Judge) -> None:
    """Letter case is folded as Unicode does, not only lowered."""
    assert judge("icontains", {"value": "STRASSE"}, "Hauptstraße 1").result == "pass"
    assert judge("icontains", {"value": "STRASSE"}, "Hauptweg 1").result == "fail"


def test_a_field_is_searched_if_it_is_text(judge: Judge) -> None:
    """A number or a list is not text, even if it would look the same when written."""
    expected: Json = {"why": "late"}
    assert judge("contains", {"field": "why"}, {"why": "too late"}, expected).result == "pass"
    check = judge("contains", {"field": "why"}, {"why": ["late"]}, expected)
    assert check.reason == "why: ['late'] is a list, wanted text with 'late'"
    assert judge("contains", {"field": "why"}, {}, expected).reason == "the answer has no 'why'"


def test_nothing_to_look_for_is_an_error(judge: Judge) -> None:
    """An empty or wrong label would pass every answer, or none."""
    labels: list[tuple[Json, str]] = [("", "''"), (3, "3"), (None, "null")]
    for wanted, shown in labels:
        check = judge("contains", {"expected": "x"}, "y", {"x": wanted})
        assert check.result == "error"
        assert check.reason == f"expected 'x' should be text to look for, got {shown}"
    check = judge("contains", {}, "y", {})
    assert check.reason == "expected should be text to look for, got {}"


def test_a_pattern_is_searched(judge: Judge) -> None:
    """A match anywhere will do; flags stand in the pattern."""
    assert judge("regex", {"value": r"\bEUR \d+\b"}, "pay EUR 42 now").result == "pass"
    assert judge("regex", {"value": "(?i)eur"}, "EUR").result == "pass"
    check = judge("regex", {"value": "^eur"}, "EUR")
    assert (check.result, check.reason) == (
        "fail",
        "the answer: got 'EUR', wanted a match of '^eur'",
    )


def test_a_pattern_looks_into_a_field(judge: Judge) -> None:
    """A field must be text for a pattern to match."""
    assert judge("regex", {"field": "a", "value": "^e[0-9]$"}, {"a": "e1"}).result == "pass"
    check = judge("regex", {"field": "a", "value": "1"}, {"a": 1})
    assert check.reason == "a: 1 is an integer, wanted text like '1'"
    assert judge("regex", {"field": "a", "value": "1"}, {}).reason == "the answer has no 'a'"
    assert judge("regex", {"field": "a", "value": "1"}, "1 {").result == "fail"
