"""`paygrade calibrate`: the gate's own false alarms and what it can see, on a user's own suite."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paygrade.analysis.arms import joined
from paygrade.analysis.calibrate import LEAST_EPOCHS, false_alarms, split_of
from paygrade.analysis.screen import Terms
from paygrade.analysis.sensitivity import EPOCHS, design_of, seed_of
from paygrade.errors import NothingRanError
from paygrade.pipeline import judging
from paygrade.pipeline.baselines import Version, arm_from, hashes
from paygrade.pipeline.confirming import Asking
from paygrade.pipeline.gate import often
from paygrade.pipeline.wiring import layout_at, plans_of
from paygrade.records.verdict import Calibration, Sensitivity
from paygrade.stats import wilson
from paygrade.stats.power import smallest_rise
from paygrade.store import fill, journal
from paygrade.workspace import baselines, git

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from paygrade.analysis.arms import Arm
    from paygrade.analysis.trial import Unit
    from paygrade.pipeline.session import Watcher
    from paygrade.records.baseline import ArmSample
    from paygrade.records.plan import RunPlan, Selection
    from paygrade.records.sample import Sample
    from paygrade.workspace.config import Layout

_MORE = (2, 4)
_PER = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateOptions:
    """How many A/A invocations are played, and how many fresh epochs are recorded for them."""

    invocations: int = 400
    fresh: int = 0
    concurrency: int | None = None


def calibrate(  # noqa: PLR0913, PLR0917 - one argument for each thing a person can choose
    folder: Path | None,
    suites: tuple[str, ...],
    runner_names: tuple[str, ...],
    wanted: Selection,
    options: CalibrateOptions,
    watcher: Watcher,
) -> list[Calibration]:
    """Measure each suite on its stored repeats, after recording fresh ones where asked to.

    Raises:
        UsageError, WorkspaceError, NothingRanError, JournalError, StoreError.
    """
    layout = layout_at(folder)
    planned = plans_of(layout, suites, runner_names, wanted)
    asking = Asking(
        layout=layout,
        source=git.revision(layout.root),
        watcher=watcher,
        concurrency=options.concurrency,
    )
    found = []
    for plan, bench in planned:
        version = Version(plan=often(plan, None), bench=bench)
        if options.fresh and not plan.runner.deterministic:
            _record(asking, version, options.fresh)
        found.append(_one(layout, version, options.invocations))
    fill.sync(layout.store)
    return found


def _record(asking: Asking, version: Version, epochs: int) -> None:
    plan = version.plan
    asking.watcher.said(
        f"{plan.suite} · {plan.runner.name}: recording {epochs} epochs of {len(plan.samples)} "
        "samples for A/A"
    )
    selection = replace(plan.selection, epochs=epochs)
    longer = replace(version, plan=replace(plan, epochs=epochs, selection=selection))
    fresh = asking.one(longer, "calibrate", plan.runner.budget_usd)
    if fresh.stopped:
        raise NothingRanError(f"the fresh epochs were not all recorded: {fresh.stopped}")


def _one(layout: Layout, version: Version, invocations: int) -> Calibration:
    plan, policy = version.plan, version.plan.policy
    arm, inference = _repeats(layout, version)
    unit = inference if policy.inference == "auto" else policy.inference
    stored = min((sum(map(len, each.sessions)) for each in arm.values()), default=0)
    samples = [each for each in plan.samples if each.case_class != "quarantined"]
    notes = []
    if plan.runner.deterministic:
        return _exact(plan, samples, stored)
    if stored < LEAST_EPOCHS:
        raise NothingRanError(
            f"{plan.suite} · {plan.runner.name}: {stored} stored epochs are too few to split into "
            f"a baseline, a candidate and a confirmation (at least {LEAST_EPOCHS})",
            hint="accept a baseline, or record some: paygrade calibrate --fresh 10",
        )
    split = split_of(stored, plan.epochs, 2 * policy.baseline_epochs)
    if split.candidate < plan.epochs or split.baseline < 2 * policy.baseline_epochs:
        notes.append(
            f"split from {stored} stored epochs: {split.baseline} as baseline, {split.candidate} "
            f"as candidate, {split.fresh} to confirm from (--fresh N records more)"
        )
    terms = Terms(samples=plan.dataset.samples, slices=plan.slices, policy=policy, unit=unit)
    seed = seed_of(plan.identity.dataset)
    alarms = false_alarms(arm, terms, split, invocations, seed)
    low, high = wilson(alarms.regressed, alarms.invocations)
    table = tuple(_sensitivity(arm.values(), plan, samples))
    own = next(each for each in table if (each.epochs, each.samples) == (plan.epochs, len(samples)))
    promised = policy.must_detect
    kept = None if promised is None else own.rise is not None and own.rise <= promised
    return Calibration(
        suite=plan.suite,
        runner=plan.runner.name,
        samples=len(samples),
        epochs=plan.epochs,
        stored_epochs=stored,
        invocations=alarms.invocations,
        alarms=alarms.regressed,
        low=low,
        high=high,
        inconclusive=alarms.inconclusive,
        sensitivity=table,
        power_target=policy.power_target,
        promised=promised,
        kept=kept,
        notes=tuple(notes),
    )


def _repeats(layout: Layout, version: Version) -> tuple[Arm, Unit]:
    """Every stored repeat of this very version: its baseline's, and those made to calibrate."""
    plan = version.plan
    known = hashes(plan, version.bench)
    sessions: list[Mapping[str, ArmSample]] = []
    inference: Unit = "runs"
    for baseline in baselines.read_baselines(layout, plan.suite):
        if baseline.runner == plan.runner.name and baseline.identity == plan.identity:
            sessions.append(judging.baseline_arm(baseline))
            inference = baseline.inference
    for folder in fill.run_folders(layout.store):
        header = journal.read_header(folder)
        if header.purpose == "calibrate" and header.identity == plan.identity:
            sessions.append(arm_from(folder, known, fresh_only=True))
    return joined(sessions) if sessions else {}, inference


