"""Writing `card.yaml`: the first card of a dataset, and the hash that locks a version.

The file is written as text, line by line, so that the author's comments and wording stay.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from paygrade.errors import Mistake, UsageError, WorkspaceError
from paygrade.workspace.datasets import read_card, read_dataset
from paygrade.workspace.files import read_text, write_text
from paygrade.workspace.identity import digest, digest_of_all
from paygrade.workspace.jsonl_reader import read_lines

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from paygrade.records.protocols import Catalogue
    from paygrade.workspace.config import Layout

_EMPTY = re.compile(r"""sha256: *(""|'')""")

_CARD = """\
# yaml-language-server: $schema=../../.paygrade/schemas/card.json
dataset: {name}
title: {title}
description: >-
  What one sample is, and what the answer says.
licence: all rights reserved
sources:
  - Where the inputs come from.
labels: >-
  How each label was made, by whom, and who has read it since.
contact: who answers for this dataset
known_gaps:
  - What is thin or missing.
{slices}versions:
  - version: {version}
    date: {date}
    samples: {samples}
    sha256: ""        # a draft: `paygrade datasets lock {name}` publishes it
    changes: First version.
"""


def new_card(layout: Layout, name: str, today: dt.date) -> Path:
    """Write the first card of `datasets/NAME`, from what its only file of samples holds.

    Raises:
        UsageError: there is a card already, or not exactly one `vN.jsonl`.
        WorkspaceError: a line of the file is no JSON object.
    """
    folder = layout.datasets / name
    card = folder / "card.yaml"
    if card.exists():
        raise UsageError(f"{layout.shown(card)} is there already", hint="edit it")
    files = sorted(
        each for each in folder.glob("v*.jsonl") if re.fullmatch(r"v[1-9]\d*", each.stem)
    )
    if len(files) != 1:
        count = f"{len(files)} versions" if files else "no version"
        hint = f"write {layout.shown(folder / 'v1.jsonl')}, one sample a line"
        raise UsageError(f"{layout.shown(folder)} has {count} to write a card for", hint=hint)
    shown = layout.shown(files[0])
    lines = list(read_lines(files[0], shown))
    wrong = [mistake for line in lines for mistake in line.mistakes]
    wrong += [
        Mistake(path=shown, line=line.number, problem="is not a JSON object")
        for line in lines
        if not line.mistakes and not isinstance(line.data, dict)
    ]
    if wrong:
        raise WorkspaceError(wrong)
    samples = [each.data for each in lines if isinstance(each.data, dict) and "id" in each.data]
    slices = sorted({str(key) for each in samples for key in _slices(each)})
    text = _CARD.format(
        name=name,
        title=json.dumps(name.replace("_", " ").capitalize()),
        version=int(files[0].stem[1:]),
        date=today.isoformat(),
        samples=len(samples),
        slices="".join(
            ["slices:\n", *(f"  {each}: what its values mean\n" for each in slices)]
            if slices
            else []
        ),
    )
    write_text(card, text, layout.shown(card))
    return card


def _slices(line: dict[str, object]) -> list[object]:
    slices = line.get("slices")
    return list(slices) if isinstance(slices, dict) else []


def lock(layout: Layout, name: str, catalogue: Catalogue, today: dt.date) -> list[str]:
    """Write the hash of every version that the card lists as a draft; return those versions.

    Raises:
        UsageError: there is no such dataset.
        WorkspaceError: a draft or a locked version is wrong; then nothing is written.
    """
    card = read_card(layout, name)
    datasets = [
        read_dataset(layout, f"{name}@v{each.version}", catalogue, today)
        for each in card.model.versions
    ]
    drafts = {each.version: each for each in datasets if not each.locked}
    if not drafts:
        return []
    file = card.folder / "card.yaml"
    shown = layout.shown(file)
    lines = read_text(file, shown).splitlines()
    for index, each in enumerate(card.model.versions):
        if each.version in drafts:
            number = card.document.line(("versions", index, "sha256"))
            locked = f"sha256: {drafts[each.version].content_hash}"
            lines[number - 1], found = _EMPTY.subn(locked, lines[number - 1], count=1)
            if not found:
                hint = 'write `sha256: ""` on one line'
                problem = f"has no line for the hash of v{each.version}"
                raise WorkspaceError([card.document.mistake(("versions", index), problem, hint)])
    write_text(file, "\n".join(lines) + "\n", shown)
    return [each.reference for each in drafts.values()]


def content_hash(file: Path, shown: str) -> str:
    """The hash of a file of samples as a card holds it; the canary line is outside it.

    Raises:
        WorkspaceError: the file cannot be read, or a line is not JSON.
    """
    lines = list(read_lines(file, shown))
    wrong = [mistake for line in lines for mistake in line.mistakes]
    if wrong:
        raise WorkspaceError(wrong)
    return digest_of_all(
        digest(line.data)
        for line in lines
        if not (isinstance(line.data, dict) and "canary" in line.data and "id" not in line.data)
    )
