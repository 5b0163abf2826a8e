"""Files that look like content and are not where they would be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from paygrade.errors import Mistake, WorkspaceError
from paygrade.workspace import baselines
from paygrade.workspace.config import CONFIG_FILE
from paygrade.workspace.datasets import read_card
from paygrade.workspace.files import is_there

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from paygrade.workspace.config import Layout

_PROMPT = re.compile(r"v[1-9][0-9]{0,5}\.yaml\Z")


def strays(layout: Layout) -> Iterator[Mistake]:
    """Each of them: what is not read cannot be wrong, and nobody would notice."""

    def stray(file: Path, problem: str, hint: str) -> Mistake:
        return Mistake(path=layout.shown(file), problem=problem, hint=hint)

    outside = "is not read: it lies outside a folder of its own"
    homes = (
        (layout.prompts, "*.y*ml", "move it to prompts/NAME/vN.yaml"),
        (layout.datasets, "*.jsonl", "move it to datasets/NAME/vN.jsonl beside card.yaml"),
        (layout.evals, "*.y*ml", "move it to evals/NAME/suite.yaml"),
    )
    for folder, pattern, hint in homes:
        for file in sorted(folder.glob(pattern)):
            yield stray(file, outside, hint)
    inner = (layout.prompts, layout.evals, layout.datasets)
    short = [file for folder in inner for file in sorted(folder.glob("*/*.yml"))]
    for file in (*short, *sorted(layout.runners.glob("*.yml"))):
        yield stray(file, "is not read", "name it .yaml")
    for file in sorted(layout.prompts.glob("*/*.yaml")):
        if not _PROMPT.match(file.name):
            yield stray(file, "is not read", "a prompt version is named vN.yaml, such as v1.yaml")
    yield from _datasets(layout)
    beside = set((layout.reports / "baselines").glob("**/*.jsonl*")) - baselines.files(layout)
    for file in sorted(beside):
        problem = "is not read: it belongs to no baseline"
        yield stray(file, problem, "baselines are written by `paygrade accept`")
    wrong = layout.root / "paygrade.yml"
    if wrong.exists():
        yield stray(wrong, "is not read", f"name it {CONFIG_FILE}")


def _datasets(layout: Layout) -> Iterator[Mistake]:
    """Data that no card speaks of."""
    for file in sorted(layout.datasets.glob("*/*.jsonl")):
        shown = layout.shown(file)
        if not is_there(file.parent / "card.yaml"):
            problem, hint = "has no card.yaml beside it", "every dataset says where it comes from"
            yield Mistake(path=shown, problem=problem, hint=hint)
            continue
        try:
            card = read_card(layout, file.parent.name)
        except WorkspaceError:
            continue  # the card's own mistakes are listed
        if file.name not in {f"v{each.version}.jsonl" for each in card.model.versions}:
            yield Mistake(path=shown, problem="is not read", hint="list its version in card.yaml")
