"""Numbers in an explanation that nothing beside it bears out: found by code, before any judge."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paygrade.records.json_value import Json

_TOKEN = re.compile(r"[^\s()\[\]{}\"“”„'=/;:€$£¥₹%+]+")
_NUMBER = re.compile(r"[-−–]?(\d+(?:[.,]\d+)*)")  # noqa: RUF001 - signs that people write
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?=$|[Tt])")
_LIST_MARK = re.compile(r"^\s*\d{1,2}[.)]\s", re.MULTILINE)
_GROUP = 3  # digits after a lone mark: 1,234 may be a thousand or a decimal


def stray_numbers(
    prose: str, known: Json, *, exponents: frozenset[int] = frozenset({2})
) -> tuple[str, ...]:
    """Numbers and ISO dates of `prose`, as written, that `known` holds nowhere; in order, once.

    An integer under a key that ends in `minor` also counts in major units, with each of
    `exponents` (decimals of the currencies at hand). Signs do not matter: "a fee of 2.62" tells of
    -262. A number with one mark that may be read two ways (1,234) is borne out by either reading.
    Names such as `e2` or `dp-48213`, the marks of a numbered list and numbers in words are no
    numbers here.
    """
    values, words = set[Decimal](), set[str]()
    _learn(known, "", exponents, values, words)
    stray: dict[str, None] = {}
    for written in _tokens(_LIST_MARK.sub(" ", prose)):
        if _DATE.match(written):
            borne_out = written[:10] in words
        elif number := _NUMBER.fullmatch(written):
            borne_out = not values.isdisjoint(_readings(number[1]))
        else:
            continue
        if not borne_out:
            stray.setdefault(written, None)
    return tuple(stray)


def _tokens(text: str) -> Iterator[str]:
    return (found[0].strip(".,!?*_`") for found in _TOKEN.finditer(text))


def _learn(
    known: Json, key: str, exponents: frozenset[int], values: set[Decimal], words: set[str]
) -> None:
    if isinstance(known, Mapping):
        for name, each in known.items():
            _learn(each, name, exponents, values, words)
    elif isinstance(known, str):
        _learn_text(known, values, words)
    elif isinstance(known, bool) or known is None:
        return
    elif isinstance(known, int | float):
        value = Decimal(str(known)).copy_abs()  # abs() would round to the context
        values.add(value)
        if key.endswith("minor"):
            values.update(value.scaleb(-exponent) for exponent in exponents)
    else:
        for each in known:
            _learn(each, key, exponents, values, words)


def _learn_text(text: str, values: set[Decimal], words: set[str]) -> None:
    for written in _tokens(text):
        if day := _DATE.match(written):
            words.add(day[0])
            values.update(_parts(day[0]))
        elif number := _NUMBER.fullmatch(written):
            values.update(_readings(number[1]))


def _parts(day: str) -> tuple[Decimal, ...]:
    """Year, month and day, for prose that writes "4 December 2026"; nothing if there is no such."""
    try:
        read = date.fromisoformat(day)
    except ValueError:
        return ()
    return Decimal(read.year), Decimal(read.month), Decimal(read.day)


def _readings(digits: str) -> Iterator[Decimal]:
    """All that the digits may mean, whichever of point and comma is the decimal mark."""
    marks = [mark for mark in digits if mark in ".,"]
    if not marks:
        yield Decimal(digits)
        return
    whole, _, fraction = digits.rpartition(marks[-1])
    if marks.count(marks[-1]) == 1:
        yield Decimal(re.sub("[.,]", "", whole) + "." + fraction)
    if len(set(marks)) == 1 and len(fraction) == _GROUP:
        yield Decimal(re.sub("[.,]", "", digits))
