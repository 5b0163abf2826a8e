"""From names to one `RunPlan`: every name bound, every input hashed, every prompt rendered once."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from paygrade.errors import Mistake, NothingRanError, UsageError, WorkspaceError
from paygrade.records.plan import Identity, RunPlan
from paygrade.workspace import datasets, lock, profiles, prompts, suites
from paygrade.workspace.emptiness import refusal
from paygrade.workspace.tools import unfit_runner, world_mistakes
from paygrade.workspace.validate import closest

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from paygrade.records.check import CheckSpec
    from paygrade.records.plan import Dataset, PromptVersion, RunnerProfile, Selection
    from paygrade.records.protocols import Catalogue
    from paygrade.records.sample import CaseClass, Sample
    from paygrade.workspace.config import Layout
    from paygrade.workspace.suites import Suite

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A suite with everything it names, read and checked; runners come with the plan.

    `warnings` tell what has run out: quarantines and waivers.
    """

    suite: Suite
    prompt: PromptVersion
    dataset: Dataset
    warnings: tuple[str, ...]

    @property
    def checks(self) -> tuple[CheckSpec, ...]:
        """The suite's checks and those that samples add, each once."""
        own = (check for sample in self.dataset.samples for check in sample.checks)
        return (*self.suite.checks, *own)

    def check_mistake(self, spec: CheckSpec, key: str, problem: str, hint: str) -> Mistake:
        """A mistake at the entry of `spec`: in the suite, or at the sample that adds it."""
        for sample in self.dataset.samples:
            if any(each is spec for each in sample.checks):
                path, line = self.dataset.path, sample.line
                return Mistake(path=path, line=line, problem=problem, hint=hint)
        return self.suite.check_mistake(spec.id, key, problem, hint)


def bind_suite(
    layout: Layout, name: str, catalogue: Catalogue, today: dt.date, *, prompt: str = ""
) -> Bound:
    """Read the suite `name` and all that it names, except its runners.

    `prompt` (`NAME@vN`) takes the place of the suite's own one.

    Raises:
        UsageError: a name that fits nothing.
        WorkspaceError: every mistake in the suite, its prompt, its dataset and between them.
        NothingRanError: all that is wrong is that there is no sample, or no scorer.
    """
    try:
        suite = suites.read_suite(layout, name, catalogue)
        bound, mistakes = bind(layout, suite, catalogue, today, prompt=prompt)
    except WorkspaceError as error:
        raise refusal(error.mistakes) from error
    if bound is None or mistakes:
        raise refusal(mistakes)
    return bound


