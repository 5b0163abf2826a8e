"""Strict JSON: what RFC 8259 allows, without what its readers disagree on."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NoReturn

from paygrade.scorers.show import show

if TYPE_CHECKING:
    from paygrade.records.json_value import Json

MAX_DEPTH = 100
"""Levels of nesting. A fixed number, so that a verdict does not hang on the caller's stack."""

MAX_DIGITS = 600
"""Digits of one integer. Below 640, the least that Python's own movable limit can be set to."""

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class _RefusedError(ValueError):
    """Valid to a lenient reader, refused by this one; its text is the reason."""


def parse_output(text: str) -> tuple[Json, str]:
    """Read `text` as exactly one strict JSON value.

    Refused are also NaN and Infinity, numbers too large for a float, a key that appears twice,
    half a surrogate pair, more than `MAX_DEPTH` levels, integers of more than `MAX_DIGITS` digits.
    Never raises, whatever the text.

    Returns:
        The value and "", or `None` and the reason as a clause that fits "the answer is not JSON:".
    """
    try:
        value: Json = _DECODER.decode(text)
        if text.count("[") + text.count("{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
            return None, _TOO_DEEP
        _refuse_half_pairs(text, value)
    except json.JSONDecodeError as error:
        return None, _sentence(text, error)
    except _RefusedError as error:
        return None, str(error)
    except RecursionError:
        return None, _TOO_DEEP
    return value, ""


_TOO_DEEP = f"it is nested deeper than {MAX_DEPTH} levels"


def _sentence(text: str, error: json.JSONDecodeError) -> str:
    start = text.lstrip()
    if not start:
        return "it is empty"
    if start.startswith("```"):
        return "it starts with a code fence (```)"
    problem = error.msg[:1].lower() + error.msg[1:]
    return f"{problem.removesuffix(' at')} at line {error.lineno}, column {error.colno}"


def _refuse_half_pairs(text: str, value: Json) -> None:
    """Refuse text that UTF-8 cannot write: it could be neither stored nor shown."""
    suspect = "\\u" in text and _SURROGATE.search(text)
    if text.isascii() and not suspect:
        return
    try:
        text.encode()
        if suspect:
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise _RefusedError("it holds half of a surrogate pair") from None


def _depth(value: Json) -> int:
    depth = 0
    level: list[Any] = [value]
    while level := [each for each in level if isinstance(each, dict | list)]:
        depth += 1
        level = [
            item for each in level for item in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        [(key, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise _RefusedError(f"it has the key {show(key)} twice")
    return value


def _constant(name: str) -> NoReturn:
    raise _RefusedError(f"{name} is not a JSON number")


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise _RefusedError(f"the number {show(digits)} is too large")
    return value


def _int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise _RefusedError(f"it has an integer of {len(digits)} digits")
    return int(digits)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_int
)
