"""Reports of the gate made by hand: one for each verdict, with figures that fit each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paygrade.errors import ExitCode
from paygrade.records.run import Bill, Rate
from paygrade.records.verdict import (
    Change,
    CheckChange,
    Confirmation,
    Flip,
    GateReport,
    Hypothesis,
    InvariantFailure,
    MoneyChange,
    Side,
    SuiteVerdict,
)
from paygrade.stats import wilson

if TYPE_CHECKING:
    from paygrade.records.verdict import Verdict

CODES: dict[Verdict, ExitCode] = {
    "pass": ExitCode.OK,
    "improved": ExitCode.OK,
    "inconclusive": ExitCode.OK,
    "regressed": ExitCode.REGRESSED,
    "violated": ExitCode.REGRESSED,
    "invalid": ExitCode.INVALID,
}


def rate(failed: int, scored: int, errored: int = 0) -> Rate:
    """A failure rate with its interval."""
    low, high = wilson(failed, scored)
    share = failed / scored if scored else None
    return Rate(scored=scored, failed=failed, errored=errored, rate=share, low=low, high=high)


def hypothesis(name: str = "suite", **changes: object) -> Hypothesis:
    """200 samples of which nothing got worse."""
    values: dict[str, Any] = {
        "name": name,
        "samples": 200,
        "before": rate(80, 2000),
        "after": rate(25, 600),
        "p_more": 0.4127,
        "p_fewer": 0.5873,
        "p_cases": 0.4410,
        "informative": 9,
        "change": Change(rise=0.0017, low=-0.0094, high=0.0131),
        "flagged": False,
        "verdict": "pass",
        "reason": "no sign of a rise, and one above the margin is excluded",
    }
    values.update(changes)
    return Hypothesis(**values)


def side(label: str, **changes: object) -> Side:
    """An accepted baseline of two sessions."""
    values: dict[str, Any] = {
        "label": label,
        "prompt": "refund_decision@v2",
        "dataset": "refund_requests@v1",
        "runner": "gpt-small",
        "models": ("gpt-small-2026-09",),
        "commit": "4f2c91d",
        "when": "2026-11-01T09:00:00Z",
        "run_ids": ("20261101-090000-refund-aa01", "20261101-103000-refund-aa02"),
        "epochs": (5, 5),
        "errors": 0,
        "attempts": 2000,
    }
    values.update(changes)
    return Side(**values)


def candidate(**changes: object) -> Side:
    """The version that the gate judges."""
    values: dict[str, Any] = {
        "prompt": "refund_decision@v3",
        "commit": "9be0144",
        "when": "2026-11-23T12:00:00Z",
        "run_ids": ("20261123-120000-refund-cc01",),
        "epochs": (3,),
        "attempts": 600,
    }
    values.update(changes)
    return side("this change", **values)


def checks(before: tuple[int, int], after: tuple[int, int]) -> tuple[CheckChange, ...]:
    """One check that decides, and one that never failed."""
    return (
        CheckChange(check="equals", severity="major", role="gating", before=before, after=after),
        CheckChange(
            check="no-pan", severity="critical", role="invariant",
            before=(0, before[1]), after=(0, after[1]),
        ),
    )  # fmt: skip


def suite(verdict: Verdict = "pass", **changes: object) -> SuiteVerdict:
    """A suite that passes."""
    values: dict[str, Any] = {
        "suite": "refund_decision",
        "runner": "gpt-small",
        "verdict": verdict,
        "headline": "no rise of the failure rate, and one above 5.0 points is excluded",
        "next_step": "",
        "codes": (),
        "baseline": side("accepted on 2026-11-01"),
        "candidate": candidate(),
        "differs": ("the prompt: refund_decision@v2 -> refund_decision@v3",),
        "comparable": 200,
        "usable": 200,
        "hypotheses": (hypothesis(),),
        "flips": (Flip(sample_id="rr-0031", before=(0, 10), after=(1, 3)),),
        "checks": checks((80, 2000), (25, 600)),
        "judged_attempts": 600,
        "zero_bound": 0.00498,
        "detects": 0.02,
        "detects_with": {3: 0.02, 5: 0.015},
        "age_days": 22,
        "bill": Bill(
            answers=600, cached=0, failed_calls=2, input_tokens=192_000, output_tokens=24_000,
            usd=0.0624, unpriced=0,
        ),
    }  # fmt: skip
    values.update(changes)
    return SuiteVerdict(**values)


def report(*suites: SuiteVerdict, **changes: object) -> GateReport:
    """One invocation; its verdict is that of the first suite."""
    verdict: Verdict = suites[0].verdict if suites else "invalid"
    values: dict[str, Any] = {
        "gate_id": "20261123-120000-gate-000001",
        "started_at": "2026-11-23T12:00:00Z",
        "suites": suites,
        "verdict": verdict,
        "code": CODES[verdict],
        "reason": suites[0].headline if suites else "no suite was selected",
        "on_inconclusive": "warn",
    }
    values.update(changes)
    return GateReport(**values)


def regressed() -> SuiteVerdict:
    """Four cases of 200 that always passed and now always fail, seen again on fresh attempts."""
    broken = tuple(
        Flip(
            sample_id=f"rr-{number:04}",
            before=(0, 10),
            after=(3, 3),
            fresh_before=(0, 5),
            fresh_after=(5, 5),
            p_broken=1 / 252,
            likely_broken=True,
        )
        for number in (17, 44, 121, 188)
    )
    others = (
        Flip(
            sample_id="rr-0009", before=(4, 10), after=(0, 3), fresh_before=(2, 5),
            fresh_after=(2, 5), p_broken=0.7381,
        ),
    )  # fmt: skip
    return suite(
        "regressed",
        headline="it fails 2.0 points more often than the accepted baseline",
        next_step="mend rr-0017, rr-0044, rr-0121 and rr-0188, or paygrade accept --reason WHY",
        hypotheses=(
            hypothesis(
                after=rate(36, 597, 3),
                p_more=2.1e-7,
                p_fewer=1 - 2.1e-7,
                p_cases=0.0625,
                informative=5,
                change=Change(rise=0.0187, low=0.0112, high=0.0261),
                flagged=True,
                verdict="regressed",
                reason="the rise is confirmed",
                p_fresh=4.3e-10,
                p_adjusted=8.6e-10,
                fresh=Change(rise=0.02, low=0.0123, high=0.0271),
                fresh_samples=5,
            ),
            hypothesis(
                "kind=lost",
                samples=40,
                before=rate(16, 400),
                after=rate(6, 120),
                p_more=0.2511,
                change=Change(rise=0.01, low=-0.0312, high=0.0489),
            ),
        ),
        thin_slices=("kind=theft",),
        flips=(*others, *broken),
        candidate=candidate(errors=3),
        checks=checks((80, 2000), (36, 597)),
        judged_attempts=645,
        zero_bound=0.00463,
        money=(
            MoneyChange(
                currency="EUR", before=51_210.0, after=78_340.0,
                change=Change(rise=27_130.0, low=9_120.0, high=46_050.0), limit=50_000,
                gated=Change(rise=27_130.0, low=4_980.0, high=52_710.0),
            ),
        ),
        confirmation=Confirmation(
            asked="both", mode="both", why="", samples=("rr-0009", "rr-0017", "rr-0044",
            "rr-0121", "rr-0188"), run_ids=("20261123-121500-refund-ff01",
            "20261123-121500-refund-ff02"), calls=50, at_most=50, look=1, level=0.05,
        ),
    )  # fmt: skip


def improved() -> SuiteVerdict:
    """Fewer failures."""
    better = hypothesis(
        after=rate(9, 600),
        p_more=0.9981,
        p_fewer=0.0019,
        change=Change(rise=-0.025, low=-0.0391, high=-0.0104),
        verdict="improved",
        reason="it fails less",
    )
    headline = "it fails 2.5 points less often than the accepted baseline"
    return suite(
        "improved",
        headline=headline,
        hypotheses=(better,),
        flips=(Flip(sample_id="rr-0009", before=(9, 10), after=(0, 3)),),
        checks=checks((80, 2000), (9, 600)),
    )


def inconclusive() -> SuiteVerdict:
    """Too few samples, and a confirmation that was not possible in full."""
    return suite(
        "inconclusive",
        headline="no confirmed rise, but one above 5.0 points cannot be excluded",
        next_step="run 10 epochs (paygrade gate --epochs 10), or add samples",
        codes=("margin",),
        baseline=side(
            "accepted on 2026-06-01",
            when="2026-06-01T09:00:00Z",
            commit="",
            run_ids=("20260601-090000-refund-aa01", "20260601-103000-refund-aa02"),
            attempts=300,
        ),
        candidate=candidate(errors=3, attempts=90),
        checks=checks((30, 290), (13, 87)),
        judged_attempts=131,
        zero_bound=0.0226,
        hypotheses=(
            hypothesis(
                samples=29,
                before=rate(30, 290),
                after=rate(13, 87, 3),
                p_more=0.1411,
                p_fewer=0.8589,
                p_cases=0.2266,
                flagged=True,
                change=Change(rise=0.046, low=-0.0181, high=0.1042),
                verdict="inconclusive",
                reason="no confirmed rise, but one above the margin cannot be excluded",
                p_fresh=0.2174,
                p_adjusted=0.2174,
                fresh=Change(rise=0.031, low=-0.024, high=0.0853),
                fresh_samples=6,
            ),
        ),
        comparable=30,
        usable=29,
        added=tuple(f"rr-{number:04}" for number in range(900, 913)),
        edited=("rr-0002",),
        flips=(
            Flip(
                sample_id="rr-0011", before=(1, 5), after=(3, 3), fresh_before=None,
                fresh_after=(3, 5), p_broken=0.2619,
            ),
        ),
        confirmation=Confirmation(
            asked="both", mode="stored", why="the baseline has no commit to run again",
            samples=("rr-0011",), run_ids=("20261123-121500-refund-ff01",), calls=5, at_most=200,
            look=2, level=0.025,
        ),
        detects=None,
        detects_with={3: None, 10: 0.15},
        age_days=175,
        notes=("the baseline has one session less than it should",),
    )  # fmt: skip


def violated() -> SuiteVerdict:
    """A card number in an answer, an old failure, and one that is forgiven for a while."""
    leaked = Flip(sample_id="rr-0007", before=(0, 10), after=(2, 3))
    return suite(
        "violated",
        headline="the invariant no-pan failed on rr-0007",
        next_step="mend no-pan on rr-0007; an invariant is never outweighed",
        invariants=(
            InvariantFailure(
                sample_id="rr-0050", check="once", failed=1, attempts=3, known=True,
                waived_until="2026-12-31", why="the ledger moves in December",
            ),
            InvariantFailure(
                sample_id="rr-0007", check="no-pan", failed=2, attempts=3, known=False
            ),
            InvariantFailure(
                sample_id="rr-0008", check="no-pan", failed=3, attempts=3, known=True
            ),
        ),
        flips=(leaked, Flip(sample_id="rr-0050", before=(2, 10), after=(1, 3))),
        zero_bound=None,
    )  # fmt: skip


def invalid() -> SuiteVerdict:
    """There is nothing to compare with."""
    return SuiteVerdict(
        suite="refund_decision",
        runner="gpt-small",
        verdict="invalid",
        headline="there is no accepted baseline for this runner",
        next_step="paygrade accept refund_decision --runner gpt-small --reason WHY",
        codes=("no_baseline",),
    )


def exact() -> SuiteVerdict:
    """A deterministic runner: two of 200 samples changed sides."""
    return suite(
        "regressed",
        runner="rules",
        headline="it fails 1.0 points more, exactly",
        next_step="mend rr-0001 and rr-0002",
        hypotheses=(
            hypothesis(
                before=rate(8, 200), after=rate(10, 200), p_more=0.25, p_fewer=0.75, p_cases=0.25,
                change=Change(rise=0.01, low=0.01, high=0.01), flagged=True, verdict="regressed",
                reason="it fails more, and both versions always answer alike",
            ),
        ),
        flips=tuple(Flip(sample_id=f"rr-000{n}", before=(0, 1), after=(1, 1)) for n in (1, 2)),
        checks=checks((8, 200), (10, 200)),
        baseline=side("accepted on 2026-11-01", runner="rules", epochs=(1,), attempts=200),
        candidate=candidate(runner="rules", epochs=(1,), attempts=200),
        judged_attempts=200,
        zero_bound=0.0149,
        deterministic=True,
        detects=None,
        detects_with=None,
    )  # fmt: skip


MADE: dict[Verdict, SuiteVerdict] = {
    "pass": suite(),
    "improved": improved(),
    "inconclusive": inconclusive(),
    "regressed": regressed(),
    "violated": violated(),
    "invalid": invalid(),
}
"""One suite for each verdict."""
