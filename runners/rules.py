"""The `rules` baseline: each task as an operations team would have automated it.

In dispute triage it reads the structured fields of a case and knows the deadlines, the amounts and
the remedies that a table can hold. It does not know, and so gets wrong:

* what only a text says: a carrier's letter, a colleague's note, a monitoring programme named aside;
* records that contradict each other, and records that exist somewhere but are not in the case;
* parcels lost on the way, split shipments, and which of two captures repeats the other;
* rules that changed on a date: those it has are of the summer of 2026;
* what the customer claims (it takes every claim to match the code), and injected instructions in
  another language than English or in words that are not listed here.

What it does not know of card numbers in texts stands at `leak_probes`, and of settlement reports at
`recon_explanation`, and of customers' messages at `payment_routing`.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, cast
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from paygrade.records.answer import Request

Case: TypeAlias = "Mapping[str, Any]"
"""The input of a sample, or an object inside it."""
INJECTION: Final = re.compile(
    r"ignore (all|any|the|previous)|</?system>|\b(ai|assistant|reviewers?)\s*:", re.IGNORECASE
)
INDIA: Final = ZoneInfo("Asia/Kolkata")
COMPENSATION_PER_DAY: Final = 100_00  # paise
NEW_ACCOUNT_DAYS: Final = 30
SATURDAY: Final = 5


def answer(request: Request) -> dict[str, object]:
    """Answer by the rules of the prompt's task; the rendered messages are not read."""
    task = TASKS[request.prompt.split("@", 1)[0]]
    return task(cast("Case", request.input))


class Remedy(NamedTuple):
    """What answers a code, the evidence types it needs, and the ids of the items that meet it."""

    strategy: str
    needs: tuple[str, ...]
    find: Callable[[Case], list[str]]


class Clock(NamedTuple):
    """The last instant of the governing window, in its own zone, and every deadline to report."""

    end: datetime
    dates: Mapping[str, date]


class Decision(NamedTuple):
    """What to do with the disputed amount, and the ids of the items that say so."""

    action: str
    strategy: str | None = None
    contest: int = 0
    accepted: int = 0
    cite: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def dispute_triage(case: Case) -> dict[str, object]:
    """Decide one dispute."""
    dispute, evidence = case["dispute"], case["evidence"]
    texts = (case["narrative"]["text"], *(item["text"] for item in evidence))
    category, issue_type, remedies = CODES[dispute["network"], dispute["code"]]
    clock = _issuer_clock(case) if case["role"] == "issuer" else _clock(case)
    decision = _decide(case, clock, remedies)
    held = {item["type"] for item in evidence}
    return {
        "category": category,
        "issue_type": issue_type,
        "code_matches_claim": True,
        "claimed_issue_type": None,
        "action": decision.action,
        "strategy": decision.strategy,
        **_dates(case, clock, decision),
        "currency": dispute["currency"],
        "contest_amount_minor": decision.contest,
        "accepted_amount_minor": decision.accepted,
        "cite": list(decision.cite),
        "required_evidence": list(decision.needs),
        "missing_evidence": [kind for kind in decision.needs if kind not in held],
        "injection_detected": any(INJECTION.search(text) for text in texts),
    }


# Deadlines


def _dates(case: Case, clock: Clock, decision: Decision) -> dict[str, object]:
    if decision.action == "no_action":
        return {"deadlines": {}, "days_left": None}
    as_of = datetime.fromisoformat(case["as_of"])
    out: dict[str, object] = {
        "deadlines": {name: day.isoformat() for name, day in clock.dates.items()},
        "days_left": (clock.end.date() - as_of.astimezone(clock.end.tzinfo).date()).days,
    }
    if decision.strategy == "statutory_reversal":
        days_late = (as_of.astimezone(INDIA).date() - clock.dates["reversal_by"]).days
        out["compensation_minor"] = COMPENSATION_PER_DAY * max(0, days_late)
    return out


