"""Exact money: what converts, what is refused, and the laws that hold for every currency."""

import copy
import enum
import itertools
import pickle
import string
from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Final, cast

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pytx import Money, MoneyError, exponent, format_minor, major, minor, parse

LIMIT: Final = 9223372036854775807

# A second writing of ISO 4217 list one (2026-01-01), by region and not by exponent as in the code.
EUROPE: Final = """
    ALL2 AMD2 AZN2 BAM2 BYN2 CHE2 CHF2 CHW2 CZK2 DKK2 EUR2 GBP2 GEL2 GIP2 HUF2 ISK0 MDL2 MKD2
    NOK2 PLN2 RON2 RSD2 RUB2 SEK2 TRY2 UAH2
"""
AMERICAS: Final = """
    ARS2 AWG2 BBD2 BMD2 BOB2 BOV2 BRL2 BSD2 BZD2 CAD2 CLF4 CLP0 COP2 COU2 CRC2 CUP2 DOP2 FKP2
    GTQ2 GYD2 HNL2 HTG2 JMD2 KYD2 MXN2 MXV2 NIO2 PAB2 PEN2 PYG0 SRD2 SVC2 TTD2 USD2 USN2 UYI0
    UYU2 UYW4 VED2 VES2 XCD2 XCG2
"""
AFRICA: Final = """
    AOA2 BIF0 BWP2 CDF2 CVE2 DJF0 DZD2 EGP2 ERN2 ETB2 GHS2 GMD2 GNF0 KES2 KMF0 LRD2 LSL2 LYD3
    MAD2 MGA2 MRU2 MUR2 MWK2 MZN2 NAD2 NGN2 RWF0 SCR2 SDG2 SHP2 SLE2 SOS2 SSP2 STN2 SZL2 TND3
    TZS2 UGX0 XAF0 XOF0 ZAR2 ZMW2 ZWG2
"""
ASIA: Final = """
    AED2 AFN2 BDT2 BHD3 BND2 BTN2 CNY2 HKD2 IDR2 ILS2 INR2 IQD3 IRR2 JOD3 JPY0 KGS2 KHR2 KPW2
    KRW0 KWD3 KZT2 LAK2 LBP2 LKR2 MMK2 MNT2 MOP2 MVR2 MYR2 NPR2 OMR3 PHP2 PKR2 QAR2 SAR2 SGD2
    SYP2 THB2 TJS2 TMT2 TWD2 UZS2 VND0 XAD2 YER2
"""
OCEANIA: Final = "AUD2 FJD2 NZD2 PGK2 SBD2 TOP2 VUV0 WST2 XPF0"

LIST_ONE: Final = {
    entry[:3]: int(entry[3:])
    for region in (EUROPE, AMERICAS, AFRICA, ASIA, OCEANIA)
    for entry in region.split()
}
NO_MINOR_UNIT: Final = (
    *("XAG", "XAU", "XPD", "XPT", "XBA", "XBB", "XBC", "XBD"),
    *("XDR", "XSU", "XUA", "XTS", "XXX"),
)

currencies = st.sampled_from(sorted(LIST_ONE))
units = st.integers(-LIMIT, LIMIT)


@st.composite
def monies(draw: st.DrawFn, currency: str | None = None, limit: int = LIMIT) -> Money:
    """Any money, or any of one currency."""
    return Money(
        amount_minor=draw(st.integers(-limit, limit)),
        currency=draw(currencies) if currency is None else currency,
    )


ways_in = pytest.mark.parametrize(
    "call", [major, format_minor, lambda n, c: Money(amount_minor=n, currency=c)]
)


def refusal(call: Callable[[], object]) -> str:
    """Return the sentence with which a call refuses."""
    with pytest.raises(MoneyError) as caught:
        call()
    return str(caught.value)


# Currencies


@pytest.mark.parametrize(("currency", "digits"), sorted(LIST_ONE.items()))
def test_a_currency_has_the_exponent_of_iso_4217(currency: str, digits: int) -> None:
    """The minor unit of each active code has the digits that the list gives it."""
    assert exponent(currency) == digits


