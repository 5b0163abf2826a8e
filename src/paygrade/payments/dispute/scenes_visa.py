"""Scenes of the Visa codes: a rule and an outcome first, then the facts that entail it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

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

FRAUD_RULES: Final = ("V-10.4-3DS", "V-10.4-AVS", "V-CE3-A", "V-CE3-B")
"""The remedies of 10.4: a case of it shows them all."""


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


def becomes(outcome: Outcome | Callable[[Draft], Outcome], **data: object) -> Callable[..., None]:
    """Change fields of one item, and the outcome with them."""

    def make(key: str) -> Callable[[Draft], None]:
        def apply(draft: Draft) -> None:
            draft.item(key).data.update(data)
            draft.outcome = outcome(draft) if callable(outcome) else outcome

        return apply

    return make


def order_item(pen: Pen, draft: Draft, **data: object) -> Item:
    """The shop's record of the order."""
    return pen.item("order", "order_record", {"order": draft.names["order"], **data})


# 10.4, authenticated


def shift(pen: Pen) -> Scene:
    """Visa Secure: ECI, CAVV, the issuer's confirmation, the card and what is noted beside them."""
    draft = start(pen, "visa-secure", "10.4", ("fraud", "fraud_card_absent"), FRAUD_RULES)
    amount, rests = draft.amount, ("V-10.4-3DS",)
    good = contest("liability_shift_3ds", amount, ("shift",), rests)
    bad = insufficient(amount, rests)
    attempt = pen.chance(1, 2)
    data: dict[str, Any] = {
        "card_product": pen.pick(("credit", "debit")),
        "cavv": True,
        "eci": "06" if attempt else "05",
        "issuer_confirmed": not attempt,
        "monitoring_programme": None,
        "regional_exception": None,
    }
    draft.items = [order_item(pen, draft), pen.item("shift", "three_ds_result", data)]
    if pen.chance(1, 2):
        check = {"avs": pen.pick(("N", "U", "Z")), "cvv": "M"}
        draft.items.append(pen.item("avs", "avs_cvv_result", check))
    draft.outcome = good
    flips = [
        Flip(change="cavv", apply=becomes(bad, cavv=False)("shift")),
        Flip(change="eci", apply=becomes(bad, eci="07")("shift")),
        Flip(
            change="monitoring_programme",
            apply=becomes(bad, monitoring_programme="listed since the quarter before")("shift"),
        ),
        Flip(
            change="regional_exception",
            apply=becomes(bad, regional_exception="domestic rule")("shift"),
        ),
    ]
    if attempt:
        prepaid = becomes(bad, card_product="prepaid_non_reloadable")("shift")
        flips += [Flip(change="card_product", apply=prepaid)] * 2
    else:
        flips += [Flip(change="issuer", apply=becomes(bad, issuer_confirmed=False)("shift"))] * 2
    match pen.variant % 6:
        case 1:
            _some_came_back(pen, draft, "liability_shift_3ds", ("shift",), rests)
            flips = []
        case 2:
            return _two_messages(pen, draft)
        case 3:
            return not_here(pen, draft, "shift", "three_ds_result", "liability_shift_3ds", rests)
        case 4:
            draft.item("shift").data.update({"cavv": False, "eci": "07", "issuer_confirmed": False})
            draft.outcome = bad
            flips = []
        case _:
            pass
    return Scene(draft=draft, flips=tuple(flips))


