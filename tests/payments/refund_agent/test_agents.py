"""What the agents without a model read of a message, in each language."""

from __future__ import annotations

import pytest

from paygrade.payments.refund_agent import generate
from paygrade.payments.refund_agent.agents.reading import read

LINES = generate(250, 7)
WISHES = {
    "13-contest": "contest",
    "14-contest_short": "contest",
    "15-accept": "accept",
    "16-payout": "payout",
    "17-payout_back": "payout_again",
    "18-webhooks": "dispute_state",
}


def test_every_message_is_understood() -> None:
    """Its language, and its wish."""
    for line in LINES:
        letter = read(line["input"]["message"])
        assert letter.language == line["slices"]["language"], line["input"]["message"]
        assert letter.wish == WISHES.get(line["slices"]["scenario"], "refund")


@pytest.mark.parametrize(
    ("text", "minor", "currency"),
    [
        ("refund 1,234.50 USD", 123450, "USD"),
        ("1.234,50 USD bitte", 123450, "USD"),
        ("refund 42 USD", 4200, "USD"),
        ("5,000 JPY", 5000, "JPY"),
        ("5.000 JPY", 5000, "JPY"),
        ("12.500 KWD", 12500, "KWD"),
        ("12,500 KWD", 12500, "KWD"),
        ("1.234,500 KWD", 1234500, "KWD"),
    ],
)
def test_amounts_are_read_in_minor_units(text: str, minor: int, currency: str) -> None:
    """The last decimals are the currency's own, whichever mark stands before them."""
    letter = read(text)
    assert (letter.amount_minor, letter.currency) == (minor, currency)
