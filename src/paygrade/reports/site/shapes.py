"""The marks of charts, each drawn around the point 0, 0."""

from __future__ import annotations

from markupsafe import Markup

_SHAPES = {
    "circle": '<circle class="{}" r="4.5"/>',
    "square": '<rect class="{}" x="-4" y="-4" width="8" height="8"/>',
    "diamond": '<path class="{}" d="M0-7 7 0 0 7-7 0Z"/>',
    "up": '<path class="{}" d="M0-6 6 5-6 5Z"/>',
    "down": '<path class="{}" d="M0 6 6-5-6-5Z"/>',
    "cross": '<path class="{}" d="M-5-5 5 5M5-5-5 5"/>',
    "check": '<path class="{}" d="M-6 0-2 5 6-5"/>',
    "dash": '<path class="{}" d="M-6 0 6 0"/>',
}


def shape(kind: str, name: str) -> Markup:
    """One mark around the point 0, 0."""
    return Markup(_SHAPES[kind]).format(name)  # noqa: S704 -- ours
