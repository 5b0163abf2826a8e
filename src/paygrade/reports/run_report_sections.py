"""One run in context, section by section: both faces of `paygrade report` show these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.reports.bars import bar, scale, spark, top_of
from paygrade.reports.effect_figures import run_sections
from paygrade.reports.endings import ending_line
from paygrade.reports.evidence import rate_line
from paygrade.reports.figures import THIN, bill, interval, money, percent, plural
from paygrade.reports.page import Column, Row, Section, filled, sheet
from paygrade.reports.run_report_moves import baseline_section, before_section

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paygrade.records.run import CheckRate, Rate, RunHeader, RunSummary, SliceRate
    from paygrade.records.run_report import Caught, Pace, Point, RunReport
    from paygrade.reports.page import Tone

_LAST = 5
_LEAD_WIDTH = 40
_MANY = 1000
_SECOND = 1.0
_MILLISECOND = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A failure rate in words and drawn, and what the run ended with.

    `drawn` is the bar between the ends of its scale, empty without a rate; so is `ended` where all
    is well.
    """

    rate: str
    drawn: tuple[str, str, str] | None
    ended: str
    tone: Tone


def lead(report: RunReport) -> Lead:
    """How a report begins."""
    rate, drawn = report.summary.overall, None
    if rate.rate is not None:
        top = top_of([rate.high])
        ends = ("0 %", f"{top * 100:g} %")
        drawn = (ends[0], bar(rate.rate, rate.low, rate.high, top, _LEAD_WIDTH), ends[1])
    return Lead(
        rate=rate_line("", rate),
        drawn=drawn,
        ended=ending_line(report.code, report.reason),
        tone="warn" if not rate.scored else "bad" if rate.failed else "good",
    )


def commit_of(header: RunHeader) -> str:
    """`at commit 0123456789ab, not clean`; empty outside of git."""
    if not header.commit:
        return ""
    return f"at commit {header.commit[:12]}{', not clean' if header.dirty else ''}"


def report_sections(report: RunReport, most: int) -> list[Section]:
    """Everything after the lead; each table has at most `most` rows."""
    summary = report.summary
    return list(
        filled(
            (
                _left_out(summary),
                _trend(report),
                before_section(report),
                baseline_section(report),
                _severities(summary),
                _checks(summary.checks, most),
                _slices(summary.slices, most),
                *run_sections(summary),
                Section(title="money at risk", lines=tuple(money(each) for each in summary.money)),
                Section(title="cost and time", lines=tuple(_paid(summary, report.pace))),
                _caught(report.caught),
                Section(title="notes", lines=report.notes),
            )
        )
    )


def _left_out(summary: RunSummary) -> Section:
    lines = []
    if summary.errors:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in summary.errors.items())
        lines.append(f"errors: {kinds}")
    if summary.quarantined:
        lines.append(f"quarantined: {plural(summary.quarantined, 'attempt')}")
    if summary.state == "incomplete":
        left = summary.planned - summary.done
        lines.append(f"not done: {left:,} of {plural(summary.planned, 'attempt')}")
    return Section(title="in no rate", lines=tuple(lines))


def _trend(report: RunReport) -> Section:
    title, points = "trend", report.trend
    absent = ""
    if not report.charted:
        why = "is not complete" if report.whole else "is not of all samples"
        absent = f"this run is no point of it: it {why}"
    if len(points) - report.charted < 1:
        none = "there is no whole run of this suite and runner before this one"
        return Section(title=title, lines=tuple(filter(None, (none, absent))))
    rates = [each.rate.rate for each in points]
    most = percent(max((each for each in rates if each is not None), default=None))
    drawn = (
        f"{spark(rates)} {plural(len(points), 'whole run')}, oldest first; the highest is {most}"
    )
    top = top_of(each.rate.high for each in points[-_LAST:])
    columns = (Column("started"), *_columns(top), Column("prompt, then changes", "word"))
    own = report.summary.header.run_id
    rows = (_point(each, top, own, first=not n) for n, each in enumerate(points[-_LAST:]))
    return Section(
        title=title,
        lines=tuple(filter(None, (drawn, absent))),
        sheet=sheet(columns, rows, _LAST),
    )


def _point(point: Point, top: float, own: str, *, first: bool) -> Row:
    when = "this run" if point.run_id == own else point.started_at[:16].replace("T", " ")
    said = point.prompt if first else "; ".join(point.changed)
    return Row(
        cells=(when, *_of_rate(point.rate, top), said), tone="" if point.run_id == own else "dim"
    )