def test_no_other_code_is_a_currency() -> None:
    """Of all codes of three capital letters, exactly the 165 active ones with a minor unit pass."""
    accepted = set()
    for code in map("".join, itertools.product(string.ascii_uppercase, repeat=3)):
        try:
            exponent(code)
        except MoneyError:
            continue
        accepted.add(code)
    assert accepted == set(LIST_ONE)
    assert len(accepted) == 165


@pytest.mark.parametrize("code", NO_MINOR_UNIT)
def test_a_code_without_minor_unit_is_refused(code: str) -> None:
    """Gold, drawing rights and the code for tests cannot be counted in minor units."""
    assert refusal(lambda: minor("1", code)) == (
        f"'{code}' has no minor unit in ISO 4217;"
        " count it in a unit of your own, for it is not money that can be paid"
    )


@pytest.mark.parametrize("code", ["usd", "Usd", " USD", "USD\n"])
def test_a_code_that_is_nearly_right_is_refused_with_the_right_one(code: str) -> None:
    """A code is three capital letters and nothing else; the message names the one meant."""
    assert refusal(lambda: exponent(code)) == (
        f"{code!r} is not an active ISO 4217 currency code; did you mean 'USD'?"
    )


@pytest.mark.parametrize("code", ["BGN", "HRK", "ANG", "CUC", "SLL", "ZWL", "BTC", "", "€", "840"])
def test_a_code_outside_the_list_is_refused(code: str) -> None:
    """Withdrawn currencies, coins, symbols and numeric codes are not active alphabetic codes."""
    assert refusal(lambda: exponent(code)) == (
        f"{code!a} is not an active ISO 4217 currency code;"
        " use one of list one as published on 2026-01-01, such as 'EUR'"
    )


@pytest.mark.parametrize("code", [None, 840, b"USD", ["USD"], {"USD": 2}])
def test_a_code_that_is_no_text_is_refused(code: object) -> None:
    """A value of another type is refused as an unknown code is, hashable or not."""
    assert refusal(lambda: exponent(cast("str", code))).startswith(
        f"a value of type {type(code).__name__} is not an active ISO 4217 currency code"
    )


def test_a_code_may_come_from_an_enumeration_of_texts() -> None:
    """A member of a str enumeration counts as the text it is."""

    class Code(str, enum.Enum):  # noqa: UP042 - the older kind, which formats as its name
        DOLLAR = "USD"

    assert minor("1.00", Code.DOLLAR) == 100
    assert format_minor(100, Code.DOLLAR) == "1.00 USD"
    assert str(Money(amount_minor=100, currency=Code.DOLLAR)) == "1.00 USD"


# From major to minor units


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("10.00", "INR", 1000),
        ("10.0", "INR", 1000),
        ("10", "INR", 1000),
        (10, "INR", 1000),
        (Decimal("10.00"), "INR", 1000),
        (Decimal(10), "INR", 1000),
        ("5000", "JPY", 5000),
        ("1.234", "KWD", 1234),
        ("1.2345", "CLF", 12345),
        ("0", "USD", 0),
        ("0.00", "USD", 0),
        ("0.05", "USD", 5),
        ("0.1", "USD", 10),
        ("92233720368547758.07", "USD", LIMIT),
        (LIMIT, "JPY", LIMIT),
    ],
)
def test_major_units_become_minor_units(
    amount: str | int | Decimal, currency: str, expected: int
) -> None:
    """An amount is shifted by the exponent of its currency, however many digits it leaves out."""
    assert minor(amount, currency) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("-0.05", -5), (-3, -300), (Decimal("-3.10"), -310), ("-0.00", 0), ("4", 400)],
)
def test_a_balance_may_be_negative(amount: str | int | Decimal, expected: int) -> None:
    """With `signed`, a leading minus is accepted."""
    assert minor(amount, "USD", signed=True) == expected


@pytest.mark.parametrize("amount", ["-0.05", "-0.00", -3, Decimal(-3), Decimal("-0")])
def test_a_negative_amount_is_refused(amount: str | int | Decimal) -> None:
    """Whoever asks for an amount does not get a balance by accident, nor a zero with a minus."""
    assert refusal(lambda: minor(amount, "USD")) == (
        f"the amount '{amount}' is negative;"
        " pass signed=True if this is a balance, which may lie below zero"
    )


