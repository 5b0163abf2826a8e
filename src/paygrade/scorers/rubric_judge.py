"""One explanation judged by a rubric: its numbers by code first, then five questions to a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.errors import ScorerError
from paygrade.records.answer import Request
from paygrade.records.check import Score
from paygrade.scorers.kind import fails
from paygrade.scorers.prose_numbers import stray_numbers
from pytx.money import MoneyError, exponent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.records.json_value import Json
    from paygrade.records.protocols import Runner
    from paygrade.scorers.rubric import Rubric


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One explanation with what its writer was given and decided; `epoch` counts from 1."""

    sample_id: str
    given: Json
    decided: Json
    explanation: str
    epoch: int = 1


def wrong_numbers(explained: Explained) -> Score | None:
    """A failure where a number comes from nowhere; `None` where all are borne out."""
    known = [explained.given, explained.decided]
    exponents = frozenset(_exponents(known)) or frozenset({2})
    stray = stray_numbers(explained.explanation, known, exponents=exponents)
    if not stray:
        return None
    return fails(f"the explanation has a number from nowhere: {', '.join(stray)}")


async def judge_explanation(rubric: Rubric, runner: Runner, explained: Explained) -> Score:
    """Pass what holds on every question; the value is the share that it holds on.

    A number that neither what was given nor what was decided bears out fails it without a call. Of
    the judge's answer only true and false are kept, so that nothing it writes can get into a
    report.

    Raises:
        ScorerError: the judge was cut off, refused, or did not answer what was asked.
        RunnerError: the judge could not be reached.
    """
    return wrong_numbers(explained) or await ask(rubric, runner, explained)


async def ask(rubric: Rubric, runner: Runner, explained: Explained) -> Score:
    """What the judge alone says, whatever the numbers.

    Raises:
        ScorerError, RunnerError: as `judge_explanation`.
    """
    given, decided, explanation = explained.given, explained.decided, explained.explanation
    request = Request(
        sample_id=explained.sample_id,
        epoch=explained.epoch,
        prompt=rubric.id,
        messages=rubric.messages(given, decided, explanation),
        input={"given": given, "decided": decided, "explanation": explanation},
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
        partial={key: float(holds) for key, holds in verdict.items()},
    )


def _exponents(value: Json) -> Iterator[int]:
    """Decimals of every currency that is named, as a value of `currency` or as a key."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            for name in (key, each) if "currency" in key else (key,):
                if isinstance(name, str) and len(name) == _CODE and name.isupper():
                    try:
                        yield exponent(name)
                    except MoneyError:
                        continue
            yield from _exponents(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _exponents(each)


_CODE = 3  # letters of a currency
