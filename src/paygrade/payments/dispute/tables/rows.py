"""Rows about codes, remedies and contradictions: which holds when, and what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

from paygrade.payments.dispute.tables.facts import Found, ordinal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from paygrade.payments.dispute.tables.facts import Facts, Item

# Codes: network, code, sub-reason; category, issue type


MEANING: Final[Mapping[tuple[str, str, str], tuple[str, str]]] = {
    ("visa", "10.4", ""): ("fraud", "fraud_card_absent"),
    ("visa", "12.5", ""): ("processing_error", "incorrect_amount"),
    ("visa", "12.6.1", ""): ("processing_error", "duplicate"),
    ("visa", "13.1", ""): ("consumer", "not_received"),
    ("visa", "13.2", ""): ("consumer", "cancelled_recurring"),
    ("visa", "13.3", ""): ("consumer", "not_as_described"),
    ("visa", "13.6", ""): ("consumer", "credit_not_processed"),
    ("mastercard", "4808", ""): ("authorization", "authorization"),
    ("mastercard", "4834", "duplicate"): ("processing_error", "duplicate"),
    ("mastercard", "4837", ""): ("fraud", "fraud_card_absent"),
    ("mastercard", "4853", "goods_not_provided"): ("consumer", "not_received"),
    ("mastercard", "4853", "not_as_described"): ("consumer", "not_as_described"),
    ("mastercard", "4853", "credit_not_processed"): ("consumer", "credit_not_processed"),
    ("amex", "127", ""): ("inquiry", "unrecognized"),
    ("amex", "176", ""): ("inquiry", "unrecognized"),
    ("amex", "C02", ""): ("consumer", "credit_not_processed"),
    ("amex", "C28", ""): ("consumer", "cancelled_recurring"),
    ("discover", "AA", ""): ("consumer", "unrecognized"),
    ("discover", "RG", ""): ("consumer", "not_received"),
    ("upi", "U022", ""): ("upi_failed_transaction", "upi_debited_no_confirmation"),
    ("us_eft", "1005.11(a)(1)(i)", ""): ("fraud", "unauthorized_transfer"),
    ("us_eft", "1005.11(a)(1)(v)", ""): ("consumer", "cash_not_received"),
}

# Which claims say the same as an issue type; any other claim is another one
SAME_CLAIM: Final[Mapping[str, frozenset[str]]] = {
    issue: frozenset({"fraud_card_absent", "unauthorized_transfer", "unrecognized"})
    for issue in ("fraud_card_absent", "unauthorized_transfer", "unrecognized")
}


# Remedies: key, strategy, evidence types, first and last processing date, what meets it


@dataclass(frozen=True, slots=True)
class Remedy:
    """A row: for which code, between which processing dates, and the items that meet it."""

    key: tuple[str, str, str]
    strategy: str
    needs: tuple[str, ...]
    meets: Callable[[Facts], Found | None]
    first: str = "0001-01-01"
    last: str = "9999-12-31"


def _one(kind: str, holds: Callable[[Item, Facts], object]) -> Callable[[Facts], Found | None]:
    """One item of a kind is enough."""

    def meets(facts: Facts) -> Found | None:
        ids = [item["id"] for (item,) in facts.all(kind) if holds(item["data"], facts)]
        return Found(facts.amount, frozenset(ids[:1])) if ids else None

    return meets


def _two(
    first: str, second: str, holds: Callable[[Item, Item], object]
) -> Callable[[Facts], Found | None]:
    """One item of each of two kinds that fit together."""

    def meets(facts: Facts) -> Found | None:
        for one, other in facts.all(first, second):
            if holds(one["data"], other["data"]):
                return Found(facts.amount, frozenset({one["id"], other["id"]}))
        return None

    return meets


# ECI, issuer confirmed (None: either), card products that are excluded
SHIFTS: Final = (("05", True, ()), ("06", None, ("prepaid_non_reloadable",)))


def _shifted(data: Item, _facts: Facts) -> bool:
    noted = (data.get("monitoring_programme"), data.get("regional_exception"))
    return any(
        data.get("eci") == eci
        and data.get("cavv") is True
        and confirmed in {None, data.get("issuer_confirmed")}
        and data.get("card_product") not in excluded
        and not any(noted)
        for eci, confirmed, excluded in SHIFTS
    )


# Elements of Compelling Evidence: what counts as one, and whether one of them is strong
ELEMENTS_A: Final = (
    ({"device_id"}, True),
    ({"device_fingerprint"}, True),
    ({"ip"}, True),
    ({"login_id"}, False),
    ({"delivery_address"}, False),
)
ELEMENTS_B: Final = (
    ({"device_id", "device_fingerprint"}, True),
    ({"ip"}, True),
    ({"login_id"}, False),
    ({"delivery_address"}, False),
)


def _earlier(
    elements: tuple[tuple[set[str], bool], ...],
) -> Callable[[Facts], Found | None]:
    def meets(facts: Facts) -> Found | None:
        transaction = facts.case["transaction"]
        signals = {key: value for key, value in transaction["signals"].items() if value is not None}
        today = ordinal(facts.processed)
        good = set()
        for (item,) in facts.all("prior_transactions"):
            data = item["data"]
            same = {key for key, value in signals.items() if data.get(key) == value}
            hits = [strong for names, strong in elements if names & same]
            rows = (
                today - ordinal(data["processed_on"]) in range(121, 366),
                data["credential"] == transaction["credential"],
                not data["reported_as_fraud"],
                not data["disputed"],
                len(hits) > 1,
                any(hits),
            )
            if all(rows):
                good.add(item["id"])
        return Found(facts.amount, frozenset(good)) if len(good) > 1 else None

    return meets


def _parcels(*, part_of_address_is_enough: bool) -> Callable[[Facts], Found | None]:
    def meets(facts: Facts) -> Found | None:
        for (order,) in facts.all("order_record"):
            place = order["data"].get("ship_to", "")
            proofs = {
                proof["id"]: proof["data"].get("tracking")
                for (proof,) in facts.all("delivery_proof")
                if proof["data"].get("address")
                and place
                and (
                    proof["data"]["address"] == place
                    or (part_of_address_is_enough and proof["data"]["address"] in place)
                )
            }
            by_parcel = [
                (line.get("tracking"), line["amount_minor"])
                for line in order["data"].get("items", ())
            ]
            arrived = [amount for parcel, amount in by_parcel if parcel in proofs.values()]
            if proofs and (arrived or "items" not in order["data"]):
                whole = facts.amount if "items" not in order["data"] else sum(arrived)
                return Found(whole, frozenset(proofs))
        return None

    return meets


def _later(data: Item, facts: Facts) -> bool:
    return bool(data.get("cancelled_on", "") > facts.case["transaction"]["date"]) or (
        "entries" in data and not data["entries"]
    )


def _credited(data: Item, facts: Facts) -> bool:
    wanted = (facts.amount, facts.case["transaction"]["currency"], "processed")
    given = (data["amount_minor"], data["currency"], data["status"])
    return given == wanted and ordinal(data["processed_on"]) < ordinal(facts.processed)


def _adds_up(approval: Item, report: Item) -> bool:
    rows = report.get("clearings", ())
    return (
        len({row["sequence"] for row in rows}) == len(rows) >= 2  # noqa: PLR2004 - a split has two
        and all(row["auth_code"] == approval.get("auth_code") for row in rows)
        and sum(row["amount_minor"] for row in rows) - approval["amount_minor"] == 0
    )


def _approval_holds(data: Item, facts: Facts) -> bool:
    transaction = facts.case["transaction"]
    return (
        bool(data.get("approved"))
        and data["amount_minor"] - transaction["amount_minor"] >= 0
        and ordinal(data.get("valid_through", "0001-01-01")) >= ordinal(transaction["date"])
    )


def _own_use(data: Item, facts: Facts) -> bool:
    signals = facts.case["transaction"]["signals"]
    links = {(name, data.get(name)) for name in ("login_id", "ip") if data.get(name)}
    return bool(data.get("accesses")) and bool(links & set(signals.items()))


def _all_apart(data: Item, _facts: Facts) -> bool:
    rows = data.get("clearings", ())
    pairs = combinations(rows, 2)
    return bool(rows) and all(sale(one) != sale(other) for one, other in pairs)


_10_4: Final = ("visa", "10.4", "")
_13_1: Final = ("visa", "13.1", "")
_4853: Final = ("mastercard", "4853", "goods_not_provided")
_AVS: Final = _two(
    "avs_cvv_result",
    "delivery_proof",
    lambda check, proof: (
        check.get("avs") in ("Y", "M") and check.get("address", "") == proof.get("address")
    ),
)
_CE3: Final = ("prior_transactions",)
_LOG: Final = ("cancellation_log",)
_PROOF: Final = ("delivery_proof",)
_SHIFT: Final = ("three_ds_result",)
REMEDIES: Final = (
    Remedy(_10_4, "liability_shift_3ds", _SHIFT, _one("three_ds_result", _shifted)),
    Remedy(_10_4, "ce3", _CE3, _earlier(ELEMENTS_A), "2026-04-18", "2026-10-23"),
    Remedy(_10_4, "ce3", _CE3, _earlier(ELEMENTS_B), "2026-10-24"),
    Remedy(_10_4, "delivery_address_match", ("avs_cvv_result", "delivery_proof"), _AVS),
    Remedy(
        _13_1, "delivery_proof", _PROOF, _parcels(part_of_address_is_enough=True), last="2026-04-17"
    ),
    Remedy(
        _13_1, "delivery_proof", _PROOF, _parcels(part_of_address_is_enough=False), "2026-04-18"
    ),
    Remedy(_4853, "delivery_proof", _PROOF, _parcels(part_of_address_is_enough=False)),
    Remedy(
        ("visa", "13.2", ""),
        "cancelled_after_charge",
        _LOG,
        _one("cancellation_log", _later),
        "2026-04-18",
    ),
    Remedy(("amex", "C28", ""), "cancelled_after_charge", _LOG, _one("cancellation_log", _later)),
    Remedy(
        ("visa", "13.6", ""),
        "credit_already_issued",
        ("refund_record",),
        _one("refund_record", _credited),
    ),
    Remedy(
        ("visa", "12.6.1", ""),
        "split_shipment",
        ("auth_record", "settlement_record"),
        _two("auth_record", "settlement_record", _adds_up),
    ),
    Remedy(
        ("mastercard", "4834", "duplicate"),
        "no_duplicate",
        ("settlement_record",),
        _one("settlement_record", _all_apart),
    ),
    Remedy(
        ("mastercard", "4837", ""),
        "liability_shift_3ds",
        _SHIFT,
        _one("three_ds_result", lambda data, _: data.get("sli") in ("211", "212", "217", "242")),
    ),
    Remedy(
        ("mastercard", "4808", ""),
        "authorization_valid",
        ("auth_record",),
        _one("auth_record", _approval_holds),
    ),
    Remedy(("discover", "RG", ""), "usage_proof", ("usage_log",), _one("usage_log", _own_use)),
)


# Contradictions: issue types (empty: any), two kinds, when the two cannot both be right


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row: two records that contradict each other on what decides."""

    issues: frozenset[str]
    kinds: tuple[str, str]
    holds: Callable[[Item, Item, Facts], object]


