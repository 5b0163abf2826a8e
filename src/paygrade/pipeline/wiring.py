"""What several commands set up alike: the layout, the bound suite with its bench, the clock."""

from __future__ import annotations

import datetime as dt
import platform
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from paygrade import scorers
from paygrade.errors import Mistake, NothingRanError, UsageError, WorkspaceError
from paygrade.workspace.bind import bind_suite, plan, runners_of
from paygrade.workspace.config import find_layout
from paygrade.workspace.suites import names as suite_names

if TYPE_CHECKING:
    from paygrade.records.plan import RunPlan, Selection
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


def missing_of(bound: Bound) -> list[Mistake]:
    """What the scorers of `bound` name and cannot be found, each at its place."""
    schema = bound.prompt.output_schema
    found = scorers.missing(bound.checks, bound.suite.folder, schema)
    return [
        bound.check_mistake(spec, each.key, f"{spec.id}: {each.problem}", each.hint)
        for spec, each in found
    ]


def bench_of(bound: Bound) -> Bench:
    """The scorers of `bound`, built.

    Raises:
        WorkspaceError: something that they name is missing.
    """
    mistakes = missing_of(bound)
    if mistakes:
        raise WorkspaceError(mistakes)
    return scorers.build(
        bound.checks, folder=bound.suite.folder, output_schema=bound.prompt.output_schema
    )


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
            bench = bench_of(bound)
            for profile in runners_of(layout, bound, runners):
                selection = replace(wanted, suite=name, runner=profile.name)
                found.append((plan(bound, selection, profile, bench.fingerprint), bench))
        except WorkspaceError as error:
            mistakes += error.mistakes
        except NothingRanError as error:
            nothing = nothing or error
    if mistakes:
        raise WorkspaceError(dict.fromkeys(mistakes))
    if nothing:
        raise nothing
    return found
