"""A case while it is written: facts, and the outcome that they were drawn to entail."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from paygrade.payments.dispute.clocks import Clock

NEEDS: Final = {
    "liability_shift_3ds": ("three_ds_result",),
    "ce3": ("prior_transactions",),
    "delivery_address_match": ("avs_cvv_result", "delivery_proof"),
    "delivery_proof": ("delivery_proof",),
    "usage_proof": ("usage_log",),
    "split_shipment": ("auth_record", "settlement_record"),
    "credit_already_issued": ("refund_record",),
    "cancelled_after_charge": ("cancellation_log",),
    "authorization_valid": ("auth_record",),
    "information_for_recognition": ("order_record",),
    "statutory_reversal": ("settlement_record",),
}


@dataclass(slots=True)
class Item:
    """One piece of evidence. `key` is its part in the scene; only `id` is shown."""

    key: str
    type: str
    data: dict[str, Any]
    words: str
    """The name of its wording."""
    form: str = ""
    """Its wording, with places for names."""
    more: str = ""
    """What stands below that, as it is."""
    id: str = ""

    def text(self, names: dict[str, str]) -> str:
        """What it says, with the names that its data has, or else the case."""
        own = {key: value for key, value in self.data.items() if isinstance(value, str)}
        goods = own.get("description", names["goods"])
        return self.form.format_map({**names, **own, "goods": goods}) + self.more


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the facts entail, in the keys of the scene's items, and the rules it rests on."""

    action: str
    strategy: str | None
    contest: int = 0
    accepted: int = 0
    cite: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    compensation: int | None = None
    rests: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Draft:
    """One case on its way into a line of the dataset."""

    template: str
    network: str
    code: str
    category: str
    issue: str
    stage: str
    role: str
    language: str
    amount: int
    paid: int
    currency: str
    paid_currency: str
    processed_on: date
    sold_on: date
    names: dict[str, str]
    code_rules: tuple[str, ...]
    outcome: Outcome
    min_contest: int = 0
    sub_reason: str | None = None
    paid_at: str | None = None
    notice_at: str | None = None
    policy_zone: str | None = None
    holidays: list[str] = field(default_factory=list)
    signals: dict[str, Any] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    narrative: str = ""
    claimed: str | None = None
    kinds: list[str] = field(default_factory=list)
    token: str | None = None
    distractors: list[str] = field(default_factory=list)
    clock: Clock | None = None
    more_deadlines: dict[str, str] = field(default_factory=dict)
    live: Outcome | None = None
    """What the facts entail while the dispute is open and in time, where now it is not."""

    def item(self, key: str) -> Item:
        """The item with this part in the scene."""
        return next(each for each in self.items if each.key == key)

    def tag(self, *kinds: str) -> None:
        """Note what makes the case hard."""
        self.kinds += [kind for kind in kinds if kind not in self.kinds]

    def copy(self) -> Draft:
        """One more of it, to change a fact in."""
        return copy.deepcopy(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """One fact to change, what it is called, and how the label follows."""

    change: str
    apply: Callable[[Draft], None]
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A case, and the single facts of it that decide."""

    draft: Draft
    flips: tuple[Flip, ...] = ()


def contest(
    strategy: str, amount: int, cite: tuple[str, ...], rests: tuple[str, ...] = ()
) -> Outcome:
    """All of it is contested."""
    return Outcome(
        action="contest",
        strategy=strategy,
        contest=amount,
        cite=cite,
        needs=NEEDS[strategy],
        rests=(*rests, "POL-2", "POL-8"),
    )


def partly(  # noqa: PLR0913 - two amounts with what they rest on
    strategy: str,
    amount: int,
    accepted: int,
    cite: tuple[str, ...],
    rests: tuple[str, ...] = (),
    *,
    owed: bool = True,
) -> Outcome:
    """A part is contested, the rest accepted."""
    return Outcome(
        action="contest_partial",
        strategy=strategy,
        contest=amount - accepted,
        accepted=accepted,
        cite=cite,
        needs=NEEDS[strategy],
        rests=(*rests, "POL-1" if owed else "POL-9", "POL-2", "POL-8"),
    )


def insufficient(amount: int, rests: tuple[str, ...] = ()) -> Outcome:
    """No remedy is met and nothing is owed by our records: accepted."""
    return Outcome(
        action="accept",
        strategy="insufficient_evidence",
        accepted=amount,
        rests=(*rests, "POL-9", "POL-2"),
    )


def owed(amount: int, cite: tuple[str, ...], rests: tuple[str, ...] = ()) -> Outcome:
    """Our records show that it is owed, at least in part, and nothing contests the rest."""
    return Outcome(
        action="accept",
        strategy="owed_to_customer",
        accepted=amount,
        cite=cite,
        rests=(*rests, "POL-1", "POL-2"),
    )


def contradiction(cite: tuple[str, ...], types: tuple[str, ...]) -> Outcome:
    """Two records that cannot both be right."""
    return Outcome(
        action="escalate",
        strategy="conflicting_evidence",
        cite=cite,
        needs=tuple(sorted(set(types))),
        rests=("POL-3",),
    )


def not_squared() -> Outcome:
    """The amount or the currency does not fit the transaction."""
    return contradiction((), ("settlement_record",))


def elsewhere(strategy: str, cite: tuple[str, ...], rests: tuple[str, ...] = ()) -> Outcome:
    """A record that would decide is said to exist and is not there."""
    return Outcome(
        action="escalate",
        strategy="missing_evidence",
        cite=cite,
        needs=NEEDS[strategy],
        rests=("POL-3", *rests),
    )


def too_late(amount: int) -> Outcome:
    """The governing window has ended."""
    return Outcome(
        action="accept", strategy="deadline_passed", accepted=amount, rests=("DL-5", "POL-2")
    )


def too_small(amount: int) -> Outcome:
    """Less than the policy contests."""
    return Outcome(
        action="accept", strategy="below_minimum", accepted=amount, rests=("POL-4", "POL-2")
    )


def final() -> Outcome:
    """The dispute is over."""
    return Outcome(action="no_action", strategy=None, rests=("ST-2",))
