"""`number`: a JSON number is what is wanted, or near enough."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, TypeGuard

from pydantic import Field

from paygrade.scorers.kind import PASS, Bound, Kind, Place, fails
from paygrade.scorers.params import UnfitError
from paygrade.scorers.show import kind, show
from paygrade.scorers.target import WHOLE, TargetParams, judged

if TYPE_CHECKING:
    from pydantic import JsonValue

    from paygrade.records.check import Score, Subject
    from paygrade.records.json_value import Json

Number = int | float


class NumberParams(TargetParams):
    """`number` compares by value (1 is 1.0), exactly or within an absolute tolerance."""

    tolerance: float = Field(
        default=0.0,
        ge=0,
        allow_inf_nan=False,
        description="Largest allowed difference, in the number's own unit",
    )

    @classmethod
    def fits(cls, value: JsonValue) -> None:
        """Want a number."""
        _wanted(value)


def _wanted(value: Json) -> Number:
    if not _is_number(value):
        raise UnfitError(f"should be a finite number, got {show(value)}")
    return value


def _is_number(value: Json) -> TypeGuard[Number]:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _exact(value: Number) -> Fraction:
    """Return the decimal that was written: 0.1 is a tenth here, not its nearest float."""
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def _build(params: NumberParams, _place: Place) -> Bound:
    label = params.field or WHOLE
    tolerance = _exact(params.tolerance)
    within = f" within {params.tolerance:g}" if tolerance else ""

    def compare(_subject: Subject, got: Json, wanted: Number) -> Score:
        if not _is_number(got):
            what = "not finite" if isinstance(got, float) else f"{kind(got)}, not a number"
            return fails(f"{label}: {show(got)} is {what}, wanted {show(wanted)}")
        if got == wanted or (tolerance and abs(_exact(got) - _exact(wanted)) <= tolerance):
            return PASS
        return fails(f"{label}: got {show(got)}, wanted {show(wanted)}{within}")

    return judged(params, _wanted, compare)


NUMBER = Kind(name="number", version="2", params=NumberParams, build=_build)
