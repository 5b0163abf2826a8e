"""One explanation judged by a rubric: its numbers by code first, then five questions to a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.errors import ScorerError
from paygrade.records.answer import Request
from paygrade.records.check import Score
from paygrade.scorers.kind import fails
from paygrade.scorers.prose_numbers import stray_numbers

if TYPE_CHECKING:
    from paygrade.records.json_value import Json
    from paygrade.records.protocols import Runner
    from paygrade.scorers.rubric import Rubric


async def judge_explanation(  # noqa: PLR0913 - each is one thing that the judge is told
    rubric: Rubric, runner: Runner, *, sample_id: str, given: Json, fields: Json, explanation: str
) -> Score:
    """Pass what holds on every question; the value is the share that it holds on.

    A number that neither `given` nor `fields` bears out fails it without a call. Of the judge's
    answer only true and false are kept, so that nothing it writes can get into a report.

    Raises:
        ScorerError: the judge was cut off, refused, or did not answer what was asked.
        RunnerError: the judge could not be reached.
    """
    if stray := stray_numbers(explanation, [given, fields]):
        return fails(f"the explanation has a number from nowhere: {', '.join(stray)}")
    request = Request(
        sample_id=sample_id,
        epoch=0,
        prompt=rubric.id,
        messages=rubric.messages(given, fields, explanation),
        input={"given": given, "decided": fields, "explanation": explanation},
        output_schema=rubric.output_schema,
    )
    answer = await runner.answer(request)
    if answer.finish != "stop":
        raise ScorerError(f"the judge's answer ended with {answer.finish}")
    verdict = rubric.read(answer.text)
    denied = [rubric.questions[key] for key, holds in verdict.items() if not holds]
    return Score(
        passed=not denied,
        value=1 - len(denied) / len(verdict),
        reason=f"the judge says no to: {' '.join(denied)}" if denied else "",
    )