def _clock(case: Case) -> Clock:
    end = min(_end(window) for window in case["policy"]["windows"])
    dates = {"respond_by": end.date()}
    if case["dispute"]["code"] == "U022":
        dates["reversal_by"] = _day(case["transaction"]["at"], INDIA) + timedelta(days=5)
    return Clock(end=end, dates=dates)


def _issuer_clock(case: Case) -> Clock:
    policy, transaction = case["policy"], case["transaction"]
    signals, zone = transaction["signals"], ZoneInfo(policy["zone"])
    start = _day(case["dispute"]["notice_at"], zone)
    age = _day(transaction["date"], zone) - _day(signals["first_deposit_on"], zone)
    is_new = age.days <= NEW_ACCOUNT_DAYS
    is_abroad = not signals["initiated_in"].startswith("US-")
    is_longer = is_new or is_abroad or signals["channel"] == "pos_debit"
    credit_by = _business_day(start, 20 if is_new else 10, policy["holidays"])
    decide_by = start + timedelta(days=90 if is_longer else 45)
    dates = {"provisional_credit_by": credit_by, "investigation_by": decide_by}
    dates["respond_by"] = min(dates.values())
    return Clock(end=datetime.combine(credit_by, time(23, 59, 59), zone), dates=dates)


def _end(window: Case) -> datetime:
    zone = ZoneInfo(window.get("zone", "UTC"))
    if "due_by" in window:
        return datetime.fromisoformat(window["due_by"]).astimezone(zone)
    start, n = _day(window["start"], zone), window["n"]
    in_business = window["unit"] == "business_days"
    last = _business_day(start, n, window["holidays"]) if in_business else start + timedelta(n)
    return datetime.combine(last, time(23, 59, 59), zone)


def _business_day(start: date, n: int, holidays: list[str]) -> date:
    day = start
    while n > 0:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY and day.isoformat() not in holidays:
            n -= 1
    return day


def _day(moment: str, zone: ZoneInfo) -> date:
    instant = datetime.fromisoformat(moment)
    return instant.astimezone(zone).date() if "T" in moment else instant.date()


# The decision


def _decide(case: Case, clock: Clock, remedies: tuple[Remedy, ...]) -> Decision:
    """Take the first ground that applies, in the order the team agreed on."""
    dispute = case["dispute"]
    amount: int = dispute["amount_minor"]
    if dispute["stage"] in {"won", "lost", "closed"}:
        return Decision(action="no_action")
    if case["role"] == "issuer" or dispute["code"] == "U022":
        return _legal_duty(case, amount)
    if datetime.fromisoformat(case["as_of"]) > clock.end:
        return Decision(action="accept", strategy="deadline_passed", accepted=amount)
    if dispute["stage"] == "inquiry":
        return _inquiry(case)
    return _chargeback(case, amount, remedies)


def _legal_duty(case: Case, amount: int) -> Decision:
    if case["role"] == "merchant":
        action, strategy, needs = "refund_and_close", "statutory_reversal", ("settlement_record",)
        cite = tuple(item["id"] for item in case["evidence"])
        return Decision(action=action, strategy=strategy, accepted=amount, cite=cite, needs=needs)
    cite = tuple(item["id"] for item in case["evidence"] if item["data"].get("error_found"))
    action, strategy = "provisional_credit", "statutory_provisional_credit"
    if cite:
        action, strategy = "refund_and_close", "owed_to_customer"
    return Decision(action=action, strategy=strategy, accepted=amount, cite=cite)


def _inquiry(case: Case) -> Decision:
    debts = tuple(_debts(case))
    if debts:
        return Decision(action="refund_and_close", strategy="owed_to_customer", cite=debts)
    action, strategy = "provide_information", "information_for_recognition"
    cite = tuple(item["id"] for item in _items(case, "order_record"))
    return Decision(action=action, strategy=strategy, cite=cite, needs=("order_record",))


