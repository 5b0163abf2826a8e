"""Card numbers, however they are written. All are the public test numbers of payment providers."""

from __future__ import annotations

import json

import pytest

from paygrade.leaks import Finding, find, mask

VISA = "4111111111111111"


def kinds(text: str) -> list[str]:
    """Say what is found, in order."""
    return [finding.kind for finding in find(text)]


def digits(low: int) -> str:
    """The test number in the digits of another script, given its zero."""
    return "".join(chr(low + int(digit)) for digit in VISA)


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111",
        "4222222222222",  # Visa with 13 digits
        "4000000000000000006",  # Visa with 19 digits
        "5555555555554444",
        "2223003122003222",
        "378282246310005",
        "30569309025904",
        "36227206271667",
        "6011000990139424",
        "3566002020360505",
        "6200000000000005",
        "6205500000000000004",  # UnionPay with 19 digits
        "6759649826438453",  # Maestro
        "2201382000000013",  # Mir
        "9792030394440796",  # Troy
        "5061460410120223210",  # Verve with 19 digits
    ],
)
def test_a_number_of_any_scheme_is_found(number: str) -> None:
    """A plain number is found with its place, and the finding does not repeat it."""
    (finding,) = find(f"Paid with {number} today")
    assert finding == Finding(kind="pan", start=10, end=10 + len(number))
    assert number not in repr(finding)


@pytest.mark.parametrize(
    "written",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111_1111_1111_1111",
        "4111/1111/1111/1111",
        "4111\\1111\\1111\\1111",
        "41111111\n11111111",
        "\n".join(VISA),
        "4111 - 1111 - 1111 - 1111",
        "4111\r\n\r\n1111\r\n\r\n1111\r\n\r\n1111",
        "4111\t1111\t1111\t1111",
        "4111\x001111\x001111\x001111",
        "4111<br>1111<br/>1111<BR />1111",
    ],
)
def test_what_stands_between_the_digits_hides_nothing(written: str) -> None:
    """Spaces, dashes, dots, line breaks and the like separate groups of one number."""
    assert mask(f"Card {written}!").text == "Card 411111******1111!"


@pytest.mark.parametrize(
    "written",
    [
        VISA.replace("1111", "1111\u00a0"),  # no-break space
        "4111\u20091111\u20091111\u20091111",  # thin space
        "4111\u30001111\u30001111\u30001111",  # ideographic space
        "4111\u20131111\u20131111\u20131111",  # en dash
        "4111\u22121111\u22121111\u22121111",  # minus
        "4111\uff0e1111\uff0e1111\uff0e1111",  # fullwidth full stop
        "4111\u20281111\u20281111\u20281111",  # line separator
        "4111\u203f1111\u203f1111\u203f1111",  # undertie
        "\u200b".join(VISA),  # zero-width space
        "\u00ad".join(VISA),  # soft hyphen
        "\u2060".join(VISA),  # word joiner
        "\u3164".join(VISA),  # hangul filler
        "\u0336".join(VISA),  # struck through
        "".join(f"{digit}\ufe0f\u20e3" for digit in VISA)[:-2],  # keycap emoji
        "\u202e" + VISA + "\u202c",  # written from right to left
        digits(0x0660),  # Arabic-Indic
        digits(0x06F0),  # Persian
        digits(0x0966),  # Devanagari
        digits(0x09E6),  # Bengali
        digits(0x0E50),  # Thai
        digits(0xFF10),  # fullwidth
        digits(0x1D7CE),  # mathematical bold
        digits(0x0966)[:8] + " " + digits(0x0660)[8:],  # two scripts
        "\u2463" + "\u2460" * 15,  # circled
    ],
)
def test_no_script_and_nothing_invisible_hides_a_number(written: str) -> None:
    """Digits of all scripts count, and what draws nothing does not."""
    masked = mask(written)
    assert [finding.kind for finding in masked.findings] == ["pan"]
    assert "411111******1111" in masked.text