def _sensitivity(
    arm: Iterable[ArmSample], plan: RunPlan, samples: list[Sample]
) -> Iterable[Sensitivity]:
    """What is found with other epochs, and with more samples like these."""
    kept = tuple(arm)
    asked = [(each, 1) for each in sorted({*EPOCHS, plan.epochs})]
    asked += [(plan.epochs, times) for times in _MORE]
    for epochs, times in asked:
        design = design_of(kept, plan.policy, epochs, times=times)
        if design is None:
            continue
        rise = smallest_rise(
            design, seed=seed_of(plan.identity.dataset), target=plan.policy.power_target
        )
        yield Sensitivity(
            epochs=epochs,
            samples=len(samples) * times,
            rise=rise,
            money_per_1000=_money(samples, rise or 0.0),
        )


def _money(samples: list[Sample], rise: float) -> dict[str, float]:
    """The same rise in expected loss per 1,000 samples, if it hits samples at random."""
    sums: dict[str, int] = defaultdict(int)
    for sample in samples:
        if sample.exposure:
            sums[sample.exposure.currency] += sample.exposure.amount_minor
    return {code: rise * total / len(samples) * _PER for code, total in sorted(sums.items())}


def _exact(plan: RunPlan, samples: list[Sample], stored: int) -> Calibration:
    """A deterministic runner has no noise: one sample more that fails is seen."""
    smallest = 1 / len(samples) + plan.policy.tolerance if samples else None
    promised = plan.policy.must_detect
    return Calibration(
        suite=plan.suite,
        runner=plan.runner.name,
        samples=len(samples),
        epochs=1,
        stored_epochs=stored,
        invocations=0,
        alarms=0,
        low=0.0,
        high=0.0,
        inconclusive=0,
        sensitivity=(
            Sensitivity(
                epochs=1,
                samples=len(samples),
                rise=smallest,
                money_per_1000=_money(samples, smallest or 0.0),
            ),
        ),
        power_target=plan.policy.power_target,
        promised=promised,
        kept=None if promised is None else smallest is not None and smallest <= promised,
        notes=("the runner is deterministic: outcomes are exact, nothing is left to chance",),
    )
