"""What several commands set up alike: the layout, the bound suite with its bench, the clock."""

from __future__ import annotations

import contextlib
import datetime as dt
import platform
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from paygrade import scorers
from paygrade.errors import Mistake, NothingRanError, UsageError, WorkspaceError
from paygrade.pipeline import judges
from paygrade.workspace.bind import bind_suite, plan, runners_of, suite_runners
from paygrade.workspace.config import find_layout
from paygrade.workspace.suites import names as suite_names

if TYPE_CHECKING:
    from paygrade.records.plan import JudgePlan, RunPlan, Selection
    from paygrade.records.protocols import Bench
    from paygrade.workspace.bind import Bound
    from paygrade.workspace.config import Layout


def layout_at(folder: Path | None) -> Layout:
    """The workspace at or above `folder` (default: the current one).

    Raises:
        UsageError, WorkspaceError: see `find_layout`.
    """
    return find_layout(folder or Path.cwd())


def now() -> str:
    """UTC, ISO 8601, to the microsecond."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def today() -> dt.date:
    """The date in UTC."""
    return dt.datetime.now(dt.UTC).date()


def versions() -> dict[str, str]:
    """What ran: the tool, the interpreter, the platform."""
    return {
        "paygrade": metadata.version("paygrade"),
        "pytx": metadata.version("paygrade-pytx"),
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
    }


def missing_of(layout: Layout, bound: Bound) -> list[Mistake]:
    """What the scorers of `bound` name and cannot be found, or may not be used, at its place."""
    called = judges.call(layout, bound)
    with contextlib.suppress(UsageError, WorkspaceError):  # said by whoever reads the runners
        own = suite_runners(layout, bound.suite)
        partial = judges.partial_to(bound, called.judges, own)
        called = replace(called, mistakes=(*called.mistakes, *partial))
    return [*called.mistakes, *_missing(bound, called)]


def _missing(bound: Bound, called: judges.Called) -> list[Mistake]:
    named = {runner: "" for _, runner, _ in scorers.judges_named(bound.checks)}
    known = {**named, **called.profiles}  # one that cannot be read was named already
    schema = bound.prompt.output_schema
    found = scorers.missing(bound.checks, bound.suite.folder, schema, known)
    return [
        bound.check_mistake(spec, each.key, f"{spec.id}: {each.problem}", each.hint)
        for spec, each in found
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What judges a suite's answers: its scorers, built, and the models that they ask."""

    bench: Bench
    judges: tuple[JudgePlan, ...]


def bench_of(layout: Layout, bound: Bound) -> Judged:
    """The scorers of `bound`, built.

    Raises:
        WorkspaceError: something that they name is missing.
    """
    called = judges.call(layout, bound)
    mistakes = [*called.mistakes, *_missing(bound, called)]
    if mistakes:
        raise WorkspaceError(mistakes)
    bench = scorers.build(
        bound.checks,
        folder=bound.suite.folder,
        output_schema=bound.prompt.output_schema,
        judges=called.profiles,
    )
    return Judged(bench=bench, judges=called.judges)


def plans_of(
    layout: Layout, suites: tuple[str, ...], runners: tuple[str, ...], wanted: Selection
) -> list[tuple[RunPlan, Bench]]:
    """One plan, with its bench, for each suite and runner; all mistakes of all suites at once.

    Raises:
        UsageError, WorkspaceError, NothingRanError: nothing may run then.
    """
    names = suites or tuple(suite_names(layout))
    if not names:
        raise UsageError("there is no suite in this workspace", hint="start one: paygrade init")
    found: list[tuple[RunPlan, Bench]] = []
    mistakes: list[Mistake] = []
    nothing: NothingRanError | None = None
    for name in dict.fromkeys(names):
        try:
            bound = bind_suite(layout, name, scorers.CATALOGUE, today(), prompt=wanted.prompt)
            judged = bench_of(layout, bound)
            profiles = runners_of(layout, bound, runners)
            mistakes += judges.partial_to(bound, judged.judges, profiles)
            for profile in profiles:
                selection = replace(wanted, suite=name, runner=profile.name)
                made = plan(bound, selection, profile, judged.bench.fingerprint)
                found.append((replace(made, judges=judged.judges), judged.bench))
        except WorkspaceError as error:
            mistakes += error.mistakes
        except NothingRanError as error:
            nothing = nothing or error
    if mistakes:
        raise WorkspaceError(dict.fromkeys(mistakes))
    if nothing:
        raise nothing
    return found
