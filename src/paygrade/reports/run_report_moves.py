"""The run sample by sample against the run before, and against what was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.reports.evidence import rate_line
from paygrade.reports.figures import plural, share_of
from paygrade.reports.page import Column, Row, Section, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.records.run_report import Judged, Moves, RunReport
    from paygrade.records.verdict import Flip

_EACH_WAY = 10
_SAME = "nothing changed in prompt, dataset, runner and scorers: what differs is chance, or drift"


def before_section(report: RunReport) -> Section:
    """What flipped since the newest whole run before; nothing where there is none."""
    moves = report.before
    if moves is None:
        return Section(title="since the run before")
    return Section(
        title=f"since the run before: {_counted(moves)}",
        lines=(f"run {report.before_id}", *_lines(moves)),
        sheet=_flips(moves),
    )


def baseline_section(report: RunReport) -> Section:
    """What was accepted, what fails more or less often than it, and what the gate said."""
    accepted, title = report.baseline, "against the accepted baseline"
    judged = () if report.judged is None else (_verdict(report.judged, report),)
    if accepted is None:
        none = "no baseline is accepted for this suite and runner"
        return Section(title=title, lines=(none, *judged))
    own = ("this run is one of the sessions that it was recorded in",) if accepted.own else ()
    made_of = f"{accepted.prompt} on dataset {accepted.dataset}"
    return Section(
        title=f"{title}: {_counted(accepted.moves)}",
        lines=(
            f"accepted on {accepted.accepted_at[:10]}: {made_of}",
            rate_line("of the baseline", accepted.rate),
            *own,
            *_lines(accepted.moves),
            *(judged or ("the gate has judged no run of this version",)),
        ),
        sheet=_flips(accepted.moves),
    )


def _counted(moves: Moves) -> str:
    worse = sum(each.worse for each in moves.flips)
    return f"{worse:,} worse, {len(moves.flips) - worse:,} better"


def _lines(moves: Moves) -> Iterator[str]:
    yield f"what changed: {'; '.join(moves.differs)}" if moves.differs else _SAME
    worse = sum(each.worse for each in moves.flips)
    better = len(moves.flips) - worse
    yield (
        f"of {plural(moves.usable, 'sample')} that can be compared, {worse:,} fail more often, "
        f"{better:,} less often, {moves.usable - len(moves.flips):,} as often"
    )
    apart = (
        (moves.edited, "edited"),
        (moves.only_here, "in this run alone"),
        (moves.only_there, "in the other alone"),
        (moves.silent, "without an outcome on one side"),
    )
    said = ", ".join(f"{count:,} {word}" for count, word in apart if count)
    if said:
        yield f"not compared: {said}"


def _verdict(judged: Judged, report: RunReport) -> str:
    own = judged.run_id == report.summary.header.run_id
    what = "it" if own else f"run {judged.run_id}, of the same version,"
    said = f": {judged.headline}" if judged.headline else ""
    when = f"gate {judged.gate_id}, {judged.started_at[:10]}"
    return f"the gate judged {what} {judged.verdict.upper()}{said} ({when})"


def _flips(moves: Moves) -> Sheet | None:
    """The first of each way: those that got worst, then those that got best."""
    worse = [each for each in moves.flips if each.worse]
    better = [each for each in moves.flips if not each.worse][::-1]
    shown = [*worse[:_EACH_WAY], *better[:_EACH_WAY]]
    if not shown:
        return None
    columns = (Column("sample", "name"), Column("failed before"), Column("after"),
               Column("", "word"))  # fmt: skip
    rows = tuple(map(_row, shown))
    return Sheet(columns=columns, rows=rows, more=len(moves.flips) - len(shown))


def _row(flip: Flip) -> Row:
    return Row(
        cells=(
            flip.sample_id, share_of(flip.before), share_of(flip.after),
            "worse" if flip.worse else "better",
        ),
        tone="bad" if flip.worse else "good",
    )  # fmt: skip