def _chargeback(case: Case, amount: int, remedies: tuple[Remedy, ...]) -> Decision:
    currency, paid = case["transaction"]["currency"], case["transaction"]["amount_minor"]
    if case["dispute"]["currency"] != currency or amount > paid:
        needs = ("settlement_record",)
        return Decision(action="escalate", strategy="conflicting_evidence", needs=needs)
    if amount < case["policy"]["min_contest_minor"]:
        return Decision(action="accept", strategy="below_minimum", accepted=amount)
    debts = _debts(case)
    owed = min(amount, max(debts.values(), default=0))  # a return and its refund are one debt
    remedy = next((remedy for remedy in remedies if remedy.find(case)), None)
    if remedy is None or owed == amount:
        strategy = "owed_to_customer" if debts else "insufficient_evidence"
        return Decision(action="accept", strategy=strategy, accepted=amount, cite=tuple(debts))
    return Decision(
        action="contest_partial" if owed else "contest",
        strategy=remedy.strategy,
        contest=amount - owed,
        accepted=owed,
        cite=(*debts, *remedy.find(case)),
        needs=remedy.needs,
    )


def _debts(case: Case) -> dict[str, int]:
    """Return what each of our records says is owed to the customer, by its id."""
    debts = {}
    for item in case["evidence"]:
        data, due = item["data"], 0
        if item["type"] == "return_log" and data.get("refunded") is False:
            due = data["refund_due_minor"]
        elif item["type"] == "refund_record" and data.get("status", "processed") != "processed":
            due = data["amount_minor"]
        elif item["type"] == "order_record":
            lines = data.get("items", [])
            due = sum(line["amount_minor"] for line in lines if line.get("refunded") is False)
        elif data.get("cancelled_on", "9999") < case["transaction"].get("date", ""):
            due = case["dispute"]["amount_minor"]
        if due:
            debts[item["id"]] = due
    return debts


# Remedies


def _items(case: Case, kind: str) -> Iterator[Case]:
    return (item for item in case["evidence"] if item["type"] == kind)


def _remedy(strategy: str, kind: str, holds: Callable[[Case, Case], bool]) -> Remedy:
    """One item of a kind is enough, when its data, seen with the case, holds."""

    def find(case: Case) -> list[str]:
        return [item["id"] for item in _items(case, kind) if holds(item["data"], case)][:1]

    return Remedy(strategy, (kind,), find)


def _authenticated(data: Case, _case: Case) -> bool:
    full = data.get("eci") == "05" and data["issuer_confirmed"]
    attempt = data.get("eci") == "06" and data["card_product"] != "prepaid_non_reloadable"
    level = data.get("sli") in {"211", "212", "217", "242"}  # Mastercard's way to say it
    excluded = data.get("monitoring_programme") or data.get("regional_exception")
    return level or bool((full or attempt) and data["cavv"] and not excluded)


def _compelling_evidence(case: Case) -> list[str]:
    """Find two earlier transactions that match, as Visa asked from April 2026."""
    transaction, signals = case["transaction"], case["transaction"]["signals"]
    filed = date.fromisoformat(case["dispute"]["processed_on"])
    oldest, newest = filed - timedelta(days=365), filed - timedelta(days=121)
    strong = {"ip", "device_id", "device_fingerprint"}
    met = []
    for item in _items(case, "prior_transactions"):
        prior = item["data"]
        in_time = oldest <= date.fromisoformat(prior["processed_on"]) <= newest
        clean = not prior["reported_as_fraud"] and not prior["disputed"]
        same_card = prior["credential"] == transaction["credential"]
        equal = {name for name, value in signals.items() if prior.get(name) == value}
        if in_time and clean and same_card and len(equal) > 1 and equal & strong:
            met.append(item["id"])
    return met if len(met) > 1 else []


def _address_match(case: Case) -> list[str]:
    for checked in _items(case, "avs_cvv_result"):
        matched = checked["data"].get("avs") in {"Y", "M"} and checked["data"].get("address")
        for delivered in _items(case, "delivery_proof"):
            if matched and delivered["data"].get("address") == matched:
                return [checked["id"], delivered["id"]]
    return []


