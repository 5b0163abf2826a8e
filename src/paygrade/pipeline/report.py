"""`paygrade report`: one stored run, told beside what came before it."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from paygrade.analysis.arms import arm_of
from paygrade.analysis.comparing import differences
from paygrade.analysis.judge_run import ending
from paygrade.analysis.tally import tally_of
from paygrade.analysis.telling import answered, changes, moves
from paygrade.errors import JournalError, WorkspaceError
from paygrade.pipeline.runs import WHOLE, find_run, narrowed, readable, summary_of
from paygrade.pipeline.wiring import layout_at
from paygrade.records.run_report import AgainstBaseline, Judged, Point, RunReport
from paygrade.store import fill, gates, journal
from paygrade.store.rates import complete_rates
from paygrade.workspace.baselines import read_baselines

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.analysis.arms import Arm
    from paygrade.records.baseline import Baseline
    from paygrade.records.run import RunHeader, RunSummary, SampleRow
    from paygrade.records.run_report import Moves
    from paygrade.records.verdict import Verdict
    from paygrade.store.gates import GateRecord, SuiteRecord
    from paygrade.workspace.config import Layout

_POINTS = 40


def report(folder: Path | None, reference: str) -> RunReport:
    """Tell the run `reference` in context.

    Raises:
        UsageError: there is no such run.
        JournalError, StoreError: it cannot be read, or the store cannot.
    """
    layout = layout_at(folder)
    here = find_run(layout.store, reference)
    summary = summary_of(here)
    header = summary.header
    ended = ending(summary)
    notes = [f"left out of the store: {each}" for each in fill.sync(layout.store).problems]
    trend = _trend(layout.store, summary)
    earlier = [each for each in trend if each.run_id != header.run_id]
    rows = tuple(journal.read_samples(here))
    arm = arm_of(rows, journal.read_outcomes(here), {})
    failing = [
        name
        for name, each in arm.items()
        if each.case_class != "quarantined" and "F" in "".join(each.sessions)
    ]
    pace, caught = answered(journal.read_answers(here))
    before_id = earlier[-1].run_id if earlier else ""
    before = _since(layout.store, before_id, header, arm, rows) if earlier else None
    baseline = None
    try:
        accepted = _accepted(layout, header)
        baseline = _against(layout.store, accepted, header, arm, rows) if accepted else None
    except WorkspaceError as error:
        notes.append(f"the baseline cannot be read: {error}")
    return RunReport(
        summary=summary,
        code=ended.code,
        reason=ended.reason,
        whole=_whole(header),
        trend=trend,
        before_id=before_id,
        before=before,
        baseline=baseline,
        judged=_judged(layout.store, header),
        caught=caught,
        pace=pace,
        failing=len(failing),
        example=failing[0] if failing else "",
        notes=tuple(notes),
    )


def _whole(header: RunHeader) -> bool:
    return header.purpose in WHOLE and not narrowed(header)


def _trend(store: Path, summary: RunSummary) -> tuple[Point, ...]:
    """The newest whole and complete runs up to this one, oldest first, and it where it is such."""
    own = summary.header
    line = [
        header
        for _, header in readable(store)
        if (header.suite, header.runner) == (own.suite, own.runner)
        and header.run_id <= own.run_id
        and _whole(header)
    ]
    rates = complete_rates(store, (each.run_id for each in line))
    if _whole(own) and summary.state == "complete":
        rates[own.run_id] = summary.overall
    else:
        rates.pop(own.run_id, None)
    newest = [each for each in line if each.run_id in rates][:_POINTS][::-1]
    return tuple(
        Point(
            run_id=header.run_id,
            started_at=header.started_at,
            prompt=header.prompt,
            rate=rates[header.run_id],
            changed=changes(newest[place - 1], header) if place else (),
        )
        for place, header in enumerate(newest)
    )


def _since(
    store: Path, before_id: str, header: RunHeader, arm: Arm, rows: tuple[SampleRow, ...]
) -> Moves:
    folder = store / fill.RUNS_FOLDER / before_id
    then = arm_of(journal.read_samples(folder), journal.read_outcomes(folder), {})
    return moves(then, arm, rows, differences(journal.read_header(folder), header, ((), ())))


def _accepted(layout: Layout, header: RunHeader) -> Baseline | None:
    found = read_baselines(layout, header.suite)
    return next((each for each in found if each.runner == header.runner), None)


def _against(
    store: Path, baseline: Baseline, header: RunHeader, arm: Arm, rows: tuple[SampleRow, ...]
) -> AgainstBaseline:
    """The run against what was accepted.

    A baseline's hash of a sample with checks of its own tells how they judge too, and no journal
    holds that: its session, where that is stored, says what the sample was.
    """
    then = {each.sample_id: each for each in baseline.samples}
    recorded: dict[str, str] = {}
    for session in baseline.sessions:
        with contextlib.suppress(JournalError):  # recorded on another machine
            folder = store / fill.RUNS_FOLDER / session.run_id
            recorded |= {row.sample_id: row.content_hash for row in journal.read_samples(folder)}
    alike = {row.sample_id for row in rows if recorded.get(row.sample_id) == row.content_hash}
    now = {
        name: replace(each, content_hash=then[name].content_hash)
        if name in then and name in alike
        else each
        for name, each in arm.items()
    }
    return AgainstBaseline(
        accepted_at=baseline.accepted_at,
        prompt=baseline.prompt,
        dataset=baseline.dataset,
        rate=tally_of(baseline.samples).rate(),
        moves=moves(then, now, rows, changes(baseline, header)),
        own=any(each.run_id == header.run_id for each in baseline.sessions),
    )


def _judged(store: Path, header: RunHeader) -> Judged | None:
    """The newest verdict on this run, else on another run of the same version."""
    decided = [
        (record, each)
        for record in reversed(gates.read_all(store)[0])
        for each in record.suites
        if each.verdict and (each.suite, each.runner) == (header.suite, header.runner)
    ]
    own = next((each for each in decided if each[1].run_id == header.run_id), None)
    found = own or next((each for each in decided if _alike(store, each[1], header)), None)
    return _verdict(*found) if found else None


def _alike(store: Path, record: SuiteRecord, header: RunHeader) -> bool:
    with contextlib.suppress(JournalError):
        judged = journal.read_header(store / fill.RUNS_FOLDER / record.run_id)
        return judged.identity == header.identity
    return False


def _verdict(record: GateRecord, suite: SuiteRecord) -> Judged:
    return Judged(
        gate_id=record.gate_id,
        started_at=record.started_at,
        run_id=suite.run_id,
        verdict=cast("Verdict", suite.verdict),
        headline=str((suite.result or {}).get("headline", "")),
    )