@pytest.mark.parametrize("amount", [1.0, 10.1, float("nan"), True, False, None, b"10", [10], 1j])
def test_an_amount_of_another_type_is_refused(amount: object) -> None:
    """A float has lost the digits that were written; a bool or None is a mistake upstream."""
    assert refusal(lambda: minor(cast("str", amount), "USD")) == (
        f"an amount cannot be of type {type(amount).__name__};"
        " pass it as str, int or Decimal, which keep every digit"
    )


@pytest.mark.parametrize(
    ("amount", "currency", "digits", "hint"),
    [
        ("10.001", "USD", 2, "round it on purpose first"),
        ("1.00001", "CLF", 4, "round it on purpose first"),
        (Decimal("0.5"), "JPY", 0, "round it on purpose first"),
        ("10.000", "USD", 2, "leave out the zeros beyond"),
        ("5000.00", "JPY", 0, "leave out the zeros beyond"),
        (Decimal("10.00") * Decimal("1.0"), "USD", 2, "leave out the zeros beyond"),
    ],
)
def test_excess_digits_are_refused(
    amount: str | Decimal, currency: str, digits: int, hint: str
) -> None:
    """More digits than the currency has are refused, zeros too: "10.000" may mean ten thousand."""
    assert refusal(lambda: minor(amount, currency)) == (
        f"the amount '{amount}' has more digits after the dot than the {digits} of {currency};"
        f" {hint}"
    )


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        ("", "is empty"),
        (" 10", "has white space around it"),
        ("10 ", "has white space around it"),
        ("10\n", "has white space around it"),
        ("\u00a010", "has white space around it"),
        ("\u0661\u0660", "is not plain ASCII"),
        ("1\u0660.50", "is not plain ASCII"),
        ("10.5\u0660", "is not plain ASCII"),
        ("\uff11\uff10", "is not plain ASCII"),
        ("\u221210", "is not plain ASCII"),
        ("€10", "is not plain ASCII"),
        ("NaN", "is not a finite number"),
        ("-inf", "is not a finite number"),
        ("Infinity", "is not a finite number"),
        ("+5", "has a plus sign"),
        ("1e3", "is in exponent notation"),
        ("1.5E-2", "is in exponent notation"),
        ("1,000", "has a grouping mark or a decimal comma"),
        ("1.000,50", "has a grouping mark or a decimal comma"),
        ("10,50", "has a grouping mark or a decimal comma"),
        ("1_000", "has a grouping mark or a decimal comma"),
        ("1 000", "has a grouping mark or a decimal comma"),
        ("1'000", "has a grouping mark or a decimal comma"),
        ("007", "has leading zeros"),
        ("0000001000", "has leading zeros"),
        ("00", "has leading zeros"),
        (".5", "is not a plain decimal number"),
        ("5.", "is not a plain decimal number"),
        (".", "is not a plain decimal number"),
        ("-", "is not a plain decimal number"),
        ("--5", "is not a plain decimal number"),
        ("5-", "is not a plain decimal number"),
        ("(5)", "is not a plain decimal number"),
        ("1.2.3", "is not a plain decimal number"),
        ("0x10", "is not a plain decimal number"),
        ("$5", "is not a plain decimal number"),
        ("USD 5", "is not a plain decimal number"),
        ("ten", "is not a plain decimal number"),
    ],
)
def test_text_that_is_no_plain_decimal_number_is_refused(amount: str, why: str) -> None:
    """Nothing is guessed: the message names the slip, whether a minus is allowed or not."""
    start = f"the amount {amount!a} {why}; "
    assert refusal(lambda: minor(amount, "USD")).startswith(start)
    assert refusal(lambda: minor(amount, "USD", signed=True)).startswith(start)


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        (Decimal("NaN"), "is not a finite number"),
        (Decimal("sNaN12"), "is not a finite number"),
        (Decimal("-Infinity"), "is not a finite number"),
        (Decimal("1E+3"), "is in exponent notation"),
        (Decimal("1E+999999"), "is in exponent notation"),
        (Decimal("1E-999999"), "is in exponent notation"),
    ],
)
def test_a_decimal_is_read_as_it_writes_itself(amount: Decimal, why: str) -> None:
    """A Decimal that is not finite or writes an exponent is refused, and at once if it is huge."""
    assert refusal(lambda: minor(amount, "USD")).startswith(f"the amount '{amount}' {why}; ")


