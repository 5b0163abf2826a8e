"""Masking JSON-like values: tool calls, parsed answers, anything that came out of `json.loads`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from paygrade.leaks import credentials, cvv
from paygrade.leaks.detect import findings, leaks
from paygrade.leaks.json_text import Keys
from paygrade.leaks.mask import mask, masking
from paygrade.leaks.policy import ALWAYS
from paygrade.leaks.views import View, rewrite

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.leaks.finding import Finding
    from paygrade.leaks.leak import Leak
    from paygrade.leaks.policy import Pattern, Policy

# Numbers with the 13 to 19 digits of a card; others need not be written out.
_SMALLEST = 10**12
_TOO_LARGE = 10**19
_SHORT = 64  # characters: what was found clean is remembered, and longer texts hardly come again


class _Entry(NamedTuple):
    """Where something stands: in which container, under which key or index."""

    box: _Box
    step: object


@dataclass(slots=True, eq=False)
class _Box:
    """A container of the value, with what is to change in it.

    `key` is the nearest key above, as it may be shown: it says what a bare `737` is.
    """

    value: dict[object, object] | list[object] | tuple[object, ...]
    key: str = ""
    holder: _Entry | None = None
    keys: dict[object, str] = field(default_factory=dict)
    items: dict[object, object] = field(default_factory=dict)


class _Masked(NamedTuple):
    """A string or a number as it may be kept, and what was found in it."""

    value: object
    findings: tuple[Finding, ...]


def mask_value(value: object, policy: Policy = ALWAYS) -> tuple[object, tuple[Finding, ...]]:
    """Mask what `policy` masks in a JSON-like value, and say where the leaks were.

    Its strings, keys and numbers are searched.

    What does not leak is not copied: a clean value comes back as the same object. A number that
    leaks becomes a string. Keys that become equal are told apart, so that no value is lost.
    """
    if not isinstance(value, dict | list | tuple):
        masked = _masked(value, "", policy)
        return (masked.value, masked.findings) if masked else (value, ())
    found: list[Finding] = []
    boxes = [_Box(value)]
    # Not by recursion: a hostile answer is nested deeper than Python's stack.
    for box in boxes:  # grows while it is read, holders before what they hold
        if isinstance(box.value, dict):
            found += _mask_keys(box, policy)
        for step, item in _items(box):
            name = box.keys.get(step, step)
            key = name if isinstance(name, str) else box.key
            if isinstance(item, dict | list | tuple):
                boxes.append(_Box(item, key, _Entry(box, step)))
            elif masked := _masked(item, key, policy):
                place = _pointer(_Entry(box, step))
                found += (replace(finding, place=place) for finding in masked.findings)
                if masked.value is not item:
                    box.items[step] = masked.value
    for box in reversed(boxes):
        if (box.keys or box.items) and box.holder:
            box.holder.box.items[box.holder.step] = _rebuilt(box)
    return _rebuilt(boxes[0]), tuple(found)


def _items(box: _Box) -> Iterable[tuple[object, object]]:
    return box.value.items() if isinstance(box.value, dict) else enumerate(box.value)


def _mask_keys(box: _Box, policy: Policy) -> list[Finding]:
    found: list[Finding] = []
    masked = {key: hit for key in _steps(box) if (hit := _masked(key, "", policy))}
    names = Keys(_steps(box))
    for key, hit in masked.items():
        if hit.value is not key:
            box.keys[key] = names.rename(key, str(hit.value))
        place = _pointer(_Entry(box, key))
        found += (replace(finding, place=place) for finding in hit.findings)
    return found


def _steps(box: _Box) -> Iterable[object]:
    return [step for step, _ in _items(box)]


def _rebuilt(box: _Box) -> object:
    if not (box.keys or box.items):
        return box.value
    if isinstance(box.value, dict):
        return {box.keys.get(key, key): box.items.get(key, item) for key, item in box.value.items()}
    items = [box.items.get(index, item) for index, item in enumerate(box.value)]
    return tuple(items) if isinstance(box.value, tuple) else items


def _pointer(entry: _Entry) -> str:
    """Return the JSON pointer (RFC 6901) of an entry, by the keys that it has after masking."""
    steps: list[str] = []
    at: _Entry | None = entry
    while at:
        step = at.box.keys.get(at.step, at.step)
        steps.append(str(step).replace("~", "~0").replace("/", "~1"))
        at = at.box.holder
    return "".join(f"/{step}" for step in reversed(steps))


def _masked(value: object, key: str, policy: Policy) -> _Masked | None:
    """Return the masked form of a string or a number, or None if nothing is found in it."""
    patterns = policy.patterns
    smallest = 0 if patterns else _SMALLEST
    if isinstance(value, str) and len(value) <= _SHORT and _is_clean(value, key, patterns):
        return None
    if isinstance(value, str):
        text = value
        found = leaks(text, patterns)
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) < _TOO_LARGE:
        text = str(value)
        found = leaks(text, patterns) if abs(value) >= smallest else []
    elif isinstance(value, float) and isfinite(value) and abs(value) >= smallest:
        # As in a JSON text, where the fraction of a measure is told from the dots in a card number.
        text = repr(value)
        found = [_moved(leak, -1) for leak in leaks(f"[{text}]", patterns)]
    else:
        return None
    named = _named(text, key)
    if not found and not named:
        return None
    found += named
    if isinstance(value, str):
        masked = _masked_text(text, key, policy)
    else:
        masked = _rewritten(text, found, policy)
    return _Masked(value if masked == text else masked, findings(found))


@lru_cache(maxsize=8192)
def _is_clean(text: str, key: str, patterns: tuple[Pattern, ...]) -> bool:
    """Nothing is found in it. The same few keys and words stand in every record."""
    return not leaks(text, patterns) and not _named(text, key)


def _masked_text(text: str, key: str, policy: Policy) -> str:
    """Mask a string as what it is and as what its key makes of it, until neither finds more."""
    before = None
    while text != before:
        before = text
        text = mask(_rewritten(text, _named(text, key), policy), policy).text
    return text


def _rewritten(text: str, found: list[Leak], policy: Policy) -> str:
    return rewrite(View(text), masking(found, policy)).text


def _named(text: str, key: str) -> list[Leak]:
    """Find what leaks only because of the key it stands under."""
    lower = key.lower()
    if not (cvv.named(lower) or credentials.named(lower)):
        return []
    before = f"{key}: "
    return [
        _moved(leak, -len(before))
        for leak in leaks(before + text)
        if leak.start >= len(before) and leak.kind in {"cvv", "secret"}
    ]


def _moved(leak: Leak, by: int) -> Leak:
    return leak._replace(start=leak.start + by, end=leak.end + by)
