"""`paygrade datasets …`: golden data, from the first line to a locked version."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade import scorers
from paygrade.errors import UsageError
from paygrade.payments.tasks import TASKS
from paygrade.pipeline.wiring import layout_at, today
from paygrade.workspace import card_file, dataset_lint, rows
from paygrade.workspace.dataset_diff import dataset_diff
from paygrade.workspace.datasets import card_facts, names, read_card, read_dataset
from paygrade.workspace.files import write_text
from paygrade.workspace.validate import closest

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.errors import Mistake
    from paygrade.records.card import CardFacts
    from paygrade.records.dataset_change import DatasetChange
    from paygrade.records.plan import Dataset
    from paygrade.workspace.config import Layout
    from paygrade.workspace.rows import RowFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """One version of a dataset, what gives its labels away, and what a person should look at."""

    reference: str
    samples: int
    mistakes: tuple[Mistake, ...]
    notes: tuple[str, ...]


def generate(task: str, samples: int, seed: int, canary: str) -> list[str]:
    """The lines of a generated dataset, the canary's first (none if it is empty).

    Raises:
        UsageError: no generator has this name.
    """
    if task not in TASKS:
        hint = closest(task, list(TASKS)) or f"there are {', '.join(TASKS)}"
        raise UsageError(f"there is no generator for {task!r}", hint=hint)
    lines: list[object] = [{"canary": canary}] if canary else []
    lines += TASKS[task].generate(samples, seed)
    return [_written(each) for each in lines]


def import_rows(
    file: Path, kind: RowFormat, mappings: list[str], id_column: str
) -> tuple[list[str], tuple[str, ...]]:
    """The lines of a dataset from plain rows, and the columns that were left out.

    Raises:
        UsageError: a mapping is wrong.
        WorkspaceError: everything that is wrong with the file.
    """
    imported = rows.import_rows(file, kind, rows.columns(mappings), id_column)
    return [_written(each) for each in imported.lines], imported.unused


def _written(line: object) -> str:
    return json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def write_lines(file: Path, lines: list[str]) -> None:
    """Write `lines` into a file that is not there yet.

    Raises:
        UsageError: the file is there, so a published version could be lost.
        WorkspaceError: it cannot be written.
    """
    if file.exists():
        raise UsageError(f"{file} is there already", hint="write the next version")
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, "\n".join(lines) + "\n", str(file))


def lint(folder: Path | None, references: list[str]) -> list[Linted]:
    """Look for what gives labels away; all versions of all datasets when none is named.

    Raises:
        UsageError: there is no such dataset or version, or none at all.
        WorkspaceError: every mistake in the card and the lines.
    """
    layout = layout_at(folder)
    every = [
        dataset
        for name in references or names(layout)
        for dataset in ([_one(layout, name)] if "@v" in name else _versions(layout, name))
    ]
    if not every:
        hint = f"a dataset is a folder below {layout.shown(layout.datasets)} with a card.yaml"
        raise UsageError("there is no dataset to look at", hint=hint)
    return [
        Linted(
            reference=each.reference,
            samples=len(each.samples),
            mistakes=tuple(dataset_lint.mistakes(each)),
            notes=tuple(dataset_lint.notes(each)),
        )
        for each in every
    ]


def card(folder: Path | None, reference: str) -> CardFacts:
    """What the card of `NAME` (its newest version) or `NAME@vN` tells.

    Raises:
        UsageError: there is no such dataset or version.
        WorkspaceError: every mistake in the card and the lines.
    """
    layout = layout_at(folder)
    dataset = _one(layout, reference)
    return card_facts(read_card(layout, dataset.name), dataset)


def new_card(folder: Path | None, name: str) -> Path:
    """Write the first card of a dataset; see `card_file.new_card` for what is raised."""
    return card_file.new_card(layout_at(folder), name, today())


def lock(folder: Path | None, name: str) -> list[str]:
    """Lock the drafts of a dataset; see `card_file.lock` for what is raised."""
    return card_file.lock(layout_at(folder), name, scorers.CATALOGUE, today())


def diff(folder: Path | None, before: str, after: str) -> DatasetChange:
    """What changed between two versions `NAME@vN`.

    Raises:
        UsageError: there is no such dataset or version.
        WorkspaceError: every mistake in the cards and the lines.
    """
    layout = layout_at(folder)
    return dataset_diff(_one(layout, before), _one(layout, after))


def content_hash(file: Path) -> str:
    """The hash of a file of samples, as a card would hold it; see `card_file.content_hash`."""
    return card_file.content_hash(file, str(file))


def _one(layout: Layout, reference: str) -> Dataset:
    name, at, digits = reference.partition("@v")
    if not at:
        newest = max(each.version for each in read_card(layout, name).model.versions)
        reference = f"{name}@v{newest}"
    elif not digits.isdecimal():
        raise UsageError(f"{reference!r} names no version", hint=f"such as {name}@v1")
    return read_dataset(layout, reference, scorers.CATALOGUE, today())


def _versions(layout: Layout, name: str) -> list[Dataset]:
    versions = read_card(layout, name).model.versions
    return [
        _one(layout, f"{name}@v{number}") for number in sorted(each.version for each in versions)
    ]
