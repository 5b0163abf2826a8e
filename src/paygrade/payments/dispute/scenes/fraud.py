"""Scenes of Visa 10.4: a remedy and an outcome first, then the facts that entail it."""

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
    insufficient,
)
from paygrade.payments.dispute.scenes.kit import (
    becomes,
    not_here,
    order_item,
    proof,
    some_came_back,
    start,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from paygrade.payments.dispute.pen import Pen


FRAUD_RULES: Final = ("V-10.4-3DS", "V-10.4-AVS", "V-CE3-A", "V-CE3-B")


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
        Flip(change="cavv", apply=becomes("shift", bad, cavv=False)),
        Flip(change="eci", apply=becomes("shift", bad, eci="07")),
        Flip(
            change="monitoring_programme",
            apply=becomes("shift", bad, monitoring_programme="listed since the quarter before"),
        ),
        Flip(
            change="regional_exception",
            apply=becomes("shift", bad, regional_exception="domestic rule"),
        ),
    ]
    if attempt:
        prepaid = becomes("shift", bad, card_product="prepaid_non_reloadable")
        flips += [Flip(change="card_product", apply=prepaid)] * 2
    else:
        flips += [Flip(change="issuer", apply=becomes("shift", bad, issuer_confirmed=False))] * 2
    match pen.variant % 6:
        case 1:
            some_came_back(pen, draft, "liability_shift_3ds", ("shift",), rests)
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
        apply=becomes("sent", disagree, eci="07", cavv=False),
        kinds=("conflicting_evidence",),
    )
    if pen.chance(1, 2):
        agree = draft.outcome
        same = becomes("sent", agree, eci=logged["eci"], cavv=logged["cavv"])
        change.apply(draft)
        draft.tag("conflicting_evidence")
        change = Flip(change="eci_as_sent", apply=same)
    return Scene(draft=draft, flips=(change,))


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
        Flip(change="reported_as_fraud", apply=becomes("old", bad, reported_as_fraud=True)),
        Flip(change="disputed", apply=becomes("young", bad, disputed=True)),
        Flip(change="credential", apply=becomes("old", bad, credential=_other_card(draft))),
    ]
    if youngest:
        day = (draft.processed_on - timedelta(days=120)).isoformat()
        apply = becomes("young", bad, processed_on=day)
        flips += [Flip(change="age_121_to_120", apply=apply, kinds=("off_by_one",))] * 3
    if oldest:
        day = (draft.processed_on - timedelta(days=366)).isoformat()
        apply = becomes("old", bad, processed_on=day)
        flips += [Flip(change="age_365_to_366", apply=apply, kinds=("off_by_one",))] * 3
    if youngest or oldest:
        draft.tag("off_by_one")
    absent = pen.variant % 6 == 3  # noqa: PLR2004 - one variant in six
    if not absent and (pen.variant % 6 in {1, 2} or pen.kind == "distractor_evidence"):
        _more_sales(pen, draft, first)
    if absent:
        return not_here(pen, _without(draft, "young"), "old", "prior_transactions", "ce3", rests)
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
    login = f"{draft.signals['login_id']}x"
    for key in ("young", "old"):
        draft.item(key).data["login_id"] = login
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
    if not before and pen.chance(1, 3):

        def same_login(twin: Draft) -> None:
            twin.signals["login_id"] = login
            twin.outcome = contest("ce3", amount, ("young", "old"), ("V-CE3-A", "V-CE3-B"))

        flips = [Flip(change="login_id", apply=same_login)]
    return Scene(draft=draft, flips=tuple(flips))


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
    to_n = Flip(change="avs_y_to_n", apply=becomes("avs", bad, avs="N"))
    flips = (
        to_n,
        to_n,
        Flip(change="avs_letter", apply=becomes("avs", bad, avs=letter)),
        Flip(change="delivery_address", apply=becomes("proof", bad, address=other)),
    )
    match pen.variant % 5:
        case 1:
            flips[2].apply(draft)
            draft.tag("tempting_evidence")
            back = becomes("avs", good, avs="Y")
            return Scene(draft=draft, flips=(Flip(change="avs_letter", apply=back),))
        case 2:
            return not_here(pen, draft, "avs", "avs_cvv_result", "delivery_address_match", rests)
        case 3:
            some_came_back(pen, draft, "delivery_address_match", ("avs", "proof"), rests)
            return Scene(draft=draft)
        case _:
            return Scene(draft=draft, flips=flips)
