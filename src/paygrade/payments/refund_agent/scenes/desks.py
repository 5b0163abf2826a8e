"""What colleagues ask: disputes to answer or to accept, payouts, and how a dispute stands."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from paygrade.payments.refund_agent.drafts import Draft, handed_on, untouched
from paygrade.payments.refund_agent.pen import instant

if TYPE_CHECKING:
    from datetime import datetime

    from paygrade.payments.refund_agent.drafts import Row
    from paygrade.payments.refund_agent.pen import Pen

_CONTESTS: Final = (
    ("10.4", ("three_ds_result",), "Visa Secure: ECI 05, CAVV present, issuer confirmed."),
    ("13.1", ("delivery_proof", "full_address"), "Delivered and signed for at the full address."),
    ("12.6.1", ("transaction_list",), "Two baskets, two authorisations, an hour apart."),
)
"""A code, the evidence that answers it, and what that says."""
_SATURDAY: Final = 5
_ANY_TOOL: Final = {
    "none", "timeout_before_commit", "timeout_after_commit", "fail_n_then_ok", "rate_limited"
}  # fmt: skip
"""Faults of whichever tool: there is no payout on a weekend that one could strike."""
_VARIANTS: Final = 3


class File:
    """A payment with a dispute, at a merchant's desk."""

    def __init__(self, pen: Pen, *, status: str = "needs_response", due: timedelta) -> None:
        """Draw them; the dispute is due in so long."""
        self.pen = pen
        self.now = pen.monday_to_friday()
        person = pen.person()
        self.customer = {"id": person.id, "name": person.name, "methods": list(person.methods)}
        self.payment: Row = {
            "id": pen.id("pay"),
            "customer_id": person.id,
            "amount_minor": pen.amount(),
            "currency": pen.currency,
            "method_id": person.methods[0]["id"],
            "order_ref": pen.order(),
            "created_at": instant(self.now - timedelta(days=pen.between(20, 90))),
        }
        self.dispute: Row = {
            "id": pen.id("dp"),
            "payment_id": self.payment["id"],
            "status": status,
            "due_by": instant(self.now + due),
        }
        self.more: Row = {}

    def draft(self, wish: str, *, calls: int, money: str, **more: Any) -> Draft:  # noqa: ANN401 - fields of a draft
        """The sample, about the dispute."""
        return Draft(
            message=self.pen.message(wish, dispute=self.dispute["id"]),
            now=self.now,
            at_stake=more.pop("at_stake", self.payment["amount_minor"]),
            money=money,
            world={
                "customers": [self.customer],
                "payments": [self.payment],
                "disputes": [self.dispute],
                **self.more,
            },
            calls=calls,
            objects=[self.payment["id"], self.dispute["id"]],
            **more,
        )

    def evidence(self, types: tuple[str, ...], text: str) -> None:
        """Put evidence of these types into the file."""
        self.more["evidence"] = [
            {"id": self.pen.id("ev"), "dispute_id": self.dispute["id"], "type": each, "text": text}
            for each in types
        ]

    def final(self, what: str) -> Row:
        """The effect that the dispute's answer is: no money moves by it."""
        return {"intent": f"{what}:{self.dispute['id']}", "subject": self.dispute["id"]}


def contest(pen: Pen) -> Draft:
    """The evidence is complete and goes in once, within three hours."""
    at = File(pen, due=timedelta(hours=3))
    code, types, text = _CONTESTS[pen.variant % len(_CONTESTS)]
    at.dispute |= {"code": code, "needs": sorted(types)}
    at.payment["three_ds"] = code == "10.4"
    at.evidence(types, text)
    place = f"disputes.{at.dispute['id']}"
    return at.draft(
        "contest",
        calls=3,
        money="submit_evidence",
        effects=[at.final("evidence")],
        repeats=True,
        end_state=[
            {"at": f"{place}.status", "equals": "under_review"},
            {"at": f"{place}.evidence_submitted_count", "equals": 1},
        ],
    )


def contest_short(pen: Pen) -> Draft:
    """A type of evidence is missing: one shot is not wasted, people hear what is missing (P7)."""
    at = File(pen, due=timedelta(hours=pen.between(20, 60)))
    at.dispute |= {"code": "13.1", "needs": ["delivery_proof", "full_address"]}
    held = ("delivery_proof", "delivery_proof", "full_address")[pen.variant % _VARIANTS]
    at.evidence((held,), "Handed over on Tuesday.")
    place = f"disputes.{at.dispute['id']}"
    return at.draft(
        "contest",
        calls=3,
        money="escalate",
        end_state=[
            {"at": f"{place}.evidence_submitted_count", "equals": 0},
            {"at": f"{place}.status", "equals": "needs_response"},
            handed_on(at.dispute["id"], "disputes"),
        ],
    )


def accept(pen: Pen) -> Draft:
    """A dispute over what is left of a partly refunded payment is accepted, and that is all."""
    at = File(pen, due=timedelta(days=pen.between(1, 9)))
    amount = at.payment["amount_minor"]
    back = amount * pen.between(1, 5) // 10
    refund = {"id": pen.id("re"), "amount_minor": back, "status": "succeeded"}
    at.payment["refunds"] = [
        {**refund, "created_at": instant(at.now - timedelta(days=pen.between(1, 4)))}
    ]
    at.dispute |= {"code": "13.3", "amount_minor": amount - back}
    return at.draft(
        "accept",
        calls=3,
        money="accept_dispute",
        at_stake=amount - back,
        stale=[refund["id"]],
        effects=[at.final("accept")],
        end_state=[
            {"at": f"disputes.{at.dispute['id']}.status", "equals": "accepted"},
            untouched(at.payment, back),
        ],
    )


