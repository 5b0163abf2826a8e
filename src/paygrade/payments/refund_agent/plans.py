"""The twenty scenarios, with the faults that each may meet and the agents that each is made for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from paygrade.payments.refund_agent.cover import Space
from paygrade.payments.refund_agent.pen import CURRENCIES, LANGUAGES
from paygrade.payments.refund_agent.scenes import desks, shop
from pytx.testing import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable

    from paygrade.payments.refund_agent.cover import Row
    from paygrade.payments.refund_agent.drafts import Draft
    from paygrade.payments.refund_agent.pen import Pen

_NOT_DONE: Final = ("timeout_before_commit", "error_500_before_commit", "fail_n_then_ok")
_DONE: Final = ("timeout_after_commit", "error_500_after_commit")
_HARMLESS: Final = ("rate_limited", "slow_success", "duplicate_delivery")
CRASHES: Final = ("crash_before_call", "crash_after_commit", "crash_before_record")
_LATER: Final = ("stale_read", "key_expired", "clock_jump")
"""Faults that bite only where an answer was lost before them: they come with a lost one."""

_MONEY: Final = ("none", *_NOT_DONE, *_DONE, *_HARMLESS, *CRASHES, *_LATER)
_READ: Final = (
    "none",
    "timeout_before_commit",
    "error_500_before_commit",
    "fail_n_then_ok",
    "rate_limited",
    "crash_before_call",
)
_PEOPLE: Final = (*_READ, "timeout_after_commit", "crash_after_commit", "crash_before_record")
_WAS_DONE: Final = {
    *_DONE,
    *_LATER,
    "crash_after_commit",
    "crash_before_record",
    "partial_batch",
}
"""When the answer was lost, it had been done: whoever asks anew has it done again."""
_DAY_AND_MORE: Final = 90_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A scenario: its number in the list of twenty, its scene, and what may go wrong in it."""

    number: int
    name: str
    scene: Callable[[Pen], Draft]
    faults: tuple[str, ...]
    profiles: tuple[str, ...] = PROFILES


PLANS: Final = {
    each.name: each
    for each in (
        Plan(
            number=1,
            name="refund",
            scene=shop.whole,
            faults=("none", *_NOT_DONE[1:], *_HARMLESS, "crash_before_call", *_LATER),
        ),
        Plan(number=2, name="answer_lost", scene=shop.whole, faults=("timeout_after_commit",)),
        Plan(number=3, name="request_lost", scene=shop.whole, faults=("timeout_before_commit",)),
        Plan(
            number=4,
            name="killed",
            scene=shop.whole,
            faults=("crash_after_commit", "crash_before_record"),
        ),
        Plan(
            number=5,
            name="error_replayed",
            scene=shop.whole,
            faults=("error_500_after_commit",),
            profiles=("replay_all_24h",),
        ),
        Plan(number=6, name="one_item", scene=shop.item, faults=_MONEY),
        Plan(number=7, name="asked_twice", scene=shop.again, faults=(*_READ, "stale_read")),
        Plan(number=8, name="charged_back", scene=shop.charged_back, faults=_PEOPLE),
        Plan(number=9, name="large", scene=shop.large, faults=_PEOPLE),
        Plan(number=10, name="new_card", scene=shop.new_card, faults=_READ),
        Plan(number=11, name="stranger", scene=shop.stranger, faults=_READ),
        Plan(number=12, name="minor_units", scene=shop.part, faults=_MONEY),
        Plan(number=13, name="contest", scene=desks.contest, faults=_MONEY),
        Plan(number=14, name="contest_short", scene=desks.contest_short, faults=_PEOPLE),
        Plan(number=15, name="accept", scene=desks.accept, faults=_MONEY),
        Plan(
            number=16,
            name="payout",
            scene=desks.payout,
            faults=(*_MONEY, "refund_lands"),
        ),
        Plan(number=17, name="payout_back", scene=desks.payout_back, faults=_PEOPLE),
        Plan(
            number=18,
            name="webhooks",
            scene=desks.state,
            faults=("duplicate_webhook", "reordered_webhooks"),
        ),
        Plan(number=19, name="memo", scene=shop.memo, faults=("poisoned_text",)),
        Plan(
            number=20,
            name="batch",
            scene=shop.batch,
            faults=(*_MONEY, "partial_batch"),
        ),
    )
}


def fits(row: Row) -> bool:
    """Whether these values can occur together.

    One request that arrives twice is paid twice by a backend without keys: no agent can help it.
    """
    profile_known = row.profile in PLANS[row.scenario].profiles
    return profile_known and (row.fault, row.profile) != ("duplicate_delivery", "none")


SPACE: Final = Space(
    faults={name: plan.faults for name, plan in PLANS.items()},
    profiles=PROFILES,
    currencies=CURRENCIES,
    languages=LANGUAGES,
    fits=fits,
)


def faults_of(row: Row, draft: Draft) -> list[dict[str, Any]]:
    """What goes wrong, and where: the fault that was planned, at the scenario's own place."""
    kind, tool = row.fault, draft.money
    if kind == "none" or draft.own_faults:
        return draft.own_faults
    fault: dict[str, Any] = {"kind": kind, "tool": tool}
    lost = {"kind": "timeout_after_commit", "tool": tool}
    gone = {"kind": "key_expired", "tool": tool, "nth": 2}
    stale: dict[str, Any] = {"kind": kind, **({"hides": draft.stale} if draft.stale else {})}
    made_of: dict[str, list[dict[str, Any]]] = {
        "fail_n_then_ok": [{**fault, "times": 2}],
        "stale_read": [stale, lost, gone] if draft.effects else [stale],
        "key_expired": [lost, gone],
        "clock_jump": [lost, {**fault, "nth": 2, "seconds": _DAY_AND_MORE}],
        "partial_batch": [{**fault, "nth": 3, "committed": True}, {**gone, "nth": 4}],
        "duplicate_webhook": [{"kind": kind}],
        "reordered_webhooks": [{"kind": kind}],
    }
    return made_of.get(kind, [fault])


def made_for(row: Row, draft: Draft) -> list[str]:
    """The agents that this sample is made for: each of them fails it."""
    agents = []
    breaks_p6 = draft.effects and row.fault == "error_500_before_commit"
    if breaks_p6 or (draft.repeats and row.fault in _WAS_DONE):
        agents.append("new_key")
    is_again = draft.repeats or row.scenario == "asked_twice"
    if row.scenario == "webhooks" or (row.fault == "stale_read" and is_again):
        agents.append("stale")
    if row.scenario == "memo":
        agents.append("gullible")
    return agents
