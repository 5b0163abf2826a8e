"""What agents did, folded from their checks."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from analysis.effect_checks import (
    BUDGET,
    FALSE_DONE,
    INVARIANTS,
    LOST,
    ONCE,
    OVER,
    POLICY,
    attempt,
    broken,
    declared,
    doubled,
    judged,
    no_answer,
    once,
)
from paygrade.analysis.effects import beside, side_by_side
from paygrade.analysis.summarize import summarize
from paygrade.records.check import CheckSpec
from paygrade.stats import clustered_wilson, wilson
from paygrade.stats.bounds import exact_upper
from store.making import header, row, scored

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.records.effects import EffectFigures, MoneyMoved
    from paygrade.records.outcome import Outcome
    from paygrade.records.run import RunHeader, SampleRow


def figures(
    outcomes: Iterable[Outcome],
    rows: Iterable[SampleRow] = (),
    head: RunHeader | None = None,
) -> EffectFigures:
    """The effects of a run; samples that are not given stand for themselves."""
    every = list(outcomes)
    known = {each.sample_id: row(each.sample_id) for each in every}
    known |= {each.sample_id: each for each in rows}
    found = summarize(head or header(), known.values(), every).effects
    assert found
    return found


def duplicates(outcomes: Iterable[Outcome], rows: Iterable[SampleRow] = ()) -> MoneyMoved:
    """The duplicate money of a run whose suite asks for it."""
    found = figures(outcomes, rows, header(checks=declared(ONCE))).duplicate_money
    assert found
    return found


def test_duplicate_money_is_a_share_of_the_attempts_with_its_interval() -> None:
    """The same interval as the failure rate's; the amounts of all attempts are summed."""
    found = duplicates([attempt(f"s{n}", doubled() if n < 3 else once()) for n in range(20)])
    share = found.share
    assert (share.found, share.judged, share.errored, share.cases) == (3, 20, 0, 20)
    assert (share.rate, share.bound) == (0.15, None)
    assert (share.low, share.high) == wilson(3, 20)
    assert found.minor == {"USD": 12600}


def test_money_is_never_summed_across_currencies() -> None:
    """Each stands for itself, in minor units."""
    amounts = [(4200, "USD"), (5000, "JPY"), (800, "USD")]
    found = duplicates([attempt(f"s{n}", doubled(*each)) for n, each in enumerate(amounts)])
    assert found.minor == {"JPY": 5000, "USD": 5000}


def test_no_duplicate_has_an_upper_bound() -> None:
    """0 of 250 leaves 1.2 % possible, and not 0 %."""
    share = duplicates(attempt(f"s{n}", once()) for n in range(250)).share
    assert (share.found, share.judged) == (0, 250)
    assert share.bound == exact_upper(0, 250) == pytest.approx(0.0119, abs=1e-4)


def test_attempts_of_one_case_bound_as_little_as_one() -> None:
    """Ten epochs of five samples are five cases, in the bound as in the interval."""
    share = duplicates(attempt(f"s{n}", once(), epoch=e) for n in range(5) for e in range(10)).share
    assert (share.judged, share.cases) == (50, 5)
    assert share.bound == exact_upper(0, 5)
    assert (share.low, share.high) == clustered_wilson([0] * 5, [10] * 5)


def test_a_check_that_broke_is_never_a_pass() -> None:
    """It is counted apart, as is an attempt without an answer."""
    outcomes: list[Outcome] = [
        attempt("s1", once()),
        no_answer("s2", broken(ONCE)),
        no_answer("s3"),
    ]
    share = duplicates(outcomes).share
    assert (share.found, share.judged, share.errored) == (0, 1, 2)


def test_from_errors_alone_nothing_is_known() -> None:
    """No rate, no bound, and the whole interval."""
    share = duplicates([no_answer("s1")]).share
    assert (share.rate, share.bound, share.low, share.high) == (None, None, 0.0, 1.0)


def test_a_duplicate_counts_where_another_check_broke() -> None:
    """The money has moved, whatever else could not be judged."""
    share = duplicates([no_answer("s1", doubled(), broken("rubric"))]).share
    assert (share.found, share.judged, share.errored) == (1, 1, 0)


def test_a_quarantined_sample_moves_no_money() -> None:
    """As it is in no other figure."""
    rows = [row("s2", case_class="quarantined")]
    found = duplicates([attempt("s1", once()), attempt("s2", doubled())], rows)
    assert (found.share.judged, found.minor) == (1, {})


def test_each_figure_has_its_check() -> None:
    """Lost and over-refunded money, claims that do not hold, calls beyond the budget."""
    outcomes = [
        attempt(
            "s1",
            judged(LOST, fails=True, wanted=2, lost=1, lost_EUR=900),
            judged(OVER, fails=True, over_KWD=1500),
            judged(FALSE_DONE, fails=True, claims=2, false=1),
            judged(BUDGET, fails=True, calls=12, extra=4),
        ),
        attempt(
            "s2",
            judged(LOST, wanted=1, lost=0),
            judged(OVER),
            judged(FALSE_DONE, claims=1, false=0),
            judged(BUDGET, calls=5, extra=0),
        ),
    ]
    found = figures(outcomes)
    assert found.lost_money
    assert found.over_refunded
    assert found.false_done
    assert found.calls
    assert (found.lost_money.share.found, found.lost_money.minor) == (1, {"EUR": 900})
    assert (found.over_refunded.share.found, found.over_refunded.minor) == (1, {"KWD": 1500})
    assert (found.false_done.found, found.false_done.judged) == (1, 2)
    assert (found.calls.share.found, found.calls.calls, found.calls.extra) == (1, 17, 4)
    assert (found.duplicate_money, found.policies, found.invariants) == (None, None, None)


