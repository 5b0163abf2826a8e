"""Keys and tokens that open doors, by the shapes their makers gave them."""

from __future__ import annotations

import re
from typing import NamedTuple

from paygrade.leaks.leak import Leak

PLACEHOLDER = "[secret]"


class _Shape(NamedTuple):
    """What a secret looks like, after a sign and then a word that a text with it must contain.

    The sign is what other texts seldom have, and looking for one character costs next to nothing.
    Patterns eat the whole run of characters at once, or start only where a run starts, so that a
    hostile text is read once.
    """

    sign: str
    needle: str
    pattern: re.Pattern[str]


def _shape(sign: str, needle: str, rest: str) -> _Shape:
    literal = re.escape(needle)
    # The look-behind stands after the needle, so that the search for it is one for plain text.
    return _Shape(sign, needle, re.compile(rf"{literal}(?<![0-9A-Za-z]{literal}){rest}"))


_WORD = "[0-9A-Za-z_-]"
_BASE64 = "[0-9A-Za-z+/=]"
_START = "(?<![0-9A-Za-z])"
_SHAPES = (
    _shape("-", "sk-", rf"{_WORD}{{20,}}+"),  # OpenAI, Anthropic
    *(  # Stripe, Razorpay
        _Shape("_", mode, re.compile(rf"{_START}(?:sk|rk|rzp){mode}[0-9A-Za-z]{{10,}}+"))
        for mode in ("_live_", "_test_")
    ),
    _shape("_", "whsec_", "[0-9A-Za-z+/=_-]{16,}+"),  # Stripe
    _shape("Q", "AQE", r"[0-9A-Za-z+/=-]{40,}+[^\s\"',\\<>]*+"),  # Adyen
    _shape("$", "access_token$", "(?:production|sandbox)[$][0-9a-z$]{20,}+"),  # Braintree
    _shape("-", "sq0", rf"[a-z]{{3}}-{_WORD}{{20,}}+"),  # Square
    _shape("K", "AKIA", "[0-9A-Z]{16}(?![0-9A-Za-z])"),  # AWS
    _shape("S", "ASIA", "[0-9A-Z]{16}(?![0-9A-Za-z])"),  # AWS
    *(_shape("_", f"gh{kind}_", "[0-9A-Za-z]{20,}+") for kind in "pousr"),  # GitHub
    _shape("_", "github_pat_", "[0-9A-Za-z_]{20,}+"),
    _shape("-", "glpat-", rf"{_WORD}{{16,}}+"),  # GitLab
    _shape("-", "xox", "[a-z]-[0-9A-Za-z-]{10,}+"),  # Slack
    _shape("-", "xapp-", "[0-9]-[0-9A-Za-z-]{10,}+"),
    _shape("z", "AIza", rf"{_WORD}{{30,}}+"),  # Google
    _shape("9", "ya29.", rf"{_WORD}{{20,}}+"),
    _shape("-", "GOCSPX-", rf"{_WORD}{{20,}}+"),
    _shape("_", "sk_", "(?:sbox_)?[0-9a-z]{26,}+[*:$#=]?"),  # Checkout.com
    _shape("_", "live_", rf"{_WORD}{{30,}}+"),  # Mollie, GoCardless
    _shape("-", "FLWSECK", "(?:_TEST)?-[0-9A-Za-z]{12,}+(?:-X)?"),  # Flutterwave
    _shape("-", "access-", "(?:production|sandbox|development)-[0-9a-f-]{36}+"),  # Plaid
    _shape("A", "EAAA", rf"{_WORD}{{50,}}+"),  # Square
    _shape("K", "SK", "[0-9a-f]{32}(?![0-9A-Za-z])"),  # Twilio
    _shape("G", "SG.", rf"{_WORD}{{20,24}}+[.]{_WORD}{{39,50}}+"),  # SendGrid
    *(_shape("_", f"shp{kind}_", "[0-9a-f]{32,}+") for kind in ("at", "ss", "ca", "pa")),  # Shopify
    _shape("_", "npm_", "[0-9A-Za-z]{36,}+"),
    _shape("-", "pypi-", rf"{_WORD}{{50,}}+"),
    _shape("_", "hf_", "[0-9A-Za-z]{30,}+"),  # Hugging Face
    _shape("_", "gsk_", "[0-9A-Za-z]{40,}+"),  # Groq
    _shape("-", "xai-", "[0-9A-Za-z]{40,}+"),  # xAI
    _shape("_", "dop_v1_", "[0-9a-f]{64}+"),  # DigitalOcean
    _Shape(  # JSON Web Token
        "J",
        "eyJ",
        re.compile(rf"eyJ(?<!{_WORD}eyJ){_WORD}{{8,}}+[.]{_WORD}{{8,}}+[.]{_WORD}*+"),
    ),
    _Shape(  # PEM, whole or with its end cut off
        "V",
        "PRIVATE KEY",
        re.compile(
            r"-----BEGIN[ ](?:[A-Z0-9]{1,12}[ ]){0,3}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----(?:"
            r"[0-9A-Za-z+/=\s:,.]*+(?:-[0-9A-Za-z+/=\s:,.]++)*+-----END[ ][A-Z0-9 ]{1,60}-----"
            rf"|\s*+{_BASE64}{{20,}}+(?:\s++{_BASE64}{{20,}}+)*+(?:\s++{_BASE64}++)?)"
        ),
    ),
)
# Looked at sign by sign: most texts have none, and are done after a dozen looks.
_BY_SIGN = {
    sign: tuple(shape for shape in _SHAPES if shape.sign == sign)
    for sign in dict.fromkeys(shape.sign for shape in _SHAPES)
}
# The word before the secret stays readable: only the token is a leak.
_AFTER_A_WORD = tuple(
    _Shape(needle[0], needle, re.compile(pattern, re.IGNORECASE))
    for needle, pattern in (
        ("bearer", r"bearer[ \t]{1,4}([0-9a-z._~+/-]{16,}+=*+)"),
        ("authorization", r"authorization\W{1,6}basic[ \t]{1,4}([0-9a-z+/=]{8,}+)"),
        ("secret_access_key", r"secret_access_key\W{1,6}([0-9a-z+/]{40}+)"),
        ("secretaccesskey", r"secretaccesskey\W{1,6}([0-9a-z+/]{40}+)"),
    )
)
# `sk-` and `bearer` stand before words, too. A secret has a digit somewhere.
_PROSE = re.compile(r"[A-Za-z._~+/-]*+")


def secrets(text: str) -> list[Leak]:
    """Find keys and tokens of known makers."""
    found = [
        Leak("secret", match.start(), match.end(), PLACEHOLDER)
        for sign, shapes in _BY_SIGN.items()
        if sign in text
        for _, needle, pattern in shapes
        if needle in text
        for match in pattern.finditer(text)
        if needle != "sk-" or not _PROSE.fullmatch(match[0])
    ]
    lower = text.lower()
    found.extend(
        Leak("secret", match.start(1), match.end(1), PLACEHOLDER)
        for _, needle, pattern in _AFTER_A_WORD
        if needle in lower
        for match in pattern.finditer(text)
        if needle != "bearer" or not _PROSE.fullmatch(match[1])
    )
    return found


def named(lower: str) -> bool:
    """Say whether a key in lower case names a secret that is known by its name alone."""
    return any(shape.needle in lower for shape in _AFTER_A_WORD)
