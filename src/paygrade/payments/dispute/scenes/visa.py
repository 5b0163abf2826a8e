"""Scenes of the other Visa codes: a rule and an outcome first, then the facts that entail it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from paygrade.payments.dispute.drafts import (
    Draft,
    Flip,
    Scene,
    contest,
    contradiction,
    insufficient,
    owed,
    partly,
)
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
    town,
)

if TYPE_CHECKING:
    from paygrade.payments.dispute.pen import Pen


NOT_RECEIVED: Final = ("V-13.1-ADDR", "V-13.1-PART")


def whole_parcel(pen: Pen) -> Scene:
    """One parcel: a full address, a part of it, another one; and the rule of 18 April 2026."""
    across = pen.variant % 6 == 1
    first_day = date(2026, 4, 18)
    day = first_day - timedelta(days=pen.below(2)) if across else None
    draft = start(
        pen,
        "visa-delivered",
        "13.1",
        ("consumer", "not_received"),
        NOT_RECEIVED,
        processed_on=day,
    )
    place = pen.address()
    while town(place) == place:
        place = pen.address()
    other = pen.address()
    while other == place:
        other = pen.address()
    draft.items = [order_item(pen, draft, ship_to=place), proof(pen, draft, place)]
    rests = NOT_RECEIVED
    good = contest("delivery_proof", draft.amount, ("proof",), rests)
    bad = insufficient(draft.amount, ("V-13.1-ADDR",))
    draft.outcome = good
    to_town = becomes("proof", bad, address=town(place))
    flips: tuple[Flip, ...] = (
        Flip(change="partial_address", apply=to_town, kinds=("tempting_evidence",)),
        Flip(change="other_address", apply=becomes("proof", bad, address=other)),
    )
    if across:
        draft.item("proof").data["address"] = town(place)
        draft.tag("rule_version")
        before = draft.processed_on < first_day
        draft.outcome = good if before else bad

        def other_day(twin: Draft) -> None:
            twin.processed_on = first_day if before else first_day - timedelta(days=1)
            twin.outcome = bad if before else good

        return Scene(
            draft=draft, flips=(Flip(change="processed_on_across_april_18", apply=other_day),)
        )
    match pen.variant % 6:
        case 2:
            return said_to_be_lost(pen, draft, good)
        case 3:
            return not_here(pen, draft, "proof", "delivery_proof", "delivery_proof", rests[:1])
        case 4:
            data = {
                "carrier": pen.carrier(),
                "last_scan": (draft.sold_on + timedelta(days=4)).isoformat(),
                "tracking": draft.names["tracking"],
            }
            draft.items[1] = pen.item("transit", "tracking_in_transit", data)
            draft.outcome = bad
            draft.tag("tempting_evidence")
            return Scene(draft=draft)
        case 5:
            back = becomes("proof", good, address=place)
            to_town(draft)
            draft.tag("tempting_evidence")
            return Scene(draft=draft, flips=(Flip(change="partial_address", apply=back),))
        case _:
            return Scene(draft=draft, flips=flips)


def two_parcels(pen: Pen) -> Scene:
    """Two lines: one delivered; the other lost, cancelled by us, on its way, or delivered too."""
    rests = NOT_RECEIVED
    draft = start(pen, "visa-two-parcels", "13.1", ("consumer", "not_received"), rests)
    place, second = pen.address(), pen.tracking()
    part = pen.share(draft.amount)
    lines: list[dict[str, Any]] = [
        {
            "amount_minor": draft.amount - part,
            "name": draft.names["goods"],
            "tracking": draft.names["tracking"],
        },
        {"amount_minor": part, "name": pen.goods(), "tracking": second},
    ]
    if pen.chance(1, 2):
        lines.reverse()
    draft.items = [order_item(pen, draft, ship_to=place, items=lines), proof(pen, draft, place)]
    carrier = draft.item("proof").data["carrier"]
    all_of_it = contest("delivery_proof", draft.amount, ("proof", "proof2"), rests)
    some = partly("delivery_proof", draft.amount, part, ("letter", "proof"), rests)
    unproven = partly("delivery_proof", draft.amount, part, ("proof",), rests, owed=False)

    flips: tuple[Flip, ...] = ()
    match pen.variant % 4:
        case 0:
            letter = {"carrier": carrier, "status": "lost", "tracking": second}
            draft.items.append(pen.item("letter", "carrier_statement", letter))
            draft.outcome = some
            wrong = becomes("letter", unproven, tracking=pen.tracking())
            flips = (Flip(change="parcel_number", apply=wrong),)
        case 1:
            line = next(each for each in lines if each["tracking"] == second)
            del line["tracking"]
            line.update({"refunded": False, "status": "cancelled_by_us"})
            draft.outcome = partly("delivery_proof", draft.amount, part, ("order", "proof"), rests)
        case 2:
            scan = {
                "carrier": carrier,
                "last_scan": (draft.sold_on + timedelta(days=5)).isoformat(),
                "tracking": second,
            }
            draft.items.append(pen.item("transit", "tracking_in_transit", scan))
            draft.outcome = unproven
        case _:
            draft.items.append(proof(pen, draft, place, "proof2", second))
            draft.outcome = all_of_it

            def one_is_elsewhere(twin: Draft) -> None:
                twin.item("proof2").data["address"] = town(place)
                twin.outcome = unproven

            flips = (Flip(change="partial_address", apply=one_is_elsewhere),)
    return Scene(draft=draft, flips=flips)


def cancelled(pen: Pen) -> Scene:
    """When the cancellation came: before, on or after the day of the charge."""
    across = pen.variant % 6 == 2  # noqa: PLR2004 - one variant in six
    first_day = date(2026, 4, 18)
    day = first_day - timedelta(days=pen.below(2)) if across else None
    draft = start(
        pen,
        "visa-cancelled",
        "13.2",
        ("consumer", "cancelled_recurring"),
        ("V-13.2-LATE",),
        processed_on=day,
    )
    return cancellation(pen, draft, ("V-13.2-LATE",), first_day if across else None)


def not_as_described(pen: Pen) -> Scene:
    """13.3: returned and not refunded, said to be returned, or only policies to show."""
    rests = ("V-13.3-DESC",)
    draft = start(pen, "visa-not-as-described", "13.3", ("consumer", "not_as_described"), rests)
    return returned(pen, draft, rests)


def credit(pen: Pen) -> Scene:
    """13.6: a refund before the dispute, on its day, sent back, or said to be elsewhere."""
    rests = ("V-13.6-DONE",)
    draft = start(pen, "visa-credit", "13.6", ("consumer", "credit_not_processed"), rests)
    amount = draft.amount
    near = pen.chance(1, 2)
    paid_on = draft.processed_on - timedelta(days=1 if near else pen.between(2, 8))
    data = {
        "amount_minor": amount,
        "currency": draft.currency,
        "processed_on": paid_on.isoformat(),
        "status": "processed",
    }
    draft.items = [pen.item("refund", "refund_record", data), order_item(pen, draft)]
    good = contest("credit_already_issued", amount, ("refund",), rests)
    due = owed(amount, ("refund",), rests)
    draft.outcome = good
    draft.tag(*(("off_by_one",) if near else ()))
    flips = [
        Flip(
            change="refund_status",
            apply=becomes("refund", due, status=pen.pick(("returned_by_issuer", "failed"))),
        )
    ]
    match pen.variant % 6:
        case 1:
            draft.item("refund").data["status"] = "returned_by_issuer"
            draft.outcome = due
            back = becomes("refund", good, status="processed")
            flips = [Flip(change="refund_status", apply=back)]
        case 2:
            draft.tag("conflicting_evidence")
            report: dict[str, Any] = {"refunds": []}
            draft.items.append(pen.item("report", "settlement_record", report, "no_refunds"))
            kinds = ("refund_record", "settlement_record")
            draft.outcome = contradiction(("refund", "report"), kinds)
            line = [{"amount_minor": amount, "processed_on": paid_on.isoformat()}]
            flips = [Flip(change="refund_in_report", apply=becomes("report", good, refunds=line))]
        case 3:
            return not_here(pen, draft, "refund", "refund_record", "credit_already_issued", rests)
        case 4:
            draft.items = [order_item(pen, draft)]
            promise(pen, draft, rests)
            flips = []
        case _:
            pass
    return Scene(draft=draft, flips=tuple(flips))


def clearing_twice(pen: Pen) -> Scene:
    """12.6.1: parts of one approval that add up or do not, or one purchase captured twice."""
    rules = ("V-12.6-MCSN", "V-12.6-TWICE")
    draft = start(pen, "visa-two-clearings", "12.6.1", ("processing_error", "duplicate"), rules)
    amount = draft.amount
    code = f"{pen.between(10_000, 99_998)}B"
    other = pen.amount()
    payment = draft.names["payment"]
    if pen.variant % 4 == 1:
        basket = pen.hex(4)
        rows = [
            {
                "amount_minor": amount,
                "auth_code": f"{int(code[:-1]) + step}B",
                "basket": basket,
                "payment": f"{payment}-{'ab'[step]}",
                "sequence": "01/01",
            }
            for step in range(2)
        ]
        draft.items = [
            pen.item("report", "settlement_record", {"clearings": rows}, "clearings"),
            order_item(pen, draft),
        ]
        draft.outcome = owed(amount, ("report",), ("V-12.6-TWICE",))
        return Scene(draft=draft)
    rows = [
        {
            "amount_minor": value,
            "auth_code": code,
            "payment": f"{payment}-{step + 1}",
            "sequence": f"0{step + 1}/02",
        }
        for step, value in enumerate((other, amount))
    ]
    approval = {
        "amount_minor": amount + other,
        "approved": True,
        "approved_on": draft.sold_on.isoformat(),
        "auth_code": code,
        "currency": draft.currency,
    }
    draft.items = [
        pen.item("approval", "auth_record", approval),
        pen.item("report", "settlement_record", {"clearings": rows}, "clearings"),
    ]
    rests = ("V-12.6-MCSN",)
    good = contest("split_shipment", amount, ("approval", "report"), rests)
    bad = insufficient(amount, rests)
    less = becomes("approval", bad, amount_minor=amount + other - 1)
    draft.outcome = good
    flips = [Flip(change="approved_one_less", apply=less, kinds=("off_by_one",))]
    match pen.variant % 4:
        case 2:
            less(draft)
            draft.tag("off_by_one")
            back = becomes("approval", good, amount_minor=amount + other)
            flips = [Flip(change="approved_one_more", apply=back)]
        case 3:
            return not_here(pen, draft, "approval", "auth_record", "split_shipment", rests)
        case _:
            pass
    return Scene(draft=draft, flips=tuple(flips))


def overcharged(pen: Pen) -> Scene:
    """12.5: what was captured, and what the bill says."""
    rules = ("V-12.6-MCSN", "V-12.6-TWICE")
    meaning = ("processing_error", "incorrect_amount")
    draft = start(pen, "visa-amount", "12.5", meaning, rules)
    excess = draft.amount
    agreed = pen.amount() + excess
    draft.paid = agreed + excess
    draft.items = [
        pen.item(
            "bill", "invoice", {"number": str(pen.between(1000, 9999)), "total_minor": agreed}
        ),
        pen.item("report", "settlement_record", {"captured_minor": draft.paid}, "captured"),
    ]
    due = owed(excess, ("bill", "report"))
    bad = insufficient(excess)
    draft.outcome = due
    flips = (Flip(change="bill_total", apply=becomes("bill", bad, total_minor=draft.paid)),)
    if pen.variant % 3 == 1:
        back = becomes("bill", due, total_minor=agreed)
        draft.item("bill").data["total_minor"] = draft.paid
        draft.outcome = bad
        flips = (Flip(change="bill_total", apply=back),)
    return Scene(draft=draft, flips=flips)
