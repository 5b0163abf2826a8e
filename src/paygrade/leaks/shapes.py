"""What a pattern of a workspace's own must be like, so that any text is searched in linear time."""

from __future__ import annotations

import importlib
import re
from functools import lru_cache
from typing import Any

MOST_CHARACTERS = 256
"""The longest text that one match of a pattern may be."""
MOST_WAYS = 1000
"""In how many ways a pattern may try to match at one place."""

# The parser that `re` itself uses; each Python that this package runs on has it there.
_parser: Any = importlib.import_module("re._parser")


@lru_cache(maxsize=256)
def compiled(regex: str) -> re.Pattern[str]:
    """The pattern, compiled once."""
    return re.compile(regex)


def problem(regex: str) -> str:
    """Why `regex` cannot be searched for, in one clause; empty where it can.

    Every repetition has an upper bound and the ways to match at one place are few: Python's `re`
    goes back and tries again, so that `(a+)+b` takes for ever on a text made for it.
    """
    try:
        parsed = _parser.parse(regex)
        compiled(regex)
        ways = _ways(parsed)
    except (re.error, OverflowError, RecursionError) as error:
        return f"it is no regular expression: {error}"
    except _Refused as error:
        return str(error)
    shortest, longest = parsed.getwidth()
    if shortest == 0:
        return "it matches the empty text"
    if longest > MOST_CHARACTERS:
        return f"a match may have {MOST_CHARACTERS} characters at most"
    if ways > MOST_WAYS:
        return f"it can match at one place in more than {MOST_WAYS:,} ways: repeat less, nest less"
    return ""


class _Refused(Exception):  # noqa: N818 - never leaves this module
    """Something that no pattern may have."""


def _ways(parsed: Any) -> int:  # noqa: ANN401 - the parser has no types
    """In how many ways it can match at one place, at most; counted up to the limit and one."""
    ways = 1
    for code, given in parsed:
        ways = min(ways * _ways_of(str(code), given), MOST_WAYS + 1)
    return ways


def _ways_of(code: str, given: Any) -> int:  # noqa: ANN401 - as above
    match code:
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return _ways_repeated(*given)
        case "BRANCH":
            return sum(_ways(each) for each in given[1])
        case "SUBPATTERN" | "ASSERT" | "ASSERT_NOT":
            return _ways(given[-1])
        case "ATOMIC_GROUP":
            return _ways(given)
        case "AT" if "BOUNDARY" not in str(given):
            raise _Refused("texts stand inside of other texts: leave out ^, $, \\A and \\Z")
        case "GROUPREF" | "GROUPREF_EXISTS" | "GROUPREF_IGNORE":
            raise _Refused("it refers to a group")
    return 1


def _ways_repeated(least: int, most: int, item: Any) -> int:  # noqa: ANN401 - as above
    if most > MOST_CHARACTERS:
        raise _Refused(f"a repetition needs an upper bound of {MOST_CHARACTERS} at most: {{1,20}}")
    once = _ways(item)
    total = 0
    for times in range(least, most + 1):
        total += once**times
        if total > MOST_WAYS:
            break
    return total
