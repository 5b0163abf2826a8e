"""Asking both versions again, at the same time, on the samples that disagree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from paygrade.engine.asking import HOPELESS
from paygrade.errors import JournalError
from paygrade.pipeline.forecast import forecast
from paygrade.pipeline.session import run_beside, run_one
from paygrade.pipeline.starting import Ready, go_on, start
from paygrade.records.outcome import Errored
from paygrade.store import journal
from paygrade.store.fill import RUNS_FOLDER
from paygrade.workspace.git import Revision, revision

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from paygrade.pipeline.baselines import Version
    from paygrade.pipeline.session import Prepared, Watcher
    from paygrade.records.run import Purpose
    from paygrade.workspace.config import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """Fresh runs: their ids (empty where none was asked), and why they stopped before their end."""

    before: str = ""
    after: str = ""
    stopped: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How fresh attempts are asked: where they are stored, who watches, how many at once."""

    layout: Layout
    source: Revision
    watcher: Watcher
    concurrency: int | None

    @classmethod
    def into(cls, layout: Layout, watcher: Watcher, concurrency: int | None) -> Asking:
        """Ask what the workspace at `layout` holds, as it is now."""
        source = revision(layout.root)
        return cls(layout=layout, source=source, watcher=watcher, concurrency=concurrency)

    def begin(self, version: Version, left_usd: Decimal | None) -> Prepared:
        """Open the journal of a fresh run of a version that is narrowed to what is asked.

        Raises:
            JournalError, UsageError, StoreError.
        """
        return self._prepared(version, left_usd, "confirm")

    def again(self, run_id: str, version: Version, left_usd: Decimal | None) -> Prepared | None:
        """Go on with a fresh run that was stopped, if it asks the same of the same version.

        Raises:
            JournalError, UsageError, StoreError.
        """
        folder = self.layout.store / RUNS_FOLDER / run_id
        try:
            header = journal.read_header(folder)
        except JournalError:
            return None
        plan = version.plan
        if (header.identity, header.selection, header.epochs) != (
            plan.identity,
            plan.selection,
            plan.epochs,
        ):
            return None
        return resumed(self.layout, folder, self._ready(version, left_usd))

    def one(
        self, version: Version, purpose: Purpose, left_usd: Decimal | None, going_on: str = ""
    ) -> Fresh:
        """Ask one version in a run of its own, or finish the run `going_on`.

        Raises:
            JournalError, UsageError, StoreError.
        """
        prepared = self.again(going_on, version, left_usd) if going_on else None
        return self.alone(prepared or self._prepared(version, left_usd, purpose))

    def both(self, before: Prepared, after: Prepared) -> Fresh:
        """Ask two versions at the same time.

        Raises:
            JournalError.
        """
        stops = run_beside(self.layout, before, after, self.watcher, self.concurrency)
        return Fresh(
            before=before.header.run_id,
            after=after.header.run_id,
            stopped=next((each for each in stops if each), ""),
        )

    def alone(self, after: Prepared) -> Fresh:
        """Ask one version alone.

        Raises:
            JournalError.
        """
        stopped = run_one(self.layout, after, self.watcher, self.concurrency)
        return Fresh(after=after.header.run_id, stopped=stopped)

    def _prepared(self, version: Version, left_usd: Decimal | None, purpose: Purpose) -> Prepared:
        source = Revision(commit=version.commit, dirty=False) if version.commit else self.source
        return start(self.layout, source, self._ready(version, left_usd), purpose)

    def _ready(self, version: Version, left_usd: Decimal | None) -> Ready:
        plan = version.plan
        profile = plan.runner
        if left_usd is not None:
            profile = replace(profile, budget_usd=min(left_usd, profile.budget_usd or left_usd))
        priced = forecast(replace(plan, runner=profile), self.layout.store, use_cache=False)
        return Ready.of(priced, version.bench)


def resumed(layout: Layout, run_folder: Path, ready: Ready) -> Prepared:
    """Go on with a run that did not end. Attempts whose refusal stopped it are done again.

    Raises:
        JournalError: it cannot be read, or another process writes it.
    """
    outcomes = list(journal.read_outcomes(run_folder))
    prepared = go_on(layout, run_folder, ready)
    for each in outcomes:
        if isinstance(each, Errored) and each.error_kind in HOPELESS:
            prepared.writer.retry(each.sample_id, each.epoch)
    return prepared


def sharing(version: Version, arms: int) -> Version:
    """The version with its part of what may be asked in a minute, as others are asked beside it."""
    profile = version.plan.runner
    requests, tokens = profile.requests_per_minute, profile.tokens_per_minute
    profile = replace(
        profile,
        requests_per_minute=requests and requests / arms,
        tokens_per_minute=tokens and tokens / arms,
    )
    return replace(version, plan=replace(version.plan, runner=profile))


def spent(layout: Layout, run_ids: Sequence[str]) -> Decimal:
    """What runs have cost under their budgets, in US dollars.

    Raises:
        JournalError: one cannot be read.
    """
    return sum(
        (journal.read_progress(layout.store / RUNS_FOLDER / each).spent for each in run_ids),
        Decimal(0),
    )
