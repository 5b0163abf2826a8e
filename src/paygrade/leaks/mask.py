"""Taking out of a text what may not be kept, and nothing else."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from paygrade.leaks import json_text
from paygrade.leaks.detect import findings, leaks
from paygrade.leaks.finding import MASKED_KINDS, Masked
from paygrade.leaks.views import Edit, View, rewrite

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.leaks.leak import Leak

# What is masked is searched again, for a placeholder changes what stands beside it. The second
# pass finds nothing, as a rule; a text built to leak again and again loses everything instead.
_PASSES = 8
_NOTHING_LEFT = "[masked]"
# Where one stretch is several things at once, the one that must not be seen at all gives the name.
_RANK = ("pan", "cvv", "track", "secret")
_BIN = 6


def mask(text: str) -> Masked:
    """Return the text without card numbers, track data, verification codes and secrets.

    A card number keeps its BIN and its last four (`411111******1111`), the others keep only their
    name (`[cvv]`). Masking a second time changes nothing. A JSON object or array stays one: a
    number that leaks becomes a string, and keys that become equal are told apart.
    """
    found = leaks(text)
    first = findings(found)
    view = View(text)
    for _ in range(_PASSES):
        edits = _edits(view.text, found)
        if not edits:
            return Masked(text=view.text, findings=first)
        view = rewrite(view, edits)
        found = leaks(view.text)
    is_json = json_text.tokens(text) is not None
    return Masked(text=f'["{_NOTHING_LEFT}"]' if is_json else _NOTHING_LEFT, findings=first)


def _edits(text: str, found: Iterable[Leak]) -> list[Edit]:
    edits = masking(found)
    tokens = json_text.tokens(text) if edits else None
    if tokens is None:
        return edits
    return list(json_text.edited(text, tokens, edits, lambda said: mask(said).text))


def masking(found: Iterable[Leak]) -> list[Edit]:
    """Return the edits that mask these leaks. What overlaps is masked as one."""
    edits: list[Edit] = []
    last: Leak | None = None
    masked = (leak for leak in found if leak.kind in MASKED_KINDS)
    for leak in sorted(masked, key=attrgetter("start", "end")):
        if last is None or leak.start >= last.end:
            last = leak
            edits.append(Edit(*leak[1:]))
        elif leak != last:
            last = _united(last, leak)
            edits[-1] = Edit(*last[1:])
    return edits


def _united(one: Leak, other: Leak) -> Leak:
    start, end = one.start, max(one.end, other.end)
    if one.kind == other.kind == "pan":
        stars = max(len(one.shown), len(other.shown)) - _BIN
        return one._replace(end=end, shown=one.shown[:_BIN] + "*" * stars)
    winner = max(one, other, key=lambda leak: _RANK.index(leak.kind))
    return winner._replace(start=start, end=end)
