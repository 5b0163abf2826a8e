"""What to do after a run has been read: commands that can be copied."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.records.run_report import RunReport


NOTHING = "nothing to do"


def next_steps(report: RunReport) -> tuple[tuple[str, str], ...]:
    """Why, and the command: the most urgent first."""
    return tuple(_steps(report))


def _steps(report: RunReport) -> Iterator[tuple[str, str]]:
    summary = report.summary
    run_id = summary.header.run_id
    if summary.state == "incomplete":
        yield "finish it", _command("resume", run_id)
    if not summary.overall.scored:
        yield "find out why nothing was scored", _command("doctor")
    flips = report.before.flips if report.before else ()
    worse = next((each.sample_id for each in flips if each.worse), "")
    if worse:
        yield "see what got worse", _command("show", run_id, worse)
    elif report.example:
        yield "see one that failed", _command("show", run_id, report.example)
    if report.before and report.before.usable:
        yield "compare with the run before", _command("compare", report.before_id, run_id)
    yield from _accepting(report)


def _accepting(report: RunReport) -> Iterator[tuple[str, str]]:
    header = report.summary.header
    named = (header.suite, "--runner", header.runner)
    if not (report.charted and report.summary.overall.scored):
        return
    if report.baseline is None:
        yield "accept a baseline, for the gate to compare with", _command("accept", *named)
    elif not report.baseline.own and not (report.judged and report.judged.run_id == header.run_id):
        yield "judge it", _command("gate", *named, "--run", header.run_id)


def _command(*words: str) -> str:
    return shlex.join(("paygrade", *words))