def _some_came_back(
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


def _two_messages(pen: Pen, draft: Draft) -> Scene:
    """What was sent in the authorisation, and what the gateway logged."""
    logged = draft.item("shift").data
    sent = {
        "amount_minor": draft.amount,
        "approved": True,
        "approved_on": draft.sold_on.isoformat(),
        "cavv": logged["cavv"],
        "currency": draft.currency,
        "eci": logged["eci"],
    }
    draft.items.append(pen.item("sent", "auth_record", sent, "auth_message"))
    disagree = contradiction(("sent", "shift"), ("auth_record", "three_ds_result"))
    change = Flip(
        change="eci_as_sent",
        apply=becomes(disagree, eci="07", cavv=False)("sent"),
        kinds=("conflicting_evidence",),
    )
    if pen.chance(1, 2):
        agree = draft.outcome
        same = becomes(agree, eci=logged["eci"], cavv=logged["cavv"])("sent")
        change.apply(draft)
        draft.tag("conflicting_evidence")
        change = Flip(change="eci_as_sent", apply=same)
    return Scene(draft=draft, flips=(change,))


def not_here(  # noqa: PLR0913, PLR0917 - which record, of which kind, for which strategy
    pen: Pen, draft: Draft, key: str, kind: str, strategy: str, rests: tuple[str, ...]
) -> Scene:
    """The deciding record is said to exist. The twin has no such word: nothing is met then."""
    draft.items = [each for each in draft.items if each.key != key]
    data = {"channel": "internal", "refers_to": kind, "attached": False}
    draft.items.append(pen.item("note", "customer_communication", data, "absent"))
    draft.outcome = elsewhere(strategy, ("note",), rests)
    draft.tag("missing_data")
    other = becomes(insufficient(draft.amount, rests), refers_to="customer_signature")("note")
    return Scene(draft=draft, flips=(Flip(change="record_spoken_of", apply=other),))


# 10.4, Compelling Evidence


def _prior(pen: Pen, draft: Draft, key: str, age: int, links: tuple[str, ...]) -> Item:
    """An earlier transaction of an age in days, with these elements equal."""
    data: dict[str, Any] = {
        "credential": draft.names["credential"],
        "description": pen.goods(),
        "disputed": False,
        "processed_on": (draft.processed_on - timedelta(days=age)).isoformat(),
        "reported_as_fraud": False,
    }
    other: dict[str, Callable[[], str]] = {
        "device_id": lambda: pen.hex(20),
        "device_fingerprint": lambda: f"fp:{pen.hex(24)}",
        "ip": pen.ip,
        "login_id": pen.login,
        "delivery_address": pen.address,
    }
    for name in ("device_fingerprint", "device_id", "ip", "login_id", "delivery_address"):
        if name in links:
            data[name] = draft.signals[name]
        elif name in draft.signals and pen.chance(1, 2):
            value = other[name]()
            data[name] = value if value != draft.signals[name] else value[:-1]
    return pen.item(key, "prior_transactions", data, "prior")


_PAIRS: Final = (
    ("ip", "login_id"),
    ("ip", "device_id"),
    ("device_id", "login_id"),
    ("device_fingerprint", "login_id"),
    ("ip", "delivery_address"),
    ("device_id", "delivery_address"),
)


def earlier(pen: Pen) -> Scene:
    """Two earlier transactions: their age, their card, what is known of them, what is equal."""
    draft = start(pen, "visa-earlier-sales", "10.4", ("fraud", "fraud_card_absent"), FRAUD_RULES)
    if draft.processed_on <= date(2026, 10, 23):
        rests: tuple[str, ...] = ("V-CE3-A",)
    else:
        rests = ("V-CE3-A", "V-CE3-B")
    first, second = pen.pick(_PAIRS), pen.pick(_PAIRS)
    _signals(pen, draft, {*first, *second})
    youngest, oldest = pen.chance(1, 2), pen.chance(1, 2)
    ages = (121 if youngest else pen.between(125, 240), 365 if oldest else pen.between(250, 360))
    draft.items = [
        order_item(pen, draft),
        _prior(pen, draft, "young", ages[0], first),
        _prior(pen, draft, "old", ages[1], second),
    ]
    amount = draft.amount
    good, bad = contest("ce3", amount, ("young", "old"), rests), insufficient(amount, rests)
    draft.outcome = good
    flips = [
        Flip(change="reported_as_fraud", apply=becomes(bad, reported_as_fraud=True)("old")),
        Flip(change="disputed", apply=becomes(bad, disputed=True)("young")),
        Flip(change="credential", apply=becomes(bad, credential=_other_card(draft))("old")),
    ]
    if youngest:
        day = (draft.processed_on - timedelta(days=120)).isoformat()
        apply = becomes(bad, processed_on=day)("young")
        flips += [Flip(change="age_121_to_120", apply=apply, kinds=("off_by_one",))] * 3
    if oldest:
        day = (draft.processed_on - timedelta(days=366)).isoformat()
        apply = becomes(bad, processed_on=day)("old")
        flips += [Flip(change="age_365_to_366", apply=apply, kinds=("off_by_one",))] * 3
    if youngest or oldest:
        draft.tag("off_by_one")
    absent = pen.variant % 6 == 3  # noqa: PLR2004 - one variant in six
    if not absent and (pen.variant % 6 in {1, 2} or pen.kind == "distractor_evidence"):
        _more_sales(pen, draft, first)
    if absent:
        return not_here(
            pen, _without(draft, "young"), "old", "prior_transactions", "ce3", rests
        )
    if pen.variant % 6 == 4:  # noqa: PLR2004 - one variant in six
        flip = pen.pick(flips)
        draft = draft.copy()
        back = {key: dict(draft.item(key).data) for key in ("young", "old")}
        flip.apply(draft)
        draft.tag("tempting_evidence", *flip.kinds)
        flips = [Flip(change=flip.change, apply=_put_back(good, back))]
    return Scene(draft=draft, flips=tuple(flips))


def _put_back(outcome: Outcome, back: dict[str, dict[str, Any]]) -> Callable[[Draft], None]:
    def apply(draft: Draft) -> None:
        for key, data in back.items():
            draft.item(key).data = dict(data)
        draft.outcome = outcome

    return apply


def _without(draft: Draft, key: str) -> Draft:
    draft.items = [each for each in draft.items if each.key != key]
    draft.kinds = [kind for kind in draft.kinds if kind != "off_by_one"]
    return draft


def _other_card(draft: Draft) -> str:
    last = draft.names["credential"][-1]
    return draft.names["credential"][:-1] + str((int(last) + 1) % 10)


def _signals(pen: Pen, draft: Draft, names: set[str]) -> None:
    """What is known of the disputed transaction."""
    known: dict[str, Callable[[], str]] = {
        "delivery_address": pen.address,
        "device_fingerprint": lambda: f"fp:{pen.hex(24)}",
        "device_id": lambda: pen.hex(20),
        "ip": pen.ip,
        "login_id": pen.login,
    }
    draft.signals = {name: draw() for name, draw in known.items() if name in names}


def _more_sales(pen: Pen, draft: Draft, links: tuple[str, ...]) -> None:
    """Earlier transactions that count for nothing: too young, too old, another card, disputed."""
    young = _prior(pen, draft, "too-young", pen.between(15, 119), links)
    old = _prior(pen, draft, "too-old", pen.between(367, 500), links)
    card = _prior(pen, draft, "other-card", pen.between(130, 350), links)
    card.data["credential"] = _other_card(draft)
    more = pen.shuffled((young, old, card))[: pen.between(1, 3)]
    draft.items += more
    draft.distractors += [each.key for each in more]
    draft.tag("distractor_evidence")


def element_count(pen: Pen) -> Scene:
    """Device id and fingerprint are two elements until 23 October 2026, and one from the 24th."""
    before = pen.chance(1, 2)
    last = date(2026, 10, 23)
    day = last if before else last + timedelta(days=1)
    draft = start(
        pen,
        "visa-device-counts-once",
        "10.4",
        ("fraud", "fraud_card_absent"),
        FRAUD_RULES,
        processed_on=day,
    )
    _signals(pen, draft, {"device_fingerprint", "device_id", "ip", "login_id"})
    links = ("device_fingerprint", "device_id")
    draft.items = [
        order_item(pen, draft),
        _prior(pen, draft, "young", pen.between(130, 230), links),
        _prior(pen, draft, "old", pen.between(240, 355), links),
    ]
    for key in ("young", "old"):
        draft.item(key).data["login_id"] = "guest"
        draft.item(key).data["ip"] = pen.ip()
    amount = draft.amount
    good = contest("ce3", amount, ("young", "old"), ("V-CE3-A",))
    bad = insufficient(amount, ("V-CE3-A", "V-CE3-B"))
    draft.outcome = good if before else bad
    draft.tag("rule_version")

    def other_day(twin: Draft) -> None:
        twin.processed_on = last + timedelta(days=1) if before else last
        twin.outcome = bad if before else good

    flips = [Flip(change="processed_on_across_october_24", apply=other_day)]
    if not before:
        login = draft.signals["login_id"]

        def linked(twin: Draft) -> None:
            twin.item("young").data["login_id"] = login
            twin.item("old").data["login_id"] = login
            twin.outcome = contest("ce3", amount, ("young", "old"), ("V-CE3-A", "V-CE3-B"))

        if pen.chance(1, 3):
            flips = [Flip(change="login_id", apply=linked)]
    return Scene(draft=draft, flips=tuple(flips))


# 10.4, delivered to the address that AVS confirmed


def address(pen: Pen) -> Scene:
    """AVS Y or M, and a delivery to that very address."""
    draft = start(pen, "visa-avs", "10.4", ("fraud", "fraud_card_absent"), FRAUD_RULES)
    place, rests = pen.address(), ("V-10.4-AVS",)
    good = contest("delivery_address_match", draft.amount, ("avs", "proof"), rests)
    bad = insufficient(draft.amount, rests)
    draft.items = [
        order_item(pen, draft, ship_to=place),
        pen.item(
            "avs", "avs_cvv_result", {"address": place, "avs": pen.pick(("Y", "M")), "cvv": "M"}
        ),
        proof(pen, draft, place),
    ]
    draft.outcome = good
    letter = pen.pick(("N", "A", "Z", "U"))
    other = pen.address()
    while other == place:
        other = pen.address()
    flips = (
        Flip(change="avs_y_to_n", apply=becomes(bad, avs="N")("avs")),
        Flip(change="avs_letter", apply=becomes(bad, avs=letter)("avs")),
        Flip(change="delivery_address", apply=becomes(bad, address=other)("proof")),
    )
    match pen.variant % 5:
        case 1:
            flips[1].apply(draft)
            draft.tag("tempting_evidence")
            back = becomes(good, avs="Y")("avs")
            return Scene(draft=draft, flips=(Flip(change="avs_letter", apply=back),))
        case 2:
            return not_here(pen, draft, "avs", "avs_cvv_result", "delivery_address_match", rests)
        case 3:
            _some_came_back(pen, draft, "delivery_address_match", ("avs", "proof"), rests)
            return Scene(draft=draft)
        case _:
            return Scene(draft=draft, flips=flips)


def proof(pen: Pen, draft: Draft, place: str, key: str = "proof", parcel: str = "") -> Item:
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


# 13.1


def _town(place: str) -> str:
    """The last parts of an address: no street, no number."""
    return place.rsplit(", ", 1)[-1] if ", " in place else place[:6]


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
    while _town(place) == place:
        place = pen.address()
    other = pen.address()
    while other == place:
        other = pen.address()
    draft.items = [order_item(pen, draft, ship_to=place), proof(pen, draft, place)]
    rests = NOT_RECEIVED
    good = contest("delivery_proof", draft.amount, ("proof",), rests)
    bad = insufficient(draft.amount, ("V-13.1-ADDR",))
    draft.outcome = good
    to_town = becomes(bad, address=_town(place))("proof")
    flips: tuple[Flip, ...] = (
        Flip(change="partial_address", apply=to_town, kinds=("tempting_evidence",)),
        Flip(change="other_address", apply=becomes(bad, address=other)("proof")),
    )
    if across:
        draft.item("proof").data["address"] = _town(place)
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
            back = becomes(good, address=place)("proof")
            to_town(draft)
            draft.tag("tempting_evidence")
            return Scene(draft=draft, flips=(Flip(change="partial_address", apply=back),))
        case _:
            return Scene(draft=draft, flips=flips)


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


def two_parcels(pen: Pen) -> Scene:
    """Two lines: one delivered; the other lost, cancelled by us, on its way, or delivered too."""
    rests = NOT_RECEIVED
    draft = start(
        pen, "visa-two-parcels", "13.1", ("consumer", "not_received"), rests
    )
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

    match pen.variant % 4:
        case 0:
            letter = {"carrier": carrier, "status": "lost", "tracking": second}
            draft.items.append(pen.item("letter", "carrier_statement", letter))
            draft.outcome = some
            wrong = becomes(unproven, tracking=pen.tracking())("letter")
            flips = (Flip(change="parcel_number", apply=wrong),)
        case 1:
            line = next(each for each in lines if each["tracking"] == second)
            del line["tracking"]
            line.update({"refunded": False, "status": "cancelled_by_us"})
            draft.outcome = partly(
                "delivery_proof", draft.amount, part, ("order", "proof"), rests
            )
            flips = ()
        case 2:
            scan = {
                "carrier": carrier,
                "last_scan": (draft.sold_on + timedelta(days=5)).isoformat(),
                "tracking": second,
            }
            draft.items.append(pen.item("transit", "tracking_in_transit", scan))
            draft.outcome = unproven
            flips = ()
        case _:
            draft.items.append(proof(pen, draft, place, "proof2", second))
            draft.outcome = all_of_it

            def one_is_elsewhere(twin: Draft) -> None:
                twin.item("proof2").data["address"] = _town(place)
                twin.outcome = unproven

            flips = (Flip(change="partial_address", apply=one_is_elsewhere),)
    return Scene(draft=draft, flips=flips)


# 13.2, 13.3, 13.6


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
        change="cancelled_before", apply=becomes(due, cancelled_on=before)("log"), kinds=kinds
    )
    flips = [earlier_day, earlier_day]
    if draft.network == "visa":  # Amex does not say whose the day of the charge itself is
        same = becomes(bad, cancelled_on=draft.sold_on.isoformat())("log")
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
            later = becomes(good, cancelled_on=after)("log")
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
    same = becomes(due, cancelled_on=before)("log")
    return Scene(draft=draft, flips=(Flip(change="cancelled_on", apply=same),))


