"""`paygrade calibrate`: the gate's own false alarms and what it can see, on a user's own suite."""

from __future__ import annotations

import math
import secrets
from collections import defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from paygrade.analysis.accepting import inferred, shift_of
from paygrade.analysis.arms import joined
from paygrade.analysis.calibrate import (
    LEAST_EPOCHS,
    Split,
    false_alarms,
    first_epochs,
    split_of,
)
from paygrade.analysis.screen import Terms
from paygrade.analysis.sensitivity import EPOCHS, design_of, seed_of
from paygrade.pipeline import judging
from paygrade.pipeline.baselines import Version, arm_from, hashes
from paygrade.pipeline.confirming import Asking
from paygrade.pipeline.gate import often
from paygrade.pipeline.recording import Recording, Refused, priced, record, recordings, refused
from paygrade.pipeline.starting import stamp
from paygrade.pipeline.wiring import layout_at, now, plans_of
from paygrade.records.verdict import Calibration, Sensitivity
from paygrade.stats import wilson
from paygrade.stats.power import power, smallest_rise
from paygrade.store import calibrations, fill
from paygrade.store.calibrations import CalibrationRecord
from paygrade.workspace import baselines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from paygrade.analysis.arms import Arm
    from paygrade.analysis.calibrate import Alarms
    from paygrade.analysis.trial import Unit
    from paygrade.pipeline.session import Watcher
    from paygrade.records.baseline import Baseline
    from paygrade.records.plan import RunPlan, Selection
    from paygrade.records.run import Purpose
    from paygrade.records.sample import Sample
    from paygrade.workspace.config import Layout

