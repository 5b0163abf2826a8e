"""`money:equals`: an amount is right to the last minor unit, in the right currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from paygrade.errors import ScorerError
from paygrade.records.check import ParamProblem, Score, Subject
from paygrade.scorers.kind import PASS, Bound, Kind, Place, fails
from paygrade.scorers.params import UnfitError
from paygrade.scorers.show import kind, show
from paygrade.scorers.target import (
    WHOLE,
    AnswerPath,
    ExpectedPath,
    Missing,
    TargetParams,
    judged,
    reader,
    wanted_at,
    whole_word,
)
from pytx.money import MoneyError, exponent, format_minor, minor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pydantic import JsonValue

    from paygrade.records.json_value import Json

_SLIPS = (10, 100, 1000)  # ratios by which an amount in the wrong unit is off


class MoneyParams(TargetParams):
    """The wanted amount is an integer of minor units; with `unit: major` text such as "42.00" too.

    `unit` says how the answer writes its amount. The currency is wanted as expected has it at
    `currency_expected` (default: the path `currency_field`); an answer that names another one at
    `currency_field` fails.
    """

    currency_field: AnswerPath = ""
    currency_expected: ExpectedPath = ""
    unit: Literal["minor", "major"] = Field(
        default="minor",
        description="How the answer writes amounts: 4200, or '42.00' in ISO 4217's exponent",
    )

    @classmethod
    def fits(cls, value: JsonValue) -> None:
        """Want an amount."""
        _wanted(value)

    @classmethod
    def conflicts(cls, params: Mapping[str, Json]) -> Iterator[ParamProblem]:
        """Name an amount whose unit or currency cannot be known."""
        yield from super().conflicts(params)
        major = params.get("unit") == "major"
        if major and "currency_field" not in params and "currency_expected" not in params:
            problem = "'unit: major' needs a currency"
            hint = "name its path: 'currency_field' or 'currency_expected'"
            yield ParamProblem(key="unit", problem=problem, hint=hint)
        if not major and isinstance(params.get("value"), str):
            problem = "'value' should be an integer of minor units, got text"
            yield ParamProblem(key="value", problem=problem)


def _wanted(value: Json) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise UnfitError(f"should be an integer of minor units, got {show(value)}")
    return value


def _wanted_minor(value: Json) -> int:
    if isinstance(value, str):
        raise UnfitError(f"should be an integer of minor units, got {show(value)}")
    return int(_wanted(value))


def _code(value: Json) -> str:
    if not isinstance(value, str) or not value:
        raise UnfitError(f"should be a currency code, got {show(value)}")
    return value


def _listed_code(value: Json) -> str:
    code = _code(value)
    try:
        exponent(code)
    except MoneyError as error:
        raise UnfitError(f"should be a currency code: {error.problem}") from None
    return code


def _build(params: MoneyParams, _place: Place) -> Bound:
    label = params.field or WHOLE
    check_currency = _currency(params)
    major = params.unit == "major"

    def compare(subject: Subject, got: Json, wanted: int | str) -> Score:
        currency, wrong_currency = check_currency(subject)
        target = _in_minor(wanted, currency)
        try:
            amount = _major(got, currency) if major else _minor(got)
        except UnfitError as error:
            wrong = f"{label}: {show(got)} {error} (wanted {_said(target, currency)})"
        else:
            wrong = "" if amount == target else f"{label}: {_off(amount, target, currency)}"
        if not wrong and not wrong_currency:
            return PASS
        return fails("; ".join(filter(None, (wrong, wrong_currency))))

    if major:
        return judged(params, _wanted, compare, whole=whole_word)
    return judged(params, _wanted_minor, compare)


def _currency(params: MoneyParams) -> Callable[[Subject], tuple[str, str]]:
    """Return what reads the wanted currency ("" if unknown) and the fault of the answer's."""
    field = params.currency_field
    at = params.currency_expected or field
    if not at:
        return lambda _subject: ("", "")
    want = wanted_at(at, _listed_code if params.unit == "major" else _code)
    read = reader(field) if field else None

    def check(subject: Subject) -> tuple[str, str]:
        wanted = str(want(subject))
        got = read(subject) if read else wanted
        if isinstance(got, Missing):
            return wanted, got.reason
        return wanted, "" if got == wanted else f"{field}: got {show(got)}, wanted {wanted!r}"

    return check


def _in_minor(wanted: int | str, currency: str) -> int:
    if isinstance(wanted, int):
        return wanted
    try:
        return minor(wanted, currency, signed=True)
    except MoneyError as error:
        raise ScorerError(f"the wanted amount {show(wanted)} is none: {error.problem}") from error


def _minor(got: Json) -> int:
    if isinstance(got, bool) or not isinstance(got, int):
        raise UnfitError(f"is {kind(got)}: amounts are integers in minor units")
    return got


def _major(got: Json, currency: str) -> int:
    if not isinstance(got, str):
        raise UnfitError(f"is {kind(got)}: amounts are text in major units, such as '42.00'")
    try:
        return minor(got, currency, signed=True)
    except MoneyError as error:
        raise UnfitError(f"is no amount in {currency}: {error.problem}") from None


def _off(got: int, wanted: int, currency: str) -> str:
    """Say by how much an amount is off, and what slip that looks like."""
    by = abs(got - wanted)
    way = "too much" if got > wanted else "too little"
    said = f"got {_said(got, currency)}, wanted {_said(wanted, currency)}"
    small, large = sorted((abs(got), abs(wanted)))
    same_sign = (got < 0) == (wanted < 0)
    if small and same_sign and any(large == small * ratio for ratio in _SLIPS):
        return f"{said}: {show(by)} minor units {way}; looks like a wrong exponent"
    return f"{said}: {show(by)} minor units {way}"


def _said(amount_minor: int, currency: str) -> str:
    """Write minor units, and what they are in major ones where ISO 4217 knows the currency."""
    try:
        return f"{show(amount_minor)} ({format_minor(amount_minor, currency)})"
    except MoneyError:
        return show(amount_minor)


MONEY_EQUALS = Kind(name="money:equals", version="2", params=MoneyParams, build=_build)