@pytest.mark.parametrize(
    "written",
    [
        "".join(f"\\u{ord(digit):04x}" for digit in VISA),
        "".join(f"\\\\u{ord(digit):04x}" for digit in VISA),
        "".join(f"\\\\\\\\u{ord(digit):04x}" for digit in VISA),
        "".join(f"\\u{ord(digit):04x}" for digit in digits(0x0660)),
        json.dumps(digits(0x1D7CE))[1:-1],  # surrogate pairs
        "".join(f"\\x{ord(digit):02x}" for digit in VISA),
        "".join(f"\\u{{{ord(digit):x}}}" for digit in VISA),
        "".join(f"\\U{ord(digit):08x}" for digit in VISA),
        "".join(f"%{ord(digit):02x}" for digit in VISA),
        "".join(f"%25{ord(digit):02x}" for digit in VISA),
        "".join(f"%2525{ord(digit):02x}" for digit in VISA),
        "%D9%A4" + "%D9%A1" * 15,  # Arabic-Indic, in UTF-8
        "".join(f"&#{ord(digit)};" for digit in VISA),
        "".join(f"&#x{ord(digit):x};" for digit in VISA),
        "".join(f"&amp;#{ord(digit)};" for digit in VISA),
        "".join(f"\\u0025{ord(digit):02x}" for digit in VISA),  # a percent sign as JSON escape
        "4111%201111%201111%201111",
        "4111&nbsp;1111&ndash;1111&shy;1111",
        "4111\\n1111\\t1111\\u00201111",
        "4111\\-1111\\-1111\\-1111",  # Markdown
        "\\u0034111%31111&#49;111 1111",
    ],
)
def test_no_escape_hides_a_number(written: str) -> None:
    """JSON, percent and HTML escapes are taken off, in layers and mixed; masking is in place."""
    assert mask(f"<{written}>").text == "<411111******1111>"


def test_four_layers_of_different_escapes_hide_nothing() -> None:
    """An entity, percent-encoded, as JSON escapes, as entities again."""
    written = VISA
    for style in ("&#{};", "%{:02x}", "\\u{:04x}", "&#{};"):
        written = "".join(style.format(ord(char)) for char in written)
    assert mask(written).text == "411111******1111"


@pytest.mark.parametrize(
    "text",
    [
        f"50%{VISA}",
        f"\\u{VISA}",
        f"%C0%B{VISA}",
        f"https://shop.example/pay?c={VISA}&r=1",
        f"q=card%3D{VISA}%26r",
        f"\\n{VISA}\\n",
        f"PAN{VISA}x",
        f"**{VISA}**",
        f"`{VISA}`",
        "|4111 1111 1111 1111|",
    ],
)
def test_what_stands_beside_a_number_hides_nothing(text: str) -> None:
    """Neither letters and markup nor what would be an escape together with the number."""
    assert kinds(text) == ["pan"]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("12 4111 1111 1111 1111 737", 3, 22),
        ("4111 1111 1111 1111 12/29", 0, 19),
        ("exp 11 29 5555 5555 5555 4444 11 29", 10, 29),
        ("2026-11-23 4111 1111 1111 1111 2026-11-24", 11, 30),
        ("4111111111111111\u00b2", 0, 16),  # a footnote mark
        ("\u200b4111\u200b111111111111\u200b", 1, 18),
    ],
)
def test_a_number_among_other_numbers_is_found_in_its_place(
    text: str, start: int, end: int
) -> None:
    """Every stretch of whole groups is tried, and offsets are those of the text as given."""
    assert find(text) == (Finding(kind="pan", start=start, end=end),)


def test_two_numbers_are_two_findings() -> None:
    """Numbers side by side are told apart."""
    text = "4111 1111 1111 1111 5555 5555 5555 4444"
    assert mask(text).text == "411111******1111 555555******4444"


def test_numbers_that_overlap_keep_no_last_four() -> None:
    """Sixteen digits are a card here, and nineteen too: nobody knows which four are the last."""
    text = "4111 1111 1111 1111 110"
    assert mask(text).text == "411111" + "*" * 13


def test_track_data_is_found_with_the_number_in_it() -> None:
    """Both are leaks, and what is masked is all of the track."""
    text = "%B4111111111111111^DOE/JOHN^29121010000000000000? ;4111111111111111=29121011234567?"
    assert sorted(kinds(text)) == ["pan", "pan", "track", "track"]
    assert mask(text).text == "[track] [track]"


def test_a_track_without_its_sentinel_is_found_if_its_number_is_good() -> None:
    """An equals sign after any digits is no track; the tag of a chip may have a D for it."""
    assert mask("57134111111111111111=2912101").text == "57134111111111111111=2912101"
    assert mask("4111111111111111=2912101123").text == "[track]"
    assert mask("4111111111111111D2912101123").text == "[track]"
