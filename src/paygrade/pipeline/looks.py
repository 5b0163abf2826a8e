"""Looks: the same candidate judged again adds evidence, and never replaces what was seen."""

from __future__ import annotations

import dataclasses
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.store import gates
from paygrade.store.fill import RUNS_FOLDER
from paygrade.workspace import git
from paygrade.workspace.identity import digest

if TYPE_CHECKING:
    from paygrade.records.baseline import Baseline
    from paygrade.records.plan import RunPlan
    from paygrade.workspace.config import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Which look this is, at what level, and what the earlier ones left.

    `run_id` is the candidate's run to judge (empty: ask it now), `chosen` the samples that the
    first look asked again, `fresh_before` and `fresh_after` the fresh runs so far. `unfinished`
    is what an invocation that was killed left behind. `lost` says that the evidence of an earlier
    red look is not in the store any more.
    """

    key: str
    candidate: str
    number: int
    level: float
    run_id: str = ""
    chosen: tuple[str, ...] = ()
    fresh_before: tuple[str, ...] = ()
    fresh_after: tuple[str, ...] = ()
    unfinished: gates.SuiteRecord | None = None
    lost: bool = False

    @property
    def repeated(self) -> bool:
        """Earlier evidence is judged again, with more of it."""
        return bool(self.run_id) and self.number > 1


def look_of(layout: Layout, plan: RunPlan, baseline: Baseline, mode: str) -> Look:
    """What is known of this candidate against this baseline.

    A first look halves nothing; each further one halves the level (0.05, 0.025, ...). Once a look
    was red, or asks for no more epochs than before, its evidence is kept and added to.
    """
    store, candidate = layout.store, _fingerprint(layout, plan)
    policy = dataclasses.asdict(dataclasses.replace(plan.policy, epochs=None))
    key = digest([plan.suite, plan.runner.name, policy, mode, baseline.digest, candidate])
    before = [each for each in gates.earlier(store, key) if each.verdict != "invalid"]
    level = plan.policy.alpha_confirm
    if not before:
        return Look(
            key=key,
            candidate=candidate,
            number=1,
            level=level,
            unfinished=gates.unfinished(store, key),
        )
    red = [each for each in before if each.verdict in ("regressed", "violated")]
    kept = red[0] if red else before[0]
    last = before[-1]
    there = all(
        (store / RUNS_FOLDER / run_id).is_dir()
        for run_id in (kept.run_id, *last.fresh_before, *last.fresh_after)
    )
    again = bool(red) or plan.epochs <= kept.epochs
    number = last.look + 1
    if again and there and not kept.chosen:
        number = last.look  # nothing was suspected, so nothing is asked: no new look
    if not again or not there:
        return Look(
            key=key,
            candidate=candidate,
            number=number,
            level=level / 2 ** (number - 1),
            lost=bool(red) and not there,
        )
    return Look(
        key=key,
        candidate=candidate,
        number=number,
        level=level / 2 ** (number - 1),
        run_id=kept.run_id,
        chosen=kept.chosen,
        fresh_before=last.fresh_before,
        fresh_after=last.fresh_after,
        unfinished=gates.unfinished(store, key),
    )


def _fingerprint(layout: Layout, plan: RunPlan) -> str:
    """What the candidate is. Code of a user's own may use other files, so these count too.

    Outside git nobody knows whether such code is still the same: then it never is.
    """
    identity = plan.identity
    parts = [identity.prompt, identity.runner, identity.dataset, identity.scorers]
    if plan.runner.provider in ("python", "command"):
        folders = (layout.prompts, layout.datasets, layout.runners, layout.evals)
        content = tuple(f"{layout.shown(each)}/" for each in folders)
        content_hash = git.content_digest(
            layout.root, counted=lambda name: name.endswith(".py") or name.startswith(content)
        )
        parts.append(content_hash or secrets.token_hex())
    return digest(parts)