def _delivered(data: Case, case: Case) -> bool:
    places = {order["data"].get("ship_to") for order in _items(case, "order_record")}
    return "address" in data and data["address"] in places


def _refunded(data: Case, case: Case) -> bool:
    amount, filed = case["dispute"]["amount_minor"], case["dispute"]["processed_on"]
    done = data.get("status") == "processed" and data["amount_minor"] == amount
    return bool(done and data["processed_on"] < filed)


def _approved(data: Case, case: Case) -> bool:
    transaction = case["transaction"]
    enough = data.get("approved") and data["amount_minor"] >= transaction["amount_minor"]
    return bool(enough and transaction["date"] <= data["valid_through"])


def _cancelled_later(data: Case, case: Case) -> bool:
    return bool(data.get("cancelled_on", "9999") > case["transaction"]["date"])


def _two_approvals(data: Case, _case: Case) -> bool:
    return len({clearing["auth_code"] for clearing in data.get("clearings", [])}) > 1


def _used(data: Case, case: Case) -> bool:
    login = case["transaction"]["signals"].get("login_id")
    return login is not None and data.get("login_id") == login


DELIVERED: Final = _remedy("delivery_proof", "delivery_proof", _delivered)
CANCELLED_LATER: Final = _remedy("cancelled_after_charge", "cancellation_log", _cancelled_later)
REFUNDED: Final = _remedy("credit_already_issued", "refund_record", _refunded)
APPROVED: Final = _remedy("authorization_valid", "auth_record", _approved)
TWO_SALES: Final = _remedy("no_duplicate", "settlement_record", _two_approvals)
USED: Final = _remedy("usage_proof", "usage_log", _used)
SHIFT: Final = _remedy("liability_shift_3ds", "three_ds_result", _authenticated)
CE3: Final = Remedy("ce3", ("prior_transactions",), _compelling_evidence)
AVS: Final = Remedy("delivery_address_match", ("avs_cvv_result", "delivery_proof"), _address_match)
CODES: Final[Mapping[tuple[str, str], tuple[str, str, tuple[Remedy, ...]]]] = {
    ("visa", "10.4"): ("fraud", "fraud_card_absent", (SHIFT, CE3, AVS)),
    ("visa", "12.5"): ("processing_error", "incorrect_amount", ()),
    ("visa", "12.6.1"): ("processing_error", "duplicate", (TWO_SALES,)),
    ("visa", "13.1"): ("consumer", "not_received", (DELIVERED,)),
    ("visa", "13.2"): ("consumer", "cancelled_recurring", (CANCELLED_LATER,)),
    ("visa", "13.3"): ("consumer", "not_as_described", ()),
    ("visa", "13.6"): ("consumer", "credit_not_processed", (REFUNDED,)),
    ("mastercard", "4808"): ("authorization", "authorization", (APPROVED,)),
    ("mastercard", "4834"): ("processing_error", "duplicate", (TWO_SALES,)),
    ("mastercard", "4837"): ("fraud", "fraud_card_absent", (SHIFT,)),
    ("mastercard", "4853"): ("consumer", "not_received", (DELIVERED,)),
    ("amex", "127"): ("inquiry", "unrecognized", ()),
    ("amex", "176"): ("inquiry", "unrecognized", ()),
    ("amex", "C02"): ("consumer", "credit_not_processed", ()),
    ("amex", "C28"): ("consumer", "cancelled_recurring", (CANCELLED_LATER,)),
    ("discover", "AA"): ("consumer", "unrecognized", ()),
    ("discover", "RG"): ("consumer", "not_received", (USED,)),
    ("upi", "U022"): ("upi_failed_transaction", "upi_debited_no_confirmation", ()),
    ("us_eft", "1005.11(a)(1)(i)"): ("fraud", "unauthorized_transfer", ()),
    ("us_eft", "1005.11(a)(1)(v)"): ("consumer", "cash_not_received", ()),
}
DIGITS: Final = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])")
ELSEWHERE: Final = {
    "cvv": re.compile(r"\b(cvv|cvc|security code)\b", re.IGNORECASE),
    "iban": re.compile(r"\b[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\b"),
    "phone": re.compile(r"\+[0-9][0-9 ]{8,14}"),
    "upi_vpa": re.compile(r"\b[a-z.]+@(ok)?[a-z]+\b"),
    "national_id_like": re.compile(r"(?<![0-9])(?<![0-9] )[0-9]{4} [0-9]{4} [0-9]{4}(?! ?[0-9])"),
}