@pytest.mark.parametrize(
    "amount",
    [
        "92233720368547758.08",
        92233720368547759,
        Decimal("92233720368547758.08"),
        pytest.param("9" * 5_000, id="long text"),
        pytest.param(10**10_000, id="long int"),
        pytest.param(Decimal("9" * 10_000), id="long Decimal"),
    ],
)
def test_an_amount_beyond_a_bigint_is_refused(amount: str | int | Decimal) -> None:
    """The bound is 2**63 - 1 minor units, and no size of a number gives any other error."""
    assert refusal(lambda: minor(amount, "USD")) == (
        "the amount is beyond 2**63 - 1 minor units;"
        " check its unit, for no real payment is that large"
    )


def test_a_message_repeats_only_the_start_of_a_long_text() -> None:
    """A refused page of text does not fill the log."""
    assert refusal(lambda: minor("x" * 5_000, "USD")) == (
        f"the amount '{'x' * 40}'... is not a plain decimal number;"
        " write only digits and at most one dot between them, such as '10.00'"
    )


def test_an_error_keeps_both_halves_of_its_sentence() -> None:
    """A face can show what is wrong apart from how to mend it, also from another process."""
    with pytest.raises(ValueError, match="plus sign") as caught:
        minor("+5", "USD")
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):  # noqa: S301 - our own bytes
        assert isinstance(error, MoneyError)
        assert error.problem == "the amount '+5' has a plus sign"
        assert error.hint == "leave the sign out"
        assert str(error) == f"{error.problem}; {error.hint}"


# From minor to major units


@pytest.mark.parametrize(
    ("amount_minor", "currency", "expected"),
    [
        (1000, "INR", "10.00"),
        (-5, "USD", "-0.05"),
        (0, "USD", "0.00"),
        (5000, "JPY", "5000"),
        (1234, "KWD", "1.234"),
        (1, "CLF", "0.0001"),
        (-LIMIT, "USD", "-92233720368547758.07"),
    ],
)
def test_minor_units_become_major_units(amount_minor: int, currency: str, expected: str) -> None:
    """The Decimal and the text carry every digit of the minor unit, and no more."""
    assert str(major(amount_minor, currency)) == expected
    assert format_minor(amount_minor, currency) == f"{expected} {currency}"


def test_the_decimal_context_of_the_caller_has_no_influence() -> None:
    """A program that computes with two digits of precision still gets its money unrounded."""
    with localcontext() as context:
        context.prec = 2
        assert minor(major(123456, "USD"), "USD") == 123456


@ways_in
@pytest.mark.parametrize("amount", [10.0, True, "10", None, Decimal(10)])
def test_minor_units_of_another_type_are_refused(
    call: Callable[[int, str], object], amount: object
) -> None:
    """Minor units are an int everywhere, and a bool is none."""
    assert refusal(lambda: call(cast("int", amount), "USD")) == (
        f"an amount in minor units is an int, not {type(amount).__name__};"
        " convert an amount in major units with minor()"
    )


@ways_in
@pytest.mark.parametrize("amount", [LIMIT + 1, -LIMIT - 1, pytest.param(10**10_000, id="long")])
def test_minor_units_beyond_a_bigint_are_refused(
    call: Callable[[int, str], object], amount: int
) -> None:
    """The bound is the same on every way in."""
    assert refusal(lambda: call(amount, "JPY")).startswith("the amount is beyond 2**63 - 1")


@ways_in
def test_minor_units_of_no_currency_are_refused(call: Callable[[int, str], object]) -> None:
    """A number without a known currency is not money."""
    assert "'XXX' has no minor unit" in refusal(lambda: call(1, "XXX"))


# Money


