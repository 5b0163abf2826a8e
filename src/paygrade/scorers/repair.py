"""How an answer is read: as strict JSON, or after one repair that is told; and `strict-json`.

The repair takes off one code fence around the whole answer, and commas that stand straight after
the last value of a list or an object. Nothing else is guessed at: what is still no strict JSON is
no JSON. Every scorer judges the repaired value, and `strict-json` alone asks for none.
"""

from __future__ import annotations

import re

from paygrade.records.check import Reading, Score, Subject
from paygrade.scorers.kind import PASS, Bound, Kind, Place, fails
from paygrade.scorers.params import ScorerParams
from paygrade.scorers.parse import parse_output

_FENCE = re.compile(r"\s*```[A-Za-z0-9]{0,20}[ \t]*\r?\n(.*)\n[ \t]*```\s*\Z", re.DOTALL)
# A text that never ends is eaten whole: a hostile answer is read once, not from each of its quotes.
_STRING_OR_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+"?)|(?<=[^\s\[{,:]),(?=\s*[\]}])', re.DOTALL)


def read_output(text: str) -> Reading:
    """Read an answer as strict JSON, or, where that fails, once more after the repair.

    The error is that of the answer as it came. Never raises, whatever the text.
    """
    value, error = parse_output(text)
    if not error:
        return Reading(value=value)
    inner, fenced = _unfenced(text)
    mended, commas = _without_trailing_commas(inner)
    if not fenced and not commas:
        return Reading(error=error)
    value, still = parse_output(mended)
    if still:
        return Reading(error=error)
    done = ["a code fence"] if fenced else []
    done += ["a trailing comma" if commas == 1 else f"{commas} trailing commas"] if commas else []
    return Reading(value=value, repair=f"{' and '.join(done)} had to be taken off")


def _unfenced(text: str) -> tuple[str, bool]:
    found = _FENCE.match(text)
    return (found[1], True) if found else (text, False)


def _without_trailing_commas(text: str) -> tuple[str, int]:
    taken = 0

    def keep(found: re.Match[str]) -> str:
        nonlocal taken
        taken += found[1] is None
        return found[1] or ""

    return _STRING_OR_COMMA.sub(keep, text), taken


class StrictJsonParams(ScorerParams):
    """The answer was strict JSON as it came: no fence, no trailing comma."""


def _build(_params: StrictJsonParams, _place: Place) -> Bound:
    def judge(subject: Subject) -> Score:
        if subject.output_error:
            return fails(f"the answer is not JSON: {subject.output_error}")
        return fails(subject.output_repair) if subject.output_repair else PASS

    return Bound(judge=judge, found=lambda _: "the answer is strict JSON as it came")


STRICT_JSON = Kind(name="strict-json", version="1", params=StrictJsonParams, build=_build)
