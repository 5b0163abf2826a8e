"""Badges, for shields.io and drawn for repositories it cannot see; the gate's verdict as one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from paygrade.reports.figures import plural, points
from paygrade.reports.gate_words import leads, telling

if TYPE_CHECKING:
    from paygrade.records.verdict import GateReport
    from paygrade.reports.page import Tone

_LABEL = "paygrade gate"
# what shields.io calls them, and the colours that it means by that
_NAMES: dict[Tone, str] = {"good": "brightgreen", "warn": "yellow", "bad": "red"}
_COLOURS: dict[Tone, str] = {"good": "#3c8c0f", "warn": "#8f6a00", "bad": "#c0392b"}
_LETTER = 7  # about as wide as a letter of 11 pixels is; the text is set to fit
_MARGIN = 10


def badge_json(report: GateReport) -> str:
    """An endpoint of shields.io: schema version 1."""
    return endpoint(_LABEL, _message(report), _NAMES[leads(report)[0].tone])


def badge_svg(report: GateReport) -> str:
    """A picture that needs nothing from elsewhere; its title says what it shows."""
    return drawn(_LABEL, _message(report), _COLOURS[leads(report)[0].tone])


def endpoint(label: str, message: str, colour: str) -> str:
    """What shields.io asks for; `colour` by a name of its own."""
    badge = {"schemaVersion": 1, "label": label, "message": message, "color": colour}
    return json.dumps(badge) + "\n"


def drawn(label: str, message: str, colour: str) -> str:
    """The badge as SVG; `colour` as `#rrggbb`, dark enough for white letters."""
    left, right = (len(text) * _LETTER + _MARGIN for text in (label, message))
    title = escape(f"{label}: {message}")
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img">
  <title>{title}</title>
  <rect width="{left}" height="20" fill="#444"/>
  <rect x="{left}" width="{right}" height="20" fill="{colour}"/>
  <g fill="#fff" font-family="sans-serif" font-size="11" text-anchor="middle">
    {_text(label, left / 2, left)}
    {_text(message, left + right / 2, right)}
  </g>
</svg>
"""


def _text(said: str, centre: float, room: int) -> str:
    return f'<text x="{centre}" y="14" textLength="{room - _MARGIN}">{escape(said)}</text>'


def _message(report: GateReport) -> str:
    """The verdict; the rise of one that is worse, or how many suites were judged."""
    first = leads(report)[0]
    found = telling(first.suite) if first.suite else None
    word = first.word.lower()
    if found and first.verdict in ("regressed", "improved"):
        return f"{word} {points(found.judged.rise)}"
    return f"{word} ({plural(len(report.suites), 'suite')})"