def test_violations_are_counted_by_rule() -> None:
    """How often, and in how many attempts; P9 stands before P10."""
    outcomes = [
        attempt(
            "s1", judged(POLICY, fails=True, P10=1, P9=3), judged(INVARIANTS, fails=True, I4=1)
        ),
        attempt("s2", judged(POLICY, fails=True, P9=1), judged(INVARIANTS)),
        attempt("s3", judged(POLICY), judged(INVARIANTS)),
    ]
    found = figures(outcomes)
    assert found.policies
    assert found.invariants
    assert [dataclasses.astuple(each) for each in found.policies.rules] == [
        ("P9", 4, 2),
        ("P10", 1, 1),
    ]
    assert (found.policies.share.found, found.policies.share.judged) == (2, 3)
    assert [dataclasses.astuple(each) for each in found.invariants.rules] == [("I4", 1, 1)]


def test_two_checks_of_one_scorer_see_the_same_effects() -> None:
    """One attempt, one duplicate: not twice the money, and a violation once."""
    narrow = dataclasses.replace(judged(POLICY, fails=True, P3=1), id="policy(P3)")
    wide = judged(POLICY, fails=True, P3=1, P6=2)
    again = dataclasses.replace(doubled(), id="again", severity="major")
    found = figures([attempt("s1", narrow, wide, doubled(), again)])
    assert found.duplicate_money
    assert found.policies
    assert (found.duplicate_money.share.judged, found.duplicate_money.minor) == (1, {"USD": 4200})
    assert [dataclasses.astuple(each) for each in found.policies.rules] == [
        ("P3", 1, 1),
        ("P6", 2, 1),
    ]


@pytest.mark.parametrize("name", ["a duplicate is wanted", "not-effect:at-most-once"])
def test_a_negated_check_is_no_figure(name: str) -> None:
    """It fails where nothing is wrong."""
    negated = CheckSpec(id=name, scorer=ONCE, negated=True)
    told = dataclasses.replace(judged(ONCE, fails=True, effects=1, duplicates=0), id=name)
    made = summarize(header(checks=(negated,)), [row()], [attempt("s1", told)])
    assert made.effects is None


def test_recovery_is_the_share_that_passed_by_kind_of_fault() -> None:
    """A sample with two kinds counts for both; one without a fault for none; errors apart."""
    faults = {
        "s1": ("timeout_after_commit",),
        "s2": ("timeout_after_commit", "rate_limited"),
        "s3": ("none",),
        "s4": ("rate_limited",),
    }
    rows = [row(name, slices={"fault": kinds}) for name, kinds in faults.items()]
    outcomes: list[Outcome] = [
        attempt("s1", doubled()),
        attempt("s2", once()),
        attempt("s3", once()),
        no_answer("s4"),
    ]
    found = figures(outcomes, rows, header(checks=declared(ONCE)))
    told = [
        (each.kind, each.passed.found, each.passed.judged, each.passed.errored)
        for each in found.recovery
    ]
    assert told == [("rate_limited", 1, 1, 1), ("timeout_after_commit", 1, 2, 0)]
    assert found.recovery[0].passed.bound == pytest.approx(0.05)  # all passed: at least so many


def test_a_run_without_such_checks_has_no_effects() -> None:
    """Whatever its slices are called."""
    rows = [row(slices={"fault": ("timeout_after_commit",)})]
    assert summarize(header(), rows, [scored()]).effects is None


def test_the_order_of_outcomes_changes_no_figure() -> None:
    """Answers come in as they like."""
    outcomes = [
        attempt(f"s{n}", doubled(n, "USD" if n % 2 else "EUR"), judged(POLICY, fails=True, P1=1))
        for n in range(1, 9)
    ]
    assert figures(outcomes) == figures(outcomes[::-1])


def test_runs_side_by_side_are_named_by_what_tells_them_apart() -> None:
    """The runner, else the prompt, else the run itself; and the guard, where it is known."""

    def named(one: dict[str, object], other: dict[str, object], *guards: str) -> list[str]:
        heads = (header("r1", **one), header("r2", **other))
        made = [summarize(head, [row()], [attempt("s1", once())], guards=guards) for head in heads]
        return [each.name for each in beside(made)]

    assert named({"runner": "plain"}, {"runner": "safe"}) == ["plain", "safe"]
    assert named({"prompt": "p@v1"}, {"prompt": "p@v2"}) == ["p@v1", "p@v2"]
    assert named({}, {}) == ["r1", "r2"]
    assert named({}, {}, "pytx") == ["r1", "r2"]


def test_only_agents_of_one_suite_stand_side_by_side() -> None:
    """Not with those of another suite, not alone, and not with itself."""
    heads = [
        header(f"r-{suite}-{runner}", suite=suite, runner=runner)
        for suite, runner in (("a", "x"), ("a", "y"), ("b", "x"))
    ]
    agents = [summarize(head, [row()], [attempt("s1", once())]) for head in heads]
    assert {
        suite: [each.name for each in columns]
        for suite, columns in side_by_side([*agents, agents[2]]).items()
    } == {"a": ["x", "y"]}
    plain = [summarize(head, [row()], [scored()]) for head in heads]
    assert side_by_side(plain) == {}


def test_runs_without_agents_and_epochs_are_not_put_side_by_side() -> None:
    """There is nothing to show of them."""
    made = summarize(header(), [row()], [scored()])
    assert beside([made, made]) == ()