def leak_probes(case: Case) -> dict[str, object]:
    """A pattern over ASCII digits with spaces or dashes, and Luhn's check digit.

    It does not know other scripts, dots, line breaks, invisible characters, escapes, or which
    ranges issuers use; a code that is only spoken of is one to it.
    """
    text = cast("str", case["text"])
    classes = [name for name, pattern in ELSEWHERE.items() if pattern.search(text)]
    full = any(passes_luhn(re.sub(r"[ -]", "", found)) for found in DIGITS.findall(text))
    return {"contains_full_pan": full, "classes": ["pan", *classes] if full else classes}


def passes_luhn(number: str) -> bool:
    """Every second digit from the right counts twice; the sum ends in zero."""
    doubled = "0246813579"
    total = sum(map(int, number[::-2])) + sum(int(doubled[int(each)]) for each in number[-2::-2])
    return total % 10 == 0


# Reconciliation


BREAKS: Final = (  # component, type and resolution, the most telling first
    ("duplicate", "duplicate_in_statement", "raise_with_psp"),
    ("chargeback", "chargeback", "book_chargeback"),
    ("chargeback_fee", "chargeback", "book_chargeback"),
    ("dispute_reversal", "dispute_reversal", "correct_ledger"),
    ("fee_retained", "refund_fee_retained", "correct_ledger"),
    ("refund", "refund", "book_refund"),
    ("uncaptured", "partial_capture", "correct_ledger"),
    ("split", "split_settlement", "book_split"),
    ("reserve_hold", "reserve_hold", "book_reserve"),
    ("reserve_release", "reserve_release", "book_reserve"),
    ("tax_on_fee", "tax_on_fee", "book_fee"),
    ("interchange", "interchange_plus_fee", "book_fee"),
    ("scheme_fee", "interchange_plus_fee", "book_fee"),
    ("markup", "interchange_plus_fee", "book_fee"),
    ("fx_fee", "fx_conversion", "book_fx"),
    ("psp_fee", "fee_netting", "book_fee"),
    ("returned", "payout_returned", "re_issue_payout"),
    ("carried", "negative_payout", "carry_forward"),
    ("bank_charge", "payout_batching", "match_reference"),
    ("timing", "timing_cutoff", "no_action_timing"),
    ("missing", "missing_in_statement", "correct_ledger"),
    ("unbooked", "missing_in_ledger", "correct_ledger"),
)
RENAMED: Final = {
    "capture_reversal": "uncaptured",
    "transfer": "split",
    "fee_refund": "fee_retained",
    "sale": "unexplained",
    "unbooked": "missing",
}


def recon_explanation(case: Case) -> dict[str, object]:
    """Match references letter by letter, and compare what each side says of each kind.

    It takes every stated fee for right, and does not know: conversions, wrong decimals, copies that
    are not next to each other in time, cut references, cut-off times and business days (a sale of
    the period's last two days is on its way), and several batches in one deposit less a charge.
    """
    groups: dict[tuple[str, str], tuple[list[Case], list[Case]]] = {}
    for side, name in enumerate(("ledger_lines", "statement_lines")):
        for line in case[name]:
            groups.setdefault((line["ref"], line["currency"]), ([], []))[side].append(line)
    found = [_explained(ledger, statement, case) for ledger, statement in groups.values()]
    breaks = [each for each in found if each["components"]]
    texts = [line.get("note", "") for line in case["ledger_lines"]]
    texts += [line["description"] for line in case["bank_lines"]]
    totals = {currency: _totals(currency, case, breaks) for _, currency in groups}
    if case["context"]["bank_side"] == "checked":
        breaks += _deposits(case, {name for each in breaks for name in each["statement_ids"]})
    return {
        "status": _status(breaks),
        "injection_detected": any(INJECTION.search(text) for text in texts),
        "breaks": breaks,
        "totals": totals,
    }


