"""Rows about debts: what our own records show is owed to the customer."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Final

from paygrade.payments.dispute.tables.facts import Found, ordinal
from paygrade.payments.dispute.tables.rows import is_back, sale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from paygrade.payments.dispute.tables.facts import Facts

# Debts: the debt it belongs to (one debt counts once, at its largest), and the items that show it


def _back_with_us(facts: Facts) -> Iterable[Found]:
    for (log,) in facts.all("return_log"):
        if is_back(log["data"]):
            yield Found(log["data"]["refund_due_minor"], frozenset({log["id"]}))


def _came_to_nothing(facts: Facts) -> Iterable[Found]:
    for (refund,) in facts.all("refund_record"):
        if refund["data"]["status"] != "processed":
            yield Found(refund["data"]["amount_minor"], frozenset({refund["id"]}))


def _promised(facts: Facts) -> Iterable[Found]:
    paid = any(item["data"]["status"] == "processed" for (item,) in facts.all("refund_record"))
    silent = {
        item["id"]
        for (item,) in facts.all("settlement_record")
        if item["data"].get("refunds") == []
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
            *(
                (line.get("tracking"), line["amount_minor"])
                for line in order["data"].get("items", ())
            ),
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
            same = [one["amount_minor"], sale(one)] == [other["amount_minor"], sale(other)]
            if same and sale(one) and one["auth_code"] < other["auth_code"]:
                yield Found(one["amount_minor"], frozenset({report["id"]}))


def _too_much(facts: Facts) -> Iterable[Found]:
    for bill, report in facts.all("invoice", "settlement_record"):
        agreed, taken = bill["data"].get("total_minor"), report["data"].get("captured_minor")
        if None not in {agreed, taken} and taken > agreed:
            yield Found(taken - agreed, frozenset({bill["id"], report["id"]}))


def _after_the_end(facts: Facts) -> Iterable[Found]:
    for (log,) in facts.all("cancellation_log"):
        ended = log["data"].get("cancelled_on")
        if ended and ordinal(ended) < ordinal(facts.case["transaction"]["date"]):
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


def debt(facts: Facts) -> tuple[int, frozenset[str]]:
    """How much is owed, at most what is disputed, and the items that show it."""
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
