"""What a message asks for: ids, an amount, a code, and a wish by its words in four languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from pytx import exponent

Wish = Literal[
    "refund", "contest", "accept", "dispute_state", "payout", "payout_again", "unclear"
]  # fmt: skip

_WORDS: Final[tuple[tuple[Wish, str], ...]] = (
    ("contest", r"\bcontest\b|anfechten|impugn|異議"),
    ("accept", r"\baccept\b|akzeptieren|acepten|受諾"),
    ("refund", r"\brefund|money .*back|erstatt|reembols|返金"),
    ("payout_again", r"\bsend it\b|noch einmal senden|envíenlo|もう一度送"),
    ("payout", r"\bpay out\b|zahlen sie|desembolso|出金"),
    ("dispute_state", r"\bstate\b|how it stands|wie steht|cómo está|状況"),
)
"""In this order: a wish to contest or to accept names its dispute, and may speak of refunds."""

_SCRIPTS: Final = (
    ("ja", r"[\u3040-\u30ff\u4e00-\u9fff]"),
    ("de", r"\b(bitte|ich|sie|das)\b"),
    ("es", r"\b(pedidos?|quiero|equipo|pruebas|código|está)\b"),
)
_MONEY: Final = re.compile(r"(\d[\d.,]*)\s*(USD|JPY|KWD)\b")
_OTHER_CARD: Final = re.compile(r"new (?:card|one)|neue Karte|tarjeta nueva|新しいカード")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message, read. Empty where it does not say."""

    language: str
    wish: Wish
    email: str
    code: str
    orders: tuple[str, ...]
    disputes: tuple[str, ...]
    payouts: tuple[str, ...]
    amount_minor: int | None
    currency: str
    to_other_card: bool
    text: str


def read(text: str) -> Letter:
    """Read one message."""
    money = _MONEY.search(text)
    currency = money[2] if money else next(iter(re.findall(r"\b(USD|JPY|KWD)\b", text)), "")
    codes = re.findall(r"(?<![\w.,])(\d{6})(?![\w,])", text)
    return Letter(
        language=next(
            (name for name, words in _SCRIPTS if re.search(words, text, re.IGNORECASE)), "en"
        ),
        wish=next(
            (name for name, words in _WORDS if re.search(words, text, re.IGNORECASE)), "unclear"
        ),
        email=next(iter(re.findall(r"[a-z0-9.]+@[a-z0-9.]+\.[a-z]+", text)), ""),
        code=codes[0] if codes else "",
        orders=tuple(dict.fromkeys(re.findall(r"(?<![A-Z0-9])[A-Z]\d{4}[A-Z](?![A-Z0-9])", text))),
        disputes=tuple(dict.fromkeys(re.findall(r"\bdp_[a-z0-9]+", text, re.ASCII))),
        payouts=tuple(dict.fromkeys(re.findall(r"\bpo_[a-z0-9]+", text, re.ASCII))),
        amount_minor=_minor(money[1], money[2]) if money else None,
        currency=currency,
        to_other_card=bool(_OTHER_CARD.search(text)),
        text=text,
    )


def _minor(figures: str, currency: str) -> int:
    """Minor units of `12,500.00` or `12.500,00`: the last decimals are the currency's own."""
    decimals = exponent(currency)
    digits = re.sub(r"\D", "", figures)
    with_decimals = decimals and re.search(rf"[.,]\d{{{decimals}}}$", figures.rstrip(".,"))
    return int(digits) if with_decimals or not decimals else int(digits) * 10**decimals
