"""What holds for any text and any value, tried with texts built to break it."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from paygrade.leaks import MASKED_KINDS, find, mask, mask_value

ISSUED = (("4", 13), ("4", 16), ("4", 19), ("53", 16), ("2300", 16), ("34", 15), ("37", 15),
          ("36", 14), ("6011", 16), ("62", 19), ("3530", 16), ("50", 13), ("67", 18))  # fmt: skip
SCRIPTS = (0x30, 0x30, 0x0660, 0x0966, 0x0E50, 0xFF10, 0x1D7CE)
INVISIBLE = ("", "\u200b", "\u2060", "\u00ad", "\ufeff", "\u180e", "\ufe0f", "\u0301")
SEPARATORS = (*INVISIBLE, " ", "-", ".", "_", "\n", "\t", "\u00a0", "\u2009", "\u2014", "\u30fb")
WITHOUT_DOTS = [separator for separator in SEPARATORS if separator not in {".", "\u30fb"}]
WITHOUT_SPACES = [separator for separator in SEPARATORS if not separator.isspace()]
FRAGMENTS = (
    "cvv", "cvc: ", "security code is", "(cvv)", "is the cvv", "[cvv]", "[secret]", "[track]",
    "411111******1111", "***", "*", "%B", ";", "=", "^", "?", "/", "\\", "\\\\", "\\u", "\\u00",
    "%", "%2", "%25", "&#", "&#x3", "&amp;", "<br>", "+", "#", '"', "{", "}", "[", "]", ":", ",",
    "4", "41", "737", "1234", "4111", "1111 1111", "12.50", "12.500 ", "2026-11-23", "23.11.2026",
    "11111111111111.41 ", "0.4111111111111111", "550e8400-e29b-41d4-a716-446655440000", "\u00b2",
    "\u0301", "\u200b", "\u0664", "\u0130", "\ud835", "n", "sk-", "sk_live_" + "a1" * 8,
    "Bearer " + "x1y2" * 6, "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "A" * 24,
    "eyJhbGciOiJI.eyJzdWIiOiIx.abc", "GB29NWBK60161331926819", "asha.k@okbank", "+1 415 555 0133",
)  # fmt: skip


def check_digit(digits: str) -> str:
    """Luhn's, written another way than in the package: ISO/IEC 7812-1, annex B."""
    doubled = (2 * int(digit) for digit in digits[::-2])
    plain = (int(digit) for digit in digits[-2::-2])
    return str(-(sum(sum(divmod(number, 10)) for number in doubled) + sum(plain)) % 10)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Draw a card number as its issuer could give it out."""
    prefix, length = draw(st.sampled_from(ISSUED))
    rest = length - len(prefix) - 1
    digits = prefix + draw(st.text("0123456789", min_size=rest, max_size=rest))
    return digits + check_digit(digits)


def in_script(digits: str, zero: int) -> str:
    """Write digits in the script that has this zero."""
    return "".join(chr(zero + int(digit)) for digit in digits)


def escaped(char: str, style: int) -> str:
    """Write a character in one of seven ways, the first of them plain."""
    code = ord(char)
    return (
        char,
        json.dumps(char)[1:-1],
        json.dumps(json.dumps(char)[1:-1])[1:-1],
        "".join(f"%{octet:02X}" for octet in char.encode()),
        f"&#{code};",
        f"&#x{code:x};",
        f"\\u{{{code:x}}}",
    )[style]


@st.composite
def disguised(draw: st.DrawFn) -> str:
    """Draw a number whose digits are escaped and separated as it comes."""
    number = in_script(draw(numbers()), draw(st.sampled_from(SCRIPTS)))
    chars: list[str] = []
    for char in number:
        style = draw(st.integers(-6, 6))
        chars += escaped(char, max(style, 0)), draw(st.sampled_from(("", "", *SEPARATORS)))
    return "".join(chars)


texts = st.lists(
    st.one_of(
        st.sampled_from(FRAGMENTS),
        numbers(),
        disguised(),
        numbers().map(lambda number: f";{number}=29121011000?"),
        st.text(max_size=4),
    ),
    max_size=12,
).map("".join)
words = st.text("abcdefgh \n.-\u00e9\u4e16", max_size=8)
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        numbers().map(int),
        numbers().map(float),
        numbers(),
        words,
        st.sampled_from(("737", 737, "cvv 737", "+1 415 555 0133")),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(words, numbers()), inner, max_size=4),
        st.fixed_dictionaries({"cvv": st.sampled_from((737, "737", 12, "none", None))}),
    ),
    max_leaves=12,
)


def leaking(text: str) -> set[str]:
    """Say which kinds that have to be masked are in a text."""
    return {finding.kind for finding in find(text)} & MASKED_KINDS


@given(texts)
def test_a_masked_text_has_nothing_left_to_mask(text: str) -> None:
    """For any text: no finding of a masked kind is left, and masking again changes nothing."""
    masked = mask(text)
    assert leaking(masked.text) == set()
    assert mask(masked.text).text == masked.text
    assert masked.findings == find(text)


@given(texts)
def test_findings_are_places_in_the_text(text: str) -> None:
    """Sorted, inside the text, none of them empty, and apart from others of their kind."""
    findings = find(text)
    assert list(findings) == sorted(findings, key=lambda found: found.start)
    assert all(0 <= found.start < found.end <= len(text) for found in findings)
    for kind in {found.kind for found in findings}:
        same = [found for found in findings if found.kind == kind]
        assert all(one.end <= other.start for one, other in pairwise(same))


@given(numbers(), st.sampled_from(SCRIPTS), st.data())
def test_a_number_is_found_whatever_separates_its_digits(
    number: str, zero: int, data: st.DataObject
) -> None:
    """Any separators at any places, in any script; what is shown is BIN and last four at most.

    Left out is what dates and columns of amounts are made of, which no number is read from.
    """
    assume(not re.search("(19|20)[0-9]{2}", number))
    separators = data.draw(st.sampled_from((WITHOUT_DOTS, WITHOUT_SPACES)))
    between = data.draw(
        st.lists(st.sampled_from(separators), min_size=len(number), max_size=len(number))
    )
    pairs = zip(in_script(number, zero), between, strict=True)
    written = "".join(digit + separator for digit, separator in pairs)
    masked = mask(f"Card: {written} was declined")
    assert [found.kind for found in masked.findings] == ["pan"]
    shown = [char for char in masked.text if unicodedata.decimal(char, None) is not None]
    assert "".join(shown) in {number[:6] + number[-4:], number[:6]}


@given(numbers(), st.sampled_from(SCRIPTS), st.integers(0, 6))
def test_a_number_is_found_however_it_is_escaped(number: str, zero: int, style: int) -> None:
    """Every digit of it escaped in one of the ways there are."""
    written = "".join(escaped(char, style) for char in in_script(number, zero))
    assert mask(f"({written})").text == f"({number[:6]}{'*' * (len(number) - 10)}{number[-4:]})"


@given(numbers(), st.data())
def test_a_wrong_digit_makes_it_no_number(number: str, data: st.DataObject) -> None:
    """Luhn sees every single wrong digit."""
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    assert find(number[:place] + other + number[place + 1 :]) == ()


@given(numbers(), st.text("0123456789", min_size=1, max_size=30))
def test_a_number_inside_a_longer_run_is_none(number: str, more: str) -> None:
    """With more digits beside it the run is another number, and that is looked at as a whole."""
    for run in (number + more, more + number):
        found = find(run)
        assert found == () or (found[0].start, found[0].end) == (0, len(run))


def alike(one: object, other: object) -> bool:
    """Say whether two values have the same shape, with strings where something was masked."""
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = zip(one.values(), other.values(), strict=True)
        return len(one) == len(other) and all(alike(left, right) for left, right in pairs)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return one == other or isinstance(other, str)


@given(values, st.booleans())
def test_masking_a_value_and_masking_its_json_agree(value: object, ascii_only: bool) -> None:  # noqa: FBT001  # hypothesis draws it
    """JSON stays JSON of the same shape, and both ways take out the same."""
    masked, findings = mask_value(value)
    assert alike(value, masked)
    assert findings or masked is value
    if not isinstance(value, dict | list):
        return
    text = mask(json.dumps(value, ensure_ascii=ascii_only)).text
    assert json.loads(text) == masked
    assert leaking(text) == set()
    assert leaking(json.dumps(masked)) == set()


@given(values)
def test_masking_a_value_again_changes_nothing(value: object) -> None:
    """What comes back is clean, and so it is the same object."""
    masked, _ = mask_value(value)
    again, findings = mask_value(masked)
    assert again is masked
    assert {finding.kind for finding in findings}.isdisjoint(MASKED_KINDS)


@given(
    st.recursive(
        texts,
        lambda inner: st.one_of(
            st.lists(inner, max_size=2), st.dictionaries(texts, inner, max_size=2)
        ),
        max_leaves=3,
    )
)
def test_no_value_is_lost_however_hostile_its_strings(value: object) -> None:
    """Any strings and keys: the same number of them comes back, in the value and in its JSON."""
    masked, _ = mask_value(value)
    assert alike(value, masked)
    if isinstance(value, dict | list):
        back = json.loads(mask(json.dumps(value)).text)
        assert alike(value, back) or back == ["[masked]"]


def test_every_digit_and_every_invisible_character_of_unicode_is_folded() -> None:
    """The law is about categories, so each character of them is tried."""
    for code in range(0x80, 0x110000):
        char = chr(code)
        kind = unicodedata.category(char)
        if kind == "Nd":
            digit = unicodedata.decimal(char)
            number = f"400000000{digit}00000"
            number += check_digit(number)
            assert find(number.replace(str(digit), char)), hex(code)
        elif kind in {"Cf", "Zs", "Zl", "Zp", "Pd", "Pc", "Mn", "Me", "Mc"}:
            assert find(f"41111111{char}11111111"), hex(code)


def test_a_float_that_holds_a_number_is_masked_as_it_is_written() -> None:
    """Sixteen digits fit a float; nineteen do not, and what is left of them is no number."""
    assert mask_value(4111111111111111.0)[0] == "411111******1111.0"
    assert math.isclose(float(str(mask_value(4.0000000000000004e18)[0])), 4e18)
