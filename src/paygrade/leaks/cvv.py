"""Card verification codes: three or four digits beside a word that names them."""

from __future__ import annotations

import re

from paygrade.leaks.leak import Leak

PLACEHOLDER = "[cvv]"

# Each branch starts with a letter of its own, which makes the search for all of them quick.
_KEYWORD = r"""
    (?: cv[vcn]2? | cav2 | c(?:id|sc)(?<![a-z]...)(?![a-z])
      | security[ _-]?code | card[ _-]?verification(?:[ _-]?(?:code|value|number|digits))?
      | cryptogramme(?:[ ]visuel)?
      | c[o\xf3]digo[ ]de[ ]seguridad | c[o\xf3]digo[ ]de[ ]seguran[c\xe7]a
      | code[ ]de[ ]s[e\xe9]curit[e\xe9] | codice[ ]di[ ]sicurezza
      | sicherheitscode | pr(?:\xfc|ue)f(?:nummer|ziffer|zahl|code)
      | beveiligingscode | kod[ ]bezpiecze[n\u0144]stwa | g[u\xfc]venlik[ ]kodu
      | \u043a\u043e\u0434[ ]
        \u0431\u0435\u0437\u043e\u043f\u0430\u0441\u043d\u043e\u0441\u0442\u0438
      | \u30bb\u30ad\u30e5\u30ea\u30c6\u30a3[ ]?\u30b3\u30fc\u30c9
      | \u5b89\u5168[\u7801\u78bc] | \ubcf4\uc548[ ]?\ucf54\ub4dc
      | \u0938\u0940\u0935\u0940\u0935\u0940
      | \u0631\u0645\u0632[ ]\u0627\u0644(?:\u0623\u0645\u0627\u0646|\u062a\u062d\u0642\u0642)
    )
"""
_NAMED = re.compile(_KEYWORD, re.VERBOSE)
# Between word and digits a sentence does not end, no list goes on, and nothing is starred out.
_GAP = r"(?:(?!\*{3})[^0-9a-z.,!?;{}]){0,8}"
_FILLER = (
    r"(?:[34][ -]digits?|is|was|are|code|number|value|digits|nummer|no\.?|num|nr\.?"
    r"|es|ist|est|del?|=)"
)
# What goes on with a point, a colon or a dash is an amount, a time or a date.
_DIGITS = r"""
    (?<!\*{3})(?:[0-9]{3,4}|[0-9](?:[ -][0-9]){2,3})
    (?![0-9a-z%]|\*{3}|[.,:/][0-9]|[ ]?-[ ]?[0-9])
"""
# A keyword with a placeholder has got its digits: what comes after them is something else.
_AFTER = re.compile(
    rf"{_KEYWORD}{_GAP}(?:\b{_FILLER}\b{_GAP}){{0,3}}(?:({_DIGITS})|{re.escape(PLACEHOLDER)})",
    re.VERBOSE,
)
_BEFORE = re.compile(
    rf"""
    ([0-9](?<![0-9a-z.,:/*-].)[0-9]{{2,3}})
    (?:\s?\((?:the[ ])?{_KEYWORD}\)
      |\s(?:is|was|as)\s(?:(?:the|my|your|his|her|their|a)\s)?{_KEYWORD})
    """,
    re.VERBOSE | re.DOTALL,
)


def codes(text: str) -> list[Leak]:
    """Find verification codes. Card numbers must be holes already."""
    lower = text.replace("\u0130", "I").lower()  # the one capital whose small form is longer
    if not named(lower):
        return []
    return [
        Leak("cvv", *match.span(1), PLACEHOLDER)
        for pattern in (_AFTER, _BEFORE)
        for match in pattern.finditer(lower)
        if match[1]
    ]


def named(lower: str) -> bool:
    """Say whether a text in lower case names a verification code."""
    return _NAMED.search(lower) is not None
