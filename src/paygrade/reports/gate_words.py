"""The gate's first sentences: the verdict, the figure behind it, and what to do now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.errors import ExitCode
from paygrade.reports.figures import bounds, percent, plural, points

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.records.verdict import GateReport, Hypothesis, Side, SuiteVerdict, Verdict
    from paygrade.reports.page import Tone

WORST_FIRST: tuple[Verdict, ...] = (
    "violated", "regressed", "invalid", "inconclusive", "improved", "pass",
)  # fmt: skip

TONES: dict[Verdict, Tone] = {
    "violated": "bad",
    "regressed": "bad",
    "invalid": "bad",
    "inconclusive": "warn",
    "improved": "good",
    "pass": "good",
}

EXACT = "exact: the runner is deterministic"
_NOTHING = "nothing to do"

_STEPS: dict[Verdict, str] = {
    "violated": "mend what breaks the invariants below, or waive them until a date",
    "regressed": "mend the samples below that fail more often, or accept them with a reason",
    "invalid": "mend what the first line names, then run the gate again",
    "inconclusive": "run more epochs, or add samples: the power statement below says how many",
    "improved": _NOTHING,
    "pass": _NOTHING,
}
_FINE = ("improved", "pass")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Three lines: `word`, `names` and `headline`; `measured`; `step`.

    `suite` is the one that it is about; `None` where it is about the invocation.
    """

    verdict: Verdict
    word: str
    tone: Tone
    headline: str
    measured: str
    step: str
    suite: SuiteVerdict | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Suite and runner, if it is about one."""
        return (self.suite.suite, self.suite.runner) if self.suite else ()


def leads(report: GateReport) -> list[Lead]:
    """The worst first. The first one has the verdict that the process ends with."""
    every = [_lead(suite) for suite in ranked(report)]
    fine = report.verdict in _FINE
    unfinished = fine and report.code is not ExitCode.OK
    if every and every[0].verdict == report.verdict and not unfinished:
        return every
    counted = ((sum(each.verdict == word for each in every), word) for word in WORST_FIRST)
    said = ", ".join(f"{count} {word}" for count, word in counted if count)
    whole = Lead(
        verdict="invalid" if unfinished else report.verdict,
        word=report.code.name if unfinished else report.verdict.upper(),
        tone="bad" if unfinished else TONES[report.verdict],
        headline=report.reason,
        measured=f"{plural(len(every), 'suite')}: {said}" if every else "no suite was judged",
        step=_STEPS["invalid" if unfinished else report.verdict],
    )
    return [whole, *every]


def ranked(report: GateReport) -> list[SuiteVerdict]:
    """The suites, the worst first."""
    return sorted(report.suites, key=lambda suite: WORST_FIRST.index(suite.verdict))


def _lead(suite: SuiteVerdict) -> Lead:
    return Lead(
        verdict=suite.verdict,
        word=suite.verdict.upper(),
        tone=TONES[suite.verdict],
        headline=suite.headline,
        measured=measured(suite),
        step=suite.next_step or _STEPS[suite.verdict],
        suite=suite,
    )


def ending(report: GateReport) -> str:
    """`gate ID, 2026-11-23T12:00:00Z: exit 100`, and why, where the first line does not say it."""
    why = "" if report.reason == leads(report)[0].headline else f": {report.reason}"
    return f"gate {report.gate_id}, {report.started_at}: exit {int(report.code)}{why}"


def telling(suite: SuiteVerdict) -> Hypothesis | None:
    """The hypothesis that the verdict rests on: the whole suite, or the slice that got worst."""
    whole = suite.whole
    worse = [each for each in suite.hypotheses if each.verdict == "regressed"]
    if not worse or (whole and whole.verdict == "regressed"):
        return whole
    return max(worse, key=lambda each: each.judged.rise)


def measured(suite: SuiteVerdict) -> str:
    """`rise +4.0 points (1.2 to 6.9), 90 % interval, fresh attempts · n = 200 · 3 epochs …`."""
    found = telling(suite)
    if found is None:
        return "rise not known: nothing was compared"
    where = "" if found is suite.whole else f"in {found.name} "
    said = f"rise {where}{points(found.judged.rise)}"
    if suite.deterministic:
        said += f", {EXACT}"
    else:
        fresh = ", fresh attempts" if found.fresh else ""
        said += f" {bounds(found.judged)}, 90 % interval{fresh}"
    parts = [said, f"n = {found.samples:,}"]
    if suite.candidate:
        against = f" against {_repeats(suite.baseline)}" if suite.baseline else ""
        parts.append(f"{epochs(suite.candidate)}{against}")
    return " · ".join(parts)


def epochs(side: Side) -> str:
    """`3 epochs`; `5 + 5 epochs` in two sessions."""
    return f"{_repeats(side)} epoch{'' if side.epochs == (1,) else 's'}"


def _repeats(side: Side) -> str:
    return " + ".join(map(str, side.epochs)) or "0"


def sight(suite: SuiteVerdict) -> str:
    """What the suite would have seen, had it been there."""
    if suite.deterministic:
        return f"{EXACT}, so every changed outcome is seen"
    if suite.detects is None and suite.detects_with is None:
        return "what rise this suite would have found is not known"
    count = f" ({epochs(suite.candidate)})" if suite.candidate else ""
    now = f"this suite {finds(suite.detects)} {likely(suite.power_target)}{count}"
    others = [
        f"with {plural(count, 'epoch')} it would be {reach(rise)}"
        for count, rise in sorted((suite.detects_with or {}).items())
        if suite.candidate is None or (count,) != suite.candidate.epochs
    ]
    return "; ".join([now, *others])


def likely(chance: float) -> str:
    """`with 80 % probability`."""
    return f"with {chance * 100:.3g} % probability"


def finds(rise: float | None) -> str:
    """`finds a rise of 5.0 points`, or that it cannot."""
    if rise is None:
        return "cannot detect any rise up to 40 points"
    return f"finds a rise of {reach(rise)}"


def reach(rise: float | None) -> str:
    """`5.0 points`; the largest rise that is tried has 40."""
    return "none up to 40 points" if rise is None else f"{rise * 100:.1f} points"


def errors(suite: SuiteVerdict) -> str:
    """Attempts without an outcome, of both sides; empty where nothing was compared."""
    return errors_of((("baseline", suite.baseline), ("candidate", suite.candidate)))


def errors_of(sides: Iterable[tuple[str, Side | None]]) -> str:
    """`before 0 of 2,000 attempts (0.0 %), after 3 of 600 attempts (0.5 %)`."""
    return ", ".join(
        f"{name} {side.errors:,} of {plural(side.attempts, 'attempt')} "
        f"({percent(side.errors / side.attempts if side.attempts else None)})"
        for name, side in sides
        if side
    )
