"""Scenes of Mastercard, American Express and Discover."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from paygrade.payments.dispute.drafts import (
    Draft,
    Flip,
    Outcome,
    Scene,
    contest,
    contradiction,
    insufficient,
    owed,
)
from paygrade.payments.dispute.pen import texts
from paygrade.payments.dispute.scenes.kit import (
    becomes,
    cancellation,
    not_here,
    order_item,
    promise,
    proof,
    returned,
    said_to_be_lost,
    start,
)

if TYPE_CHECKING:
    from paygrade.payments.dispute.pen import Pen

_SHIFTED: Final = ("211", "212", "217", "242")
_NOT_SHIFTED: Final = ("210", "213", "215", "222")


def security_level(pen: Pen) -> Scene:
    """4837: the security level indicator."""
    rests = ("M-4837-SLI",)
    rules = (*rests, "M-4808-AUTH")
    draft = start(pen, "mc-security-level", "4837", ("fraud", "fraud_card_absent"), rules)
    data = {"sli": pen.pick(_SHIFTED), "transaction_status": "Y"}
    draft.items = [
        pen.item("level", "three_ds_result", data, "security_level"),
        order_item(pen, draft),
    ]
    good = contest("liability_shift_3ds", draft.amount, ("level",), rests)
    bad = insufficient(draft.amount, rests)
    draft.outcome = good
    other = becomes("level", bad, sli=pen.pick(_NOT_SHIFTED))
    match pen.variant % 4:
        case 1:
            back = becomes("level", good, sli=data["sli"])
            other(draft)
            return Scene(draft=draft, flips=(Flip(change="sli", apply=back),))
        case 2:
            kind, strategy = "three_ds_result", "liability_shift_3ds"
            return not_here(pen, draft, "level", kind, strategy, rests)
        case _:
            return Scene(draft=draft, flips=(Flip(change="sli", apply=other),))


def approval(pen: Pen) -> Scene:
    """4808: an approval, its last day and its amount."""
    rests = ("M-4808-AUTH",)
    draft = start(pen, "mc-approval", "4808", ("authorization", "authorization"), rests)
    amount, sold = draft.amount, draft.sold_on
    near = pen.chance(1, 2)
    last = sold if near else sold + timedelta(days=pen.between(1, 4))
    data = {
        "amount_minor": amount,
        "approved": True,
        "approved_on": (sold - timedelta(days=pen.between(1, 6))).isoformat(),
        "currency": draft.currency,
        "valid_through": last.isoformat(),
    }
    draft.items = [pen.item("approval", "auth_record", data), order_item(pen, draft)]
    good = contest("authorization_valid", amount, ("approval",), rests)
    bad = insufficient(amount, rests)
    draft.outcome = good
    draft.tag(*(("off_by_one",) if near else ()))
    ended = becomes("approval", bad, valid_through=(sold - timedelta(days=1)).isoformat())
    less = becomes("approval", bad, amount_minor=amount - 1)
    flips = (
        Flip(change="valid_through", apply=ended, kinds=("off_by_one",)),
        Flip(change="approved_one_less", apply=less, kinds=("off_by_one",)),
    )
    match pen.variant % 5:
        case 1:
            flip = pen.pick(flips)
            whole = dict(data)

            def valid(twin: Draft) -> None:
                twin.item("approval").data.update(whole)
                twin.outcome = good

            flip.apply(draft)
            draft.tag("off_by_one")
            return Scene(draft=draft, flips=(Flip(change=flip.change, apply=valid),))
        case 2:
            second = {**data, "approved": False}
            draft.items.append(pen.item("second", "auth_record", second))
            draft.outcome = contradiction(("approval", "second"), ("auth_record",))
            draft.tag("conflicting_evidence")
            same = becomes("approval", bad, approved=False)
            return Scene(draft=draft, flips=(Flip(change="approved", apply=same),))
        case 3:
            return not_here(pen, draft, "approval", "auth_record", "authorization_valid", rests)
        case _:
            return Scene(draft=draft, flips=flips)


def provided(pen: Pen) -> Scene:
    """4853, goods not provided: delivered as agreed, or somewhere else."""
    rests = ("M-4853-GNR",)
    rules = (*rests, "V-10.4-AVS")
    draft = start(pen, "mc-provided", "4853", ("consumer", "not_received"), rules)
    draft.sub_reason = "goods_not_provided"
    place = pen.address()
    other = pen.address()
    while other == place:
        other = pen.address()
    promised = (draft.sold_on + timedelta(days=8)).isoformat()
    draft.items = [
        order_item(pen, draft, ship_to=place, promised_by=promised),
        proof(pen, draft, place),
    ]
    good = contest("delivery_proof", draft.amount, ("proof",), rests)
    bad = insufficient(draft.amount, rests)
    draft.outcome = good
    flips = (Flip(change="other_address", apply=becomes("proof", bad, address=other)),)
    match pen.variant % 5:
        case 1:
            back = becomes("proof", good, address=place)
            draft.item("proof").data["address"] = other
            draft.outcome = bad
            draft.tag("tempting_evidence")
            flips = (Flip(change="other_address", apply=back),)
        case 2:
            return said_to_be_lost(pen, draft, good)
        case 3:
            return not_here(pen, draft, "proof", "delivery_proof", "delivery_proof", rests)
        case _:
            pass
    return Scene(draft=draft, flips=flips)


def not_as_described(pen: Pen) -> Scene:
    """4853, not as described: the rulebook has no remedy; a return that came back is owed."""
    rules = ("M-4853-GNR",)
    draft = start(pen, "mc-not-as-described", "4853", ("consumer", "not_as_described"), rules)
    draft.sub_reason = "not_as_described"
    return returned(pen, draft, ())


def _recognise(pen: Pen, draft: Draft, rests: tuple[str, ...]) -> Scene:
    """What the customer should recognise; or a line that we cancelled and did not refund."""
    descriptor = pen.pick(texts()["descriptors"])
    part = pen.share(draft.amount)
    lines: list[dict[str, Any]] = [
        {"amount_minor": draft.amount - part, "name": pen.goods(), "status": "collected"},
        {"amount_minor": part, "name": pen.goods(), "status": "collected"},
    ]
    draft.items = [
        order_item(pen, draft, descriptor=descriptor, items=lines),
        pen.item("bill", "invoice", {"number": f"{draft.names['order']}-1"}),
    ]
    sound = Outcome(
        action="provide_information",
        strategy="information_for_recognition",
        cite=("order",),
        needs=("order_record",),
        rests=("ST-1", *rests),
    )
    due = Outcome(
        action="refund_and_close",
        strategy="owed_to_customer",
        cite=("order",),
        rests=("ST-1", "POL-1"),
    )
    draft.outcome = sound

    def line(twin: Draft, **data: object) -> None:
        """The second line of the order, changed; a field with None is taken away."""
        row = twin.item("order").data["items"][1]
        row.update(data)
        for key in [key for key, value in row.items() if value is None]:
            del row[key]

    def cancelled(twin: Draft) -> None:
        line(twin, status="cancelled_by_us", refunded=False)
        twin.outcome = due

    def collected(twin: Draft) -> None:
        line(twin, status="collected", refunded=None)
        twin.outcome = sound

    if pen.variant % 2:
        cancelled(draft)
        return Scene(draft=draft, flips=(Flip(change="line_status", apply=collected),))
    return Scene(draft=draft, flips=(Flip(change="line_status", apply=cancelled),))


def amex_inquiry(pen: Pen) -> Scene:
    """127 and 176: the charge is unknown to the card member."""
    code = pen.pick(("127", "176"))
    rules = ("A-INQ",)
    draft = start(pen, "amex-inquiry", code, ("inquiry", "unrecognized"), rules)
    return _recognise(pen, draft, rules)


def discover_unknown(pen: Pen) -> Scene:
    """AA: an inquiry is answered; a chargeback has no remedy here."""
    draft = start(pen, "discover-unknown", "AA", ("consumer", "unrecognized"), ("D-RG",))
    scene = _recognise(pen, draft, ())
    if pen.stage == "inquiry":
        return scene
    for row in draft.item("order").data["items"]:
        row["status"] = "collected"
        row.pop("refunded", None)
    draft.outcome = insufficient(draft.amount)
    draft.tag("tempting_evidence")

    def cancelled(twin: Draft) -> None:
        row = twin.item("order").data["items"][1]
        row.update({"refunded": False, "status": "cancelled_by_us"})
        twin.outcome = owed(draft.amount, ("order",))

    return Scene(draft=draft, flips=(Flip(change="line_status", apply=cancelled),))


def amex_credit(pen: Pen) -> Scene:
    """C02: a refund that we promised, that came back, or of which there is no word."""
    draft = start(pen, "amex-credit", "C02", ("consumer", "credit_not_processed"), ("A-C28",))
    bad = insufficient(draft.amount)
    match pen.variant % 3:
        case 0:
            draft.items = [order_item(pen, draft)]
            promise(pen, draft, ())

            def not_promised(twin: Draft) -> None:
                del twin.item("promise").data["promised_refund_minor"]
                twin.outcome = bad

            return Scene(draft=draft, flips=(Flip(change="refund_promised", apply=not_promised),))
        case 1:
            day = (draft.processed_on - timedelta(days=pen.between(3, 8))).isoformat()
            data = {
                "amount_minor": draft.amount,
                "currency": draft.currency,
                "processed_on": day,
                "status": "returned_by_issuer",
            }
            draft.items = [order_item(pen, draft), pen.item("refund", "refund_record", data)]
            draft.outcome = owed(draft.amount, ("refund",))
            return Scene(draft=draft)
        case _:
            draft.items = [
                order_item(pen, draft),
                pen.item("policy", "refund_policy", {"shown_at": "checkout"}),
            ]
            draft.outcome = bad
            draft.tag("tempting_evidence")
            return Scene(draft=draft)


def amex_cancelled(pen: Pen) -> Scene:
    """C28: a cancellation before or after the charge, or none at all."""
    rests = ("A-C28",)
    draft = start(pen, "amex-cancelled", "C28", ("consumer", "cancelled_recurring"), rests)
    scene = cancellation(pen, draft, rests)
    if pen.variant % 6 == 5:  # noqa: PLR2004 - one variant in six
        draft = scene.draft
        day = (draft.sold_on - timedelta(days=pen.between(1, 9))).isoformat()
        draft.item("log").data = {"entries": []}
        draft.kinds = [kind for kind in draft.kinds if kind != "off_by_one"]
        draft.outcome = contest("cancelled_after_charge", draft.amount, ("log",), rests)

        def entered(twin: Draft) -> None:
            twin.item("log").data = {"cancelled_on": day, "channel": "web"}
            twin.outcome = owed(draft.amount, ("log",), rests)

        return Scene(draft=draft, flips=(Flip(change="cancellation_entered", apply=entered),))
    return scene


def digital(pen: Pen) -> Scene:
    """RG: downloads, linked to the customer or not."""
    rests = ("D-RG",)
    draft = start(pen, "discover-digital", "RG", ("consumer", "not_received"), rests, digital=True)
    login, ip = pen.login(), pen.ip()
    draft.signals = {"ip": ip, "login_id": login}
    by = pen.pick(("login_id", "ip"))
    stranger = {"login_id": None, "ip": pen.ip()}
    while stranger["ip"] == ip:
        stranger["ip"] = pen.ip()
    days = (0, pen.between(1, 6))
    data: dict[str, Any] = {
        **stranger,
        by: draft.signals[by],
        "accesses": [(draft.sold_on + timedelta(days=day)).isoformat() for day in days],
    }
    draft.items = [
        order_item(pen, draft, login_id=login),
        pen.item("log", "usage_log", data),
    ]
    good = contest("usage_proof", draft.amount, ("log",), rests)
    bad = insufficient(draft.amount, rests)
    draft.outcome = good
    other = becomes("log", bad, **{by: stranger[by]})
    match pen.variant % 4:
        case 1:
            back = becomes("log", good, **{by: draft.signals[by]})
            other(draft)
            draft.tag("tempting_evidence")
            return Scene(draft=draft, flips=(Flip(change=f"{by}_of_the_access", apply=back),))
        case 2:
            return not_here(pen, draft, "log", "usage_log", "usage_proof", rests)
        case _:
            return Scene(draft=draft, flips=(Flip(change=f"{by}_of_the_access", apply=other),))