CONFLICTS: Final = (
    Conflict(
        frozenset({"fraud_card_absent"}),
        ("auth_record", "three_ds_result"),
        lambda one, other, _: (
            "eci" in one and any(one.get(name) != other.get(name) for name in ("eci", "cavv"))
        ),
    ),
    Conflict(
        frozenset({"not_received"}),
        ("carrier_statement", "delivery_proof"),
        lambda one, other, _: (
            one.get("status") == "lost" and one.get("tracking") == other.get("tracking")
        ),
    ),
    Conflict(
        frozenset(),
        ("customer_communication", "return_log"),
        lambda one, other, _: (
            one.get("parcel_found") is False
            and one.get("rma") == other.get("rma")
            and is_back(other)
        ),
    ),
    Conflict(
        frozenset({"credit_not_processed"}),
        ("refund_record", "settlement_record"),
        lambda one, other, _: one.get("status") == "processed" and other.get("refunds") == [],
    ),
    Conflict(
        frozenset({"cancelled_recurring"}),
        ("cancellation_log", "cancellation_log"),
        lambda one, other, facts: (
            one.get("cancelled_on", "9999")
            < facts.case["transaction"]["date"]
            < other.get("cancelled_on", "0000")
        ),
    ),
    Conflict(
        frozenset({"authorization"}),
        ("auth_record", "auth_record"),
        lambda one, other, _: (one.get("approved"), other.get("approved")) == (True, False),
    ),
    Conflict(
        frozenset({"upi_debited_no_confirmation"}),
        ("settlement_record", "refund_record"),
        lambda one, other, _: one.get("reversed") is False and other.get("status") == "processed",
    ),
    Conflict(
        frozenset({"upi_debited_no_confirmation"}),
        ("settlement_record", "settlement_record"),
        lambda one, other, _: (one.get("reversed"), other.get("reversed")) == (False, True),
    ),
)

