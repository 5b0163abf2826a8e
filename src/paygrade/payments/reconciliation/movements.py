"""Scenes about what happens after a sale: refunds, disputes, reserves, splits.

They are written as those in `sales`: with `flip`, one fact is another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.payments.reconciliation.drafts import share

if TYPE_CHECKING:
    from paygrade.payments.reconciliation.drafts import Desk


def partial_capture(desk: Desk, *, flip: bool) -> None:
    """The whole was authorised, a part captured; the provider writes a line for the rest."""
    gross, _ = desk.clean_sale()
    back = -desk.between(1, max(1, gross // 2))
    desk.state("capture_reversal", back)
    if flip:
        desk.book("capture_reversal", back)
    else:
        desk.entail("partial_capture", {"uncaptured": back})


def unbooked_refund(desk: Desk, *, flip: bool) -> None:
    """A refund, whole or in part, that the ledger has not; its sale may be of another period."""
    if desk.chance(2, 3):
        gross, _ = desk.clean_sale()
    else:
        gross = desk.price(desk.draft.currency)
    back = -gross if desk.chance(1, 2) else -desk.between(1, gross)
    desk.state("refund", back)
    if flip:
        desk.book("refund", back)
    else:
        desk.entail("refund", {"refund": back})


def fee_kept(desk: Desk, *, flip: bool) -> None:
    """The ledger took the sale's fee for given back, and the provider kept it."""
    gross, fees = desk.clean_sale()
    fee = dict(fees).get("psp_fee", 0)
    desk.state("refund", -gross, (("psp_fee", -fee),) if flip and fee else ())
    desk.book("refund", -gross)
    if fee:
        desk.book("fee_refund", fee)
        if not flip:
            desk.entail("refund_fee_retained", {"fee_retained": -fee})


def unbooked_chargeback(desk: Desk, *, flip: bool) -> None:
    """The disputed amount and its fee, or the fee alone; or a fee that is a cent too high."""
    gross = desk.price(desk.draft.currency)
    fee = desk.draft.schedule.chargeback_fee_minor
    over = 1 if flip else 0
    desk.state("chargeback", -gross, (("chargeback_fee", fee + over),))
    is_booked = desk.chance(1, 3)
    if is_booked:
        desk.book("chargeback", -gross)
    components = {"chargeback_fee": -fee, "unexplained": -over}
    desk.entail("chargeback", components if is_booked else {"chargeback": -gross, **components})
    if flip:
        desk.draft.kinds.add("off_by_one_cent")


def unbooked_reversal(desk: Desk, *, flip: bool) -> None:
    """A dispute was won and the amount came back, without the fee."""
    gross = desk.price(desk.draft.currency)
    desk.state("dispute_reversal", gross)
    if flip:
        desk.book("dispute_reversal", gross)
    else:
        desk.entail("dispute_reversal", {"dispute_reversal": gross})


def hidden_pair(desk: Desk, *, flip: bool) -> None:
    """A chargeback and its reversal, neither booked: together they come to nothing."""
    gross = desk.price(desk.draft.currency)
    desk.state("chargeback", -gross)
    desk.state("dispute_reversal", gross)
    components = {"chargeback": -gross, "dispute_reversal": gross}
    if flip:
        desk.book("chargeback", -gross)
        desk.entail("dispute_reversal", {"dispute_reversal": gross})
    else:
        desk.entail("chargeback", components)
        desk.draft.kinds.add("netting")


def reserve_hold(desk: Desk, *, flip: bool) -> None:
    """A share of the batch's sales is held back; one unit more than the share is unexplained."""
    draft = desk.draft
    row = desk.state("reserve_hold", 0)
    components: dict[str, int] = {}
    desk.entail("reserve_hold", components)
    entailed = draft.breaks[-1]

    def hold() -> None:
        sales = sum(
            each["gross_minor"]
            for each in draft.statement
            if each["type"] == "sale" and each["batch"] == row["batch"]
        )
        held = share(sales, draft.share_bps)
        row["gross_minor"] = row["net_minor"] = -held - flip
        if held:
            entailed.components |= {"reserve_hold": -held}
        else:
            entailed.type = "unexplained"
        if flip:
            entailed.components |= {"unexplained": -1}

    draft.later.append(hold)
    if flip:
        draft.kinds.add("off_by_one_cent")


def reserve_release(desk: Desk, *, flip: bool) -> None:
    """What was held of an earlier period is paid out."""
    amount = desk.price(desk.draft.currency)
    desk.state("reserve_release", amount)
    if flip:
        desk.book("reserve_release", amount)
    else:
        desk.entail("reserve_release", {"reserve_release": amount})


def split(desk: Desk, *, flip: bool) -> None:
    """A part of the sale went to another party."""
    gross, _ = desk.clean_sale()
    part = -desk.between(1, max(1, gross // 3))
    desk.state("transfer", part)
    if flip:
        desk.book("transfer", part)
    else:
        desk.entail("split_settlement", {"split": part})


def booked_refund(desk: Desk, *, flip: bool) -> None:
    """A refund that both sides have: nothing is wrong, or the ledger has it a unit too high."""
    gross, _ = desk.clean_sale()
    desk.state("refund", -gross)
    desk.book("refund", -gross - flip)
    if flip:
        desk.entail("refund", {"refund": 1})
        desk.draft.kinds.add("off_by_one_cent")