def test_money_adds_and_subtracts_within_a_currency() -> None:
    """The sum and the difference keep the currency, and may be negative."""
    ten, three = parse("10.00 INR"), parse("3.00 INR")
    assert (str(ten + three), str(three - ten)) == ("13.00 INR", "-7.00 INR")
    assert sum([ten, three], start=parse("0 INR")) == parse("13.00 INR")


@pytest.mark.parametrize(
    "combine",
    [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a < b,
        lambda a, b: a <= b,
        lambda a, b: a > b,
        lambda a, b: a >= b,
    ],
)
def test_currencies_do_not_mix(combine: Callable[[Money, Money], object]) -> None:
    """Nothing is converted silently: to add, subtract or order two currencies is an error."""
    assert refusal(lambda: combine(parse("1.00 USD"), parse("1.00 EUR"))) == (
        "1.00 USD and 1.00 EUR are of two currencies;"
        " convert one of them first, at a rate you can name"
    )


def test_money_of_two_currencies_is_never_equal() -> None:
    """Equality answers instead of raising, so money can be a key; zeros differ too."""
    assert parse("0 USD") != parse("0 EUR")
    assert len({parse("1.00 USD"), parse("1 USD"), parse("1.00 EUR")}) == 2


@pytest.mark.parametrize("other", [1, 1.0, Decimal(1), "1.00 USD", None])
def test_money_and_a_bare_value_do_not_mix(other: object) -> None:
    """A number has no currency: Python's own TypeError says so, and equality is False."""
    money, bare = parse("1.00 USD"), cast("Money", other)
    with pytest.raises(TypeError):
        _ = money + bare
    with pytest.raises(TypeError):
        _ = money - bare
    with pytest.raises(TypeError):
        _ = money < bare
    assert money != bare


def test_a_sum_beyond_a_bigint_is_refused() -> None:
    """Money cannot grow past the bound by adding."""
    most, cent = Money(amount_minor=LIMIT, currency="USD"), parse("0.01 USD")
    assert refusal(lambda: most + cent).startswith("the amount is beyond 2**63 - 1")


def test_money_does_not_change() -> None:
    """A value that was checked stays as it was checked."""
    money = parse("1.00 USD")
    with pytest.raises(AttributeError):
        money.amount_minor = 2  # type: ignore[misc] # the point of the test
    assert money == copy.deepcopy(money)
    assert money == pickle.loads(pickle.dumps(money))  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.00 INR", Money(amount_minor=1000, currency="INR")),
        ("10 INR", Money(amount_minor=1000, currency="INR")),
        ("-0.05 USD", Money(amount_minor=-5, currency="USD")),
        ("5000 JPY", Money(amount_minor=5000, currency="JPY")),
    ],
)
def test_text_is_read_as_money(text: str, expected: Money) -> None:
    """An amount, one space and a code are money; a balance may be negative."""
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", " ", "10.00", "INR", "10.00INR", "10.00  INR", " 10.00 INR", "10.00 INR ", "1 000 INR"],
)
def test_text_of_another_shape_is_not_money(text: str) -> None:
    """There is exactly one space, and something on both sides of it."""
    assert refusal(lambda: parse(text)) == (
        f"{text!r} is not an amount, one space and a currency code; write it as in '10.00 INR'"
    )


@pytest.mark.parametrize("text", ["INR 10.00", "10.00 INR\n", "10.000 INR", "1,000 INR", "1 inr"])
def test_text_with_a_wrong_half_is_not_money(text: str) -> None:
    """Both halves obey the rules of `minor` and `exponent`."""
    refusal(lambda: parse(text))


@pytest.mark.parametrize("text", [None, 10, b"10.00 INR"])
def test_what_is_no_text_is_not_parsed(text: object) -> None:
    """Another type is refused with the same error as a wrong text."""
    assert refusal(lambda: parse(cast("str", text))).startswith(
        f"a value of type {type(text).__name__} is not an amount"
    )


# Laws


@given(units, currencies)
@example(LIMIT, "CLF")
@example(-LIMIT, "JPY")
def test_minor_undoes_major(amount_minor: int, currency: str) -> None:
    """No unit is lost on the way to major units and back, as Decimal or as text."""
    amount = major(amount_minor, currency)
    assert minor(amount, currency, signed=True) == amount_minor
    assert minor(str(amount), currency, signed=True) == amount_minor


