"""`contains`, `icontains` and `regex`: what a text holds."""

from __future__ import annotations

import re
import unicodedata
import warnings
from functools import partial
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from paygrade.scorers.kind import PASS, Bound, Kind, Place, fails
from paygrade.scorers.params import ScorerParams, UnfitError
from paygrade.scorers.show import kind, show
from paygrade.scorers.target import (
    WHOLE,
    AnswerPath,
    Missing,
    TargetParams,
    judged,
    reader,
    whole_text,
)

if TYPE_CHECKING:
    from pydantic import JsonValue

    from paygrade.records.check import Score, Subject
    from paygrade.records.json_value import Json


def fold(text: str, *, ignore_case: bool = False) -> str:
    """Bring `text` into Unicode's form C; with `ignore_case`, fold its letter case too."""
    text = unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", text.casefold()) if ignore_case else text


class ContainsParams(TargetParams):
    """`contains` and `icontains` look for a text in a field that is text, or in the answer."""

    @classmethod
    def fits(cls, value: JsonValue) -> None:
        """Want text, and some of it."""
        _needle(value)


def _needle(wanted: Json) -> str:
    if not isinstance(wanted, str) or not wanted:
        raise UnfitError(f"should be text to look for, got {show(wanted)}")
    return wanted


def _contains(params: ContainsParams, _place: Place, *, ignore_case: bool) -> Bound:
    label = params.field or WHOLE
    normal = partial(fold, ignore_case=ignore_case)

    def compare(_subject: Subject, got: Json, wanted: str) -> Score:
        if not isinstance(got, str):
            return fails(f"{label}: {show(got)} is {kind(got)}, wanted text with {show(wanted)}")
        if normal(wanted) in normal(got):
            return PASS
        return fails(f"{label}: got {show(got)}, wanted {show(wanted)} in it")

    def found(_got: Json, wanted: str) -> str:
        return f"has {show(wanted)} in it"

    return judged(params, _needle, compare, whole=whole_text, found=found)


def _pattern(text: str) -> str:
    if not text:
        raise UnfitError("is empty and would match every answer")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # Python will read it otherwise one day
            re.compile(text)
    except (re.error, OverflowError, RecursionError, FutureWarning) as error:
        raise UnfitError(f"is not a regular expression: {error}") from None
    return text


class RegexParams(ScorerParams):
    """`regex` searches a field that is text, or the answer, for a Python regular expression.

    Python's matcher takes no time limit: keep repetitions from nesting, such as (a+)+.
    """

    field: AnswerPath = ""
    value: Annotated[str, AfterValidator(_pattern)] = Field(
        description="The regular expression; (?i) at its start ignores letter case"
    )


def _regex(params: RegexParams, _place: Place) -> Bound:
    label = params.field or WHOLE
    read = reader(params.field, whole_text)
    search = re.compile(params.value).search

    def judge(subject: Subject) -> Score:
        got = read(subject)
        if isinstance(got, Missing):
            return fails(got.reason)
        if not isinstance(got, str):
            return fails(f"{label}: {show(got)} is {kind(got)}, wanted text like {params.value!r}")
        if search(got):
            return PASS
        return fails(f"{label}: got {show(got)}, wanted a match of {show(params.value)}")

    def found(subject: Subject) -> str:
        match = search(str(read(subject)))
        return f"{label}: {show(match.group() if match else None)} matches {show(params.value)}"

    return Bound(judge=judge, found=found)


CONTAINS = Kind(
    name="contains",
    version="2",
    params=ContainsParams,
    build=partial(_contains, ignore_case=False),
)
ICONTAINS = Kind(
    name="icontains",
    version="2",
    params=ContainsParams,
    build=partial(_contains, ignore_case=True),
)
REGEX = Kind(name="regex", version="2", params=RegexParams, build=_regex)
