"""JUnit XML of the gate: red where the gate is red, and nowhere else.

Who reads JUnit in CI looks at what became red. So a sample's failed attempts are a `<failure>` only
where the sample is worse than the baseline *and* its suite is not let through: a sample that always
failed says nothing about this change, and one that failed by chance in a suite that passes is what
the gate is there to tell apart. Both are `<skipped>`, and their messages say so. A sample without
any outcome is an `<error>`, never a pass.

Beside the samples every suite has a second testsuite with what was decided: a testcase for each
hypothesis (`suite`, then the slices) and for each invariant that failed.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paygrade.reports.figures import points, share_of
from paygrade.reports.gate_sections import standing
from paygrade.reports.gate_words import measured
from paygrade.reports.junit import count, document, err, fail, misses, new_case, new_suite, skip

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from paygrade.records.verdict import Flip, GateReport, SuiteVerdict, Verdict

    Attempts = Sequence[Mapping[str, Any]]


def gate_junit(report: GateReport, rows: Iterable[Mapping[str, Any]]) -> str:
    """The document of a report and of the exported attempts of its candidates.

    Of `rows` only those of a candidate's runs count; fresh attempts have no testcase.
    """
    root = ET.Element("testsuites", name="paygrade gate")
    exported: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        exported[row["suite"], row["runner"]].append(row)
    for suite in report.suites:
        judged = _judged(suite, doubt_is_red=report.on_inconclusive == "fail")
        _samples(root, report, judged, exported[suite.suite, suite.runner])
        _decided(root, report, judged)
    return document(root)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """One suite, and what is known of its samples. `red`: the gate does not let it through."""

    suite: SuiteVerdict
    red: bool
    flips: Mapping[str, Flip]
    broken: Mapping[str, str]


def _judged(suite: SuiteVerdict, *, doubt_is_red: bool) -> _Judged:
    broken: dict[str, str] = {}
    for each in suite.invariants:
        if not each.waived_until:
            others = broken.get(each.sample_id)
            broken[each.sample_id] = f"{others}, {each.check}" if others else each.check
    doubted = suite.verdict == "inconclusive" and doubt_is_red
    return _Judged(
        suite=suite,
        red=suite.verdict in ("regressed", "violated") or doubted,
        flips={each.sample_id: each for each in suite.flips},
        broken=broken,
    )


def _samples(root: ET.Element, report: GateReport, judged: _Judged, rows: Attempts) -> None:
    suite = judged.suite
    attempts: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        if suite.candidate is None or row["run_id"] in suite.candidate.run_ids:
            attempts[row["sample_id"]].append(row)
    owner = f"{suite.suite}.{suite.runner}"
    element = new_suite(root, owner, _named(report, suite))
    for sample_id, every in attempts.items():
        seconds = sum(row["latency_s"] or 0 for row in every)
        _sample(new_case(element, owner, sample_id, seconds), sample_id, every, judged)
    count(element)


def _named(report: GateReport, suite: SuiteVerdict) -> dict[str, str]:
    sides = (("baseline", suite.baseline), ("candidate", suite.candidate))
    labels = {name: side.label for name, side in sides if side}
    return {"gate_id": report.gate_id, "verdict": suite.verdict, **labels}


def _sample(case: ET.Element, sample_id: str, every: Attempts, judged: _Judged) -> None:
    scored = [row for row in every if row["kind"] == "scored"]
    failed = [row for row in scored if row["failed"]]
    if every[0]["case_class"] == "quarantined":
        skip(case, "quarantined")
    elif not scored:
        err(case, every[0]["error_kind"], every[0]["error"])
    elif failed:
        now = share_of((len(failed), len(scored)))
        flip, broken = judged.flips.get(sample_id), judged.broken.get(sample_id)
        details = [f"[{row['epoch']}] {missed}" for row in failed for missed in misses(row)]
        if broken:
            fail(case, f"failed {now}; an invariant is broken: {broken}", details)
        elif judged.red and flip and flip.worse:
            fail(case, f"failed {now}, before {share_of(flip.before)}", details)
        else:
            skip(case, _excuse(judged.suite, sample_id, flip, now))


def _excuse(suite: SuiteVerdict, sample_id: str, flip: Flip | None, now: str) -> str:
    """Why a sample that failed is no failure of this change."""
    if suite.whole is None:
        return f"failed {now}; nothing was compared: {suite.headline}"
    if sample_id in (*suite.added, *suite.edited):
        return f"failed {now}; new or edited since the baseline, so not compared"
    if flip is None:
        known = suite.usable == suite.comparable  # else it may be one without an outcome before
        return f"failed before too ({now})" if known else f"failed {now}; not known to be worse"
    if flip.worse:
        before = share_of(flip.before)
        return f"failed {now}, before {before}; no regression of the suite: {suite.verdict}"
    return f"failed before too ({share_of(flip.before)})"


def _decided(root: ET.Element, report: GateReport, judged: _Judged) -> None:
    suite = judged.suite
    owner = f"{suite.suite}.{suite.runner} gate"
    element = new_suite(root, owner, _named(report, suite))
    for each in suite.invariants:
        case = new_case(element, owner, f"{each.check} on {each.sample_id}", 0)
        said = f"failed {share_of((each.failed, each.attempts))}, {standing(each)}"
        if each.waived_until:
            skip(case, said)
        else:
            fail(case, said, (), kind="violated")
    _whole(new_case(element, owner, "suite", 0), judged)
    for found in suite.hypotheses:
        if found is not suite.whole:
            said = f"{points(found.judged.rise)}: {found.reason}"
            _tell(new_case(element, owner, found.name, 0), found.verdict, said, ())
    count(element)


def _whole(case: ET.Element, judged: _Judged) -> None:
    """The suite's verdict, unless a slice or an invariant of its own testcase brought it about."""
    suite, whole = judged.suite, judged.suite.whole
    sliced = suite.verdict == "regressed" and whole and whole.verdict != "regressed"
    if whole and (sliced or (suite.verdict == "violated" and judged.broken)):
        _tell(case, whole.verdict, f"{points(whole.judged.rise)}: {whole.reason}", ())
    elif suite.verdict == "inconclusive" and judged.red:
        fail(case, suite.headline, (measured(suite), suite.next_step), kind=suite.verdict)
    else:
        _tell(case, suite.verdict, suite.headline, (measured(suite), suite.next_step))


def _tell(case: ET.Element, verdict: Verdict, said: str, details: Iterable[str]) -> None:
    if verdict in ("regressed", "violated"):
        fail(case, said, details, kind=verdict)
    elif verdict == "invalid":
        err(case, verdict, said)
    elif verdict == "inconclusive":
        skip(case, f"inconclusive, not a pass: {said}")