def _columns(top: float) -> tuple[Column, ...]:
    names = ("failed", "of", "rate", "95 % interval")
    return (*map(Column, names), Column(scale(top), "bar"))


def _of_rate(rate: Rate, top: float) -> tuple[str, ...]:
    return _cells(rate.failed, rate.scored, rate.errored, (rate.low, rate.high), top)


def _cells(
    failed: int, judged: int, errored: int, bounds: tuple[float, float], top: float
) -> tuple[str, ...]:
    share = failed / judged if judged else None
    errors = f" +{errored:,} err" if errored else ""
    return (
        f"{failed:,}",
        f"{judged:,}{errors}",
        percent(share),
        interval(*bounds),
        bar(share, *bounds, top),
    )


def _severities(summary: RunSummary) -> Section:
    known = {name: rate for name, rate in summary.severities.items() if rate.scored}
    top = top_of(rate.high for rate in known.values())
    columns = (Column("with a miss that is", "word"), *_columns(top))
    rows = (
        Row(cells=(name, *_of_rate(rate, top)), tone="" if rate.failed else "dim")
        for name, rate in known.items()
    )
    return Section(title="attempts by severity", sheet=sheet(columns, rows, _MANY))


def _checks(every: Iterable[CheckRate], most: int) -> Section:
    ranked = sorted(every, key=lambda each: _badness(each.failed, each.judged, each.low))
    top = top_of(each.high for each in ranked if each.judged)
    columns = (Column("check", "name"), Column("severity", "word"), Column("role", "word"),
               *_columns(top))  # fmt: skip
    rows = (
        Row(
            cells=(
                each.check, each.severity, each.role,
                *_cells(each.failed, each.judged, each.errored, (each.low, each.high), top),
            ),
            tone="" if each.failed else "dim",
        )
        for each in ranked
    )  # fmt: skip
    return Section(title="checks, worst first", sheet=sheet(columns, rows, most))


def _slices(every: Iterable[SliceRate], most: int) -> Section:
    ranked = sorted(
        every, key=lambda each: _badness(each.rate.failed, each.rate.scored, each.rate.low)
    )
    top = top_of(each.rate.high for each in ranked if each.rate.scored)
    columns = (Column("slice", "name"), Column("samples"), *_columns(top), Column("", "word"))
    rows = (
        Row(
            cells=(
                f"{each.name}={each.value}", f"{each.samples:,}", *_of_rate(each.rate, top),
                "thin" if each.samples < THIN else "",
            ),
            tone="" if each.rate.failed else "dim",
        )
        for each in ranked
    )  # fmt: skip
    thin = any(each.samples < THIN for each in ranked)
    return Section(
        title="slices, worst first",
        lines=(f"thin: fewer than {THIN} samples, too few to judge",) if thin else (),
        sheet=sheet(columns, rows, most),
    )


def _badness(failed: int, judged: int, low: float) -> tuple[float, float]:
    """The highest rate first; of equal ones that which is more certain, and unknown ones last."""
    return (-failed / judged if judged else 1.0, -low)


def _paid(summary: RunSummary, pace: Pace) -> Iterator[str]:
    if summary.bill:
        yield bill(summary.bill)
    if pace.usd_per_1000 is None:
        yield "cost per 1,000 samples n/a: no answer has a known cost"
    else:
        known = plural(pace.priced, "answer")
        judges = ", judges apart" if summary.bill and summary.bill.judge_answers else ""
        yield f"cost {pace.usd_per_1000:,.4f} USD per 1,000 samples (mean of {known}{judges})"
    if pace.p50_s is None or pace.p95_s is None:
        yield "latency n/a: nobody was asked"
    else:
        times = f"p50 {_time(pace.p50_s)}, p95 {_time(pace.p95_s)}"
        yield f"latency {times} (n = {plural(pace.timed, 'answer')} asked for)"


def _time(seconds: float) -> str:
    """`1.42 s`, `12 ms`, `<1 ms`."""
    if seconds >= _SECOND:
        return f"{seconds:,.2f} s"
    return f"{seconds * 1000:.0f} ms" if seconds >= _MILLISECOND else "<1 ms"


def _caught(every: Iterable[Caught]) -> Section:
    columns = (Column("kind", "name"), Column("place", "word"), Column("findings"),
               Column("attempts"))  # fmt: skip
    rows = (
        Row(cells=(each.kind, each.place, f"{each.findings:,}", f"{each.attempts:,}"), tone="warn")
        for each in every
    )
    return Section(
        title="found by the leak barrier",
        lines=("before anything was stored; card data and secrets are masked",) if every else (),
        sheet=sheet(columns, rows, _MANY),
    )
