"""`cost` and `latency`: what an answer cost, and how long it took, stay below a bound."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pydantic import Field

from paygrade.errors import ScorerError
from paygrade.scorers.kind import PASS, Bound, Kind, Place, fails
from paygrade.scorers.params import ScorerParams

if TYPE_CHECKING:
    from paygrade.records.check import Score, Subject


class CostParams(ScorerParams):
    """`cost` reads what the answer cost when it was asked for."""

    max_usd: float = Field(ge=0, description="US dollars for one answer, at most")


class LatencyParams(ScorerParams):
    """`latency` reads how long the call that answered took; waiting and retries do not count."""

    max_s: float = Field(gt=0, description="Seconds from sending to the whole answer, at most")


def _cost(params: CostParams, _place: Place) -> Bound:
    def judge(subject: Subject) -> Score:
        cost = subject.cost_usd
        if cost is None or not math.isfinite(cost):
            raise ScorerError("the cost of this answer is not known (give the profile a price)")
        if cost <= params.max_usd:
            return PASS
        return fails(f"cost {cost:.6g} USD, wanted at most {params.max_usd:.6g} USD")

    def found(subject: Subject) -> str:
        return f"cost {subject.cost_usd:.6g} USD, which is at most {params.max_usd:.6g} USD"

    return Bound(judge=judge, found=found)


def _latency(params: LatencyParams, _place: Place) -> Bound:
    def judge(subject: Subject) -> Score:
        if subject.cached:
            raise ScorerError(
                "the latency of an answer from an earlier run is not measured again "
                "(ask afresh with --no-cache)"
            )
        if subject.latency_s <= params.max_s:
            return PASS
        return fails(f"took {subject.latency_s:.6g} s, wanted at most {params.max_s:.6g} s")

    def found(subject: Subject) -> str:
        return f"took {subject.latency_s:.6g} s, which is at most {params.max_s:.6g} s"

    return Bound(judge=judge, found=found)


COST = Kind(name="cost", version="1", params=CostParams, build=_cost)
LATENCY = Kind(name="latency", version="1", params=LatencyParams, build=_latency)