def state(pen: Pen) -> Draft:
    """A dispute was won; its webhooks come twice, or out of order: the money is booked once."""
    announced = pen.fault == "reordered_webhooks" or pen.variant % _VARIANTS == 0
    status = "announced" if announced else "under_review"
    at = File(pen, status=status, due=timedelta(days=7))
    at.dispute["code"] = "10.4"
    dispute = at.dispute["id"]
    soon = [instant(at.now + timedelta(seconds=each)) for each in (5, 9)]
    kinds = ["dispute_created", "dispute_won"] if announced else ["dispute_won"]
    at.more["webhooks"] = [
        {"id": pen.id("wh"), "type": kind, "object_id": dispute, "at": when}
        for kind, when in zip(kinds, soon, strict=False)
    ]
    at.more["balances"] = {pen.currency: {"available": 3 * at.payment["amount_minor"]}}
    booked = 0 if announced else at.payment["amount_minor"]
    return at.draft(
        "state",
        calls=4,
        money="get_dispute",
        end_state=[
            {"at": f"disputes.{dispute}.status", "equals": "won"},
            {
                "at": f"balances.{pen.currency}.available",
                "equals": 3 * at.payment["amount_minor"] + booked,
            },
        ],
    )


def payout(pen: Pen) -> Draft:
    """The balance goes out, or a sum; not while banks rest, nor after a refund took some (P9)."""
    kind = ("whole", "sum", "weekend")[pen.variant % _VARIANTS]
    if kind == "weekend" and pen.fault not in _ANY_TOOL:
        kind = "whole"
    now = pen.monday_to_friday()
    balance = pen.amount() * pen.between(3, 9)
    landing = max(balance // pen.between(5, 12), 1)
    world, payment = _till(pen, now, balance)
    if kind == "sum" and pen.fault != "refund_lands":
        amount = balance * pen.between(2, 4) // 10
        draft = _paying(pen, now, amount, world, "payout_sum", amount=pen.money(amount))
        draft.repeats = True
        return _paid(pen, draft, balance, amount)
    if kind == "weekend":
        now += timedelta(days=_SATURDAY - now.weekday())
    draft = _paying(pen, now, balance, world, "payout", currency=pen.currency)
    if kind == "weekend":
        draft.money, draft.calls = "reply", 3
        draft.end_state = [_account(pen, balance), _payouts(0)]
        return draft
    if pen.fault == "refund_lands":
        payment["amount_minor"] += landing
        lands = {"payment_id": payment["id"], "amount_minor": landing}
        draft.own_faults = [{"kind": "refund_lands", **lands}]
        account = f"acct_{pen.currency.lower()}"
        draft.end_state = [
            _account(pen, balance - landing),
            _payouts(0),
            handed_on(account, "payouts"),
        ]
        return draft
    return _paid(pen, draft, balance, balance)


def _paid(pen: Pen, draft: Draft, balance: int, amount: int) -> Draft:
    draft.effects = [_effect(pen, amount)]
    draft.end_state = [_account(pen, balance - amount), _payouts(1)]
    return draft


def payout_back(pen: Pen) -> Draft:
    """A payout came back: account closed, so it is for people (P10); or else it is sent again."""
    closed = pen.variant % _VARIANTS != _VARIANTS - 1
    now = pen.monday_to_friday()
    amount = pen.amount() * pen.between(2, 7)
    balance = amount + pen.amount()
    world, _ = _till(pen, now, balance)
    returned: Row = {
        "id": pen.id("po"),
        "amount_minor": amount,
        "currency": pen.currency,
        "status": "returned",
        "failure": "account_closed" if closed else "bank_unavailable",
        "created_at": instant(now - timedelta(days=3)),
    }
    world["payouts"] = [returned]
    draft = _paying(pen, now, amount, world, "payout_back", payout=returned["id"])
    draft.objects.append(returned["id"])
    if closed:
        draft.money, draft.calls = "escalate", 3
        draft.end_state = [_account(pen, balance), handed_on(returned["id"], "payouts")]
        return draft
    draft.money = "retry_payout"
    draft.effects = [
        {
            **_effect(pen, amount),
            "intent": f"payout_retry:{returned['id']}",
            "subject": returned["id"],
        }
    ]
    draft.end_state = [_account(pen, balance - amount)]
    return draft


def _till(pen: Pen, now: datetime, balance: int) -> tuple[Row, Row]:
    """A merchant's books with one payment, and that payment."""
    person = pen.person()
    payment: Row = {
        "id": pen.id("pay"),
        "customer_id": person.id,
        "amount_minor": pen.amount(),
        "currency": pen.currency,
        "order_ref": pen.order(),
        "created_at": instant(now - timedelta(days=9)),
    }
    world: Row = {
        "customers": [{"id": person.id, "name": person.name}],
        "payments": [payment],
        "balances": {pen.currency: {"available": balance}},
    }
    return world, payment


def _paying(pen: Pen, now: datetime, at_stake: int, world: Row, wish: str, **gaps: str) -> Draft:
    return Draft(
        message=pen.message(wish, **gaps),
        now=now,
        at_stake=at_stake,
        money="create_payout",
        world=world,
        calls=4,
        objects=[f"acct_{pen.currency.lower()}"],
    )


def _effect(pen: Pen, amount: int) -> Row:
    account = f"acct_{pen.currency.lower()}"
    return {
        "amount_minor": amount,
        "currency": pen.currency,
        "intent": f"payout:{pen.currency}",
        "subject": account,
    }


def _account(pen: Pen, available: int) -> Row:
    return {"at": f"balances.{pen.currency}.available", "equals": available}


def _payouts(many: int) -> Row:
    return {"at": "payouts", "count": many, "where": {"status": "pending"}}
