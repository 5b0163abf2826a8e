"""The gate in Markdown: one comment on a pull request, and the summary of a CI step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.reports.compare_sections import (
    calibration_lead,
    calibration_sections,
    compared_lead,
    compared_sections,
)
from paygrade.reports.figures import bill
from paygrade.reports.gate_sections import changed_samples, sections
from paygrade.reports.gate_words import ending, errors, leads, ranked, sight
from paygrade.reports.markup import block, code, link, prose
from paygrade.reports.page_markdown import LONGEST_LINE, fitted, folded, headed, table, written
from paygrade.reports.plain import short

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paygrade.records.verdict import Calibration, Compared, GateReport, SuiteVerdict, Verdict
    from paygrade.reports.gate_words import Lead
    from paygrade.reports.page import Section

MARKER = "<!-- paygrade:gate -->"
"""The first line of the comment, by which the next one finds and replaces it."""

SUMMARY_BYTES = 1_000_000
"""What a step summary holds at most: 1 MiB, less what other steps of the job may add."""

_SYMBOLS: dict[Verdict, str] = {
    "violated": "⛔",
    "regressed": "❌",
    "invalid": "🚫",
    "inconclusive": "⚠️",
    "improved": "✅",
    "pass": "✅",
}
_FEW_ROWS = 20
_MANY_ROWS = 200
_LONGEST_NAME = 100
_LONGEST_LINK = 200
_NO_PASS = "**Not a pass:** a regression was neither found nor ruled out"  # noqa: S105 - no password


def gate_comment(report: GateReport, *, run_url: str = "", most: int = 65_000) -> str:
    """One comment, at most `most` characters long: what has no room is left out from its end.

    Raises:
        ValueError: `most` leaves no room for the verdict (500 are enough).
    """
    first, *others = leads(report)
    told = [(suite, _told(suite)) for suite in ranked(report)]
    parts = [
        f"{MARKER}\n{_head(first)}",
        *_rest(others),
        *(_flips(suite, section, run_url) for suite, section in told if section),
        f"{block(ending(report))}\n",
        *(
            folded(section, _owner(suite))
            for suite, open_one in told
            for section in sections(suite, _FEW_ROWS)
            if section != open_one
        ),
    ]
    where = "The whole report is in the run."
    if len(run_url) <= _LONGEST_LINK:
        where = link(where, run_url)
    return fitted(parts, f"{MARKER}\n{_bare(first)}", most, len, where)


def step_summary(report: GateReport) -> str:
    """The same with more rows and nothing folded, within what a step summary may hold."""
    first, *others = leads(report)
    parts = [
        _head(first),
        *_rest(others),
        f"{block(ending(report))}\n",
        *(part for suite in ranked(report) for part in _full(suite)),
    ]
    where = "The whole report is in the run's other files."
    return fitted(parts, _bare(first), SUMMARY_BYTES, lambda text: len(text.encode()), where)


def _rest(others: Iterable[Lead]) -> Iterator[str]:
    every = tuple(others)
    yield from (_head(lead) for lead in every if lead.verdict != "pass")
    passed = "".join(
        f"- {_title(lead)} ({written(lead.measured)})\n" for lead in every if lead.verdict == "pass"
    )
    if passed:
        yield passed


def _title(lead: Lead) -> str:
    said = f"{_names(lead.names)}: " if lead.names else ""
    return f"{_SYMBOLS[lead.verdict]} {lead.word} {said}{written(lead.headline)}"


def _names(names: Iterable[str]) -> str:
    return " · ".join(code(short(name, _LONGEST_NAME)) for name in names)


def _head(lead: Lead) -> str:
    suite = lead.suite
    lines = [f"**Next:** {written(lead.step)}", written(lead.measured)]
    if lead.verdict == "inconclusive":
        lines.append(_NO_PASS)
    if suite and suite.hypotheses:
        lines.append(f"**What would have been seen:** {written(sight(suite))}")
    if suite and errors(suite):
        lines.append(f"**Errors** (in no rate): {written(errors(suite))}")
    if suite and suite.bill:
        lines.append(f"**Cost:** {written(bill(suite.bill))}")
    return f"### {_title(lead)}\n" + "\\\n".join(lines) + "\n"


def _bare(lead: Lead) -> str:
    """The verdict alone: there is always room for it."""
    said = "**Next:** read the report where it is in full"
    return f"### {_SYMBOLS[lead.verdict]} {lead.word}\n{said}\n"


def _told(suite: SuiteVerdict) -> Section | None:
    """What stands open in the comment: the samples that a suite which is no pass differs in."""
    section = changed_samples(suite, _FEW_ROWS)
    return section if section.sheet and suite.verdict not in ("pass", "improved") else None


def _flips(suite: SuiteVerdict, section: Section, url: str) -> str:
    title = f"**{prose(f'{_owner(suite)}: {section.title}')}**"
    said = (block(line) for line in section.lines)
    rows = table(section.sheet, url) if section.sheet else ()
    return "\n\n".join((title, *said, "\n".join(rows))) + "\n"


def _owner(suite: SuiteVerdict) -> str:
    return f"{short(suite.suite, _LONGEST_NAME)} · {short(suite.runner, _LONGEST_NAME)}"


def _full(suite: SuiteVerdict) -> Iterator[str]:
    yield f"### {_names((suite.suite, suite.runner))}\n"
    yield from (headed(section) for section in sections(suite, _MANY_ROWS))


def compare_markdown(compared: Compared) -> str:
    """Two versions side by side."""
    return _page(compared_lead(compared), compared_sections(compared, _MANY_ROWS))


def calibrations_markdown(found: Iterable[Calibration]) -> str:
    """One after the other."""
    return "\n".join(map(calibration_markdown, found))


def calibration_markdown(found: Calibration) -> str:
    """How often the gate is wrong on this suite, and what it can see."""
    return _page(calibration_lead(found), calibration_sections(found, _MANY_ROWS))


def _page(lead: tuple[str, str, str], every: Iterable[Section]) -> str:
    first, second, third = (block(short(line, LONGEST_LINE)) for line in lead)
    return "\n".join((f"### {first}", f"{second}\\", f"{third}\n", *map(headed, every)))