def bind(
    layout: Layout, suite: Suite, catalogue: Catalogue, today: dt.date, *, prompt: str = ""
) -> tuple[Bound | None, list[Mistake]]:
    """Bind `suite` as far as its prompt and dataset can be read, with all that is wrong.

    Raises:
        UsageError, WorkspaceError: `prompt` is given and cannot be read.
    """
    mistakes: list[Mistake] = []

    def reading(key: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except WorkspaceError as error:
            mistakes.extend(error.mistakes)
        except UsageError as error:
            mistakes.append(suite.document.mistake((key,), error.problem, error.hint))
        return None

    if prompt:
        bound_prompt: PromptVersion | None = prompts.read_prompt(layout, prompt)
    else:
        bound_prompt = reading("prompt", lambda: prompts.read_prompt(layout, suite.model.prompt))
    dataset = reading(
        "dataset", lambda: datasets.read_dataset(layout, suite.model.dataset, catalogue, today)
    )
    if bound_prompt:
        read = {bound_prompt.reference: bound_prompt}
        locked = reading("prompt", lambda: lock.lock_mistakes(layout, read)) or []
        mistakes += [each for each in locked if each.path == bound_prompt.path]
    if bound_prompt is None or dataset is None:
        return None, mistakes
    warnings = (*dataset.warnings, *suites.ended_waivers(suite, today))
    bound = Bound(suite=suite, prompt=bound_prompt, dataset=dataset, warnings=warnings)
    return bound, [*mistakes, *_between(bound)]


def _between(bound: Bound) -> Iterator[Mistake]:
    """What is wrong only once suite, prompt and dataset are seen together."""
    suite, prompt, dataset = bound.suite, bound.prompt, bound.dataset
    suite_ids = {check.id for check in suite.checks}
    for sample in dataset.samples:
        for problem, hint in prompts.unfit_input(prompt, sample):
            yield Mistake(path=dataset.path, line=sample.line, problem=problem, hint=hint)
        for check in sample.checks:
            if check.id in suite_ids:
                problem = f"sample {sample.id!r} adds the check {check.id!r}, which the suite has"
                hint = "give the sample's check an 'id' of its own"
                yield Mistake(path=dataset.path, line=sample.line, problem=problem, hint=hint)
    carried = {name for sample in dataset.samples for name in sample.slices}
    for index, name in enumerate(suite.model.slices):
        if name not in carried:
            problem = f"no sample of {dataset.reference} carries the slice {name!r}"
            yield suite.document.mistake(("slices", index), problem, closest(name, carried))
    yield from world_mistakes(suite, dataset)
    yield from _gate_between(bound)
    if not prompts.Renderer(prompt).uses_input:
        problem = "no message uses the sample's input, so every sample would ask the same"
        line, hint = prompt.messages[0].line, "use {{ input }} or its keys"
        yield Mistake(path=prompt.path, line=line, problem=problem, hint=hint)


def _gate_between(bound: Bound) -> Iterator[Mistake]:
    """Waivers that forgive nothing, and limits on money that no sample stands for."""
    suite, dataset = bound.suite, bound.dataset
    invariants = {sample.id: _invariants(suite, sample) for sample in dataset.samples}
    anywhere = set().union(*invariants.values())
    for index, each in enumerate(suite.policy.waivers):
        place = ("gate", "waivers", index)
        if each.sample not in invariants:
            problem = f"{dataset.reference} has no sample {each.sample!r}"
            hint = closest(each.sample, invariants)
            yield suite.document.mistake((*place, "sample"), problem, hint)
        known = invariants.get(each.sample, anywhere)
        if each.check not in known:
            problem = f"{each.check!r} is no invariant of sample {each.sample!r}"
            hint = closest(each.check, known) or "a waiver names a check that must never fail"
            yield suite.document.mistake((*place, "check"), problem, hint)
    currencies = {sample.exposure.currency for sample in dataset.samples if sample.exposure}
    for currency in suite.policy.money_limits:
        if currency not in currencies:
            problem = f"no sample of {dataset.reference} has an exposure in {currency}"
            hint = closest(currency, currencies) or "take it out: it would limit nothing"
            yield suite.document.mistake(("gate", "money_limits", currency), problem, hint)


def _invariants(suite: Suite, sample: Sample) -> set[str]:
    """The ids of the checks that must never fail on `sample`."""
    roles = {"invariant", "gating"} if sample.case_class == "must_pass" else {"invariant"}
    return {check.id for check in (*suite.checks, *sample.checks) if check.role in roles}


def select(bound: Bound, selection: Selection) -> tuple[Sample, ...]:
    """The samples that the filters of `selection` leave, in the dataset's order.

    Raises:
        UsageError: a filter that is not of its form or names nothing.
        NothingRanError: the filters leave no sample.
    """
    samples = bound.dataset.samples
    for pattern in selection.filter_id:
        samples = tuple(each for each in samples if fnmatch.fnmatchcase(each.id, pattern))
    for text in selection.filter_slice:
        name, equals, value = text.partition("=")
        known = {key for each in bound.dataset.samples for key in each.slices}
        if not equals or name not in known:
            hint = closest(name, known) or "write --filter-slice NAME=VALUE"
            raise UsageError(f"--filter-slice {text!r} names no slice", hint=hint)
        samples = tuple(each for each in samples if value in each.slices.get(name, ()))
    if selection.filter_class:
        wanted: CaseClass = selection.filter_class  # type: ignore[assignment]  # the CLI offers these alone
        samples = tuple(each for each in samples if each.case_class == wanted)
    if selection.only_samples:
        only = set(selection.only_samples)
        samples = tuple(each for each in samples if each.id in only)
    if selection.limit is not None:
        samples = samples[: selection.limit]
    if not samples:
        raise NothingRanError(
            f"no sample of {bound.dataset.reference} is left to run",
            hint="loosen --filter-… or --limit",
        )
    return samples


def plan(bound: Bound, selection: Selection, profile: RunnerProfile, scorers: str) -> RunPlan:
    """Join it all. `scorers` is the fingerprint of the built bench.

    Raises:
        UsageError, NothingRanError: as `select`.
        WorkspaceError: a sample that cannot be rendered.
    """
    samples = select(bound, selection)
    renderer = prompts.Renderer(bound.prompt)
    mistakes: list[Mistake] = []
    for sample in samples:
        try:
            renderer.messages(sample, bound.dataset.path)
        except WorkspaceError as error:
            mistakes += error.mistakes
    if mistakes:
        raise WorkspaceError(mistakes)
    model = bound.suite.model
    epochs = selection.epochs or model.epochs
    return RunPlan(
        selection=selection,
        suite=model.suite,
        suite_path=bound.suite.document.path,
        suite_folder=bound.suite.folder,
        prompt=bound.prompt,
        dataset=bound.dataset,
        runner=profile,
        samples=samples,
        epochs=epochs,
        checks=bound.suite.checks,
        slices=tuple(model.slices),
        max_failure_rate=model.max_failure_rate,
        identity=identity_of(bound, profile, scorers),
        warnings=_warnings(bound, profile, epochs),
        policy=bound.suite.policy,
        toolbox=bound.suite.toolbox,
    )


def identity_of(bound: Bound, profile: RunnerProfile, scorers: str) -> Identity:
    """The hashes of a run of `bound` with `profile`, whatever it selects."""
    return Identity(
        prompt=bound.prompt.content_hash,
        dataset=bound.dataset.content_hash,
        runner=profile.content_hash,
        scorers=scorers,
        tools=bound.suite.toolbox.content_hash if bound.suite.toolbox else "",
    )


def _warnings(bound: Bound, profile: RunnerProfile, epochs: int) -> tuple[str, ...]:
    found = list(bound.warnings)
    if profile.deterministic and epochs > 1:
        found.append(
            f"{profile.path}: the runner is declared deterministic: {epochs} epochs tell no more "
            "than one"
        )
    if bound.suite.toolbox is None and "guard" in profile.options:
        found.append(f"{profile.path}: 'guard' has no meaning without tools")
    return tuple(found)


def runners_of(layout: Layout, bound: Bound, chosen: tuple[str, ...]) -> list[RunnerProfile]:
    """The runners to use: those `chosen` on the command line, else the suite's own.

    Raises:
        UsageError: a chosen runner does not exist.
        WorkspaceError: every mistake in any of the profiles.
    """
    if not chosen:
        return suite_runners(layout, bound.suite)
    found: list[RunnerProfile] = []
    mistakes: list[Mistake] = []
    for name in dict.fromkeys(chosen):
        try:
            found.append(profiles.read_profile(layout, name))
        except WorkspaceError as error:
            mistakes += error.mistakes
    for each in found:
        if unfit := unfit_runner(bound.suite, each):
            mistakes.append(Mistake(path=each.path, problem=unfit[0], hint=unfit[1]))
    if mistakes:
        raise WorkspaceError(mistakes)
    return found


def suite_runners(layout: Layout, suite: Suite) -> list[RunnerProfile]:
    """The runners that `suite` names.

    Raises:
        WorkspaceError: one does not exist, or is named twice; every mistake in their profiles.
    """
    found: list[RunnerProfile] = []
    mistakes: list[Mistake] = []
    names = suite.model.runners
    for index, name in enumerate(names):
        place = ("runners", index)
        if name in names[:index]:
            mistakes.append(suite.document.mistake(place, f"names the runner {name!r} twice"))
            continue
        try:
            profile = profiles.read_profile(layout, name)
        except WorkspaceError as error:
            mistakes += error.mistakes
        except UsageError as error:
            mistakes.append(suite.document.mistake(place, error.problem, error.hint))
        else:
            found.append(profile)
            if unfit := unfit_runner(suite, profile):
                mistakes.append(suite.document.mistake(place, *unfit))
    if mistakes:
        raise WorkspaceError(mistakes)
    return found
