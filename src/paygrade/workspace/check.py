"""`paygrade check`: every file of the workspace, every mistake, at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from paygrade.errors import Mistake, UsageError, WorkspaceError
from paygrade.workspace import baselines, datasets, lock, profiles, prompts, suites
from paygrade.workspace.bind import bind, suite_runners
from paygrade.workspace.strays import strays

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from paygrade.records.plan import PromptVersion
    from paygrade.records.protocols import Catalogue
    from paygrade.workspace.bind import Bound
    from paygrade.workspace.config import Layout
    from paygrade.workspace.suites import Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was looked at, and what is wrong with it. `notes` are worth knowing, not mistakes."""

    prompts: int
    datasets: int
    runners: int
    suites: int
    samples: int
    mistakes: tuple[Mistake, ...]
    notes: tuple[str, ...]


class _Findings:
    """Keeps mistakes once each and in the order of the files."""

    def __init__(self) -> None:
        self.mistakes: dict[Mistake, None] = {}
        self.notes: list[str] = []

    def of(self, read: Callable[[], object]) -> None:
        try:
            read()
        except WorkspaceError as error:
            self.mistakes |= dict.fromkeys(error.mistakes)
        except UsageError as error:
            self.mistakes[Mistake(path=".", problem=error.problem, hint=error.hint)] = None


def check_workspace(
    layout: Layout,
    catalogue: Catalogue,
    today: dt.date,
    missing: Callable[[Bound], list[Mistake]],
) -> Checked:
    """Read everything there is. `missing` lists what a bound suite's scorers name and lack."""
    found = _Findings()
    prompts_read: dict[str, PromptVersion] = {}

    def read_prompt(reference: str) -> None:
        prompts_read[reference] = prompts.read_prompt(layout, reference)

    def check_suite(name: str) -> None:
        suite = suites.read_suite(layout, name, catalogue)
        found.notes.extend(suites.ended_waivers(suite, today))
        _check_suite(layout, suite, catalogue, today, missing)

    references = [f"{name}@v{number}" for name, number in lock.versions(layout)]
    for reference in references:
        found.of(partial(read_prompt, reference))
    found.of(lambda: _raise(lock.lock_mistakes(layout, prompts_read)))
    samples = _check_datasets(layout, catalogue, today, found)
    for name in profiles.names(layout):
        found.of(partial(profiles.read_profile, layout, name))
    suite_names = suites.names(layout)
    for name in suite_names:
        found.of(partial(check_suite, name))
    for name in baselines.names(layout):
        found.of(partial(baselines.read_baselines, layout, name))
        if name not in suite_names:
            shown = layout.shown(baselines.baseline_file(layout, name))
            found.notes.append(f"{shown}: there is no suite {name!r}, so no gate reads it")
    found.of(lambda: _raise(list(strays(layout))))
    if not suite_names:
        shown = layout.shown(layout.evals)
        problem, hint = "there is no suite in this workspace", "start one with `paygrade init`"
        found.mistakes[Mistake(path=shown, problem=problem, hint=hint)] = None
    locked: set[str] = set()
    found.of(lambda: locked.update(lock.read_lock(layout)))
    drafts = [reference for reference in references if reference not in locked]
    if drafts:
        found.notes.append(
            f"not locked yet: {', '.join(drafts)} (publish with `paygrade prompts lock`)"
        )
    return Checked(
        prompts=len(references),
        datasets=len(datasets.names(layout)),
        runners=len(profiles.names(layout)),
        suites=len(suite_names),
        samples=samples,
        mistakes=tuple(sorted(found.mistakes, key=lambda each: (each.path, each.line or 0))),
        notes=tuple(found.notes),
    )


def _raise(mistakes: list[Mistake]) -> None:
    if mistakes:
        raise WorkspaceError(mistakes)


def _check_datasets(layout: Layout, catalogue: Catalogue, today: dt.date, found: _Findings) -> int:
    samples = 0

    def read(reference: str, sha256: str) -> None:
        nonlocal samples
        dataset = datasets.read_dataset(layout, reference, catalogue, today)
        samples += len(dataset.samples)
        found.notes.extend(dataset.warnings)
        if not sha256:
            found.notes.append(
                f"{reference} is a draft; to lock it, put into its card: "
                f"sha256: {dataset.content_hash}"
            )

    for name in datasets.names(layout):
        try:
            card = datasets.read_card(layout, name)
        except WorkspaceError as error:
            found.mistakes |= dict.fromkeys(error.mistakes)
            continue
        for each in card.model.versions:
            reference = f"{name}@v{each.version}"
            found.of(partial(read, reference, each.sha256))
    return samples


def _check_suite(
    layout: Layout,
    suite: Suite,
    catalogue: Catalogue,
    today: dt.date,
    missing: Callable[[Bound], list[Mistake]],
) -> None:
    bound, mistakes = bind(layout, suite, catalogue, today)
    if bound:
        mistakes += missing(bound)
    try:
        suite_runners(layout, suite)
    except WorkspaceError as error:
        mistakes += error.mistakes
    _raise(mistakes)
