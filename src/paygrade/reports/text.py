"""What a person sees on a terminal, as rich renderables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from paygrade.records.outcome import Scored
from paygrade.reports.effect_figures import beside_sections, run_sections
from paygrade.reports.endings import ending_line
from paygrade.reports.figures import THIN, bill, counts, interval, money, percent, plural
from paygrade.reports.page_text import section_views
from paygrade.reports.plain import plain
from paygrade.reports.trajectory import trajectory_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import RenderableType

    from paygrade.errors import ExitCode
    from paygrade.records.answer import StoredAnswer
    from paygrade.records.check import Check
    from paygrade.records.effects import RunColumn
    from paygrade.records.outcome import Outcome
    from paygrade.records.plan import Forecast
    from paygrade.records.run import CheckRate, RunSummary, SampleRow, SliceRate

_COLOURS = {"pass": "green", "fail": "red", "error": "yellow"}
_ORDER = {"critical": 0, "major": 1, "minor": 2}
_WIDEST = 60
_INDENT = (0, 0, 0, 2)


def _table(*columns: str, numbers: Iterable[str] = ()) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    right_aligned = set(numbers)
    for name in columns:
        right = name in right_aligned
        table.add_column(name, justify="right" if right else "left", no_wrap=right)
    return table


def plan_view(forecasts: list[Forecast]) -> RenderableType:
    """What is about to run, what of it is known already, and the most that the rest can cost."""
    table = _table("suite", "runner", "prompt", "dataset", "samples", "epochs", "attempts",
                   numbers=("samples", "epochs", "attempts"))  # fmt: skip
    plans = [each.plan for each in forecasts]
    for plan in plans:
        table.add_row(
            plan.suite, plan.runner.name, plan.prompt.reference, plan.dataset.reference,
            f"{len(plan.samples):,}", str(plan.epochs), f"{plan.attempts:,}",
        )  # fmt: skip
    costs = [Text(_cost(each)) for each in forecasts if each.paid]
    costs += [Text(_judges(each)) for each in forecasts if each.judge_calls]
    notes = dict.fromkeys(warning for plan in plans for warning in plan.warnings)
    return Group(table, *costs, *(Text(f"note: {note}", style="yellow") for note in notes))


def _cost(forecast: Forecast) -> str:
    plan = forecast.plan
    left = plan.attempts - forecast.known
    said = f"{plan.runner.name}: {forecast.known:,} of {plural(plan.attempts, 'attempt')} known"
    if not left:
        return f"{said}: nothing is asked, nothing is paid"
    if forecast.ceiling_usd is None:
        return f"{said}; what the other {left:,} can cost is not known (no price, or no bound)"
    budget = plan.runner.budget_usd
    limit = "" if budget is None else f", budget {budget} USD"
    return f"{said}; the other {left:,} cost at most {forecast.ceiling_usd:.4f} USD{limit}"


def _judges(forecast: Forecast) -> str:
    names = ", ".join(dict.fromkeys(each.profile.name for each in forecast.plan.judges))
    return f"{forecast.plan.suite}: judged by {names}, at most {forecast.judge_calls:,} times"


def summary_view(
    summary: RunSummary, code: ExitCode, reason: str, *, brief: bool = False
) -> RenderableType:
    """One run: its rate first, then where it fails; `brief` leaves out what did not fail."""
    header, rate = summary.header, summary.overall
    title = Text.assemble((f"{header.suite} · {header.runner}", "bold"),
                          (f"  {header.prompt} on dataset {header.dataset}", "dim"))  # fmt: skip
    colour = "green" if rate.failed == 0 and rate.scored else "red" if rate.scored else "yellow"
    line = Text.assemble(
        "failure rate ", (percent(rate.rate), f"bold {colour}"),
        f"   95 % interval {interval(rate.low, rate.high)}   {counts(rate)}",
    )  # fmt: skip
    parts: list[RenderableType] = [title, line, *_remarks(summary)]
    if ended := ending_line(code, reason):
        parts.append(Text(ended, style="bold red"))
    parts += section_views(run_sections(summary))
    checks = [each for each in summary.checks if not brief or each.failed or each.errored]
    slices = [each for each in summary.slices if not brief or each.rate.failed]
    if checks:
        parts += [Text(), _checks(checks)]
    if slices:
        parts += [Text(), _slices(slices)]
    rest = [
        plural(count, word)
        for count, word in (
            (len(summary.checks) - len(checks), "check"),
            (len(summary.slices) - len(slices), "slice"),
        )
        if count
    ]
    if rest:
        parts += [Text(), Text(f"no failure in {' and '.join(rest)}: see paygrade show", "dim")]
    return Padding(Group(*parts), _INDENT, expand=False)


def beside_view(suite: str, runs: Sequence[RunColumn]) -> RenderableType:
    """The agents of several runs of one suite, side by side."""
    title = Text(f"{suite}: {len(runs):,} runs side by side", style="bold")
    return Padding(
        Group(Text(), title, *section_views(beside_sections(runs))), _INDENT, expand=False
    )


def _remarks(summary: RunSummary) -> Iterable[Text]:
    if summary.bill:
        yield Text(bill(summary.bill))
    if summary.money:
        amounts = "  ·  ".join(money(each) for each in summary.money)
        yield Text(f"money at risk {amounts}")
    for name, rate in summary.severities.items():
        if rate.scored:
            bounds = interval(rate.low, rate.high)
            share = percent(rate.rate)
            yield Text(f"attempts with a {name} miss {share}   95 % interval {bounds}", "dim")
    if summary.errors:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in summary.errors.items())
        yield Text(f"errors (in no rate): {kinds}", style="yellow")
    if summary.quarantined:
        yield Text(f"quarantined (in no rate): {plural(summary.quarantined, 'attempt')}", "yellow")
    if summary.state == "incomplete":
        left = summary.planned - summary.done
        yield Text(f"not done: {left:,} of {plural(summary.planned, 'attempt')}", style="yellow")


def _checks(checks: Iterable[CheckRate]) -> Table:
    table = _table("check", "severity", "role", "failed", "of", "rate", "95 % interval",
                   numbers=("failed", "of", "rate", "95 % interval"))  # fmt: skip
    for each in sorted(checks, key=lambda c: (_ORDER[c.severity], -c.failed)):
        share = each.failed / each.judged if each.judged else None
        errors = f" +{each.errored} err" if each.errored else ""
        table.add_row(
            Text(plain(each.check)), each.severity, each.role, f"{each.failed:,}",
            f"{each.judged:,}{errors}", percent(share), interval(each.low, each.high),
            style="" if each.failed else "dim",
        )  # fmt: skip
    return table


def _slices(slices: Iterable[SliceRate]) -> Table:
    table = _table("slice", "samples", "failed", "of", "rate", "95 % interval", "",
                   numbers=("samples", "failed", "of", "rate", "95 % interval"))  # fmt: skip
    for each in slices:
        thin = "thin" if each.samples < THIN else ""
        table.add_row(
            Text(plain(f"{each.name}={each.value}")), f"{each.samples:,}", f"{each.rate.failed:,}",
            f"{each.rate.scored:,}", percent(each.rate.rate),
            interval(each.rate.low, each.rate.high), Text(thin, style="dim"),
        )  # fmt: skip
    return table


def runs_view(columns: list[str], rows: list[tuple[Any, ...]]) -> Table:
    """`paygrade list`: the id stays whole, for it is what a reader copies."""
    table = _table("run", "failed", "of", "errors", "rate", "95 % interval", "",
                   numbers=("run", "failed", "of", "errors", "rate", "95 % interval"))  # fmt: skip
    table.columns[0].justify = "left"
    for values in rows:
        row = dict(zip(columns, values, strict=True))
        table.add_row(
            Text(row["run_id"]), f"{row['failed']:,}", f"{row['scored']:,}", f"{row['errored']:,}",
            percent(row["failure_rate"]), interval(row["low"], row["high"]),
            Text("" if row["state"] == "complete" else row["state"], style="yellow"),
        )  # fmt: skip
    return table


def rows_view(columns: list[str], rows: list[tuple[Any, ...]], width: int) -> RenderableType:
    """Any answer of the store: a table where it fits into `width`, else one block a row."""
    columns = [plain(name) for name in columns]
    shown = [[cell(value) for value in row] for row in rows]
    needed = sum(
        min(_WIDEST, max(map(len, [name, *(row[index] for row in shown)]))) + 3
        for index, name in enumerate(columns)
    )
    if needed > width:
        return Group(*_blocks(columns, shown))
    numeric = [
        name
        for index, name in enumerate(columns)
        if rows and all(isinstance(row[index], int | float | None) for row in rows)
    ]
    table = _table(*columns, numbers=numeric)
    for row in shown:
        table.add_row(*map(Text, row))
    return table


def _blocks(columns: list[str], rows: list[list[str]]) -> Iterable[Text]:
    margin = max(map(len, columns))
    for number, row in enumerate(rows, 1):
        yield Text(f"row {number}", style="bold")
        for name, value in zip(columns, row, strict=True):
            yield Text.assemble("  ", (f"{name:{margin}}", "dim"), f"  {value}")


def cell(value: Any) -> str:  # noqa: ANN401 - a database value
    """A value as text that no terminal obeys: floats short, `NULL` said."""
    if value is None:
        return "NULL"
    if isinstance(value, float):
        return f"{value:.6g}"
    return plain(str(value))


def sample_view(
    row: SampleRow, attempts: Iterable[tuple[StoredAnswer | None, Outcome]]
) -> RenderableType:
    """One sample of a run: what was sent, what came back, how it was judged."""
    parts: list[RenderableType] = [Text(plain(row.sample_id), style="bold")]
    slices = ", ".join(f"{name}={'+'.join(values)}" for name, values in row.slices.items())
    parts.append(Text(plain(f"case {row.case} · {row.case_class} · {slices}"), style="dim"))
    for role, content in row.messages:
        parts += [Text(plain(f"\n[{role}]"), style="bold cyan"), Text(plain(content))]
    parts += [Text("\n[expected]", style="bold cyan"), Text(plain(_shown(row.expected)))]
    for answer, outcome in attempts:
        parts += [Text(f"\n[answer, epoch {outcome.epoch}]", style="bold cyan")]
        parts.append(Text(plain(answer.text)) if answer else Text("no answer came", style="yellow"))
        if answer and answer.trajectory:
            parts += trajectory_lines(answer.trajectory, outcome.epoch)
        parts += _judged(outcome)
    return Group(*parts)


def _judged(outcome: Outcome) -> Iterable[Text]:
    if isinstance(outcome, Scored):
        word, style = ("failed", "red") if outcome.failed else ("passed", "green")
        yield Text(word, style=f"bold {style}")
    else:
        told = plain(f"errored: {outcome.error_kind}: {outcome.error}")
        yield Text(told, style="bold yellow")
    for check in outcome.checks:
        yield _check_line(check)


def _check_line(check: Check) -> Text:
    return Text.assemble(
        "  ", (f"{check.result:5}", _COLOURS[check.result]), f" {plain(check.id)} ",
        (f"({check.severity}, {check.role})", "dim"),
        f" {plain(check.reason)}" if check.reason else "",
    )  # fmt: skip


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
