"""Calls that move money or cannot be undone: what the bank refuses, and what it books."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paygrade.errors import ToolError
from paygrade.payments.bank import reading
from paygrade.payments.bank.opening import (
    OPEN,
    add_payout,
    add_refund,
    business_key,
    lose_disputed,
)
from pytx.money import format_minor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from paygrade.payments.bank.books import Books
    from paygrade.payments.bank.reading import Row

    Book = Callable[[float], tuple[str, Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Something to be done. `book` does it, and gives the object's id and the tool's result.

    `pays` says that the provider moves `amount_minor`.
    """

    intent: str
    subject: str
    book: Book
    pays: bool = False
    amount_minor: int = 0
    currency: str = ""


class Ids:
    """Ids of what is made: the same for the same seed and the same calls."""

    def __init__(self, seed: int) -> None:
        """None was given."""
        self._seed = seed
        self._given: Counter[str] = Counter()

    def new(self, prefix: str) -> str:
        """One more."""
        self._given[prefix] += 1
        text = f"{self._seed}:{prefix}:{self._given[prefix]}"
        return f"{prefix}_{hashlib.sha256(text.encode()).hexdigest()[:10]}"


class Orders:
    """Makes an order of a call."""

    def __init__(self, books: Books, ids: Ids) -> None:
        """Keep the books."""
        self._books = books
        self._ids = ids

    def order(self, tool: str, args: Mapping[str, Any]) -> Order:
        """What a call asks for.

        Raises:
            ToolError: no backend would do it.
        """
        make: dict[str, Callable[[Mapping[str, Any]], Order]] = {
            "create_refund": self._refund,
            "cancel_refund": self._cancel,
            "submit_evidence": self._evidence,
            "accept_dispute": self._accept,
            "create_payout": self._payout,
            "retry_payout": self._retry,
        }
        return make[tool](args)

    def _refund(self, args: Mapping[str, Any]) -> Order:
        books, payment_id, line_id = self._books, args["payment_id"], args.get("line_id", "")
        payment = reading.found(books, "payments", payment_id)
        currency = payment["currency"]
        if payment["state"] != "captured":
            raise ToolError("conflict", f"{payment_id} is {payment['state']}: nothing to refund")
        if args["currency"] != currency:
            raise ToolError("invalid_request", f"{payment_id} is in {currency}")
        line = "SELECT id FROM lines WHERE payment_id = ? AND id = ?"
        if line_id and books.value(line, payment_id, line_id) is None:
            raise ToolError("not_found", f"{payment_id} has no {line_id}")

        def book(at: float) -> tuple[str, Row]:
            refund_id = self._ids.new("re")
            add_refund(
                books,
                id=refund_id,
                payment_id=payment_id,
                amount_minor=args["amount_minor"],
                currency=currency,
                reason=args["reason"],
                line_id=line_id,
                status="succeeded",
                created_at=int(at),
                made_by="agent",
            )
            return refund_id, reading.refund(books, refund_id)

        return Order(
            intent=business_key(payment_id, args["reason"], line_id),
            subject=payment_id,
            book=book,
            pays=True,
            amount_minor=args["amount_minor"],
            currency=currency,
        )

    def _cancel(self, args: Mapping[str, Any]) -> Order:
        books, refund_id = self._books, args["refund_id"]
        row = reading.found(books, "refunds", refund_id)
        if row["status"] != "pending":
            raise ToolError("conflict", f"{refund_id} is {row['status']}, not pending")

        def book(at: float) -> tuple[str, Row]:
            fail_refund(books, row, at)
            return refund_id, reading.refund(books, refund_id)

        return Order(intent=f"cancel:{refund_id}", subject=row["payment_id"], book=book)

    def _evidence(self, args: Mapping[str, Any]) -> Order:
        books, dispute_id = self._books, args["dispute_id"]
        self._open_dispute(dispute_id)
        ours = {
            row["id"]
            for row in books.rows("SELECT id FROM evidence WHERE dispute_id = ?", dispute_id)
        }
        strange = [each for each in args["evidence_ids"] if each not in ours]
        if strange:
            raise ToolError("invalid_request", f"{dispute_id} has no {', '.join(strange)}")

        def book(at: float) -> tuple[str, Row]:
            books.run(
                "UPDATE disputes SET status = 'under_review', submitted_at = ?, submitted = ?,"
                " evidence_submitted_count = evidence_submitted_count + 1 WHERE id = ?",
                int(at),
                json.dumps(args["evidence_ids"]),
                dispute_id,
            )
            count = "SELECT evidence_submitted_count FROM disputes WHERE id = ?"
            return dispute_id, {
                "dispute_id": dispute_id,
                "status": "under_review",
                "evidence_submitted_count": books.value(count, dispute_id),
            }

        return Order(intent=f"evidence:{dispute_id}", subject=dispute_id, book=book)

    def _accept(self, args: Mapping[str, Any]) -> Order:
        books, dispute_id = self._books, args["dispute_id"]
        row = self._open_dispute(dispute_id)

        def book(at: float) -> tuple[str, Row]:
            books.run("UPDATE disputes SET status = 'accepted' WHERE id = ?", dispute_id)
            lose_disputed(books, dispute_id, row["amount_minor"], row["currency"], at)
            return dispute_id, {"dispute_id": dispute_id, "status": "accepted"}

        return Order(intent=f"accept:{dispute_id}", subject=dispute_id, book=book)

    def _open_dispute(self, dispute_id: str) -> Row:
        row = reading.found(self._books, "disputes", dispute_id)
        if row["status"] not in OPEN:
            raise ToolError("conflict", f"{dispute_id} is {row['status']} already")
        return row

    def _payout(self, args: Mapping[str, Any]) -> Order:
        books, currency, amount = self._books, args["account_currency"], args["amount_minor"]
        self._need_funds(currency, amount)

        def book(at: float) -> tuple[str, Row]:
            payout_id = self._ids.new("po")
            add_payout(
                books,
                id=payout_id,
                amount_minor=amount,
                currency=currency,
                status="pending",
                failure="",
                business_key=f"payout:{currency}",
                created_at=int(at),
                memo="",
                made_by="agent",
            )
            return payout_id, reading.payout(books, payout_id)

        return Order(
            intent=f"payout:{currency}",
            subject=f"acct_{currency.lower()}",
            book=book,
            pays=True,
            amount_minor=amount,
            currency=currency,
        )

    def _retry(self, args: Mapping[str, Any]) -> Order:
        books, payout_id = self._books, args["payout_id"]
        row = reading.found(books, "payouts", payout_id)
        amount, currency = row["amount_minor"], row["currency"]
        if row["status"] not in ("failed", "returned"):
            raise ToolError("conflict", f"{payout_id} is {row['status']}: nothing to pay again")
        self._need_funds(currency, amount)

        def book(at: float) -> tuple[str, Row]:
            books.run(
                "UPDATE payouts SET status = 'in_transit', failure = '' WHERE id = ?", payout_id
            )
            books.move("payout", payout_id, amount, currency, at, way="available>bank")
            return payout_id, reading.payout(books, payout_id)

        return Order(
            intent=f"payout_retry:{payout_id}",
            subject=payout_id,
            book=book,
            pays=True,
            amount_minor=amount,
            currency=currency,
        )

    def _need_funds(self, currency: str, amount: int) -> None:
        available = reading.balance(self._books, currency)["available_minor"]
        if amount > available:
            left = format_minor(available, currency)
            raise ToolError("insufficient_funds", f"{left} is available")


def fail_refund(books: Books, row: Row, at: float) -> None:
    """A pending refund that will not be: its money comes back."""
    books.run("UPDATE refunds SET status = 'failed' WHERE id = ?", row["id"])
    way = "customer_refunds>available"
    books.move("refund_failed", row["id"], row["amount_minor"], row["currency"], at, way=way)
