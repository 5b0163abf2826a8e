"""The tools of a suite for agents: where they come from, and whether all else fits them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.errors import Mistake, WorkspaceError
from paygrade.records.agent import AGENTS, Toolbox
from paygrade.workspace.files import open_file
from paygrade.workspace.identity import digest, file_digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from paygrade.records.plan import Dataset, RunnerProfile
    from paygrade.workspace.config import Layout
    from paygrade.workspace.models import SuiteModel
    from paygrade.workspace.suites import Suite
    from paygrade.workspace.yaml_reader import Document


def read_toolbox(
    layout: Layout, model: SuiteModel, document: Document, folder: Path
) -> Toolbox | None:
    """Where the suite's tools come from; `None` when it has none.

    Raises:
        WorkspaceError: the file that it names cannot be read.
    """
    if model.tools is None:
        return None
    if not isinstance(model.tools, str):
        url = model.tools.url
        return Toolbox(url=url, folder=str(folder), content_hash=digest(["url", url]))
    name, _, function = model.tools.rpartition(":")
    target = folder / name
    try:
        with open_file(target, layout.shown(target)) as stream:
            content_hash = digest([file_digest(stream), function])
    except (OSError, WorkspaceError) as error:
        why = error.mistakes[0].problem if isinstance(error, WorkspaceError) else str(error)
        problem = f"'tools' names {model.tools!r}, but {layout.shown(target)} {why}"
        hint = "paths start at this file's folder"
        raise WorkspaceError([document.mistake(("tools",), problem, hint)]) from error
    return Toolbox(script=model.tools, folder=str(folder), content_hash=content_hash)


def world_mistakes(suite: Suite, dataset: Dataset) -> Iterator[Mistake]:
    """Tools are made of a sample's world, and a world without tools is of no use."""
    if suite.toolbox is not None:
        for sample in dataset.samples:
            if sample.world is None:
                problem = f"sample {sample.id!r} has no 'world', of which the tools are made"
                hint = f"{suite.document.path} has tools"
                yield Mistake(path=dataset.path, line=sample.line, problem=problem, hint=hint)
    elif any(sample.world is not None for sample in dataset.samples):
        problem = f"{dataset.reference} is for agents: its samples have a 'world'"
        hint = "name what they may call: tools: FILE.py:FUNCTION"
        yield suite.document.mistake(("dataset",), problem, hint)


def unfit_runner(suite: Suite, profile: RunnerProfile) -> tuple[str, str] | None:
    """Why this runner cannot be used in this suite, and a mend."""
    if suite.toolbox is not None and profile.provider not in AGENTS:
        problem = f"the runner {profile.name!r} cannot call tools: its provider is "
        return f"{problem}{profile.provider!r}", f"providers that can: {', '.join(AGENTS)}"
    if suite.toolbox is None and profile.provider == "http":
        problem = f"the runner {profile.name!r} is an agent, and the suite has no 'tools'"
        return problem, "name what it may call: tools: FILE.py:FUNCTION"
    return None
