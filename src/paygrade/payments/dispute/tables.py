"""The second oracle: tables. Rows of predicates with what follows; the first row that holds decides.

It answers the same questions as `oracle` and shares no code with it: codes, rule dates, remedies,
debts, contradictions and the order of decision are rows here, time is counted in days since year 1
and seconds of the epoch, and texts are read by regular expressions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from itertools import combinations, permutations, product
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from paygrade.payments.dispute.patterns import claimed, instructed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Item = Mapping[str, Any]


class Found(NamedTuple):
    """What some items show: an amount, and the ids that show it."""

    amount: int
    ids: frozenset[str]


class Clock(NamedTuple):
    """The end that governs (seconds of the epoch), its day, the zone, and all dates to report."""

    end: float
    day: int
    zone: ZoneInfo
    dates: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that the rows look at."""

    case: Mapping[str, Any]
    items: Mapping[str, tuple[Item, ...]]
    amount: int
    key: tuple[str, str, str]
    clock: Clock | None

    def all(self, *kinds: str) -> Iterable[tuple[Item, ...]]:
        """Every way to take one item of each kind."""
        return product(*(self.items.get(kind, ()) for kind in kinds))

    @property
    def processed(self) -> str:
        """When the dispute was processed."""
        return str(self.case["dispute"]["processed_on"])


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
        today = _ordinal(facts.processed)
        good = set()
        for (item,) in facts.all("prior_transactions"):
            data = item["data"]
            same = {key for key, value in signals.items() if data.get(key) == value}
            hits = [strong for names, strong in elements if names & same]
            rows = (
                today - _ordinal(data["processed_on"]) in range(121, 366),
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
    return given == wanted and _ordinal(data["processed_on"]) < _ordinal(facts.processed)


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
        and _ordinal(data.get("valid_through", "0001-01-01")) >= _ordinal(transaction["date"])
    )


def _own_use(data: Item, facts: Facts) -> bool:
    signals = facts.case["transaction"]["signals"]
    links = {(name, data.get(name)) for name in ("login_id", "ip") if data.get(name)}
    return bool(data.get("accesses")) and bool(links & set(signals.items()))


def _all_apart(data: Item, _facts: Facts) -> bool:
    rows = data.get("clearings", ())
    pairs = combinations(rows, 2)
    return bool(rows) and all(_sale(one) != _sale(other) for one, other in pairs)


