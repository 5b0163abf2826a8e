"""`paygrade doctor`: what a run would need, looked at before one is paid for."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
from contextlib import suppress
from dataclasses import replace
from importlib import metadata
from typing import TYPE_CHECKING

from paygrade import runners, scorers
from paygrade.errors import JournalError, PaygradeError, RunnerError, StoreError, UsageError
from paygrade.pipeline.wiring import layout_at, today
from paygrade.records.diagnosis import Diagnosis
from paygrade.runners import prices
from paygrade.store import database, fill, journal
from paygrade.store.entries import whole_size
from paygrade.workspace import profiles, suites
from paygrade.workspace.git import revision

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from paygrade.records.diagnosis import Level, ModelFacts
    from paygrade.records.plan import RunnerProfile
    from paygrade.workspace.config import Layout

PACKAGES = ("paygrade", "openai", "anthropic", "duckdb")
SOON_DAYS = 60
CLOCK_S = 60.0
LITTLE_SPACE = 1_000_000_000
NO_SPACE = 50_000_000

_ASK_S = 15.0
_LOCK_WAIT_S = 3.0
_BARRED = {"auth", "not_found", "payment_required", "connection"}
"""A run would end in these as well; the rest may be over by then."""


def doctor(
    folder: Path | None, only: tuple[str, ...] = (), *, offline: bool = False
) -> tuple[Diagnosis, ...]:
    """Look at everything. Nothing is written, and nobody is asked where no key is set.

    What fails is what a run needs: of profiles, those that suites name, or those named in `only`,
    which are then the only ones that are looked at.

    Raises:
        UsageError: `only` names a profile that is not there.
    """
    found = [_versions()]
    try:
        layout = layout_at(folder)
    except PaygradeError as error:
        found.append(_failed("workspace", error))
        return tuple(found)
    needed, broken = _needed(layout)
    found += broken
    clocks: list[float] = []
    for name in only or profiles.names(layout):
        is_needed = bool(only) or name in needed
        for each in _profile(layout, name, clocks, offline=offline):
            lighter = each.level == "fail" and not is_needed
            found.append(replace(each, level="warn") if lighter else each)
    found += (_clock(clocks), *_store(layout), _git(layout))
    return tuple(found)


def _failed(area: str, error: PaygradeError, level: Level = "fail") -> Diagnosis:
    first = error.problem.partition("\n")[0]
    return Diagnosis(area=area, level=level, said=first, mend=error.hint)


def _versions() -> Diagnosis:
    said = [f"python {platform.python_version()}"]
    missing = []
    for name in PACKAGES:
        try:
            said.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        problem = f"{', '.join(missing)} is not installed"
        return Diagnosis(area="versions", level="fail", said=problem, mend="install paygrade again")
    return Diagnosis(area="versions", level="ok", said=", ".join(said))


def _needed(layout: Layout) -> tuple[set[str], list[Diagnosis]]:
    """The profiles that suites name, to answer or to judge, and what is wrong with the suites."""
    names: set[str] = set()
    broken: list[Diagnosis] = []
    every = suites.names(layout)
    if not every:
        said, mend = "there is no suite here", "start one: paygrade init"
        broken.append(Diagnosis(area="workspace", level="warn", said=said, mend=mend))
    for suite in every:
        try:
            read = suites.read_suite(layout, suite, scorers.CATALOGUE)
            names |= {*read.model.runners}
            names |= {runner for _, runner, _ in scorers.judges_named(read.checks)}
        except PaygradeError:
            said, mend = "cannot be read", "paygrade check lists its mistakes"
            broken.append(Diagnosis(area=f"suite {suite}", level="fail", said=said, mend=mend))
    return names, broken


def _profile(
    layout: Layout, name: str, clocks: list[float], *, offline: bool
) -> Iterator[Diagnosis]:
    """Each thing that one profile needs; `clocks` takes how far the clock here is ahead."""
    area = f"runner {name}"
    try:
        profile = profiles.read_profile(layout, name)
    except UsageError:
        raise
    except PaygradeError as error:
        yield replace(_failed(area, error), mend="paygrade check lists every mistake")
        return
    is_vendor = profile.provider in runners.VENDORS
    has_key = True
    if is_vendor:
        variable = str(profile.options["key_env"])
        has_key = bool(os.environ.get(variable, "").strip())
        yield _key(area, variable, is_set=has_key)
        if has_key:
            yield _model(area, profile, clocks, offline=offline)
    elif profile.provider == "http":
        said = f"an agent at {profile.options['url']}, not asked"
        yield Diagnosis(area=area, level="ok", said=said)
    else:
        yield _loads(area, profile)
    if is_vendor or profile.price or profile.budget_usd is not None:
        yield _price(area, profile)


def _key(area: str, variable: str, *, is_set: bool) -> Diagnosis:
    if not variable:
        said = "key: none, as the profile says; the server was not asked"
        return Diagnosis(area=area, level="ok", said=said)
    if is_set:
        return Diagnosis(area=area, level="ok", said=f"key: {variable} is set")
    mend = "export it, or try `make demo`, which needs none"
    return Diagnosis(area=area, level="fail", said=f"key: {variable} is not set", mend=mend)


def _loads(area: str, profile: RunnerProfile) -> Diagnosis:
    try:
        built = runners.build(profile)
    except PaygradeError as error:
        return _failed(area, error)
    asyncio.run(built.close())
    return Diagnosis(area=area, level="ok", said=f"loads ({profile.provider})")


def _model(area: str, profile: RunnerProfile, clocks: list[float], *, offline: bool) -> Diagnosis:
    model = str(profile.options["model"])
    if offline:
        return Diagnosis(area=area, level="ok", said=f"model: {model}, not asked about (--offline)")
    bounded = replace(profile, timeout_s=min(profile.timeout_s, _ASK_S))
    try:
        facts = asyncio.run(runners.model_facts(bounded))
    except UsageError as error:
        return _failed(area, error)
    except RunnerError as error:
        level: Level = "fail" if error.kind in _BARRED else "warn"
        if error.kind == "not_found" and profile.options.get("base_url"):
            level = "warn"  # a server of one's own may answer and list no models
        return Diagnosis(area=area, level=level, said=f"model: {model}: {error.problem}")
    if facts.clock_ahead_s is not None:
        clocks.append(facts.clock_ahead_s)
    return _lifecycle(area, model, facts, today())


def _lifecycle(area: str, model: str, facts: ModelFacts, day: dt.date) -> Diagnosis:
    mend = "choose a newer model, and compare it with this one while it lasts"
    if facts.lifecycle == "retired":
        said = f"model: {model} is retired"
        return Diagnosis(area=area, level="fail", said=said, mend="choose a newer model")
    if facts.retires_on is not None:
        left = (facts.retires_on - day).days
        when = f"in {left} days" if left >= 0 else "which is over"
        said = f"model: {model} retires on {facts.retires_on.isoformat()}, {when}"
        soon = left <= SOON_DAYS
        level: Level = "warn" if soon else "ok"
        return Diagnosis(area=area, level=level, said=said, mend=mend if soon else "")
    if facts.lifecycle == "deprecated":
        said = f"model: {model} is deprecated, without a date"
        return Diagnosis(area=area, level="warn", said=said, mend=mend)
    return Diagnosis(area=area, level="ok", said=f"model: {model} is there")


def _price(area: str, profile: RunnerProfile) -> Diagnosis:
    pricer = prices.pricer(profile)
    if pricer is not None:
        source = "the profile's own" if profile.price else str(pricer.snapshot["source"])
        return Diagnosis(area=area, level="ok", said=f"price: known ({source})")
    mend = "state it in the profile under 'price'"
    if profile.budget_usd is not None:
        said = "price: not known, and the budget needs it"
        return Diagnosis(area=area, level="fail", said=said, mend=mend)
    return Diagnosis(area=area, level="warn", said="price: not known", mend=mend)


def _clock(ahead: list[float]) -> Diagnosis:
    if not ahead:
        return Diagnosis(area="clock", level="ok", said="not compared: no provider was asked")
    worst = max(ahead, key=abs)
    if abs(worst) <= CLOCK_S:
        return Diagnosis(area="clock", level="ok", said="agrees with the provider's")
    way = "ahead of" if worst > 0 else "behind"
    said = f"is {abs(worst):,.0f} s {way} the provider's"
    return Diagnosis(
        area="clock", level="warn", said=said, mend="set the clock: runs keep its time"
    )


def _store(layout: Layout) -> Iterator[Diagnosis]:
    store = layout.store
    shown = layout.shown(store)
    there = next(each for each in (store, *store.parents) if each.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        said = f"{shown} cannot be written"
        yield Diagnosis(
            area="store", level="fail", said=said, mend="runs keep their journals there"
        )
        return
    yield _space(there)
    complete: set[str] = set()
    if (store / database.DATABASE_FILE).exists():
        opened, complete = _database(store)
        yield opened
    else:
        yield Diagnosis(area="store", level="ok", said=f"no database in {shown} yet")
    yield _unfinished(store, complete)


def _space(folder: Path) -> Diagnosis:
    free = shutil.disk_usage(folder).free
    said = f"{free / 1e9:,.1f} GB of disk are free"
    if free >= LITTLE_SPACE:
        return Diagnosis(area="store", level="ok", said=said)
    level: Level = "fail" if free < NO_SPACE else "warn"
    return Diagnosis(area="store", level=level, said=said, mend="a run stops when the disk is full")


def _database(store: Path) -> tuple[Diagnosis, set[str]]:
    """What the database says of itself, and the runs that it knows to be complete."""
    newest = database.migrations()[-1][0]
    try:
        with database.reading(store, wait_s=_LOCK_WAIT_S) as connection:
            [(version,)] = database.rows(connection, database.queries()["schema_version"])[1]
            if version is not None and version > newest:
                return _newer(version, newest), set()
            sizes = dict(database.rows(connection, database.queries()["filled"])[1])
            every = {"most": len(sizes)}
            columns, rows = database.rows(connection, database.queries()["runs"], every)
    except StoreError as error:
        return _failed("store", error), set()
    said = f"the database opens (schema {version})"
    if version != newest:
        said = f"the database opens; the next run brings it from schema {version} to {newest}"
    runs = [dict(zip(columns, row, strict=True)) for row in rows]
    complete = {
        run["run_id"]
        for run in runs
        if run["state"] == "complete" and _size(store, run["run_id"]) == sizes[run["run_id"]]
    }
    return Diagnosis(area="store", level="ok", said=said), complete


def _newer(version: int, newest: int) -> Diagnosis:
    said = f"the database is from a newer version of paygrade (schema {version}, not {newest})"
    return Diagnosis(area="store", level="fail", said=said, mend="upgrade paygrade")


def _size(store: Path, run_id: str) -> int | None:
    with suppress(OSError):
        return whole_size(store / fill.RUNS_FOLDER / run_id)
    return None


def _unfinished(store: Path, complete: set[str]) -> Diagnosis:
    folders = fill.run_folders(store)
    left = []
    unreadable = []
    for folder in folders:
        if folder.name in complete:
            continue
        try:
            attempts = journal.read_header(folder).attempts
            done = {entry.key for entry in journal.read_entries(folder, ("outcome",))}
            if len(done) < attempts:
                left.append(folder.name)
        except JournalError as error:
            unreadable.append(error)
    if unreadable:
        return _failed("runs", unreadable[-1], "warn")
    if left:
        said = f"{len(left)} of {len(folders)} not finished, the newest {left[-1]}"
        mend = f"paygrade resume {left[-1]}"
        return Diagnosis(area="runs", level="warn", said=said, mend=mend)
    said = f"all {len(folders)} finished" if folders else "none yet"
    return Diagnosis(area="runs", level="ok", said=said)


def _git(layout: Layout) -> Diagnosis:
    found = revision(layout.root)
    if not found.commit:
        said, mend = "no commit is known here", "runs that name their commit can be traced to it"
        return Diagnosis(area="git", level="warn", said=said, mend=mend)
    dirty = ", with uncommitted changes" if found.dirty else ""
    return Diagnosis(area="git", level="ok", said=f"commit {found.commit[:12]}{dirty}")
