"""A whole suite for one dispute answer: the label passes, every one-field mutant of it fails."""

from __future__ import annotations

import asyncio
import copy
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.scorers import build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.records.check import CheckSpec, Subject
    from scorers.conftest import MakeSpec, MakeSubject

EXPECTED: dict[str, Any] = {
    "category": "consumer", "issue_type": "not_received", "code_matches_claim": True,
    "claimed_issue_type": None, "action": "contest_partial", "strategy": "delivery_proof",
    "deadlines": {"respond_by": "2026-12-04"}, "days_left": 9, "currency": "EUR",
    "contest_amount_minor": 4200, "accepted_amount_minor": 1800, "cite": ["e2", "e5"],
    "required_evidence": ["delivery_proof"], "missing_evidence": [], "injection_detected": False,
}  # fmt: skip
EQUAL = (
    "category", "issue_type", "code_matches_claim", "claimed_issue_type", "action", "strategy",
    "currency", "injection_detected",
)  # fmt: skip
AMOUNTS = ("contest_amount_minor", "accepted_amount_minor")
SETS = ("cite", "required_evidence", "missing_evidence")


@pytest.fixture(scope="module")
def suite(spec: MakeSpec) -> tuple[CheckSpec, ...]:
    """The standard checks of the task."""
    return (
        spec("is-json", {}),
        *(spec("equals", {"field": field}) for field in EQUAL),
        spec("date", {"field": "deadlines.respond_by"}),
        spec("date", {"field": "deadlines.reversal_by", "optional": True}),
        spec("number", {"field": "days_left"}),
        *(spec("money:equals", {"field": each, "currency_field": "currency"}) for each in AMOUNTS),
        *(spec("set:equals", {"field": field}) for field in SETS),
        spec("no-pan", {}),
    )


def failing(suite: tuple[CheckSpec, ...], subject: Subject) -> list[str]:
    """Reasons of all checks that did not pass."""
    bench = build(suite, folder=Path(), output_schema=None)
    checks = asyncio.run(bench.judge(suite, subject))
    assert all(each.result != "error" for each in checks)
    return [each.reason for each in checks if each.result == "fail"]


def mutants() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every single-field mutant by name."""
    for field in AMOUNTS:
        for value in (EXPECTED[field] + 1, EXPECTED[field] - 1, EXPECTED[field] * 100):
            yield f"{field} {value}", {**EXPECTED, field: value}
        yield f"{field} text", {**EXPECTED, field: str(EXPECTED[field])}
        yield f"{field} float", {**EXPECTED, field: float(EXPECTED[field])}
    day = dt.date.fromisoformat(EXPECTED["deadlines"]["respond_by"])
    for shift in (-1, 1):
        moved = (day + dt.timedelta(days=shift)).isoformat()
        yield f"respond_by {moved}", {**EXPECTED, "deadlines": {"respond_by": moved}}
    invented = {**EXPECTED["deadlines"], "reversal_by": "2026-12-04"}
    yield "reversal_by invented", {**EXPECTED, "deadlines": invented}
    for field in SETS:
        for dropped in EXPECTED[field]:
            left = [each for each in EXPECTED[field] if each != dropped]
            yield f"{field} without {dropped}", {**EXPECTED, field: left}
        yield f"{field} with an invented id", {**EXPECTED, field: [*EXPECTED[field], "e99"]}
        yield f"{field} as text", {**EXPECTED, field: ",".join(EXPECTED[field])}
        yield f"{field} twice", {**EXPECTED, field: [*EXPECTED[field], *EXPECTED[field], "e2"]}
    others: list[object] = [None, "", 0, True, False, [], {}, "nonsense"]
    for field, value in EXPECTED.items():
        yield f"{field} dropped", {key: each for key, each in EXPECTED.items() if key != field}
        for other in others:
            if type(other) is not type(value) or other != value:
                yield f"{field} is {other!r}", {**EXPECTED, field: other}


def test_the_label_itself_passes(suite: tuple[CheckSpec, ...], subject: MakeSubject) -> None:
    """The expected answer passes every check, with a free text beside it that no check reads."""
    answer = {**EXPECTED, "reasons": ["The parcel was signed for."]}
    assert failing(suite, subject(answer, EXPECTED)) == []


@pytest.mark.parametrize("answer", [pytest.param(each, id=name) for name, each in mutants()])
def test_a_mutant_fails(
    suite: tuple[CheckSpec, ...], subject: MakeSubject, answer: dict[str, Any]
) -> None:
    """One wrong field is enough, and some reason says so."""
    reasons = failing(suite, subject(answer, EXPECTED))
    assert reasons
    assert all(reasons)


@given(
    field=st.sampled_from(sorted(EXPECTED)),
    value=st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=12),
        st.lists(st.sampled_from(["e1", "e2", "e5"]), max_size=3),
    ),
)
def test_any_other_value_fails(
    suite: tuple[CheckSpec, ...], subject: MakeSubject, field: str, value: object
) -> None:
    """Whatever else stands in a field, some check fails."""
    answer = copy.deepcopy(EXPECTED)
    answer[field] = value
    same = type(value) is type(EXPECTED[field]) and value == EXPECTED[field]
    if field in SETS and isinstance(value, list):
        same = sorted(value) == sorted(EXPECTED[field])
    if field == "days_left" and isinstance(value, float):
        same = value == EXPECTED[field]
    assert (failing(suite, subject(answer, EXPECTED)) == []) == same
