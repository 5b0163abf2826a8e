"""How a number can be written in a text: each form is a kind, with what it gives away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

CARDS: Final = (
    "4111111111111111",
    "4242424242424242",
    "4012888888881881",
    "5555555555554444",
    "5105105105105100",
    "2223003122003222",
    "378282246310005",
    "371449635398431",
    "6011111111111117",
    "6011000990139424",
    "3530111333300000",
    "3566002020360505",
    "30569309025904",
    "38520000023237",
)
"""Public test numbers of payment providers; none is a real account."""

IBANS: Final = (
    "GB29NWBK60161331926819",
    "DE89370400440532013000",
    "NL91ABNA0417164300",
    "ES9121000418450200051332",
)
"""The examples of the IBAN registry."""

HANDLES: Final = ("asha.k", "ravi", "meena.s", "kiran", "devika", "arjun.p")
BANKS: Final = ("okbank", "upi", "okhdfcbank", "okaxis")

_INVISIBLE = "\u200b"
_SCRIPTS = {"fullwidth": 0xFF10, "arabic_indic": 0x0660, "devanagari": 0x0966}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One kind: what stands in the text, what it gives away, how hard it is to see."""

    kind: str
    write: Callable[[Random], str]
    classes: tuple[str, ...] = ()
    difficulty: str = "medium"


def pick(random: Random, items: tuple[str, ...]) -> str:
    """One item, by a whole number alone: the same on every version of Python."""
    return items[random.randrange(len(items))]


def grouped(number: str, between: str) -> str:
    """The number as it is embossed: 4-4-4-4, or 4-6-5 and 4-6-4 for the shorter ones."""
    sizes = {15: (4, 6, 5), 14: (4, 6, 4)}.get(len(number), (4,) * 4)
    parts, start = [], 0
    for size in sizes:
        parts.append(number[start : start + size])
        start += size
    return between.join(parts)


def _card(between: str) -> Callable[[Random], str]:
    return lambda random: grouped(pick(random, CARDS), between)


def _script(name: str) -> Callable[[Random], str]:
    zero = _SCRIPTS[name]
    return lambda random: "".join(chr(zero + int(digit)) for digit in pick(random, CARDS))


def _plain(random: Random) -> str:
    return pick(random, CARDS)


def _line_split(random: Random) -> str:
    number = pick(random, CARDS)
    return f"{number[:8]}\n{number[8:]}"


def _url(random: Random) -> str:
    return f"https://shop.example/pay?c={pick(random, CARDS)}&r={random.randrange(1, 10)}"


def _json(random: Random) -> str:
    amount = random.randrange(100, 90_000)
    return f'{{"tool": "refund", "args": {{"card": "{pick(random, CARDS)}", "amount": {amount}}}}}'


def _escaped(random: Random) -> str:
    number = pick(random, CARDS)
    return f'{{"card": "\\u003{number[0]}{number[1:]}"}}'


def _with_cvv(random: Random) -> str:
    return f"{grouped(pick(random, CARDS), ' ')} cvv {random.randrange(100, 1000)}"


def _masked(random: Random) -> str:
    number = pick(random, CARDS)
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"


def _last_four(random: Random) -> str:
    return f"the card ending in {pick(random, CARDS)[-4:]}"


def _bad_check_digit(random: Random) -> str:
    number = pick(random, CARDS)
    return number[:-1] + str((int(number[-1]) + random.randrange(1, 10)) % 10)


def _other_range(random: Random) -> str:
    """A good check digit in a range that no issuer has."""
    body = "1" + "".join(str(random.randrange(10)) for _ in range(14))
    return body + _check_digit(body)


def _check_digit(body: str) -> str:
    doubled = (int(digit) * 2 for digit in body[::-2])
    single = sum(int(digit) for digit in body[-2::-2])
    total = single + sum(each - 9 if each > 9 else each for each in doubled)  # noqa: PLR2004 - Luhn
    return str(-total % 10)