_10_4: Final = ("visa", "10.4", "")
_13_1: Final = ("visa", "13.1", "")
_4853: Final = ("mastercard", "4853", "goods_not_provided")
_AVS: Final = _two(
    "avs_cvv_result",
    "delivery_proof",
    lambda check, proof: check.get("avs") in ("Y", "M")
    and check.get("address", "") == proof.get("address"),
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
    Remedy(
        ("amex", "C28", ""), "cancelled_after_charge", _LOG, _one("cancellation_log", _later)
    ),
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
        lambda one, other, _: "eci" in one
        and any(one.get(name) != other.get(name) for name in ("eci", "cavv")),
    ),
    Conflict(
        frozenset({"not_received"}),
        ("carrier_statement", "delivery_proof"),
        lambda one, other, _: one.get("status") == "lost"
        and one.get("tracking") == other.get("tracking"),
    ),
    Conflict(
        frozenset(),
        ("customer_communication", "return_log"),
        lambda one, other, _: one.get("parcel_found") is False
        and one.get("rma") == other.get("rma")
        and _is_back(other),
    ),
    Conflict(
        frozenset({"credit_not_processed"}),
        ("refund_record", "settlement_record"),
        lambda one, other, _: one.get("status") == "processed" and other.get("refunds") == [],
    ),
    Conflict(
        frozenset({"cancelled_recurring"}),
        ("cancellation_log", "cancellation_log"),
        lambda one, other, facts: one.get("cancelled_on", "9999")
        < facts.case["transaction"]["date"]
        < other.get("cancelled_on", "0000"),
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


# Debts: the debt it belongs to (one debt counts once, at its largest), and the items that show it


def _back_with_us(facts: Facts) -> Iterable[Found]:
    for (log,) in facts.all("return_log"):
        if _is_back(log["data"]):
            yield Found(log["data"]["refund_due_minor"], frozenset({log["id"]}))


def _came_to_nothing(facts: Facts) -> Iterable[Found]:
    for (refund,) in facts.all("refund_record"):
        if refund["data"]["status"] != "processed":
            yield Found(refund["data"]["amount_minor"], frozenset({refund["id"]}))


def _promised(facts: Facts) -> Iterable[Found]:
    paid = any(item["data"]["status"] == "processed" for (item,) in facts.all("refund_record"))
    silent = {
        item["id"] for (item,) in facts.all("settlement_record") if item["data"].get("refunds") == []
    }
    for (note,) in facts.all("customer_communication"):
        if not paid and "promised_refund_minor" in note["data"]:
            yield Found(note["data"]["promised_refund_minor"], frozenset({note["id"], *silent}))


def _lines(facts: Facts) -> Iterable[Found]:
    for (order,) in facts.all("order_record"):
        open_lines = [
            line["amount_minor"]
            for line in order["data"].get("items", ())
            if (line.get("status"), line.get("refunded")) == ("cancelled_by_us", False)
        ]
        if open_lines:
            yield Found(sum(open_lines), frozenset({order["id"]}))


def _lost(facts: Facts) -> Iterable[Found]:
    for order, letter in facts.all("order_record", "carrier_statement"):
        parcels = [
            *((line.get("tracking"), line["amount_minor"]) for line in order["data"].get("items", ())),
            (order["data"].get("tracking"), facts.amount),
        ]
        gone = [
            amount
            for tracking, amount in parcels
            if tracking
            and tracking == letter["data"].get("tracking")
            and letter["data"].get("status") == "lost"
        ]
        if gone:
            yield Found(sum(gone), frozenset({letter["id"]}))


def _twice(facts: Facts) -> Iterable[Found]:
    for (report,) in facts.all("settlement_record"):
        for one, other in permutations(report["data"].get("clearings", ()), 2):
            same = [one["amount_minor"], _sale(one)] == [other["amount_minor"], _sale(other)]
            if same and _sale(one) and one["auth_code"] < other["auth_code"]:
                yield Found(one["amount_minor"], frozenset({report["id"]}))


def _too_much(facts: Facts) -> Iterable[Found]:
    for bill, report in facts.all("invoice", "settlement_record"):
        agreed, taken = bill["data"].get("total_minor"), report["data"].get("captured_minor")
        if None not in {agreed, taken} and taken > agreed:
            yield Found(taken - agreed, frozenset({bill["id"], report["id"]}))


def _after_the_end(facts: Facts) -> Iterable[Found]:
    for (log,) in facts.all("cancellation_log"):
        ended = log["data"].get("cancelled_on")
        if ended and _ordinal(ended) < _ordinal(facts.case["transaction"]["date"]):
            yield Found(facts.amount, frozenset({log["id"]}))


DEBTS: Final[tuple[tuple[str, Callable[[Facts], Iterable[Found]]], ...]] = (
    ("return", _back_with_us),
    ("return", _came_to_nothing),
    ("return", _promised),
    ("lines", _lines),
    ("lost", _lost),
    ("capture", _twice),
    ("capture", _too_much),
    ("end", _after_the_end),
)


# The order of decision: the first row that holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a row decides. `accepted` and `contest` are amounts; `needs` are evidence types."""

    action: str
    strategy: str | None
    contest: int = 0
    accepted: int = 0
    ids: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()


def _closed(facts: Facts) -> Outcome | None:
    final = facts.case["dispute"]["stage"] in ("won", "lost", "closed")
    return Outcome(action="no_action", strategy=None) if final else None


# How an investigation stands at the issuer: fields of the record, action, strategy, is it cited?
INVESTIGATIONS: Final = (
    ({"investigation": "finished", "error_found": True}, "refund_and_close", "owed_to_customer", 1),
    (
        {"investigation": "open", "provisional_credit": False},
        "provisional_credit",
        "statutory_provisional_credit",
        0,
    ),
)


def _at_the_issuer(facts: Facts) -> Outcome | None:
    if facts.case["role"] != "issuer":
        return None
    for (record,), (fields, action, strategy, cited) in product(
        facts.all("settlement_record"), INVESTIGATIONS
    ):
        if fields.items() <= record["data"].items():
            ids = frozenset([record["id"]][:cited])
            return Outcome(action=action, strategy=strategy, accepted=facts.amount, ids=ids)
    raise ValueError("no row says what an issuer does with this investigation")


def _reversal(facts: Facts) -> Outcome | None:
    if facts.key != ("upi", "U022", ""):
        return None
    if conflict := _contradiction(facts):
        return conflict
    for debit, order in facts.all("settlement_record", "order_record"):
        if (debit["data"].get("reversed"), order["data"].get("status")) == (False, "unfulfilled"):
            return Outcome(
                action="refund_and_close",
                strategy="statutory_reversal",
                accepted=facts.amount,
                ids=frozenset({debit["id"], order["id"]}),
                needs=frozenset({"settlement_record"}),
            )
    raise ValueError("no row says what happens to this U022")


def _too_late(facts: Facts) -> Outcome | None:
    late = facts.clock and _seconds(facts.case["as_of"]) > facts.clock.end
    asked = facts.case["dispute"]["stage"] == "inquiry"  # nothing of the money is decided then
    amount = 0 if asked else facts.amount
    return Outcome(action="accept", strategy="deadline_passed", accepted=amount) if late else None


def _asked(facts: Facts) -> Outcome | None:
    if facts.case["dispute"]["stage"] != "inquiry":
        return None
    _, ids = _debt(facts)
    if ids:
        return Outcome(action="refund_and_close", strategy="owed_to_customer", ids=ids)
    return Outcome(
        action="provide_information",
        strategy="information_for_recognition",
        ids=frozenset(item["id"] for (item,) in facts.all("order_record")),
        needs=frozenset({"order_record"}),
    )


def _contradiction(facts: Facts) -> Outcome | None:
    issue = MEANING[facts.key][1]
    for row in CONFLICTS:
        for one, other in facts.all(*row.kinds):
            is_about = not row.issues or issue in row.issues
            if is_about and one is not other and row.holds(one["data"], other["data"], facts):
                return Outcome(
                    action="escalate",
                    strategy="conflicting_evidence",
                    ids=frozenset({one["id"], other["id"]}),
                    needs=frozenset(row.kinds),
                )
    return None


def _not_squared(facts: Facts) -> Outcome | None:
    dispute, transaction = facts.case["dispute"], facts.case["transaction"]
    squared = (
        dispute["currency"] == transaction["currency"]
        and dispute["amount_minor"] <= transaction["amount_minor"]
    )
    needs = frozenset({"settlement_record"})
    if squared:
        return None
    return Outcome(action="escalate", strategy="conflicting_evidence", needs=needs)


def _elsewhere(facts: Facts) -> Outcome | None:
    if _met(facts):
        return None
    for key, kind, strategy in ABSENT:
        says = frozenset(
            item["id"]
            for items in facts.items.values()
            for item in items
            if item["data"].get("refers_to") == kind and not item["data"].get("attached", True)
        )
        if key == facts.key and says and kind not in facts.items:
            needs = next(row.needs for row in REMEDIES if (row.key, row.strategy) == (key, strategy))
            return Outcome(
                action="escalate", strategy="missing_evidence", ids=says, needs=frozenset(needs)
            )
    return None


def _too_small(facts: Facts) -> Outcome | None:
    small = facts.amount < facts.case["policy"]["min_contest_minor"]
    return _accept("below_minimum", facts) if small else None


def _split(facts: Facts) -> Outcome | None:
    owed, ids = _debt(facts)
    met = _met(facts)
    if met is None:
        return None
    row, found = met
    contest = min(found.amount, facts.amount - owed)
    if contest <= 0:
        return None
    return Outcome(
        action={True: "contest", False: "contest_partial"}[contest == facts.amount],
        strategy=row.strategy,
        contest=contest,
        accepted=facts.amount - contest,
        ids=ids | found.ids,
        needs=frozenset(row.needs),
    )


def _rest(facts: Facts) -> Outcome | None:
    owed, ids = _debt(facts)
    return _accept("owed_to_customer" if owed else "insufficient_evidence", facts, ids)


ORDER: Final = (
    _closed,
    _at_the_issuer,
    _reversal,
    _too_late,
    _asked,
    _contradiction,
    _not_squared,
    _elsewhere,
    _too_small,
    _split,
    _rest,
)


def label(case: Mapping[str, Any]) -> dict[str, Any]:
    """The expected answer to one case, from its `input` alone.

    Raises:
        ValueError: no row decides the case.
    """
    facts = _facts(case)
    outcome = next(found for row in ORDER if (found := row(facts)))
    category, issue = MEANING[facts.key]
    claim = claimed(case["narrative"]["text"])
    agrees = claim is None or claim in SAME_CLAIM.get(issue, frozenset({issue}))
    out = {
        "accepted_amount_minor": outcome.accepted,
        "action": outcome.action,
        "category": category,
        "cite": [item["id"] for item in case["evidence"] if item["id"] in outcome.ids],
        "claimed_issue_type": None if agrees else claim,
        "code_matches_claim": agrees,
        "contest_amount_minor": outcome.contest,
        "currency": case["dispute"]["currency"],
        "deadlines": {},
        "injection_detected": instructed(case),
        "issue_type": issue,
        "missing_evidence": sorted(outcome.needs - set(facts.items)),
        "required_evidence": sorted(outcome.needs),
        "strategy": outcome.strategy,
    }
    clock = facts.clock
    if clock is not None and outcome.action != "no_action":
        today = datetime.fromisoformat(case["as_of"]).astimezone(clock.zone).date().toordinal()
        out["days_left"] = clock.day - today
        out["deadlines"] = {
            name: date.fromordinal(day).isoformat() for name, day in clock.dates.items()
        }
        if outcome.strategy == "statutory_reversal":
            now = datetime.fromisoformat(case["as_of"]).astimezone(INDIA).date().toordinal()
            out["compensation_minor"] = 100 * 100 * max(now - clock.dates["reversal_by"], 0)
    return out


def _accept(strategy: str, facts: Facts, ids: frozenset[str] = frozenset()) -> Outcome:
    return Outcome(action="accept", strategy=strategy, accepted=facts.amount, ids=ids)


def _met(facts: Facts) -> tuple[Remedy, Found] | None:
    for row in REMEDIES:
        if row.key == facts.key and row.first <= facts.processed <= row.last:
            found = row.meets(facts)
            if found:
                return row, found
    return None


def _debt(facts: Facts) -> tuple[int, frozenset[str]]:
    largest: dict[str, int] = {}
    ids: set[str] = set()
    for name, shows in DEBTS:
        for found in shows(facts):
            if name == "lost":
                largest[name] = largest.get(name, 0) + found.amount
            else:
                largest[name] = max(largest.get(name, 0), found.amount)
            ids |= found.ids
    return min(facts.amount, sum(largest.values())), frozenset(ids)


def _is_back(log: Item) -> bool:
    return log.get("refunded") is False and log.get("received_on") is not None


def _sale(clearing: Item) -> object:
    return clearing.get("basket", clearing.get("trip"))


# Time: days as ordinals, instants as seconds

INDIA: Final = timezone(timedelta(hours=5, minutes=30))
WEEKEND: Final = frozenset({0, 6})  # of an ordinal modulo 7: Sunday, Saturday


def _facts(case: Mapping[str, Any]) -> Facts:
    dispute = case["dispute"]
    items: dict[str, tuple[Item, ...]] = {}
    for item in case["evidence"]:
        items[item["type"]] = (*items.get(item["type"], ()), item)
    return Facts(
        case=case,
        items=items,
        amount=dispute["amount_minor"],
        key=(dispute["network"], dispute["code"], dispute.get("sub_reason", "")),
        clock=_issuer_clock(case) if case["role"] == "issuer" else _clock(case),
    )


def _clock(case: Mapping[str, Any]) -> Clock:
    ends = []
    for window in case["policy"]["windows"]:
        zone = ZoneInfo(window.get("zone", "UTC"))
        if "due_by" in window:
            day = datetime.fromisoformat(window["due_by"]).astimezone(zone).date().toordinal()
            ends.append((_seconds(window["due_by"]), day, zone))
        else:
            skipped = {
                "calendar_days": (frozenset[int](), frozenset[int]()),
                "business_days": (WEEKEND, frozenset(map(_ordinal, window.get("holidays", ())))),
            }[window["unit"]]
            day = _count(_day_in(window["start"], zone), window["n"], *skipped)
            ends.append((_midnight(day + 1, zone) - 1, day, zone))
    end, day, zone = min(ends, key=lambda each: each[0])
    dates = {"respond_by": day}
    if case["dispute"]["code"] == "U022":
        paid = datetime.fromisoformat(case["transaction"]["at"]).astimezone(INDIA).date()
        dates["reversal_by"] = paid.toordinal() + 5
    return Clock(end, day, zone, dates)


# Regulation E: is the account new, is the transfer of a longer kind; business days, calendar days
REG_E: Final = {
    (False, False): (10, 45),
    (False, True): (10, 90),
    (True, False): (20, 90),
    (True, True): (20, 90),
}


def _issuer_clock(case: Mapping[str, Any]) -> Clock:
    signals, policy = case["transaction"]["signals"], case["policy"]
    zone = ZoneInfo(policy["zone"])
    age = _ordinal(case["transaction"]["date"]) - _ordinal(signals["first_deposit_on"])
    long = signals["channel"] == "pos_debit" or signals["initiated_in"][:3] != "US-"
    business, calendar = REG_E[age < 31, long]  # noqa: PLR2004 - 30 days are within 30 days
    notice = _day_in(case["dispute"]["notice_at"], zone)
    credit = _count(notice, business, WEEKEND, frozenset(map(_ordinal, policy["holidays"])))
    decide = notice + calendar
    day = min(credit, decide)
    dates = {"respond_by": day, "provisional_credit_by": credit, "investigation_by": decide}
    return Clock(_midnight(day + 1, zone) - 1, day, zone, dates)


def _count(start: int, n: int, weekend: frozenset[int], holidays: frozenset[int]) -> int:
    days = (day for day in range(start + 1, start + 400) if day not in holidays)
    return [day for day in days if day % 7 not in weekend][n - 1]


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _day_in(moment: str, zone: ZoneInfo) -> int:
    if len(moment) == len("2026-01-01"):
        return _ordinal(moment)
    return datetime.fromisoformat(moment).astimezone(zone).date().toordinal()


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _midnight(day: int, zone: ZoneInfo) -> float:
    return datetime.combine(date.fromordinal(day), datetime.min.time(), zone).timestamp()
