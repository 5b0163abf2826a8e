"""`call_budget`: the agent got by with so many calls."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pydantic import Field

from paygrade.records.check import Score, Subject
from paygrade.scorers.acted import WIDE, every_call, labelled, some
from paygrade.scorers.identity import is_amount
from paygrade.scorers.kind import Bound, Kind, Place
from paygrade.scorers.params import ScorerParams, UnfitError
from paygrade.scorers.show import one_line, show

if TYPE_CHECKING:
    from paygrade.records.json_value import Json


class CallBudgetParams(ScorerParams):
    """The agent made at most so many calls: `max_calls`, or the sample's `expected.max_calls`.

    Every call counts, also one of an unknown tool or with arguments that did not fit. Figures:
    calls, extra (calls beyond the budget).
    """

    max_calls: int | None = Field(
        default=None, ge=0, description="Calls; by default what expected has at max_calls"
    )


def _most(value: Json) -> int:
    if not is_amount(value) or value < 0:
        raise UnfitError(f"should be an integer from 0, got {show(value)}")
    return value


def _build(params: CallBudgetParams, _place: Place) -> Bound:
    def most(subject: Subject) -> int:
        if params.max_calls is not None:
            return params.max_calls
        return labelled(subject, "max_calls", _most)

    def judge(subject: Subject) -> Score:
        counts = Counter(each.tool for each in every_call(subject))
        calls, budget = counts.total(), most(subject)
        extra = max(calls - budget, 0)
        by_tool = [f"{one_line(tool, WIDE)} {count}" for tool, count in counts.most_common()]
        reason = f"made {calls} calls, wanted at most {show(budget)} ({some(by_tool)})"
        return Score(
            passed=not extra,
            reason=reason if extra else "",
            partial={"calls": calls, "extra": extra},
        )

    def found(subject: Subject) -> str:
        return f"made {len(every_call(subject))} calls, which is at most {show(most(subject))}"

    return Bound(judge=judge, found=found)


CALL_BUDGET = Kind(
    name="call_budget", version="1", params=CallBudgetParams, build=_build, severity="minor"
)