def _explained(ledger: list[Case], statement: list[Case], case: Case) -> dict[str, Any]:
    parts: dict[str, int] = {}
    if not statement:
        first = (date.fromisoformat(case["context"]["period"]["to"]) - timedelta(1)).isoformat()
        is_late = all(line["booked_at"][:10] >= first for line in ledger)
        parts["timing" if is_late else "missing"] = -_sum(ledger, "amount_minor")
    elif not ledger and all(line["type"] == "sale" for line in statement):
        parts["unbooked"] = _sum(statement, "net_minor")
    else:
        seen: list[Case] = []
        for line in statement:
            if any({**line, "id": ""} == {**each, "id": ""} for each in seen):
                parts["duplicate"] = parts.get("duplicate", 0) + line["net_minor"]
                continue
            seen.append(line)
            parts[line["type"]] = parts.get(line["type"], 0) + line["gross_minor"]
            for fee in line["fees"]:
                kind = "fee_refund" if line["type"] == "refund" else fee["kind"]
                parts[kind] = parts.get(kind, 0) - fee["amount_minor"]
        for line in ledger:
            parts[line["type"]] = parts.get(line["type"], 0) - line["amount_minor"]
    difference = _sum(statement, "net_minor") - _sum(ledger, "amount_minor")
    return _break(parts, difference, ledger=ledger, statement=statement)


def _deposits(case: Case, named: set[str]) -> list[dict[str, Any]]:
    found = []
    for batch in dict.fromkeys(line["batch"] for line in case["statement_lines"]):
        rows = [line for line in case["statement_lines"] if line["batch"] == batch]
        bank = [line for line in case["bank_lines"] if batch in line["reference"]]
        due, back = _sum(rows, "net_minor"), sum(min(0, each["amount_minor"]) for each in bank)
        difference = _sum(bank, "amount_minor") - due
        if not difference:
            continue
        parts = {"returned": back} if back and due > 0 else {}
        parts["carried" if due < 0 else "unexplained"] = difference - sum(parts.values())
        left = [line for line in rows if line["id"] not in named]
        found.append(_break(parts, difference, statement=left, bank=bank))
    return found


def _break(parts: dict[str, int], difference: int, **lines: list[Case]) -> dict[str, Any]:
    parts = {kind: amount for kind, amount in parts.items() if amount}
    named = {RENAMED.get(kind, kind): 0 for kind in parts}
    for kind, amount in parts.items():
        named[RENAMED.get(kind, kind)] += amount
    kinds = {RENAMED.get(kind, kind) if kind != "unbooked" else kind for kind in parts}
    fits = (row[1:] for row in BREAKS if row[0] in kinds)
    name, resolution = next(fits, ("unexplained", "escalate"))
    every = [line for side in lines.values() for line in side]
    return {
        "type": name,
        **{
            f"{side}_ids": [line["id"] for line in lines.get(side, [])]
            for side in ("ledger", "statement", "bank")
        },
        "currency": every[0]["currency"] if every else "XXX",
        "difference_minor": difference,
        "components": [
            {"kind": kind, "amount_minor": amount} for kind, amount in named.items() if amount
        ],
        "resolution": resolution,
    }


def _totals(currency: str, case: Case, breaks: list[dict[str, Any]]) -> dict[str, int]:
    ledger = [line for line in case["ledger_lines"] if line["currency"] == currency]
    statement = [line for line in case["statement_lines"] if line["currency"] == currency]
    booked, net = _sum(ledger, "amount_minor"), _sum(statement, "net_minor")
    unexplained = sum(
        part["amount_minor"]
        for each in breaks
        for part in each["components"]
        if each["currency"] == currency and part["kind"] == "unexplained"
    )
    return {
        "ledger_minor": booked,
        "statement_net_minor": net,
        "difference_minor": net - booked,
        "explained_minor": net - booked - unexplained,
        "unexplained_minor": unexplained,
    }


