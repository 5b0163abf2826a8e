"""`paygrade check`, `paygrade prompts …`, `paygrade init`: the workspace itself."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from paygrade import runners, scorers
from paygrade.errors import Mistake, RunnerError, UsageError, WorkspaceError
from paygrade.pipeline.wiring import layout_at, missing_of, today
from paygrade.runners.agents import try_world
from paygrade.runners.python import load_function
from paygrade.workspace import prompts
from paygrade.workspace.check import check_workspace
from paygrade.workspace.datasets import read_dataset
from paygrade.workspace.diff import diff
from paygrade.workspace.profiles import names, read_profile
from paygrade.workspace.schemas import write_schemas
from paygrade.workspace.starter import write_starter
from paygrade.workspace.suites import names as suite_names
from paygrade.workspace.suites import read_suite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from paygrade.records.plan import PromptVersion
    from paygrade.workspace.check import Checked
    from paygrade.workspace.config import Layout


def check(folder: Path | None) -> Checked:
    """Everything in the workspace, every mistake. Refreshes the editors' schemas on the way.

    Raises:
        UsageError, WorkspaceError: the workspace itself cannot be found or configured.
    """
    layout = layout_at(folder)
    if layout.evals.is_dir():
        write_schemas(layout, scorers.CATALOGUE)
    checked = check_workspace(layout, scorers.CATALOGUE, today(), partial(missing_of, layout))
    broken = [mistake for name in names(layout) for mistake in _unbuildable(layout, name)]
    broken += [mistake for name in suite_names(layout) for mistake in _toolless(layout, name)]
    return replace(checked, mistakes=(*checked.mistakes, *broken))


def _unbuildable(layout: Layout, name: str) -> Iterator[Mistake]:
    """A runner that needs no key can be built, so that its file is known to load."""
    try:
        profile = read_profile(layout, name)
        if profile.provider in ("python", "replay"):
            runners.build(profile)
    except WorkspaceError:
        return  # said already
    except UsageError as error:
        yield Mistake(
            path=layout.shown(layout.runners / f"{name}.yaml"),
            problem=error.problem,
            hint=error.hint,
        )


def _toolless(layout: Layout, name: str) -> Iterator[Mistake]:
    """The tools of a suite are a function that can be loaded, and makes each sample's world."""
    try:
        suite = read_suite(layout, name, scorers.CATALOGUE)
    except WorkspaceError:
        return  # said already
    if suite.toolbox is None or not suite.toolbox.script:
        return
    file, _, function = suite.toolbox.script.rpartition(":")
    try:
        load_function(suite.folder / file, function)
    except UsageError as error:
        yield suite.document.mistake(("tools",), error.problem, error.hint)
        return
    try:
        dataset = read_dataset(layout, suite.model.dataset, scorers.CATALOGUE, today())
    except (UsageError, WorkspaceError):
        return  # said already
    for sample in dataset.samples:
        try:
            try_world(suite.toolbox, sample.world, sample.faults)
        except (RunnerError, UsageError) as error:
            problem = f"sample {sample.id!r}: {error.problem}"
            yield Mistake(path=dataset.path, line=sample.line, problem=problem, hint=error.hint)


def init(folder: Path) -> list[Path]:
    """Write the commented starter into `folder`; return the files written.

    Raises:
        UsageError: a file of the starter is there already; then nothing is written.
    """
    written = write_starter(folder)
    layout = layout_at(folder)
    write_schemas(layout, scorers.CATALOGUE)
    return written


def list_prompts(folder: Path | None) -> list[tuple[PromptVersion, bool]]:
    """Every prompt version, and whether it is locked.

    Raises:
        WorkspaceError: a prompt or the lock is wrong.
    """
    layout = layout_at(folder)
    locked = prompts.read_lock(layout)
    return [
        (prompts.read_prompt(layout, f"{name}@v{number}"), f"{name}@v{number}" in locked)
        for name, number in prompts.versions(layout)
    ]


def show_prompt(folder: Path | None, reference: str) -> PromptVersion:
    """One prompt version.

    Raises:
        UsageError, WorkspaceError.
    """
    return prompts.read_prompt(layout_at(folder), reference)


def diff_prompts(folder: Path | None, before: str, after: str) -> list[str]:
    """Lines of a unified diff between two prompt versions, content only.

    Raises:
        UsageError, WorkspaceError.
    """
    layout = layout_at(folder)
    return diff(prompts.read_prompt(layout, before), prompts.read_prompt(layout, after))


def lock_prompts(folder: Path | None) -> list[str]:
    """Lock every version that is not locked yet; return those.

    Raises:
        WorkspaceError: a locked version was edited, or any prompt is wrong; nothing is written.
    """
    layout = layout_at(folder)
    read = {each.reference: each for each, _ in list_prompts(folder)}
    return prompts.write_lock(layout, read)
