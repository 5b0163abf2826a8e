"""One labelled explanation put to a judge: as it is, in the opposite order, and padded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from paygrade.records.certificate import Judgement
from paygrade.scorers.rubric_judge import Explained, ask, wrong_numbers

if TYPE_CHECKING:
    from paygrade.records.certificate import LabelledExplanation
    from paygrade.records.protocols import Runner
    from paygrade.scorers.rubric import Rubric

NUMBERS = "numbers"
"""The question whose planted defects are number errors."""

_BEFORE = "Thank you for raising this. I have looked at the case with care."
_AFTER = "Please get in touch if anything is unclear. I am glad to help."
"""Politeness that claims nothing: it may not earn a pass, nor lose one."""

PLAIN, TURNED, PADDED = 1, 2, 3
"""The epochs in which the three are asked, so that recorded answers can tell them apart."""

CALLS = 3


async def examine(rubric: Rubric, runner: Runner, labelled: LabelledExplanation) -> Judgement:
    """Put an explanation to a judge three times, or not at all where its numbers decide.

    Raises:
        ScorerError: the judge was cut off, refused, or did not answer what was asked.
        RunnerError: the judge could not be reached.
    """
    explained = Explained(
        sample_id=labelled.id,
        given=labelled.given,
        decided=labelled.decided,
        explanation=labelled.explanation,
        epoch=PLAIN,
    )
    judgement = Judgement(
        id=labelled.id,
        defective=labelled.label == "defective",
        number_planted=labelled.defect == NUMBERS,
        called_defective=True,
        by_code=True,
    )
    if wrong_numbers(explained):
        return judgement
    plain = await ask(rubric, runner, explained)
    turned = await ask(rubric.turned, runner, replace(explained, epoch=TURNED))
    padding = f"{_BEFORE}\n\n{labelled.explanation}\n\n{_AFTER}"
    padded = await ask(rubric, runner, replace(explained, explanation=padding, epoch=PADDED))
    return replace(
        judgement,
        called_defective=not plain.passed,
        by_code=False,
        swapped=not turned.passed,
        padded=not padded.passed,
    )