_MORE = (2, 4)
_PER = 1000
_WHOLE: tuple[Purpose, ...] = ("run", "baseline", "gate", "calibrate")
_SESSIONS = 2
_EXACT = (
    "the runner is deterministic: outcomes are exact, and nothing is left to chance (accept and "
    "gate ask some samples twice, to see that it is)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateOptions:
    """How many A/A invocations are played, and how many fresh epochs are recorded for them."""

    invocations: int = 400
    fresh: int = 0
    concurrency: int | None = None
    dry_run: bool = False


def calibrate(  # noqa: PLR0913, PLR0917 - one argument for each thing a person can choose
    folder: Path | None,
    suites: tuple[str, ...],
    runner_names: tuple[str, ...],
    wanted: Selection,
    options: CalibrateOptions,
    watcher: Watcher,
) -> list[Calibration | Refused]:
    """Measure each suite on its stored repeats, after recording fresh ones where asked to.

    After a dry run nothing was measured.

    Raises:
        UsageError, WorkspaceError, NothingRanError, JournalError, StoreError.
    """
    layout = layout_at(folder)
    planned = plans_of(layout, suites, runner_names, wanted)
    for problem in fill.sync(layout.store).problems:
        watcher.said(f"left out of the store: {problem}")
    every = [Version(plan=often(plan, None), bench=bench) for plan, bench in planned]
    longer = [
        _longer(each, options.fresh)
        for each in every
        if options.fresh and not each.plan.runner.deterministic
    ]
    for each in every:
        if options.fresh and each.plan.runner.deterministic:
            watcher.said(f"{each.plan.label}: deterministic, nothing is recorded")
    begun = {id(each): _begun(layout.store, each.plan) for each in longer}
    if longer:
        watcher.planned([priced(layout.store, each.plan, begun[id(each)]) for each in longer])
    if options.dry_run:
        return []
    asking = Asking.into(layout, watcher, options.concurrency)
    lost = {}
    for each in longer:
        made = _record(asking, each, begun[id(each)])
        if isinstance(made, Refused):
            lost[made.suite, made.runner] = made
    found = [
        lost.get((each.plan.suite, each.plan.runner.name))
        or _one(layout, each, options.invocations)
        for each in every
    ]
    _keep(layout, every, found)
    fill.sync(layout.store)
    return found


def _keep(
    layout: Layout, versions: Iterable[Version], found: Iterable[Calibration | Refused]
) -> None:
    """Write a record of each measurement: pages show the newest."""
    for version, each in zip(versions, found, strict=True):
        if isinstance(each, Refused):
            continue
        measured_at = now()
        record = CalibrationRecord(
            calibration_id=f"{stamp(measured_at)}-calibrate-{secrets.token_hex(2)}",
            measured_at=measured_at,
            deterministic=version.plan.runner.deterministic,
            measured=each,
        )
        calibrations.write(layout.store, record, layout.barrier)


def _longer(version: Version, epochs: int) -> Version:
    """The version with so many epochs; the prompt by its name, so that it is found again."""
    plan = version.plan
    selection = replace(plan.selection, epochs=epochs, prompt=plan.prompt.reference)
    return replace(version, plan=replace(plan, epochs=epochs, selection=selection))


def _begun(store: Path, plan: RunPlan) -> Recording | None:
    """A recording of so many epochs that stopped early, or errored too often to count."""
    every = recordings(store, plan, "calibrate")
    left = (each for each in every if each.header.epochs == plan.epochs and not each.sound(plan))
    return next(left, None)


def _record(asking: Asking, version: Version, begun: Recording | None) -> Recording | Refused:
    plan = version.plan
    verb = "going on with" if begun else "recording"
    asking.watcher.said(
        f"{plan.label}: {verb} {plan.epochs} epochs of {len(plan.samples)} samples for A/A"
    )
    command = f"paygrade calibrate {plan.suite} --fresh {plan.epochs}"
    return record(asking, version, "calibrate", begun, command)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """Every repeat of a version, session by session, and its baseline where one is accepted."""

    arm: Arm
    sessions: tuple[int, ...]
    baseline: Baseline | None
    others: int

    @property
    def epochs(self) -> int:
        """How many epochs there are."""
        return sum(self.sessions)


def _one(layout: Layout, version: Version, invocations: int) -> Calibration | Refused:
    plan, policy = version.plan, version.plan.policy
    samples = [each for each in plan.samples if each.case_class != "quarantined"]
    if not samples:
        return refused(plan, "every sample is quarantined: nothing counts", "mend the dataset")
    if plan.runner.deterministic:
        return _exact(plan, samples)
    stored = _stored(layout, version)
    if stored.epochs < LEAST_EPOCHS:
        return _too_few(plan, stored)
    unit = policy.inference
    if unit == "auto":
        unit = stored.baseline.inference if stored.baseline else inferred(shift_of(stored.arm))
    reference = first_epochs(stored.arm, _SESSIONS * policy.baseline_epochs)
    if stored.baseline:
        reference = judging.baseline_arm(stored.baseline)
    table = tuple(_sensitivity(reference, plan, samples, unit))
    wanted = Split(
        baseline=_epochs_of(reference), candidate=plan.epochs, fresh=policy.confirm_epochs
    )
    split = split_of(stored.epochs, wanted, policy.confirm)
    terms = Terms(samples=plan.dataset.samples, slices=plan.slices, policy=policy, unit=unit)
    seed = seed_of(plan.identity.dataset)
    alarms = false_alarms(stored.arm, terms, split, invocations, seed)
    low, high = wilson(alarms.regressed, alarms.invocations)
    return Calibration(
        suite=plan.suite,
        runner=plan.runner.name,
        samples=len(samples),
        epochs=plan.epochs,
        stored_epochs=stored.epochs,
        invocations=alarms.invocations,
        alarms=alarms.regressed,
        low=low,
        high=high,
        inconclusive=alarms.inconclusive,
        sensitivity=table,
        power_target=policy.power_target,
        promised=policy.must_detect,
        kept=_kept(reference, plan, table, unit),
        notes=tuple(_notes(plan, stored, (wanted, split), alarms, unit)),
    )


def _epochs_of(arm: Arm) -> int:
    return max(sum(map(len, each.sessions)) for each in arm.values())


def _too_few(plan: RunPlan, stored: _Stored) -> Refused:
    problem = (
        f"{stored.epochs} stored epochs of this version are too few to split into a baseline, a "
        f"candidate and a confirmation (at least {LEAST_EPOCHS})"
    )
    if stored.others:
        problem += ": the accepted baseline is of another version"
    hint = f"accept a baseline, or record some: paygrade calibrate {plan.suite} --fresh 10"
    return refused(plan, problem, hint)


def _stored(layout: Layout, version: Version) -> _Stored:
    """What was accepted of this very version, and every other whole run of it."""
    plan = version.plan
    known = hashes(plan.samples, version.bench)
    own = [
        each
        for each in baselines.read_baselines(layout, plan.suite)
        if each.runner == plan.runner.name
    ]
    accepted = [
        each
        for each in own
        if (each.identity, each.deterministic) == (plan.identity, plan.runner.deterministic)
    ]
    baseline = accepted[0] if accepted else None
    parts: list[Arm] = []
    if baseline:
        count = range(len(baseline.sessions))
        parts = [judging.baseline_arm(baseline, session=place) for place in count]
    taken = {each.run_id for each in baseline.sessions} if baseline else set()
    parts += [
        arm_from(each.folder, known, fresh_only=True)
        for each in recordings(layout.store, plan, *_WHOLE)
        if each.sound(plan) and each.header.run_id not in taken
    ]
    return _Stored(
        arm=joined(parts) if parts else {},
        sessions=tuple(_epochs_of(each) for each in parts),
        baseline=baseline,
        others=len(own) - len(accepted),
    )


def _sensitivity(
    arm: Arm, plan: RunPlan, samples: list[Sample], unit: Unit
) -> Iterator[Sensitivity]:
    """What is found with other epochs, and with more samples like these."""
    asked = [(each, 1) for each in sorted({*EPOCHS, plan.epochs})]
    asked += [(plan.epochs, times) for times in _MORE]
    for epochs, times in asked:
        design = design_of(arm.values(), plan.policy, epochs, unit=unit, times=times)
        assert design  # noqa: S101 - every recording has something scored
        rise = smallest_rise(
            design, seed=seed_of(plan.identity.dataset), target=plan.policy.power_target
        )
        yield Sensitivity(
            epochs=epochs,
            samples=len(samples) * times,
            rise=rise,
            money_per_1000={} if rise is None else _money(samples, rise),
        )


def _kept(arm: Arm, plan: RunPlan, table: Iterable[Sensitivity], unit: Unit) -> bool | None:
    """Whether the suite sees what it promises to see; the table has not every rise."""
    promised = plan.policy.must_detect
    if promised is None:
        return None
    own = next(each for each in table if each.epochs == plan.epochs)
    if own.rise is not None and own.rise <= promised:
        return True
    design = design_of(arm.values(), plan.policy, plan.epochs, unit=unit)
    assert design  # noqa: S101 - as above
    seed = seed_of(plan.identity.dataset)
    return power(design, promised, seed=seed) >= plan.policy.power_target


def _notes(
    plan: RunPlan, stored: _Stored, splits: tuple[Split, Split], alarms: Alarms, unit: Unit
) -> Iterator[str]:
    """What the figures rest on."""
    wanted, split = splits
    mode = plan.policy.confirm
    parts = f"{split.baseline} as baseline, {split.candidate} as candidate"
    if mode != "off":
        parts += f", {split.fresh} of each version asked to confirm"
    yield (
        f"every gate deals the {stored.epochs} epochs of {len(stored.sessions)} recordings anew: "
        f"{parts}; the interval is of these epochs, not of other days"
    )
    missing = wanted.size(mode) - stored.epochs
    if missing > 0:
        confirm = "" if mode == "off" else f", {wanted.fresh} to confirm"
        yield (
            f"the gate itself has {wanted.baseline} as baseline, {wanted.candidate} as "
            f"candidate{confirm}: --fresh {missing} records what is missing"
        )
    if alarms.invalid:
        yield f"{alarms.invalid:,} of them were invalid: too many errors"
    if unit == "cases":
        yield "epochs are not counted as independent evidence (inference: cases)"
    broken = sum(bool(each.invariants) for each in stored.arm.values())
    if broken:
        yield (
            f"invariants fail on stored samples ({broken:,}): a gate is violated each time one "
            "fails, whatever these figures say"
        )


def _money(samples: list[Sample], rise: float) -> dict[str, float]:
    """The same rise in expected loss per 1,000 samples, if it hits samples at random."""
    sums: dict[str, int] = defaultdict(int)
    for sample in samples:
        if sample.exposure:
            sums[sample.exposure.currency] += sample.exposure.amount_minor
    return {code: rise * total / len(samples) * _PER for code, total in sorted(sums.items())}


def _exact(plan: RunPlan, samples: list[Sample]) -> Calibration:
    """A deterministic runner has no noise: so many more samples that fail are seen."""
    size, promised = len(samples), plan.policy.must_detect
    allowed = math.floor(Fraction(str(plan.policy.tolerance)) * size)
    smallest = (allowed + 1) / size
    low, high = wilson(0, 0)  # nothing was played
    return Calibration(
        suite=plan.suite,
        runner=plan.runner.name,
        samples=size,
        epochs=1,
        stored_epochs=1,
        invocations=0,
        alarms=0,
        low=low,
        high=high,
        inconclusive=0,
        sensitivity=(
            Sensitivity(
                epochs=1,
                samples=size,
                rise=smallest,
                money_per_1000=_money(samples, smallest),
            ),
        ),
        power_target=plan.policy.power_target,
        promised=promised,
        kept=None if promised is None else smallest <= promised,
        notes=(_EXACT,),
    )
