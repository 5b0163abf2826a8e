"""Workflow commands that mark a suite's file in a pull request on GitHub."""

# no `from __future__ import annotations`: it would take the name of what this file is for
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from paygrade.records.verdict import GateReport, Verdict
from paygrade.reports.figures import plural, points, share_of
from paygrade.reports.gate_sections import standing
from paygrade.reports.gate_words import WORST_FIRST, Lead, leads, telling
from paygrade.reports.plain import one_line, short

_Level = Literal["error", "warning"]

MOST = 10
"""GitHub shows no more of each kind for one step."""

_LONGEST_TITLE = 200
_LONGEST_MESSAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    verdict: Verdict
    level: _Level
    suite: str
    title: str
    message: str


def workflow_commands(report: GateReport, places: Mapping[str, tuple[str, int]]) -> list[str]:
    """At most ten commands, the worst first; the tenth says how many more there would be.

    `places` holds for each suite the path of its file and a line in it.
    """
    doubt: _Level = "error" if report.on_inconclusive == "fail" else "warning"
    marks = [mark for lead in leads(report) for mark in _marks(lead, doubt)]
    marks.sort(key=lambda mark: WORST_FIRST.index(mark.verdict))
    if len(marks) <= MOST:
        return [_command(mark, places) for mark in marks]
    kept, others = marks[: MOST - 1], marks[MOST - 1 :]
    title = f"and {plural(len(others), 'finding')} more"
    rest = replace(others[0], suite="", title=title, message="the report has them all")
    return [_command(mark, places) for mark in (*kept, rest)]


def _marks(lead: Lead, doubt: _Level) -> Iterator[_Mark]:
    """One for each broken invariant, one for the verdict, one for each regressed slice."""
    if lead.tone == "good":
        return
    suite = lead.suite
    title = " · ".join((lead.word, *lead.names))
    level = doubt if lead.verdict == "inconclusive" else "error"
    said = f"{lead.headline}; {lead.measured}; next: {lead.step}"
    whole = _Mark(verdict=lead.verdict, level=level, suite="", title=title, message=said)
    if suite is None:
        yield whole
        return
    broken = [each for each in suite.invariants if not each.waived_until]
    for each in broken:
        attempts = f"{share_of((each.failed, each.attempts))} attempts"
        said = f"{each.check} failed on {each.sample_id} in {attempts} ({standing(each)})"
        yield replace(whole, verdict="violated", level="error", suite=suite.suite, message=said)
    if not (broken and lead.verdict == "violated"):
        yield replace(whole, suite=suite.suite)
    told = telling(suite) if lead.verdict == "regressed" else None
    for found in suite.hypotheses:
        if found.verdict == "regressed" and found is not told:
            said = f"{found.name}: {points(found.judged.rise)}: {found.reason}"
            title = " · ".join(("REGRESSED", *lead.names))
            yield _Mark(
                verdict="regressed", level="error", suite=suite.suite, title=title, message=said
            )


def _command(mark: _Mark, places: Mapping[str, tuple[str, int]]) -> str:
    properties = {"title": one_line(short(mark.title, _LONGEST_TITLE))}
    if mark.suite in places:
        path, line = places[mark.suite]
        properties = {"file": one_line(path), "line": str(line), **properties}
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{mark.level} {listed}::{_data(one_line(short(mark.message, _LONGEST_MESSAGE)))}"


def _data(text: str) -> str:
    """As the runner of GitHub Actions takes it back (`ActionCommand`); `%` first."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
