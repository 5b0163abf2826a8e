"""Card numbers and track data, in a text whose digits are all ASCII.

A card number is 13 to 19 digits with a good check digit and an issuer's first digits at one of
that issuer's lengths. Between the digits may stand up to `_WIDEST` spaces, dashes, dots,
underscores, control characters or line breaks, and a slash between groups of three digits or more.
Digits written together are a group; every run of groups is tried, and never a part of a group. So
a list of numbers that satisfies all of this by accident is masked: this gate fails closed.
What breaks a run is only what cannot be a card:

* a comma, a letter, any other sign: those group thousands or end the number;
* a date, an UUID, a card number that is masked already, more than 19 digits in one group;
* the gap between two decimal amounts (`1200.50 4111.11`), as in columns of them;
* the point of a JSON number with a fraction (`"score": 4.236067977499790`);
* the point of a float of full precision (`0.4111111111111111`), for what stands after it alone;
* thirteen digits right after a plus sign, which is a telephone number.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from paygrade.leaks.issuers import LENGTHS
from paygrade.leaks.leak import HOLE, Leak, blank

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SHORTEST = 13
_LONGEST = 19
_WIDEST = 5
_BIN = 6
_LAST = 4
_FLOAT_DIGITS = 17  # no double needs more to be written without loss

# The look-ahead turns down short numbers, which a text is full of, before anything is built.
_RUN = re.compile(
    rf"""
    [0-9](?=[0-9\x00-\x20\x7f._/-]{{{_SHORTEST - 1}}})[0-9]*+
    (?:(?:[\x00-\x20\x7f._-]{{1,{_WIDEST}}}|(?<=[0-9]{{3}})/(?=[0-9]{{3}}))[0-9]++)*+
    """,
    re.VERBOSE,
)
_GAP = re.compile("[^0-9]+")
_DIGITS_AND_DASHES = re.compile("[0-9-]+")
# `[0-9](?<![0-9].)` is the first digit of a group, in the form that is searched for quickly.
_BREAK = re.compile(
    rf"""
    [0-9](?<![0-9].)(?:
        [0-9]{{{_BIN - 1}}}\*{{3,}}+(?:[0-9]{{{_LAST}}})?(?![0-9])
      | [0-9]{{{_LONGEST},}}+
      | (?<![0-9][-/.].)(?:
          (?:(?<=1)9|(?<=2)0)[0-9]{{2}}([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12][0-9]|3[01])
          (?![0-9]|\1[0-9])
        | (?:(?<=[0-3])[0-9])?([-/.])[0-3]?[0-9]\2(?:19|20)[0-9]{{2}}(?![0-9]|\2[0-9])
      )
    )
    """,
    re.VERBOSE | re.DOTALL,
)
# Searched by its first dash, from which one looks back. A letter is asked for later: 32 plain
# digits between dashes could be groups of card numbers.
_UUID_HEAD = 8
_UUID = re.compile(
    r"-(?<=(?<![0-9A-Za-z])[0-9A-Fa-f]{8}-)(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
)
# Two decimals after two, or three after three, as a column has them, and no leading zeros.
_BETWEEN_AMOUNTS = re.compile(
    r"([0-9](?<![0-9.].)(?:(?<!0)[0-9]*+)?\.[0-9]{2}([0-9])?)([ \t\r\n]{1,5}-?)"
    r"(?=(?:0|[1-9][0-9]*+)\.[0-9]{2}(?(2)[0-9])(?![0-9.]))",
    re.DOTALL,
)
_FLOAT = re.compile(r"([0-9](?<![0-9.].)[0-9]{0,2})\.([0-9]{13,17})(?![0-9.])", re.DOTALL)
_MEASURE = re.compile(
    r"(\":[ \t\r\n]{0,8}-?[0-9]+)\.([0-9]*[1-9][0-9]*+)(?![0-9.eE])(?=[ \t\r\n]{0,8}[,}\]])"
)
_TRACK_1 = re.compile(
    r"%?B(?<![0-9A-Za-z]B)[0-9 ]{12,23}\^[^\^\r\n\"\\]{2,26}\^[0-9]{4}[^?\^\r\n\"\\]{0,80}\??"
)
_TRACK_2 = re.compile(
    r"([0-9](?<![0-9].)[0-9]{11,18})[=D][0-9]{2}(?:0[1-9]|1[0-2])[0-9]{3,32}\??(?![0-9])"
)

_PLAIN = bytes.maketrans(b"0123456789", bytes(range(10)))
_DOUBLED = bytes.maketrans(b"0123456789", bytes([0, 2, 4, 6, 8, 1, 3, 5, 7, 9]))


class _Window(NamedTuple):
    """Digits of a run that make a card number, from the one to before the other."""

    first: int
    last: int


def in_reach(text: str) -> bool:
    """Say quickly whether the text has a run of digits as long as a card number."""
    return any(
        len(_GAP.sub("", run[0])) >= _SHORTEST - 1  # one less: other kinds ask this, too
        for run in _RUN.finditer(text)
    )


def pans(text: str) -> list[Leak]:
    """Find card numbers. Those that overlap each other are one leak, shown by its BIN alone."""
    after_point = {
        match.start(2)
        for match in _FLOAT.finditer(text)
        if len((match[1] + match[2]).lstrip("0")) <= _FLOAT_DIGITS
    }
    text = _broken(text)
    found: list[Leak] = []
    for run in _RUN.finditer(text):
        digits = _GAP.sub("", run[0])
        windows = list(_windows(run[0], digits)) if len(digits) >= _SHORTEST else ()
        if not windows:
            continue
        places: Sequence[int] = range(run.start(), run.end())
        if len(digits) < len(places):
            places = [place for place in places if text[place].isdigit()]
        windows = [
            window
            for window in windows
            if places[window.first] not in after_point and not _is_phone(text, places, window)
        ]
        found.extend(
            Leak(
                "pan",
                places[first],
                places[last - 1] + 1,
                _shown(digits[first:last], sure=sure),
            )
            for first, last, sure in _united(windows)
        )
    return found


def tracks(text: str) -> list[Leak]:
    """Find what a magnetic stripe holds."""
    found = [
        Leak("track", match.start(), match.end(), "[track]") for match in _TRACK_1.finditer(text)
    ]
    for match in _TRACK_2.finditer(text):
        sentinel = text.startswith(";", match.start() - 1) and match.start() > 0
        if sentinel or _is_pan(match[1]):
            found.append(Leak("track", match.start() - sentinel, match.end(), "[track]"))
    return found


def _broken(text: str) -> str:
    """Make holes of what cannot be part of a card number. Offsets stay what they are."""
    text = _BREAK.sub(_hole, text)
    if "-" in text:
        text = blank(text, _uuids(text))
    if "." in text:
        text = _BETWEEN_AMOUNTS.sub(lambda match: match[1] + HOLE * len(match[3]), text)
        text = _MEASURE.sub(lambda match: f"{match[1]}{HOLE}{match[2]}", text)
    return text


def _uuids(text: str) -> Iterator[Leak]:
    for match in _UUID.finditer(text):
        start = match.start() - _UUID_HEAD
        if not _DIGITS_AND_DASHES.fullmatch(text, start, match.end()):
            yield Leak("uuid", start, match.end(), "")


def _hole(match: re.Match[str]) -> str:
    return HOLE * len(match[0])


def _windows(run: str, digits: str) -> Iterator[_Window]:
    """Yield every stretch of whole groups that is a card number, in order of their starts."""
    bounds = list(accumulate(map(len, _GAP.split(run)), initial=0))
    ends = set(bounds)
    sums: tuple[Sequence[int], Sequence[int]] | None = None
    for first in bounds[:-1]:
        for length in LENGTHS.get(digits[first : first + 4], ()):
            last = first + length
            if last in ends:
                sums = sums or _luhn_sums(digits)
                total = sums[last & 1]
                if not (total[last] - total[first]) % 10:
                    yield _Window(first, last)


def _luhn_sums(digits: str) -> tuple[Sequence[int], Sequence[int]]:
    """Sum up the digits so far, once for check digits at odd and once for those at even places.

    With these each window costs a subtraction, however many windows overlap.
    """
    plain, doubled = digits.encode().translate(_PLAIN), digits.encode().translate(_DOUBLED)
    even, odd = bytearray(plain), bytearray(plain)
    even[0::2] = doubled[0::2]
    odd[1::2] = doubled[1::2]
    return tuple(accumulate(even, initial=0)), tuple(accumulate(odd, initial=0))


def _is_pan(digits: str) -> bool:
    return any(window.last == len(digits) for window in _windows(digits, digits))


def _is_phone(text: str, places: Sequence[int], window: _Window) -> bool:
    start = places[window.first]
    return window.last - window.first == _SHORTEST and text[start - 1 : start] == "+"


def _united(windows: Iterable[_Window]) -> Iterator[tuple[int, int, bool]]:
    """Join windows that overlap. One that stands alone is a number that we are sure of."""
    start = end = 0
    sure = True
    for first, last in windows:
        if first < end:
            end, sure = max(end, last), False
            continue
        if end:
            yield start, end, sure
        start, end, sure = first, last, True
    if end:
        yield start, end, sure


def _shown(digits: str, *, sure: bool) -> str:
    """Keep BIN and last four. Where it is not sure which four are the last, keep none of them."""
    tail = digits[-_LAST:] if sure else ""
    return digits[:_BIN] + "*" * (len(digits) - _BIN - len(tail)) + tail
