"""Writes dispute cases: rule and outcome first, then facts, distractors, words and twins.

A family of cases is drawn from a `Random` of its own, by whole numbers alone. Its label is what the
facts were drawn to entail; both oracles must find the same from the shown input, or nothing is
written.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Final

from paygrade.payments.agreement import agree
from paygrade.payments.chance import EXPONENTS
from paygrade.payments.dispute import oracle, tables
from paygrade.payments.dispute.clocks import draw_clock
from paygrade.payments.dispute.cover import Cover
from paygrade.payments.dispute.drafts import final, too_late
from paygrade.payments.dispute.kinds import lay_over
from paygrade.payments.dispute.lines import line_of
from paygrade.payments.dispute.twins import FINAL_STAGES, flips_of, neutral

if TYPE_CHECKING:
    from paygrade.payments.dispute.cover import Plan
    from paygrade.payments.dispute.drafts import Draft, Flip
    from paygrade.payments.dispute.pen import Pen

GENERATOR_VERSION: Final = "1"
TASK: Final = "dispute_triage"


def generate(n: int, seed: int) -> list[dict[str, Any]]:
    """Lines of a dataset; the same for the same seed, byte for byte, everywhere.

    The first lines are the same whatever `n` is, but for the last family, which `n` may cut short.

    Args:
        n: How many.
        seed: Of this set.

    Raises:
        DisagreementError: a label is not what both oracles find.
    """
    lines: list[dict[str, Any]] = []
    cover = Cover()
    number = 0
    while len(lines) < n:
        random = Random(f"{GENERATOR_VERSION}:{TASK}:{seed}:{number}")  # noqa: S311 - seeded
        plan, pen = cover.next(number, random)
        family = _family(plan, pen)[: n - len(lines)]
        first = len(lines) + 1
        for place, (draft, twin) in enumerate(family):
            line = line_of(
                draft,
                number=first + place,
                case=f"dg-family-{number + 1:04}" if len(family) > 1 else None,
                provenance={
                    "generator": TASK,
                    "origin": "generated",
                    "seed": seed,
                    "template": draft.template,
                    "version": GENERATOR_VERSION,
                    **({"twin_of": f"dg-{first:04}", **twin} if twin else {}),
                },
            )
            agree(line, {"oracle": oracle.label, "tables": tables.label})
            lines.append(line)
        number += 1
    return lines


def _family(plan: Plan, pen: Pen) -> list[tuple[Draft, dict[str, Any]]]:
    """A case and its twins, with what was changed in each."""
    scene = plan.scene(pen)
    draft = scene.draft
    _give_time(pen, draft)
    if pen.chance(1, 4) and draft.outcome.action in {"contest", "contest_partial", "accept"}:
        draft.min_contest = draft.amount if draft.min_contest else 0
    lay_over(pen, draft)
    for item in draft.items:
        item.form = pen.form(item.words)
    _name_items(pen, draft)
    _tag(draft)
    family: list[tuple[Draft, dict[str, Any]]] = [(draft, {})]
    flip = _choose(pen, draft, scene.flips)
    if flip is not None:
        twin = draft.copy()
        flip.apply(twin)
        twin.tag(*flip.kinds)
        _tag(twin)
        family.append((twin, {"change": flip.change, "flips": True}))
    if pen.chance(2, 5):
        change, same = neutral(pen, draft)
        _tag(same)
        family.append((same, {"change": change, "flips": False}))
    return family


def _give_time(pen: Pen, draft: Draft) -> None:
    """Windows and now; a dispute that is over, or too late, keeps what it would be in time."""
    if draft.clock is None:
        draft.clock = draw_clock(pen, draft.processed_on)
        if draft.stage in FINAL_STAGES:
            draft.live, draft.outcome = draft.outcome, final()
        elif draft.clock.passed:
            draft.live, draft.outcome = draft.outcome, too_late(draft.amount)
    draft.tag(*draft.clock.kinds)


def _choose(pen: Pen, draft: Draft, own: tuple[Flip, ...]) -> Flip | None:
    """One fact to change: mostly one of the scene's own, while the evidence decides."""
    common = flips_of(pen, draft)
    if draft.live is not None:
        own = ()
    if own and (not common or pen.chance(3, 5)):
        return pen.pick(own)
    return pen.pick(common) if common and pen.chance(5, 6) else None


def _name_items(pen: Pen, draft: Draft) -> None:
    """Shuffle the evidence and number it; with ids that are prefixes of others where planned."""
    draft.items = pen.shuffled(draft.items)
    numbers = list(range(1, len(draft.items) + 1))
    if pen.kind == "prefix_ids":
        numbers = pen.shuffled([1, *range(10, 9 + len(draft.items))])
        draft.tag("prefix_ids")
    for number, item in zip(numbers, draft.items, strict=True):
        item.id = f"e{number}"


def _tag(draft: Draft) -> None:
    """Kinds that follow from what is shown."""
    if EXPONENTS[draft.currency] != 2:  # noqa: PLR2004 - most currencies have cents
        draft.tag("minor_units")
    draft.kinds = [kind for kind in draft.kinds if kind not in {"other_language", "stage_inquiry"}]
    if draft.language != "en":
        draft.tag("other_language")
    if draft.stage == "inquiry":
        draft.tag("stage_inquiry")
