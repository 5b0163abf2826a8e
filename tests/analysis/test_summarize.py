"""Outcomes folded into figures."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.analysis.summarize import summarize
from paygrade.records.check import CheckSpec
from paygrade.records.outcome import Errored, Scored
from paygrade.stats import clustered_wilson, wilson
from store.making import check, errored, header, row, scored

if TYPE_CHECKING:
    from paygrade.records.check import Check
    from paygrade.records.outcome import Outcome


def test_an_error_is_in_no_rate() -> None:
    """An attempt without an answer is counted beside the rate, by its kind."""
    outcomes: list[Outcome]
    outcomes = [scored("s1", failed=True), scored("s2"), errored("s3"), errored("s4", kind="http")]
    summary = summarize(header(), [row(f"s{n}") for n in range(1, 5)], outcomes)
    assert (summary.overall.scored, summary.overall.failed, summary.overall.errored) == (2, 1, 2)
    assert summary.overall.rate == 0.5
    assert summary.errors == {"http": 1, "timeout": 1}
    assert (summary.state, summary.done) == ("complete", 4)


def test_from_errors_alone_no_rate_is_made() -> None:
    """All errored: the rate is unknown, not zero."""
    overall = summarize(header(), [row()], [errored()]).overall
    assert (overall.rate, overall.low, overall.high) == (None, 0.0, 1.0)


def test_a_quarantined_sample_is_in_no_figure() -> None:
    """Its attempts count as done and as quarantined: in no rate, check, slice or amount."""
    rows = [row("s1"), row("s2", case_class="quarantined", exposure_minor=500, currency="EUR")]
    summary = summarize(header(), rows, [scored("s1"), scored("s2", failed=True)])
    assert (summary.done, summary.quarantined, summary.overall.scored) == (2, 1, 1)
    assert summary.overall.failed == summary.checks[0].failed == summary.slices[0].rate.failed == 0
    assert summary.money == ()


def test_an_invariant_counts_also_where_another_check_broke() -> None:
    """A card number that got out is counted although the attempt cannot be scored."""
    leaked = check("no-pan", role="invariant", result="fail", severity="critical")
    broken = check("rubric", result="error")
    outcome = Errored(
        sample_id="s1", epoch=1, error_kind="scorer_error", error="", checks=(leaked, broken)
    )
    summary = summarize(header(), [row()], [outcome])
    assert summary.invariant_failures == 1
    assert (summary.overall.scored, summary.overall.errored) == (0, 1)


def test_a_must_pass_sample_does_not_rename_the_check_of_all() -> None:
    """A check that is an invariant for one sample and gating for the others is shown as gating."""
    outcomes = [
        with_checks("s1", check(role="invariant", result="fail")),
        with_checks("s2", check()),
    ]
    for order in (outcomes, outcomes[::-1]):
        summary = summarize(header(), [row("s1"), row("s2")], order)
        assert [(each.role, each.failed) for each in summary.checks] == [("gating", 1)]
        assert summary.invariant_failures == 1


def test_a_check_of_must_pass_samples_alone_is_an_invariant() -> None:
    """Nothing else is known of it."""
    outcome = with_checks("s1", check(role="invariant"))
    assert summarize(header(), [row()], [outcome]).checks[0].role == "invariant"


def test_severities_count_attempts_with_such_a_miss() -> None:
    """Two minor misses of one attempt are one attempt; advisory misses count here, too."""
    minor = {"severity": "minor", "role": "advisory", "result": "fail"}
    outcomes = [
        with_checks("s1", check("a", **minor), check("b", **minor)),
        with_checks("s2", check("c", severity="critical", result="fail")),
    ]
    severities = summarize(header(), [row("s1"), row("s2")], outcomes).severities
    assert {name: rate.failed for name, rate in severities.items()} == {
        "critical": 1,
        "major": 0,
        "minor": 1,
    }


def test_slices_are_those_that_the_suite_names() -> None:
    """A sample with two values of a slice is in both; one without the slice is in none."""
    rows = [
        row("s1", slices={"kind": ("lost", "late"), "country": ("DE",)}),
        row("s2", slices={"kind": ("lost",)}),
        row("s3", slices={}),
    ]
    outcomes: list[Outcome]
    outcomes = [scored("s1", failed=True), scored("s2"), errored("s2", 2), scored("s3")]
    slices = summarize(header(epochs=2), rows, outcomes).slices
    told = [
        (s.name, s.value, s.samples, s.rate.failed, s.rate.scored, s.rate.errored) for s in slices
    ]
    assert told == [("kind", "late", 1, 1, 1, 0), ("kind", "lost", 2, 1, 2, 1)]


def test_attempts_of_one_case_are_clustered() -> None:
    """Five variants of one case that fail together are worth less than five cases."""
    rows = [row(f"s{n}", case=f"c{n // 5}") for n in range(20)]
    outcomes = [scored(f"s{n}", failed=n < 5) for n in range(20)]
    overall = summarize(header(), rows, outcomes).overall
    assert (overall.low, overall.high) == clustered_wilson([5, 0, 0, 0], [5] * 4)
    assert overall.high > wilson(5, 20)[1]


def test_money_at_risk_is_exact_by_currency() -> None:
    """Exposure times the failing share of the scored epochs; no float, no conversion."""
    rows = [
        row("s1", exposure_minor=100, currency="EUR"),
        row("s2", exposure_minor=100, currency="EUR"),
        row("s3", exposure_minor=10**15 + 1, currency="JPY"),
        row("s4"),
        row("s5", exposure_minor=777, currency="USD"),
    ]
    outcomes: list[Outcome] = [
        *(scored("s1", epoch, failed=epoch == 1) for epoch in (1, 2, 3)),
        *(scored("s2", epoch, failed=epoch != 1) for epoch in (1, 2, 3)),
        scored("s3", failed=True),
        errored("s3", 2),
        scored("s4", failed=True),
        errored("s5"),
    ]
    money = summarize(header(epochs=3), rows, outcomes).money
    assert [(each.currency, each.at_risk_minor, each.exposed_minor) for each in money] == [
        ("EUR", 100, 200),
        ("JPY", 10**15 + 1, 10**15 + 1),
    ]


@given(
    st.lists(
        st.tuples(st.integers(1, 10**9), st.lists(st.booleans(), min_size=1, max_size=7)),
        min_size=1,
        max_size=12,
    )
)
def test_money_is_rounded_once_half_to_even(samples: list[tuple[int, list[bool]]]) -> None:
    """The sum of exact shares is rounded, not the shares."""
    rows = [row(f"s{n}", exposure_minor=m, currency="EUR") for n, (m, _) in enumerate(samples)]
    outcomes = [
        scored(f"s{n}", epoch, failed=failed)
        for n, (_, epochs) in enumerate(samples)
        for epoch, failed in enumerate(epochs, 1)
    ]
    [money] = summarize(header(epochs=7), rows, outcomes).money
    exact = sum((Fraction(m * sum(e), len(e)) for m, e in samples), Fraction())
    assert money.at_risk_minor == round(exact)


def test_the_order_of_outcomes_changes_nothing() -> None:
    """Answers come in as they like: the summary is the same, checks in the suite's order."""
    rows = [row(f"s{n}", case=f"c{n % 3}", exposure_minor=n, currency="EUR") for n in range(12)]
    outcomes: list[Outcome] = [
        with_checks(
            f"s{n}",
            check("answered"),
            check("zeta", result="fail" if n % 4 == 0 else "pass"),
            check("alpha", severity="minor", role="advisory"),
            *([check(f"own{n}")] if n % 5 == 0 else []),
        )
        for n in range(12)
    ]
    specs = (CheckSpec(id="zeta", scorer="equals"), CheckSpec(id="alpha", scorer="equals"))
    first = summarize(header(checks=specs), rows, outcomes)
    for seed in range(5):
        random.Random(seed).shuffle(outcomes)
        assert summarize(header(checks=specs), rows, outcomes) == first
    names = [each.check for each in first.checks]
    assert names == ["answered", "zeta", "alpha", "own0", "own10", "own5"]


@pytest.mark.parametrize(("done", "state"), [(3, "incomplete"), (4, "complete")])
def test_a_run_is_complete_when_every_attempt_has_an_outcome(done: int, state: str) -> None:
    """Errors are outcomes."""
    rows = [row(f"s{n}") for n in range(4)]
    summary = summarize(header(), rows, [errored(f"s{n}") for n in range(done)])
    assert (summary.state, summary.planned, summary.done) == (state, 4, done)


def with_checks(sample_id: str, *checks: Check) -> Scored:
    """A scored attempt that fails as its counted checks do."""
    failed = any(each.result == "fail" and each.role != "advisory" for each in checks)
    return Scored(sample_id=sample_id, epoch=1, failed=failed, checks=checks)
