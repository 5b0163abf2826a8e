"""One text, seen as every reader might see it: digits of any script, nothing invisible, unescaped.

Each way of reading is a `View` in which every digit is ASCII. The text as it stands comes first,
then once more for each layer of escapes taken off it. All of them are searched, because taking an
escape off can hide a number just as it can show one (in `50%4111…` the `%41` would be an `A`).
"""

from __future__ import annotations

import re
import sys
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import category, decimal, digit

from paygrade.leaks.views import Edit, View, rewrite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# JSON in JSON counts as one layer whatever its depth, and so do `%2534` and `&amp;#52;`; only a
# mixture (a percent sign written as a JSON escape, say) needs one layer for each kind.
LAYERS = 4

_HEX = "[0-9A-Fa-f]"
_ENTITIES = {
    "nbsp": " ",
    "ensp": " ",
    "emsp": " ",
    "thinsp": " ",
    "NewLine": "\n",
    "Tab": " ",
    "shy": "",
    "zwj": "",
    "zwnj": "",
    "lrm": "",
    "rlm": "",
    "hyphen": "-",
    "dash": "-",
    "ndash": "-",
    "mdash": "-",
    "minus": "-",
    "middot": ".",
    "period": ".",
    "sol": "/",
    "lowbar": "_",
    "quot": '"',
}
# Asked first, for a percent sign or a comparison alone is no escape.
_HINTS = (
    ("%", re.compile(f"%(?={_HEX}{{2}})")),
    ("&", re.compile("&(?=[#A-Za-z])")),
    ("<", re.compile("<(?=[bB][rR])")),
)
# A class of first characters makes the search quick, too. A run of backslashes or percent signs is
# eaten whole, matched or not: a hostile text is read once, not once from each of its characters.
_ESCAPE = re.compile(
    rf"""
    [\\%&<](?:
      (?<=\\)\\*+(?:
        u(?P<high>[dD][89abAB]{_HEX}{{2}})\\++u(?P<low>[dD][c-fC-F]{_HEX}{{2}})
      | (?:u\{{0{{0,8}}(?P<braced>{_HEX}{{1,6}})\}}
          |u(?P<four>{_HEX}{{4}})|U(?P<eight>{_HEX}{{8}})|x(?P<two>{_HEX}{{2}}))
      | (?P<control>[nrtbfv])
      | (?P<bare>(?=[^A-Za-z]))
      |
      )
    | (?<=%)(?P<percent>(?:25)*(?:[0-7]{_HEX}|[C-Fc-f]{_HEX}(?:%(?:25)*[89ABab]{_HEX}){{1,3}}))
    | (?<=&)(?:amp;)*+(?:
        \#[xX]0{{0,8}}(?P<hex>{_HEX}{{1,6}})(?:;|(?!{_HEX}))
      | \#0{{0,8}}(?P<decimal>[0-9]{{1,7}})(?:;|(?![0-9]))
      | (?P<entity>{"|".join(_ENTITIES)});
      )
    | (?<=<)(?P<break>[bB][rR]\s{{0,3}}/?>)
    )
    """,
    re.VERBOSE,
)
# A line break or a tab is one separator more; a backslash alone only hides what stands behind it.
_FIXED = {"control": " ", "break": " ", "bare": ""}
_BY_CATEGORY = {"Cf": "", "Zl": "\n", "Zp": "\n", "Zs": " ", "Cc": " ", "Pd": "-", "Pc": "_"}
_BY_CHARACTER = {
    # Hyphen bullet and minus: dashes to the eye, not to their category.
    **dict.fromkeys("\u2043\u2212", "-"),
    **dict.fromkeys("\u00b7\u2024\u2027\u2219\u22c5\u3002\u30fb\ufe52\uff61\uff65", "."),
    # Fillers and a joiner: they draw nothing, and no category says so.
    **dict.fromkeys("\u034f\u115f\u1160\u3164\uffa0", ""),
    "\u2800": " ",  # a braille cell without dots
}
_FULLWIDTH = range(0xFF01, 0xFF5F)
_TO_ASCII = 0xFEE0
_VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
# Where digits, spaces, dashes, marks and invisible characters live. Between are ideographs.
_BASIC = range(0x80, 0x10000)
_BEYOND = (range(0x10000, 0x20000), range(0xE0000, 0xE0200))
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def views(text: str) -> Iterator[View]:
    """Yield the text as it stands, then with one layer of escapes after the other taken off."""
    view = _plain(View(text))
    yield view
    for _ in range(LAYERS):
        unescaped = _unescape(view)
        if unescaped is view:
            return
        view = _plain(unescaped)
        yield view


