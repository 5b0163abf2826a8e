"""A run as Markdown, for a pull request or a page. Rates only: no word of a model's is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.reports.effect_figures import beside_sections, run_sections
from paygrade.reports.figures import THIN, counts, interval, money, percent
from paygrade.reports.markup import code
from paygrade.reports.page_markdown import headed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from paygrade.records.effects import RunColumn
    from paygrade.records.run import RunSummary


def markdown(
    summaries: Iterable[RunSummary], beside: Mapping[str, Sequence[RunColumn]] | None = None
) -> str:
    """One section a run; then the agents of each suite of `beside`, side by side."""
    lines = [line for summary in summaries for line in _section(summary)]
    for suite, runs in (beside or {}).items():
        lines += [f"## {code(suite)}: {len(runs):,} runs side by side", ""]
        lines += map(headed, beside_sections(runs))
    return "\n".join(lines) + "\n"


def _section(summary: RunSummary) -> Iterator[str]:
    header, rate = summary.header, summary.overall
    yield f"## {code(header.suite)} · {code(header.runner)}"
    yield ""
    yield (
        f"**Failure rate {percent(rate.rate)}** (95 % interval {interval(rate.low, rate.high)}; "
        f"{counts(rate)}; {summary.state})"
    )
    yield ""
    yield (
        f"Prompt {code(header.prompt)}, dataset {code(header.dataset)}, run {code(header.run_id)}."
    )
    if summary.money:
        yield f"Money at risk: {'; '.join(money(each) for each in summary.money)}."
    yield ""
    yield "| attempts with a miss that is | failed | of | rate | 95 % interval |"
    yield "|---|---:|---:|---:|---:|"
    for name, part in summary.severities.items():
        yield (
            f"| {name} | {part.failed:,} | {part.scored:,} | {percent(part.rate)} | "
            f"{interval(part.low, part.high)} |"
        )
    yield ""
    yield from map(headed, run_sections(summary))
    yield "| check | severity | role | failed | of | rate | 95 % interval |"
    yield "|---|---|---|---:|---:|---:|---:|"
    for each in summary.checks:
        share = each.failed / each.judged if each.judged else None
        yield (
            f"| {code(each.check)} | {each.severity} | {each.role} | {each.failed:,} | "
            f"{each.judged:,} | {percent(share)} | {interval(each.low, each.high)} |"
        )
    if summary.slices:
        yield ""
        yield f"| slice | samples | failed | of | rate | 95 % interval | (thin: under {THIN}) |"
        yield "|---|---:|---:|---:|---:|---:|---|"
    for slice_ in summary.slices:
        rate = slice_.rate
        thin = "thin" if slice_.samples < THIN else ""
        yield (
            f"| {code(f'{slice_.name}={slice_.value}')} | {slice_.samples:,} | {rate.failed:,} | "
            f"{rate.scored:,} | {percent(rate.rate)} | {interval(rate.low, rate.high)} | {thin} |"
        )
    yield ""