@given(st.integers(0, LIMIT), currencies)
def test_what_is_not_negative_needs_no_sign(amount_minor: int, currency: str) -> None:
    """`signed` changes nothing for amounts that are not negative."""
    amount = major(amount_minor, currency)
    assert minor(amount, currency) == minor(amount, currency, signed=True)


@given(monies())
def test_parse_undoes_str(money: Money) -> None:
    """Money that was written is read back as the same money."""
    assert parse(str(money)) == money
    assert str(parse(str(money))) == str(money)


@pytest.mark.parametrize("currency", sorted(LIST_ONE))
def test_every_currency_makes_the_round_trip(currency: str) -> None:
    """Each code is written with all its digits and read back, around zero and at both bounds."""
    for amount_minor in (-LIMIT, -10001, -1, 0, 1, 9999, LIMIT):
        money = Money(amount_minor=amount_minor, currency=currency)
        assert parse(str(money)) == money
        assert major(amount_minor, currency).as_tuple().exponent == -LIST_ONE[currency]


@given(*[monies("INR", limit=LIMIT // 3)] * 3)
def test_addition_is_associative_and_commutative(a: Money, b: Money, c: Money) -> None:
    """The order of a sum does not matter, and subtraction undoes it."""
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert (a + b) - b == a


@given(monies("KWD"), monies("KWD"))
def test_order_is_the_order_of_major_amounts(a: Money, b: Money) -> None:
    """Within a currency, money is ordered as the Decimals it stands for."""
    x, y = (major(m.amount_minor, m.currency) for m in (a, b))
    assert (a < b, a <= b, a > b, a >= b, a == b) == (x < y, x <= y, x > y, x >= y, x == y)


@given(
    currency=currencies,
    minus=st.sampled_from(["", "-"]),
    whole=st.integers(0, 10**12),
    fraction=st.text("0123456789", min_size=1, max_size=12),
)
@example(currency="USD", minus="", whole=10, fraction="000")
def test_every_text_with_excess_digits_is_refused(
    currency: str, minus: str, whole: int, fraction: str
) -> None:
    """Whatever the digits are, more of them than the currency has are refused."""
    assume(len(fraction) > LIST_ONE[currency])
    text = f"{minus}{whole}.{fraction}"
    assert "has more digits after the dot" in refusal(lambda: minor(text, currency, signed=True))


@given(
    st.text() | st.text("0123456789.,-+eE_ ") | st.from_regex(r"-?[0-9]{1,25}(\.[0-9]{0,6})?"),
    currencies,
)
def test_text_means_what_decimal_reads_or_is_refused(text: str, currency: str) -> None:
    """Any text gives either the value that the standard library reads in it, or a MoneyError."""
    try:
        amount_minor = minor(text, currency, signed=True)
    except MoneyError:
        return
    assert text.isascii()
    assert Decimal(amount_minor) == Decimal(text) * 10 ** LIST_ONE[currency]


@given(st.decimals(), currencies)
def test_a_decimal_keeps_its_value_or_is_refused(amount: Decimal, currency: str) -> None:
    """Any Decimal gives either its own value, or a MoneyError."""
    try:
        amount_minor = minor(amount, currency, signed=True)
    except MoneyError:
        return
    assert major(amount_minor, currency) == amount


@given(st.text() | st.builds("{} {}".format, st.text("0123456789.-", max_size=8), currencies))
def test_any_text_is_money_or_refused(text: str) -> None:
    """Parsing has no other outcome than money or a MoneyError."""
    try:
        money = parse(text)
    except MoneyError:
        return
    assert parse(str(money)) == money


@given(currencies.flatmap(lambda c: st.tuples(st.just(c), currencies.filter(lambda d: d != c))))
def test_no_two_currencies_can_be_added(pair: tuple[str, str]) -> None:
    """The refusal to mix holds for every pair of codes."""
    a, b = (Money(amount_minor=1, currency=currency) for currency in pair)
    assert "are of two currencies" in refusal(lambda: a + b)