def not_as_described(pen: Pen) -> Scene:
    """13.3: returned and not refunded, said to be returned, or only policies to show."""
    rests = ("V-13.3-DESC",)
    draft = start(
        pen, "visa-not-as-described", "13.3", ("consumer", "not_as_described"), rests
    )
    return returned(pen, draft, rests)


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
        pen.item("listing", "product_description", {"listing": f"L-{pen.between(10_000, 99_999)}"}),
    ]
    draft.outcome = due
    flips = (Flip(change="received_on", apply=becomes(bad, received_on=None)("return")),)
    note = {"channel": "internal", "parcel_found": False, "rma": draft.names["rma"]}
    disagree = contradiction(("note", "return"), ("customer_communication", "return_log"))
    match pen.variant % 5:
        case 1:
            draft.items.append(pen.item("note", "customer_communication", note, "no_parcel"))
            draft.outcome = disagree
            draft.tag("conflicting_evidence")
            other = becomes(due, rma=f"RMA-{pen.between(100, 999)}")("note")
            flips = (Flip(change="rma", apply=other),)
        case 2:
            policy = {"shown_at": "checkout"}
            draft.items[0] = pen.item("policy", "refund_policy", policy)
            draft.outcome = bad
            draft.tag("tempting_evidence")
            flips = ()
        case 3:
            back = becomes(due, received_on=data["received_on"])("return")
            draft.item("return").data["received_on"] = None
            draft.outcome = bad
            flips = (Flip(change="received_on", apply=back),)
        case _:
            pass
    return Scene(draft=draft, flips=flips)


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
            apply=becomes(due, status=pen.pick(("returned_by_issuer", "failed")))("refund"),
        )
    ]
    match pen.variant % 6:
        case 1:
            draft.item("refund").data["status"] = "returned_by_issuer"
            draft.outcome = due
            back = becomes(good, status="processed")("refund")
            flips = [Flip(change="refund_status", apply=back)]
        case 2:
            draft.tag("conflicting_evidence")
            report: dict[str, Any] = {"refunds": []}
            draft.items.append(pen.item("report", "settlement_record", report, "no_refunds"))
            kinds = ("refund_record", "settlement_record")
            draft.outcome = contradiction(("refund", "report"), kinds)
            line = [{"amount_minor": amount, "processed_on": paid_on.isoformat()}]
            flips = [Flip(change="refund_in_report", apply=becomes(good, refunds=line)("report"))]
        case 3:
            return not_here(pen, draft, "refund", "refund_record", "credit_already_issued", rests)
        case 4:
            draft.items = [order_item(pen, draft)]
            promise(pen, draft, rests)
            flips = []
        case _:
            pass
    return Scene(draft=draft, flips=tuple(flips))


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


# 12.5, 12.6.1


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
    less = becomes(bad, amount_minor=amount + other - 1)("approval")
    draft.outcome = good
    flips = [Flip(change="approved_one_less", apply=less, kinds=("off_by_one",))]
    match pen.variant % 4:
        case 2:
            less(draft)
            draft.tag("off_by_one")
            back = becomes(good, amount_minor=amount + other)("approval")
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
    flips = (Flip(change="bill_total", apply=becomes(bad, total_minor=draft.paid)("bill")),)
    if pen.variant % 3 == 1:
        back = becomes(due, total_minor=agreed)("bill")
        draft.item("bill").data["total_minor"] = draft.paid
        draft.outcome = bad
        flips = (Flip(change="bill_total", apply=back),)
    return Scene(draft=draft, flips=flips)
