"""The intents that messages are routed to, in the order of precedence, and the rules of reading.

`facts/payment_intents.json` is CC0-1.0, in words of our own.
"""

from __future__ import annotations

import functools
import json
from typing import Any, Final

from paygrade.payments.rulebook import fact_file

OTHER: Final = "other"

BUSINESS: Final = frozenset({"chargeback_received", "payout_delayed", "payout_missing"})
"""What only a business account can ask for."""

EITHER: Final = frozenset(
    {
        "card_declined",
        "change_bank_account",
        "exchange_rate",
        "fee_question",
        "invoice_request",
        "other",
        "payment_failed",
        "topup_failed",
        "unrecognised_charge",
    }
)
"""What is asked for in the same words from both kinds of account."""


def definitions() -> dict[str, str]:
    """What each intent means, by its id; the first of two wishes in this order comes first."""
    return {each["id"]: each["definition"] for each in _facts()["intents"]}


def rules() -> dict[str, str]:
    """How a message is read, by the rule's id."""
    return {each["id"]: each["text"] for each in _facts()["rules"]}


def payment_intents() -> tuple[str, ...]:
    """All but `other`, in the order of precedence."""
    return tuple(each for each in definitions() if each != OTHER)


def rank(intent: str) -> int:
    """Its place in the order of precedence, from 0."""
    return tuple(definitions()).index(intent)


@functools.cache
def _facts() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fact_file("payment_intents.json"))
    return found
