"""All detectors over all readings of one text."""

from __future__ import annotations

import re
from bisect import bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING

from paygrade.leaks import accounts, cards, credentials, cvv, emails, json_text, shapes
from paygrade.leaks.finding import Finding
from paygrade.leaks.fold import views
from paygrade.leaks.leak import Leak, blank

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paygrade.leaks.policy import Pattern

_DECIMAL = re.compile(r"[0-9]+\.[0-9]+")


def find(text: str, patterns: Sequence[Pattern] = ()) -> tuple[Finding, ...]:
    """Return what leaks in a text, in order of place. Readings that agree are one finding.

    What `patterns` match is a leak, too.
    """
    found = leaks(text, patterns)
    return findings(found) if found else ()


def findings(found: Iterable[Leak]) -> tuple[Finding, ...]:
    """Join leaks of one kind that overlap, and drop what they would have shown."""
    joined: dict[str, list[Leak]] = {}
    for leak in sorted(found, key=attrgetter("start", "end")):
        same = joined.setdefault(leak.kind, [])
        if same and leak.start < same[-1].end:
            same[-1] = same[-1]._replace(end=max(same[-1].end, leak.end))
        else:
            same.append(leak)
    ordered = sorted(
        (leak for same in joined.values() for leak in same), key=attrgetter("start", "end", "kind")
    )
    return tuple(Finding(kind=leak.kind, start=leak.start, end=leak.end) for leak in ordered)


def leaks(text: str, patterns: Sequence[Pattern] = ()) -> list[Leak]:
    """Return each leak of each reading, with offsets in the text as it was given."""
    found: list[Leak] = []
    own = _of_patterns(text, patterns)  # as written: a reading has other dashes and digits
    for view in views(text):
        for leak in _leaks_of_reading(view.text):
            start, end = view.origin(leak.start, leak.end)
            found.append(leak._replace(start=start, end=end))
        for leak in _of_patterns(view.text, patterns):
            start, end = view.origin(leak.start, leak.end)
            own.append(leak._replace(start=start, end=end))
    if own:
        found += _inside_tokens(text, own)
    return _without_measures(text, _without_ibans(found)) if found else found


def _of_patterns(text: str, patterns: Sequence[Pattern]) -> list[Leak]:
    if not patterns:
        return []
    return [
        Leak(each.name, *match.span(), f"[{each.name}]")
        for each in patterns
        for match in shapes.compiled(each.regex).finditer(text)
    ]


def _inside_tokens(text: str, own: list[Leak]) -> list[Leak]:
    """Leave out what a pattern sees in the grammar of a JSON text: masked, it would be none."""
    tokens = json_text.tokens(text)
    if tokens is None:
        return own
    starts = [token.start for token in tokens]

    def is_inside(leak: Leak) -> bool:
        nearest = bisect_right(starts, leak.start) - 1
        if nearest < 0:
            return False
        token = tokens[nearest]
        edge = 0 if token.is_number else 1
        return token.start + edge <= leak.start and leak.end <= token.end - edge

    return [leak for leak in own if is_inside(leak)]


def _leaks_of_reading(text: str) -> list[Leak]:
    found = credentials.secrets(text)
    # An IBAN has digits enough for a card number, and a better check than one.
    ibans = accounts.ibans(text)
    found += ibans
    rest = blank(text, ibans)
    long = cards.in_reach(rest)
    if long:
        found += cards.tracks(rest)
        pans = cards.pans(rest)
        found += pans
        rest = blank(rest, pans)
    found += cvv.codes(rest)
    if "+" in rest:
        found += accounts.phones(rest)
    if long:
        found += accounts.national_ids(rest)
    if "@" in rest:
        found += accounts.vpas(rest)
        found += emails.emails(text)
    return found


def _without_ibans(found: list[Leak]) -> list[Leak]:
    """Leave out card numbers inside an IBAN that only another reading shows to be one."""
    ibans = sorted(leak for leak in found if leak.kind == "iban")
    starts = [iban.start for iban in ibans]

    def is_inside(leak: Leak) -> bool:
        nearest = bisect_right(starts, leak.start) - 1
        return nearest >= 0 and leak.end <= ibans[nearest].end

    return [leak for leak in found if leak.kind != "pan" or not is_inside(leak)]


def _without_measures(text: str, found: list[Leak]) -> list[Leak]:
    """Leave out JSON numbers with a fraction, which is a measure: those in arrays, for instance."""
    if not any(_is_decimal(text, leak) for leak in found):
        return found
    numbers = [token for token in json_text.tokens(text) or () if token.is_number]
    starts = [token.start for token in numbers]

    def is_measure(leak: Leak) -> bool:
        number = numbers[bisect_right(starts, leak.start) - 1]
        inside = number.start <= leak.start and leak.end <= number.end
        return inside and not float(text[number.start : number.end]).is_integer()

    return [
        leak for leak in found if not (numbers and _is_decimal(text, leak) and is_measure(leak))
    ]


def _is_decimal(text: str, leak: Leak) -> bool:
    return leak.kind == "pan" and _DECIMAL.fullmatch(text, leak.start, leak.end) is not None
