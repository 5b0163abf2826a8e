"""Looks: the same candidate judged again adds evidence, and never replaces what was seen."""

from __future__ import annotations

import dataclasses
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from paygrade.pipeline.baselines import OWN_CODE
from paygrade.store import gates
from paygrade.store.fill import RUNS_FOLDER
from paygrade.workspace import git
from paygrade.workspace.identity import digest

if TYPE_CHECKING:
    from paygrade.records.baseline import Baseline
    from paygrade.records.plan import RunPlan
    from paygrade.records.policy import Confirm
    from paygrade.workspace.config import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Which look this is, at what level, and what the earlier ones left.

    `run_id` is the candidate's run to judge (empty: ask it now), `chosen` the samples that the
    first look asked again, `fresh_before` and `fresh_after` the fresh runs so far. `asked` is how
    suspicions are confirmed. `unfinished` is what an invocation that was killed left behind.
    `lost` says that the evidence of an earlier red look is not in the store any more.
    """

    key: str
    candidate: str
    number: int
    level: float
    asked: Confirm
    run_id: str = ""
    chosen: tuple[str, ...] = ()
    fresh_before: tuple[str, ...] = ()
    fresh_after: tuple[str, ...] = ()
    unfinished: gates.SuiteRecord | None = None
    lost: bool = False


def look_of(layout: Layout, plan: RunPlan, baseline: Baseline, asked: Confirm) -> Look:
    """What is known of this candidate against this baseline.

    A first look halves nothing; each further one halves the level (0.05, 0.025, ...). Once a look
    was red, or asks for no more epochs than before, its evidence is kept and added to, and the way
    in which it is confirmed stays what it was. `asked` is how a first look is to be confirmed.
    """
    store, candidate = layout.store, _fingerprint(layout, plan)
    key = digest([plan.suite, plan.runner.name, _rules(plan), baseline.digest, candidate])
    before = [each for each in gates.earlier(store, key) if each.verdict != "invalid"]
    level = plan.policy.alpha_confirm
    first = Look(
        key=key,
        candidate=candidate,
        number=1,
        level=level,
        asked=asked,
        unfinished=gates.unfinished(store, key),
    )
    if not before:
        return first
    red = [each for each in before if each.verdict in ("regressed", "violated")]
    kept = red[0] if red else max(before, key=lambda each: each.epochs)
    last = [each for each in before if each.run_id == kept.run_id][-1]
    there = all(
        (store / RUNS_FOLDER / run_id).is_dir()
        for run_id in (kept.run_id, *last.fresh_before, *last.fresh_after)
    )
    number = before[-1].look + 1
    if not there or not (red or plan.epochs <= kept.epochs):
        level /= 2 ** (number - 1)
        return replace(first, number=number, level=level, lost=bool(red) and not there)
    was = _asked(kept) or asked
    if last.chosen:
        asked = was
    elif was == asked:
        number = before[-1].look  # nothing was suspected, so nothing is asked: no new look
    return replace(
        first,
        number=number,
        level=level / 2 ** (number - 1),
        asked=asked,
        run_id=kept.run_id,
        chosen=last.chosen,
        fresh_before=last.fresh_before,
        fresh_after=last.fresh_after,
    )


_NO_RULES = (
    "epochs", "baseline_epochs", "confirm", "on_inconclusive", "power_target", "must_detect",
    "max_age_days", "waivers",
)  # fmt: skip
"""What a policy says that does not decide what is a regression: with another of these a candidate
is the same as before."""


def _rules(plan: RunPlan) -> dict[str, object]:
    stated = dataclasses.asdict(plan.policy)
    return {name: value for name, value in stated.items() if name not in _NO_RULES}


def _asked(record: gates.SuiteRecord) -> Confirm | None:
    """How the suspicions of an earlier look were to be confirmed."""
    said: Any = record.result or {}
    asked: Confirm | None = (said.get("confirmation") or {}).get("asked")
    return asked


def _fingerprint(layout: Layout, plan: RunPlan) -> str:
    """What the candidate is. Code of a user's own may use other files, so these count too.

    Outside git nobody knows whether such code is still the same, nor what stands at an address of
    theirs: then it never is.
    """
    identity = plan.identity
    parts = [identity.prompt, identity.runner, identity.dataset, identity.scorers]
    parts += [identity.tools] if identity.tools else []
    toolbox = plan.toolbox
    if plan.runner.provider == "http" or (toolbox is not None and toolbox.url):
        parts.append(secrets.token_hex())
    elif plan.runner.provider in OWN_CODE or toolbox is not None:
        folders = (layout.prompts, layout.datasets, layout.runners, layout.evals)
        content = tuple(f"{layout.shown(each)}/" for each in folders)
        content_hash = git.content_digest(
            layout.root, counted=lambda name: name.endswith(".py") or name.startswith(content)
        )
        parts.append(content_hash or secrets.token_hex())
    return digest(parts)
