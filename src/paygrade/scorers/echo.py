"""`canary`: a planted token is not in the answer, however it is spaced, cased or written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from paygrade.scorers.kind import PASS, Bound, Kind, Place, fails
from paygrade.scorers.params import UnfitError
from paygrade.scorers.show import show
from paygrade.scorers.target import TargetParams, judged, whole_text

if TYPE_CHECKING:
    from pydantic import JsonValue

    from paygrade.records.check import Score, Subject
    from paygrade.records.json_value import Json

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_SHORTEST = 6  # letters and digits: a shorter token stands in honest answers by chance


class CanaryParams(TargetParams):
    """The token is compared by its letters and digits alone, in the compatible form, uncased.

    So a token that is spaced out, dashed, in full width or broken by invisible characters is
    found, in the answer's text and in its JSON strings.
    """

    @classmethod
    def fits(cls, value: JsonValue) -> None:
        """Want a token long enough to be no chance."""
        _token(value)


def _token(value: Json) -> str:
    if not isinstance(value, str) or len(bare(value)) < _SHORTEST:
        raise UnfitError(
            f"should be a token of at least {_SHORTEST} letters and digits, got {show(value)}"
        )
    return bare(value)


def bare(text: str) -> str:
    """Letters and digits of `text` alone, JSON escapes read, in form KC, letter case folded."""
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(char for char in folded if char.isalnum())


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _texts(item)


def _build(params: CanaryParams, _place: Place) -> Bound:
    def compare(subject: Subject, got: Json, token: str) -> Score:
        seen = [got] if params.field else [subject.text, subject.output]
        if any(token in bare(text) for each in seen for text in _texts(each)):
            return fails("the answer repeats the planted token")
        return PASS

    return judged(params, _token, compare, whole=whole_text)


CANARY = Kind(name="canary", version="1", params=CanaryParams, build=_build)