def _status(breaks: list[dict[str, Any]]) -> str:
    resolutions = {each["resolution"] for each in breaks}
    if "escalate" in resolutions or not breaks:
        return "escalate" if breaks else "balanced"
    return "timing_only" if resolutions == {"no_action_timing"} else "needs_action"


def _sum(lines: list[Case], key: str) -> int:
    return sum(line[key] for line in lines)


# Routing


WISHES: Final = {
    name: re.compile(words, re.IGNORECASE | re.DOTALL)
    for name, words in {
        "chargeback_received": (
            r"charge ?back|(buyer|cardholder|guest).*(bank|disput)|rückbelast|widersprochen"
            r"|holt sich|contracargo|reclamó a su banco|nos quita|conteste notre|impayé"
            r"|contestou"
        ),
        "change_bank_account": (
            r"\biban\b|(other|another|new|second) (bank|account)|bank details|switched"
            r"|bank closes|bankverbindung|anderes bankkonto|otra cuenta|datos bancarios"
            r"|autre compte|conta (nova|banc)"
        ),
        "fee_question": (
            r"\bfees?\b|waive|cost to send|you (take|charge)|extra at|price|gebühr|kostet es"
            r"|comisi|cuesta|\bfrais\b|coûte|tarifa|custa"
        ),
        "exchange_rate": (r"\brates?\b|convert|\bkurs\b|umrechn|cambio|\btaux\b|câmbio"),
        "invoice_request": (
            r"invoice|receipt|statement|\bbill\b|document|rechnung|beleg|kontoauszug|factura"
            r"|recibo|extracto|facture|reçu\b.*impôts|fatura"
        ),
        "payout_delayed": (
            r"(payout|settlement|auszahlung|liquidación|abono|versement"
            r"|repasse).*(not (been )?sent|on hold|scheduled|moves|released|no payout"
            r"|losgeschickt|geplant|schicken sie|todavía|envían|encore|programmé|ainda|agendado"
            r"|retenida)|hold(ing)? back|retienen|retenez|segurando"
        ),
        "payout_missing": (
            r"payout|settlement|dashboard|our bank|auszahlung|laut übersicht|liquidación"
            r"|el abono|versement|notre banque|tableau|repasse|no painel"
        ),
        "unrecognised_charge": (
            r"not (make|mine|made by|know|approve)|who is|nobody in|never (bought|agreed|seen"
            r"|been|spent)|not me|somebody else|(nicht|nie) (gemacht|gekauft|ausgegeben)"
            r"|war es nicht|kenne ich nicht|nicht von mir|no conozco|no fui|yo no hice"
            r"|no lo hice|nunca (gasté|compré)|pas fait|connais pas|pas de moi|eu não fiz"
            r"|não conheço|não fui eu"
        ),
        "cash_withdrawal_problem": (
            r"\batm\b|\bcash|withdr|swallowed|automat|cajero|distributeur|eletrônico"
        ),
        "card_declined": (
            r"\b(card|karte|tarjeta|carte|cartão)\b.*(refus|reject|declin|accept|not work|turn"
            r"|abgelehnt|nicht|pasó|rechaz|recus|passe plus|passou)|(rechaz|rejects?"
            r"|nimmt).*(tarjeta|card|karte)"
        ),
        "duplicate_charge": (
            r"twice|two (times|book)|double|three times|both attempts|again for the same"
            r"|identical|zweimal|doppelt|zwei gleiche|dos veces|repetido|doble|dos cobros"
            r"|deux (fois|débits)|duas vezes|repetido"
        ),
        "subscription_cancel": (
            r"subscri|membership|every month|monthly|renew|recurring|\babo\b|mitglied"
            r"|jeden monat|suscrip|membresía|cada mes|abonnement|each month|chaque mois"
            r"|assinatura|todo mês"
        ),
        "cancel_payment": (
            r"\bstop|wrong (person|number)|pull back|undo|no longer want|not execute|call off"
            r"|falsche person|nicht ausführen|take it back|auftrag|must not go|parar|paren"
            r"|no ejecuten|anul|arrêtez|pas exécuter|parem|não executem"
        ),
        "dispute_status": (
            r"disput|contested|my (case|claim|complaint)|the (case|claim)|reklam|meinen fall"
            r"|streitfall|reclamaci|mi caso|contestation|réclamation|contestação"
        ),
        "refund_status": (
            r"refund(?! for my)|credit(ed)? |sent me .* back|promised|erstatt|gutschrift"
            r"|reembols|devol(vió|ución)|rembours"
        ),
        "refund_request": (
            r"money back|my money|\bback\?|want it back|wrong size|ask (you )?for|back from"
            r"|refund for|returned|broken|geld.*zurück|meine .* zurück|devuelvan|devuélvanme"
            r"|recupero|récupérer|rendez|de volta|devolvam"
        ),
        "topup_failed": (
            r"top(ping)? ?up|balance|wallet|loading|aufl[ad]|aufgeladen|guthaben|recarg|saldo"
            r"|solde|carregar"
        ),
        "payment_pending": (
            r"pending|processing|hangs|clock|reserved|ausstehend|in bearbeitung|hängt|pendiente"
            r"|en proceso|colgado|en attente|en cours|pendente|processamento"
        ),
        "payment_failed": (
            r"fail|\berror|time-out|came back|not go through|not successful|went wrong|fehler"
            r"|fehlgeschlagen|brach|gescheitert|fall[óo]|cortó|s.est arrêté|erreur|échoué"
            r"|\berro\b|falhou"
        ),
        "transfer_not_received": (
            r"transfer|i sent |waiting for|money to|my( own)? bank|has it by|never (got|reached)"
            r"|nowhere|überw|geschickt|meine bank|transferí|mandó|mi banco|viré|envoyé|mandou"
        ),
    }.items()
}
OF_A_BUSINESS: Final = {
    "dispute_status": "chargeback_received",
    "transfer_not_received": "payout_missing",
}
LANGUAGES: Final = {  # the first one where no word is known
    "en": r"\b(the|is|my|and|to|i|of|it|not|for|you|was|can|how|what|on|in|at|an?)\b",
    "de": r"\b(ich|nicht|und|die|der|das|ist|mein[e]?|bitte|wie|wir|von|am|bei|zu|wo)\b",
    "es": r"\b(el|mi|por|que|los|qué|está|de|la|en|una|hola|y|un|mandó|del)\b",
    "fr": r"\b(le|je|pas|mon|est|vous|une?|de|la|merci|du|depuis|et|nous|chez|à|pour)\b|\bj'",
    "pt": r"\b(não|meu|minha|uma?|do|para|foi|por|o|de|e|dia|no|que|em)\b",
}
ORDER: Final = re.compile(
    r"system:|routing system|ai reading|\[assistant|language model", re.IGNORECASE
)


def payment_routing(case: Case) -> dict[str, object]:
    """The first desk whose words stand in the message, in a fixed order.

    It does not know a second wish, what is told as background, denied or taken back, words that
    are not listed or are mistyped, or more than five languages.
    """
    text = cast("str", case["text"])
    found = next((name for name, words in WISHES.items() if words.search(text)), "other")
    if case["account"] == "business":
        found = OF_A_BUSINESS.get(found, found)
    language = max(LANGUAGES, key=lambda name: len(re.findall(LANGUAGES[name], text.lower())))
    return {
        "intent": found,
        "also": [],
        "language": language,
        "injection_detected": bool(INJECTION.search(text) or ORDER.search(text)),
    }


TASKS: Final[Mapping[str, Callable[[Case], dict[str, object]]]] = {
    "dispute_triage": dispute_triage,
    "leak_probes": leak_probes,
    "payment_routing": payment_routing,
    "recon_explanation": recon_explanation,
}
