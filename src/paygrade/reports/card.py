"""A dataset's card as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.reports.figures import THIN, plural
from paygrade.reports.markup import code, prose
from pytx import format_minor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from paygrade.records.card import CardFacts


def card_markdown(card: CardFacts) -> str:
    """The whole card, with counts; slices too thin to judge are marked."""
    return "\n".join(_lines(card)) + "\n"


def _lines(card: CardFacts) -> Iterator[str]:
    yield f"# {prose(card.title)} ({card.dataset}@v{card.version})"
    yield ""
    yield prose(card.description)
    yield ""
    state = next(each.sha256 for each in card.versions if each.version == card.version)
    yield f"- {plural(card.samples, 'sample')} in {plural(card.cases, 'case')}"
    yield f"- hash: sha256:{card.content_hash} ({'locked' if state else 'draft'})"
    yield f"- licence: {prose(card.licence)}"
    yield f"- contact: {prose(card.contact)}"
    yield f"- canary: {code(card.canary) if card.canary else 'none'}"
    for name, counted in (("class", card.by_class), ("origin", card.by_origin)):
        yield f"- by {name}: {_counted(counted)}"
    if card.money:
        sums = (format_minor(each, name) for name, each in sorted(card.money.items()))
        yield f"- money that the samples stand for: {', '.join(sums)}"
    yield ""
    yield "## How the labels were made"
    yield ""
    yield prose(card.labels)
    yield ""
    yield "## Slices"
    yield ""
    yield "| slice | what it is | samples by value |"
    yield "|---|---|---|"
    for name, meaning in card.slices.items():
        yield f"| {code(name)} | {prose(meaning)} | {_counted(card.by_slice.get(name, {}))} |"
    yield ""
    yield f"Values with fewer than {THIN} samples are marked with *: too thin to judge alone."
    for title, items in (("Sources", card.sources), ("Known gaps", card.known_gaps)):
        if items:
            yield ""
            yield f"## {title}"
            yield ""
            yield from (f"- {prose(each)}" for each in items)
    yield ""
    yield "## Versions"
    yield ""
    yield "| version | date | samples | hash | changes |"
    yield "|---|---|---|---|---|"
    for each in card.versions:
        shown = each.sha256[:12] or "draft"
        changes = prose(each.changes)
        yield f"| v{each.version} | {each.date} | {each.samples} | {shown} | {changes} |"


def _counted(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(
        f"{code(name)} {count}{'' if count >= THIN else '*'}" for name, count in ordered
    )
