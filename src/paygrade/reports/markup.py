"""Text that is not ours, made harmless in Markdown as GitHub and GitLab read it."""

from __future__ import annotations

import re

from paygrade.reports.plain import one_line

_UNSAFE = re.compile(r"[`|\\]|<!--")
_KEPT = frozenset(" .,;:'\"%()/+-=?")
_LINK = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&*+,;=%-]+")
_APART = "&#8203;"  # a space of no width: a mention or a link is found after entities are read

_BREAKS = (
    (re.compile(r"(&#(?:64|35);)"), rf"\1{_APART}"),  # @ and #: mentions, issues, addresses
    (re.compile(r"://"), f":{_APART}//"),
    (re.compile(r"\b(www|GH)(?=[.-])", re.IGNORECASE), rf"\1{_APART}"),
)
_LIST = re.compile(r"(?=[-+=])|\d+(?=[.)])")


def code(text: str) -> str:
    """A name from a file, as code: there it is no markup, no mention, no link, no table break."""
    text = one_line(text)
    if not _UNSAFE.search(text):
        return f"`{text or ' '}`"
    safe = (char if char.isalnum() or char == " " else f"&#{ord(char)};" for char in text)
    return f"<code>{''.join(safe)}</code>"


def prose(text: str) -> str:
    """A sentence that may hold names from files: no markup in it, no mention, no link."""
    safe = "".join(
        char if char.isalnum() or char in _KEPT or not char.isascii() else f"&#{ord(char)};"
        for char in one_line(text)
    )
    for found, apart in _BREAKS:
        safe = found.sub(apart, safe)
    return safe


def block(text: str) -> str:
    """A sentence that starts a line or an item: it is no list and underlines no heading."""
    safe = prose(text)
    found = _LIST.match(safe)
    return f"{found[0]}{_APART}{safe[found.end() :]}" if found else safe


def link(label: str, url: str) -> str:
    """`label`, already Markdown, as a link to `url` where that is a plain web address."""
    return f"[{label}]({url})" if _LINK.fullmatch(url) else label
