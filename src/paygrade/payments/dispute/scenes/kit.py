"""What scenes of several codes share: a start, records, and turns that any code can take."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from paygrade.payments.dispute.drafts import (
    Draft,
    Flip,
    Item,
    Outcome,
    Scene,
    contest,
    contradiction,
    elsewhere,
    insufficient,
    owed,
    partly,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from paygrade.payments.dispute.pen import Pen


def start(  # noqa: PLR0913 - a case begins with its code and its rules
    pen: Pen,
    template: str,
    code: str,
    meaning: tuple[str, str],
    rules: tuple[str, ...],
    *,
    processed_on: date | None = None,
    claim: str | None = None,
    digital: bool = False,
) -> Draft:
    """A case without evidence, all of whose amount is disputed."""
    amount = pen.amount()
    processed = processed_on or pen.processed()
    names = pen.names()
    if digital:
        names["goods"] = pen.goods("digital")
    category, issue = meaning
    return Draft(
        template=template,
        network=pen.network,
        code=code,
        category=category,
        issue=issue,
        stage=pen.stage,
        role="merchant",
        language=pen.language,
        amount=amount,
        paid=amount,
        currency=pen.currency,
        paid_currency=pen.currency,
        processed_on=processed,
        sold_on=processed - timedelta(days=pen.between(9, 55)),
        names=names,
        code_rules=rules,
        outcome=insufficient(amount),
        min_contest=pen.minimum(),
        narrative=pen.say(claim or issue),
    )


def becomes(key: str, outcome: Outcome, **data: object) -> Callable[[Draft], None]:
    """Change fields of one item, and the outcome with them."""

    def apply(draft: Draft) -> None:
        draft.item(key).data.update(data)
        draft.outcome = outcome

    return apply


def order_item(pen: Pen, draft: Draft, **data: object) -> Item:
    """The shop's record of the order."""
    return pen.item("order", "order_record", {"order": draft.names["order"], **data})


def proof(pen: Pen, draft: Draft, place: str, key: str = "proof", parcel: str = "") -> Item:
    """A carrier's proof of delivery at a place."""
    delivered = min(draft.sold_on + timedelta(days=pen.between(2, 6)), draft.processed_on)
    data: dict[str, Any] = {
        "address": place,
        "carrier": pen.carrier(),
        "delivered_on": delivered.isoformat(),
        "tracking": parcel or draft.names["tracking"],
    }
    if pen.chance(1, 3):
        data["signature"] = pen.chance(1, 2)
    return pen.item(key, "delivery_proof", data)


def some_came_back(
    pen: Pen, draft: Draft, strategy: str, cite: tuple[str, ...], rests: tuple[str, ...]
) -> None:
    """A part of the order was returned and not refunded: that part is owed."""
    due = pen.share(draft.amount)
    data = {
        "rma": draft.names["rma"],
        "received_on": (draft.processed_on - timedelta(days=pen.between(1, 6))).isoformat(),
        "refund_due_minor": due,
        "refunded": False,
    }
    draft.items.append(pen.item("return", "return_log", data))
    draft.outcome = partly(strategy, draft.amount, due, ("return", *cite), rests)


def not_here(  # noqa: PLR0913, PLR0917 - which record, of which kind, for which strategy
    pen: Pen, draft: Draft, key: str, kind: str, strategy: str, rests: tuple[str, ...]
) -> Scene:
    """The deciding record is said to exist. The twin has no such word: nothing is met then."""
    draft.items = [each for each in draft.items if each.key != key]
    data = {"channel": "internal", "refers_to": kind, "attached": False}
    draft.items.append(pen.item("note", "customer_communication", data, "absent"))
    draft.outcome = elsewhere(strategy, ("note",), rests)
    draft.tag("missing_data")
    other = becomes("note", insufficient(draft.amount, rests), refers_to="product_description")
    return Scene(draft=draft, flips=(Flip(change="record_spoken_of", apply=other),))


def said_to_be_lost(pen: Pen, draft: Draft, good: Outcome) -> Scene:
    """A carrier that lost this parcel, or another one."""
    mine = draft.names["tracking"]
    other = pen.tracking()
    data = {"carrier": draft.item("proof").data["carrier"], "status": "lost", "tracking": mine}
    draft.items.append(pen.item("letter", "carrier_statement", data))
    disagree = contradiction(("letter", "proof"), ("carrier_statement", "delivery_proof"))
    if pen.chance(1, 2):
        draft.outcome = disagree
        draft.tag("conflicting_evidence")

        def elsewhere_lost(twin: Draft) -> None:
            twin.item("letter").data["tracking"] = other
            twin.distractors.append("letter")
            twin.outcome = good
            twin.tag("distractor_evidence")

        return Scene(draft=draft, flips=(Flip(change="parcel_number", apply=elsewhere_lost),))
    draft.item("letter").data["tracking"] = other
    draft.distractors.append("letter")
    draft.tag("distractor_evidence")

    def lost(twin: Draft) -> None:
        twin.item("letter").data["tracking"] = mine
        twin.distractors.remove("letter")
        twin.outcome = disagree
        twin.tag("conflicting_evidence")

    return Scene(draft=draft, flips=(Flip(change="parcel_number", apply=lost),))


