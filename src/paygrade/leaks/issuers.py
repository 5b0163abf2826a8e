"""Which card numbers an issuer can have given out: first digits and lengths.

Sources: ISO/IEC 7812-1 (13 to 19 digits are looked for), the schemes' published BIN ranges as
collected at https://en.wikipedia.org/wiki/Payment_card_number. Elo, Hipercard, Verve and the
older RuPay ranges lie inside the ranges of others.
"""

from __future__ import annotations

from typing import NamedTuple


class _Range(NamedTuple):
    """Four leading digits, from and to, and the lengths that go with them."""

    low: int
    high: int
    lengths: tuple[int, ...]


_ANY = (13, 14, 15, 16, 17, 18, 19)
_FROM_14 = _ANY[1:]
_FROM_16 = _ANY[3:]

_RANGES = (
    _Range(4000, 4999, (13, 16, 19)),  # Visa
    _Range(5100, 5599, (16,)),  # Mastercard
    _Range(2221, 2720, (16,)),  # Mastercard
    _Range(3400, 3499, (15,)),  # American Express
    _Range(3700, 3799, (15,)),  # American Express
    _Range(3000, 3059, _FROM_14),  # Diners Club
    _Range(3095, 3095, _FROM_14),  # Diners Club
    _Range(3600, 3699, _FROM_14),  # Diners Club
    _Range(3800, 3999, _FROM_14),  # Diners Club
    _Range(3528, 3589, _FROM_16),  # JCB
    _Range(6440, 6499, _FROM_16),  # Discover
    _Range(6500, 6599, _FROM_16),  # Discover, RuPay, Troy, Verve
    _Range(6200, 6299, _FROM_16),  # UnionPay, Discover
    _Range(8100, 8199, _FROM_16),  # UnionPay, RuPay
    _Range(8200, 8299, (16,)),  # RuPay
    _Range(2200, 2204, _FROM_16),  # Mir
    _Range(9792, 9792, (16,)),  # Troy
    _Range(5000, 5099, _ANY),  # Maestro, RuPay, Verve
    _Range(5600, 5899, _ANY),  # Maestro
    _Range(6000, 6099, _ANY),  # Maestro, Discover, RuPay
    _Range(6300, 6399, _ANY),  # Maestro
    _Range(6700, 6799, _ANY),  # Maestro
)

LENGTHS: dict[str, tuple[int, ...]] = {
    str(prefix): issued.lengths
    for issued in _RANGES
    for prefix in range(issued.low, issued.high + 1)
}
"""The lengths that a number with these first four digits can have; no entry, no card."""