def _unescape(view: View) -> View:
    text = view.text
    if "\\" not in text and not any(sign in text and hint.search(text) for sign, hint in _HINTS):
        return view
    edits = [
        Edit(match.start(), match.end(), char)
        for match in _ESCAPE.finditer(text)
        if (char := _decoded(match)) is not None
    ]
    return rewrite(view, edits) if edits else view


def _decoded(match: re.Match[str]) -> str | None:
    """Return what an escape stands for, or None where it is none after all."""
    name = match.lastgroup
    if name is None:
        return None
    value = match[name]
    if name in _FIXED:
        return _FIXED[name]
    if name == "entity":
        return _ENTITIES[value]
    if name == "percent":
        return _from_octets(re.sub("(?:%|^)(?:25)*(?=..)", "", value))
    if name == "low":
        value = _joined(int(match["high"], 16), int(value, 16))
    return _from_code(int(value, 10 if name == "decimal" else 16))


def _joined(high: int, low: int) -> str:
    """Make one character of a surrogate pair, in hexadecimal as all others."""
    return f"{0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF):x}"


def _from_code(code: int) -> str | None:
    return chr(code) if code <= sys.maxunicode else None


def _from_octets(octets: str) -> str | None:
    try:
        return bytes.fromhex(octets).decode()
    except UnicodeDecodeError:
        return None


def _plain(view: View) -> View:
    """Write every digit, space, dash, dot and fullwidth character in ASCII; drop the invisible."""
    if view.text.isascii():
        return view
    letters = _alphabet(astral=_ASTRAL.search(view.text) is not None)
    table = letters.table
    edits = [
        Edit(match.start(), match.end(), table[match[0]])
        for match in letters.special.finditer(view.text)
    ]
    if edits:
        view = rewrite(view, edits)
    if not letters.mark.search(view.text):
        return view
    edits = [
        Edit(match.start() + 1, match.end(), "") for match in letters.marked.finditer(view.text)
    ]
    return rewrite(view, edits) if edits else view


class _Alphabet(NamedTuple):
    """What to replace and by what; a mark, and marks that sit on a digit or a separator."""

    special: re.Pattern[str]
    table: Mapping[str, str]
    mark: re.Pattern[str]
    marked: re.Pattern[str]


@cache
def _alphabet(*, astral: bool) -> _Alphabet:
    """Read this Python's Unicode, with the planes beyond the first only if they are needed.

    Reading takes some ten milliseconds, hence not at import and never for a text in ASCII. The
    search is several times slower with characters of other planes in the class.
    """
    table: dict[str, str] = {}
    marks: list[int] = []
    for code in chain(_BASIC, *(_BEYOND if astral else ())):
        char = chr(code)
        kind = category(char)
        ascii_form = _ascii_form(char, kind)
        if ascii_form is not None:
            table[char] = ascii_form
        elif kind[0] == "M":
            marks.append(code)
    mark = _character_class(marks)
    return _Alphabet(
        special=re.compile(_character_class(map(ord, table))),
        table=table,
        mark=re.compile(mark),
        # A vowel sign inside a word is left alone: only on a digit or a separator is it a disguise.
        marked=re.compile(rf"[0-9\s._-]{mark}+"),
    )


def _ascii_form(char: str, kind: str) -> str | None:
    code = ord(char)
    if kind in _BY_CATEGORY:
        return _BY_CATEGORY[kind]
    if code in _FULLWIDTH:
        return chr(code - _TO_ASCII)
    if kind == "Nd":
        return str(decimal(char))
    if kind == "No":
        # A footnote mark is no neighbour of the number it stands on, so it keeps its distance; a
        # number made of circled digits is still read, as one digit a group.
        value = digit(char, None)
        return None if value is None else f" {value} "
    if any(code in block for block in _VARIATION_SELECTORS):
        return ""
    return _BY_CHARACTER.get(char)


def _character_class(codes: Iterable[int]) -> str:
    ranges: list[list[int]] = []
    for code in sorted(codes):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "[" + "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges) + "]"
