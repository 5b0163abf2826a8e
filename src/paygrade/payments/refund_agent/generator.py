"""Writes samples of agents: a row of the cover, a scene drawn from it, and its label."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from random import Random
from typing import Any, Final

from paygrade.payments.refund_agent.cover import Row, rows
from paygrade.payments.refund_agent.pen import LIMITS, Pen, instant
from paygrade.payments.refund_agent.plans import PLANS, SPACE, faults_of, made_for

GENERATOR_VERSION: Final = "1"

_TASK: Final = "refund_agent"
_VARIANTS: Final = 3
_SPARE: Final = 7
"""Calls beyond what a careful agent needs while nothing goes wrong."""


def generate(samples: int, seed: int) -> list[dict[str, Any]]:
    """Lines of a dataset; the same for the same seed, byte for byte, everywhere.

    The first ones are the same however many there are. From about 200 on each pair of values that
    can occur together (scenario, fault, profile, currency, language) is there.

    Args:
        samples: How many.
        seed: Of this set.
    """
    planned = rows(SPACE, Random(f"{GENERATOR_VERSION}:{_TASK}:{seed}"))  # noqa: S311 - seeded
    turns: Counter[str] = Counter()
    lines = []
    for number, row in enumerate(islice(planned, samples), 1):
        variant = turns[row.scenario] % _VARIANTS
        turns[row.scenario] += 1
        lines.append(_line(number, row, variant, seed))
    return lines


def _line(number: int, row: Row, variant: int, seed: int) -> dict[str, Any]:
    random = Random(f"{GENERATOR_VERSION}:{_TASK}:{seed}:{number}")  # noqa: S311 - seeded
    pen = Pen(
        random=random,
        currency=row.currency,
        language=row.language,
        variant=variant,
        fault=row.fault,
    )
    plan = PLANS[row.scenario]
    draft = plan.scene(pen)
    world = {
        "currency": row.currency,
        "limits": {row.currency: LIMITS[row.currency]},
        "now": instant(draft.now),
        "objects": sorted(draft.objects),
        "profile": row.profile,
        "seed": pen.below(1_000_000),
        **draft.world,
    }
    slices: dict[str, Any] = {
        "currency": row.currency,
        "fault": row.fault,
        "language": row.language,
        "profile": row.profile,
        "scenario": f"{plan.number:02}-{plan.name}",
    }
    if agents := made_for(row, draft):
        slices["made_for"] = agents
    line: dict[str, Any] = {
        "case": f"ra-case-{plan.number:02}{'abc'[variant]}",
        "expected": {
            "effects": draft.effects,
            "end_state": draft.end_state,
            "max_calls": draft.calls + _SPARE,
        },
        "exposure": {"amount_minor": draft.at_stake, "currency": row.currency},
        "id": f"ra-{number:04}",
        "input": {"message": draft.message, "now": instant(draft.now)},
        "provenance": {
            "generator": _TASK,
            "origin": "generated",
            "seed": seed,
            "version": GENERATOR_VERSION,
        },
        "slices": dict(sorted(slices.items())),
        "world": dict(sorted(world.items())),
    }
    if faults := faults_of(row, draft):
        line["faults"] = faults
    return dict(sorted(line.items()))