# A record that an item speaks of: the code it would decide, its kind, the strategy it would prove
ABSENT: Final = (
    (_10_4, "three_ds_result", "liability_shift_3ds"),
    (_10_4, "prior_transactions", "ce3"),
    (_10_4, "avs_cvv_result", "delivery_address_match"),
    (("visa", "12.6.1", ""), "auth_record", "split_shipment"),
    (_13_1, "delivery_proof", "delivery_proof"),
    (("visa", "13.2", ""), "cancellation_log", "cancelled_after_charge"),
    (("visa", "13.6", ""), "refund_record", "credit_already_issued"),
    (("mastercard", "4837", ""), "three_ds_result", "liability_shift_3ds"),
    (("mastercard", "4808", ""), "auth_record", "authorization_valid"),
    (_4853, "delivery_proof", "delivery_proof"),
    (("amex", "C28", ""), "cancellation_log", "cancelled_after_charge"),
    (("discover", "RG", ""), "usage_log", "usage_proof"),
)


def is_back(log: Item) -> bool:
    """Whether a return came back to us and was not refunded."""
    return log.get("refunded") is False and log.get("received_on") is not None


def sale(clearing: Item) -> object:
    """The purchase that a clearing belongs to, if it says so."""
    return clearing.get("basket", clearing.get("trip"))
