"""A run as Markdown, for a pull request or a page. Rates only: no word of a model's is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.reports.figures import THIN, counts, interval, money, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paygrade.records.run import RunSummary


def markdown(summaries: Iterable[RunSummary]) -> str:
    """One section a run."""
    return "\n".join(line for summary in summaries for line in _section(summary)) + "\n"


def _section(summary: RunSummary) -> Iterator[str]:
    header, rate = summary.header, summary.overall
    yield f"## {_code(header.suite)} · {_code(header.runner)}"
    yield ""
    yield (
        f"**Failure rate {percent(rate.rate)}** (95 % interval {interval(rate.low, rate.high)}; "
        f"{counts(rate)}; {summary.state})"
    )
    yield ""
    yield (
        f"Prompt {_code(header.prompt)}, dataset {_code(header.dataset)}, "
        f"run {_code(header.run_id)}."
    )
    if summary.money:
        yield f"Money at risk: {'; '.join(money(each) for each in summary.money)}."
    yield ""
    yield "| check | severity | role | failed | of | rate | 95 % interval |"
    yield "|---|---|---|---:|---:|---:|---:|"
    for each in summary.checks:
        share = each.failed / each.judged if each.judged else None
        yield (
            f"| {_code(each.check)} | {each.severity} | {each.role} | {each.failed:,} | "
            f"{each.judged:,} | {percent(share)} | {interval(each.low, each.high)} |"
        )
    if summary.slices:
        yield ""
        yield f"| slice | samples | failed | of | rate | 95 % interval | (thin: under {THIN}) |"
        yield "|---|---:|---:|---:|---:|---:|---|"
    for part in summary.slices:
        thin = "thin" if part.samples < THIN else ""
        yield (
            f"| {_code(f'{part.name}={part.value}')} | {part.samples:,} | {part.rate.failed:,} | "
            f"{part.rate.scored:,} | {percent(part.rate.rate)} | "
            f"{interval(part.rate.low, part.rate.high)} | {thin} |"
        )
    yield ""


_UNSAFE = frozenset("`|\\")


def _code(text: str) -> str:
    """A name from a file, as code: there it is no markup, no mention, no link, no table break."""
    text = " ".join(text.split())
    if not _UNSAFE & set(text):
        return f"`{text or ' '}`"
    safe = (char if char.isalnum() or char == " " else f"&#{ord(char)};" for char in text)
    return f"<code>{''.join(safe)}</code>"
