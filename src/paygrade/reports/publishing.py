"""What publishing wrote, masked and does not know, for the person who asked for it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paygrade.reports.figures import plural
from paygrade.reports.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from paygrade.records.published import Publication


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """So many findings of one kind were masked in one place."""

    where: str
    kind: str
    count: int


def published_lines(
    folder: Path,
    files: Mapping[str, int],
    figures: Publication,
    out: Sequence[Masked],
    stored: Sequence[Masked],
) -> Iterator[str]:
    """What to say. `out` was masked while it was written, `stored` before it was stored."""
    yield f"wrote {folder}: {plural(len(files), 'file')}, {_size(sum(files.values()))}"
    shown = {name: size for name, size in files.items() if "/" not in name}
    width = max(map(len, shown), default=0)
    for name, size in shown.items():
        yield f"  {one_line(name):<{width}}  {_size(size):>9}"
    below = [size for name, size in files.items() if "/" in name]
    if below:
        name = f"data ({len(below):,})"
        yield f"  {name:<{width}}  {_size(sum(below)):>9}"
    yield f"figures of {plural(len(figures.runs), 'run')}: the newest of each suite and runner"
    yield from _masked("masked before it was stored", stored)
    yield from _masked("masked on the way out", out)
    if not figures.unknown:
        yield "not known: nothing that was asked for"
    for sentence in figures.unknown:
        yield f"not known: {one_line(sentence)}"
    yield f"open {(folder / 'index.html').as_uri()}"


def _masked(title: str, masked: Sequence[Masked]) -> Iterator[str]:
    if not masked:
        yield f"{title}: nothing"
    for each in masked:
        yield f"{title}: {each.count:,} {one_line(each.kind)} in {one_line(each.where)}"


def published_json(
    folder: Path,
    files: Mapping[str, int],
    figures: Publication,
    out: Sequence[Masked],
    stored: Sequence[Masked],
) -> dict[str, Any]:
    """The same as plain JSON values; sizes are in bytes."""
    return {
        "folder": str(folder),
        "files": dict(files),
        "masked_before_it_was_stored": [dataclasses.asdict(each) for each in stored],
        "masked_on_the_way_out": [dataclasses.asdict(each) for each in out],
        **dataclasses.asdict(figures),
    }


def _size(count: int) -> str:
    thousand = 1_000
    if count < thousand:
        return f"{count} B"
    return f"{count / thousand:,.0f} kB" if count < thousand**2 else f"{count / 1e6:,.1f} MB"