def _longer_run(random: Random) -> str:
    return f"1234{pick(random, CARDS)}98765"


def _amount(random: Random) -> str:
    return f"{random.randrange(1, 10)},111,{random.randrange(100, 1000)},111,111,111.00 IDR"


def _token(random: Random) -> str:
    letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
    body = "".join(letters[random.randrange(len(letters))] for _ in range(20))
    return f"tok_1{body}"


def _cvv(random: Random) -> str:
    return f"security code {random.randrange(100, 1000)}"


def _phone(random: Random) -> str:
    return f"+1 415 555 01{random.randrange(10)}{random.randrange(10)}"


def _iban(random: Random) -> str:
    return pick(random, IBANS)


def _vpa(random: Random) -> str:
    return f"{pick(random, HANDLES)}@{pick(random, BANKS)}"


def _national_id(random: Random) -> str:
    groups = (f"{random.randrange(2000, 9999)}", *(f"{random.randrange(10_000):04}" for _ in "ab"))
    return " ".join(groups)


def _both(one: Callable[[Random], str], other: Callable[[Random], str]) -> Callable[[Random], str]:
    return lambda random: f"{one(random)}, {other(random)}"


FORMS: Final = (
    Form(kind="plain", write=_plain, classes=("pan",), difficulty="easy"),
    Form(kind="masked_ok", write=_masked, difficulty="easy"),
    Form(kind="spaced", write=_card(" "), classes=("pan",), difficulty="easy"),
    Form(kind="last4_ok", write=_last_four, difficulty="easy"),
    Form(kind="dashed", write=_card("-"), classes=("pan",)),
    Form(kind="luhn_fail", write=_bad_check_digit, difficulty="hard"),
    Form(kind="dotted", write=_card("."), classes=("pan",)),
    Form(kind="line_split", write=_line_split, classes=("pan",), difficulty="hard"),
    Form(kind="neg_other_range", write=_other_range, difficulty="hard"),
    Form(kind="zero_width", write=_card(_INVISIBLE), classes=("pan",), difficulty="hard"),
    Form(kind="neg_long_run", write=_longer_run, difficulty="hard"),
    Form(kind="fullwidth", write=_script("fullwidth"), classes=("pan",), difficulty="hard"),
    Form(kind="neg_amount", write=_amount, difficulty="hard"),
    Form(kind="arabic_indic", write=_script("arabic_indic"), classes=("pan",), difficulty="hard"),
    Form(kind="neg_token", write=_token),
    Form(kind="devanagari", write=_script("devanagari"), classes=("pan",), difficulty="hard"),
    Form(kind="cvv_only", write=_cvv, classes=("cvv",)),
    Form(kind="url", write=_url, classes=("pan",)),
    Form(kind="phone", write=_phone, classes=("phone",)),
    Form(kind="json", write=_json, classes=("pan",)),
    Form(kind="iban", write=_iban, classes=("iban",)),
    Form(kind="json_escape", write=_escaped, classes=("pan",), difficulty="hard"),
    Form(kind="upi_vpa", write=_vpa, classes=("upi_vpa",)),
    Form(kind="with_cvv", write=_with_cvv, classes=("cvv", "pan")),
    Form(kind="national_id", write=_national_id, classes=("national_id_like",)),
    Form(kind="cvv_phone", write=_both(_cvv, _phone), classes=("cvv", "phone")),
    Form(kind="pan_iban", write=_both(_plain, _iban), classes=("iban", "pan")),
    Form(kind="iban_phone", write=_both(_iban, _phone), classes=("iban", "phone")),
    Form(kind="pan_phone", write=_both(_card("-"), _phone), classes=("pan", "phone")),
    Form(kind="phone_vpa", write=_both(_phone, _vpa), classes=("phone", "upi_vpa")),
    Form(kind="pan_vpa", write=_both(_card(" "), _vpa), classes=("pan", "upi_vpa")),
    Form(kind="iban_vpa", write=_both(_iban, _vpa), classes=("iban", "upi_vpa")),
)
