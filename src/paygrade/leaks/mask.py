"""Taking out of a text what may not be kept, and nothing else."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from paygrade.leaks import json_text
from paygrade.leaks.detect import findings, leaks
from paygrade.leaks.finding import Masked
from paygrade.leaks.policy import ALWAYS
from paygrade.leaks.views import Edit, View, rewrite

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.leaks.leak import Leak
    from paygrade.leaks.policy import Policy

# What is masked is searched again, for a placeholder changes what stands beside it. The second
# pass finds nothing, as a rule; a text built to leak again and again loses everything instead.
_PASSES = 8
_NOTHING_LEFT = "[masked]"
# Where one stretch is several things at once, the one that must not be seen at all gives the name.
_RANK = ("upi_vpa", "national_id_like", "phone", "pan", "email", "iban", "cvv", "track", "secret")
_RANK_OF_PATTERNS = _RANK.index("iban")
_BIN = 6


def mask(text: str, policy: Policy = ALWAYS) -> Masked:
    """Return the text without what `policy` masks.

    That is card numbers, track data, verification codes and secrets at least. A card number keeps
    its BIN and its last four (`411111******1111`), the others keep only their name (`[cvv]`).
    Masking a second time changes nothing. A JSON object or array stays one: a number that leaks
    becomes a string, and keys that become equal are told apart.
    """
    found = leaks(text, policy.patterns)
    first = findings(found)
    view = View(text)
    for _ in range(_PASSES):
        edits = _edits(view.text, found, policy)
        if not edits:
            return Masked(text=view.text, findings=first)
        view = rewrite(view, edits)
        found = leaks(view.text, policy.patterns)
    is_json = json_text.tokens(text) is not None
    return Masked(text=f'["{_NOTHING_LEFT}"]' if is_json else _NOTHING_LEFT, findings=first)


def _edits(text: str, found: Iterable[Leak], policy: Policy) -> list[Edit]:
    edits = masking(found, policy)
    tokens = json_text.tokens(text) if edits else None
    if tokens is None:
        return edits
    return list(json_text.edited(text, tokens, edits, lambda said: mask(said, policy).text))


def masking(found: Iterable[Leak], policy: Policy) -> list[Edit]:
    """Return the edits that mask what `policy` masks of these. What overlaps is masked as one."""
    edits: list[Edit] = []
    last: Leak | None = None
    masked = (leak for leak in found if policy.masks(leak.kind))
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
    winner = max(one, other, key=lambda leak: _rank(leak.kind))
    return winner._replace(start=start, end=end)


def _rank(kind: str) -> int:
    return _RANK.index(kind) if kind in _RANK else _RANK_OF_PATTERNS