def cancellation(
    pen: Pen, draft: Draft, rests: tuple[str, ...], first_day: date | None = None
) -> Scene:
    """The dates of a cancellation, for the codes that ask for it."""
    near = pen.chance(1, 2)
    far = 1 if near else pen.between(2, 8)
    after = (draft.sold_on + timedelta(days=far)).isoformat()
    before = (draft.sold_on - timedelta(days=far)).isoformat()
    data = {"cancelled_on": after, "channel": pen.pick(("web", "chat", "email"))}
    draft.items = [
        pen.item("log", "cancellation_log", data),
        pen.item("bill", "invoice", {"number": f"INV-{pen.between(1000, 9999)}"}),
    ]
    amount = draft.amount
    good = contest("cancelled_after_charge", amount, ("log",), rests)
    bad = insufficient(amount, rests)
    due = owed(amount, ("log",), rests)
    draft.outcome = good
    kinds = ("off_by_one",) if near else ()
    draft.tag(*kinds)
    earlier_day = Flip(
        change="cancelled_before", apply=becomes("log", due, cancelled_on=before), kinds=kinds
    )
    flips = [earlier_day, earlier_day]
    if draft.network == "visa":  # Amex does not say whose the day of the charge itself is
        same = becomes("log", bad, cancelled_on=draft.sold_on.isoformat())
        flips.append(Flip(change="cancelled_same_day", apply=same, kinds=("off_by_one",)))
    if first_day is not None:
        draft.tag("rule_version")
        old = draft.processed_on < first_day
        draft.outcome = bad if old else good

        def other_day(twin: Draft) -> None:
            twin.processed_on = first_day if old else first_day - timedelta(days=1)
            twin.outcome = good if old else bad

        return Scene(
            draft=draft, flips=(Flip(change="processed_on_across_april_18", apply=other_day),)
        )
    match pen.variant % 6:
        case 1:
            draft.item("log").data["cancelled_on"] = before
            draft.outcome = due
            later = becomes("log", good, cancelled_on=after)
            flips = [Flip(change="cancelled_after", apply=later, kinds=kinds)]
        case 3:
            return not_here(pen, draft, "log", "cancellation_log", "cancelled_after_charge", rests)
        case 4:
            return _two_logs(pen, draft, before, good)
        case _:
            pass
    return Scene(draft=draft, flips=tuple(flips))


def _two_logs(pen: Pen, draft: Draft, before: str, good: Outcome) -> Scene:
    """Two systems, and what each has as the day."""
    data = {"cancelled_on": before, "channel": "crm"}
    draft.items.append(pen.item("log2", "cancellation_log", data))
    draft.outcome = contradiction(("log", "log2"), ("cancellation_log",))
    draft.tag("conflicting_evidence")
    due = owed(draft.amount, ("log", "log2"), good.rests[:1])
    same = becomes("log", due, cancelled_on=before)
    return Scene(draft=draft, flips=(Flip(change="cancelled_on", apply=same),))


def returned(pen: Pen, draft: Draft, rests: tuple[str, ...]) -> Scene:
    """A return: booked in, not booked in, or booked in and not found."""
    amount = draft.amount
    due = owed(amount, ("return",), rests)
    bad = insufficient(amount, rests)
    data: dict[str, Any] = {
        "rma": draft.names["rma"],
        "received_on": (draft.processed_on - timedelta(days=pen.between(2, 7))).isoformat(),
        "refund_due_minor": amount if pen.chance(1, 2) else amount - pen.share(amount),
        "refunded": False,
    }
    draft.items = [
        pen.item("return", "return_log", data),
        order_item(pen, draft),
    ]
    draft.outcome = due
    not_yet = becomes("return", bad, received_on=None)
    flips: tuple[Flip, ...] = (Flip(change="received_on", apply=not_yet),)
    note = {"channel": "internal", "parcel_found": False, "rma": draft.names["rma"]}
    disagree = contradiction(("note", "return"), ("customer_communication", "return_log"))
    match pen.variant % 5:
        case 1:
            draft.items.append(pen.item("note", "customer_communication", note, "no_parcel"))
            draft.outcome = disagree
            draft.tag("conflicting_evidence")
            other = becomes("note", due, rma=f"RMA-{pen.between(100, 999)}")
            flips = (Flip(change="rma", apply=other),)
        case 2:
            policy = {"shown_at": "checkout"}
            draft.items[0] = pen.item("policy", "refund_policy", policy)
            draft.outcome = bad
            draft.tag("tempting_evidence")
            flips = ()
        case 3:
            back = becomes("return", due, received_on=data["received_on"])
            draft.item("return").data["received_on"] = None
            draft.outcome = bad
            flips = (Flip(change="received_on", apply=back),)
        case _:
            pass
    return Scene(draft=draft, flips=flips)


def promise(pen: Pen, draft: Draft, rests: tuple[str, ...]) -> None:
    """A refund that we promised and no report shows."""
    sent = draft.processed_on - timedelta(days=pen.between(4, 8))
    note = {
        "channel": "email",
        "promised_refund_minor": draft.amount,
        "sent_on": sent.isoformat(),
    }
    report: dict[str, Any] = {"refunds": []}
    draft.items += [
        pen.item("promise", "customer_communication", note, "promise"),
        pen.item("report", "settlement_record", report, "no_refunds"),
    ]
    draft.outcome = owed(draft.amount, ("promise", "report"), rests)


def town(place: str) -> str:
    """The last parts of an address: no street, no number."""
    return place.rsplit(", ", 1)[-1] if ", " in place else place[:6]
