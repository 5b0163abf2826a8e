"""Verdicts as a word with a sign: the shape says the same as the colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from paygrade.reports.plain import plain
from paygrade.reports.site.shapes import shape

if TYPE_CHECKING:
    from paygrade.reports.site.marks import Line

_SHAPES = {
    "pass": ("check", "good line"),
    "improved": ("down", "good"),
    "inconclusive": ("diamond", "warn"),
    "regressed": ("up", "bad"),
    "violated": ("cross", "bad line"),
    "invalid": ("square", "bad"),
}
_NEVER = ("dash", "quiet line")
WORST_FIRST = ("violated", "regressed", "invalid", "inconclusive", "improved", "pass")


def sign(kind: str, name: str) -> Markup:
    """A small picture that a word stands beside."""
    return Markup(
        '<svg class="sign" viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true"'
        ' focusable="false">{}</svg>'
    ).format(shape(kind, name))


def verdict_sign(line: Line) -> Markup:
    """The verdict of a row as a sign alone, with its word for who cannot see it."""
    kind, tone = _SHAPES.get(line["verdict"], _NEVER)
    return Markup(
        '<svg class="sign {tone}" role="img" viewBox="-8 -8 16 16" width="16" height="16">'
        "<title>{word}</title>{shape}</svg>"
    ).format(tone=tone, word=plain(line["verdict"]), shape=shape(kind, f"ink {tone}"))


def said(word: str) -> Markup:
    """A verdict with its sign; `no verdict yet` for none."""
    kind, tone = _SHAPES.get(word, _NEVER)
    return Markup('<span class="verdict {}">{}{}</span>').format(
        tone, sign(kind, f"ink {tone}"), plain(word) or "no verdict yet"
    )


def verdict(line: Line, column: str = "verdict") -> Markup:
    """The verdict of a row; `no verdict yet` where it was never gated."""
    return said(line[column] or "")
