"""E-mail addresses: personal data wherever a person or a business can have the address."""

from __future__ import annotations

import re

from paygrade.leaks.leak import Leak

PLACEHOLDER = "[email]"

# Each run of characters is eaten whole and starts where no character of it stands before: a text
# of nothing but names and dots is read once. UPI addresses have no dot behind the sign.
_ADDRESS = re.compile(r"(?<![\w.%+'-])([\w.%+'-]++)@([\w-]++(?:\.[\w-]++)++)")
_TOP = re.compile(r"xn--[0-9A-Za-z-]{2,59}|[^\W\d_]{2,63}")
# RFC 2606, sections 2 and 3 (and RFC 6761, section 6): names that nobody can have.
_RESERVED_TOPS = frozenset({"test", "example", "invalid", "localhost"})
_RESERVED = frozenset({("example", "com"), ("example", "net"), ("example", "org")})


def emails(text: str) -> list[Leak]:
    """Find e-mail addresses, with the letters of any script (RFC 6531); no quoted names.

    Addresses at names that RFC 2606 reserves for examples are nobody's, and no leak.
    """
    found: list[Leak] = []
    for match in _ADDRESS.finditer(text):
        name = match[1].lstrip(".%+'-")
        end = _domain_end(match[2])
        if name and end:
            start = match.end(1) - len(name)
            found.append(Leak("email", start, match.start(2) + end, PLACEHOLDER))
    return found


def _domain_end(said: str) -> int:
    """Where the domain ends that `said` starts with; 0 where it is none, or nobody's.

    A last label begins with two letters: what has a number there is a version of a package.
    """
    labels = said.split(".")
    for last in range(len(labels) - 1, 0, -1):
        if top := _TOP.match(labels[last]):
            domain = [*(each.lower() for each in labels[:last]), top[0].lower()]
            nobodys = domain[-1] in _RESERVED_TOPS or tuple(domain[-2:]) in _RESERVED
            return 0 if nobodys else len(".".join(domain))
    return 0
