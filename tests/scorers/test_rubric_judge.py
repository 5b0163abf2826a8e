"""One explanation, its numbers and a judge."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from paygrade.errors import RunnerError, ScorerError
from paygrade.records.answer import Answer, Finish, Request
from paygrade.scorers.rubric import RUBRICS
from paygrade.scorers.rubric_judge import Explained, judge_explanation

if TYPE_CHECKING:
    from paygrade.records.check import Score

RUBRIC = RUBRICS["dispute-reasons/1"]
YES = dict.fromkeys(RUBRIC.questions, True)


@dataclass
class Judge:
    """Says the same to everybody, and keeps what it was asked."""

    says: str = field(default_factory=lambda: json.dumps(YES))
    finish: Finish = "stop"
    lost: bool = False
    asked: list[Request] = field(default_factory=list)

    async def answer(self, request: Request) -> Answer:
        """Answer, or lose the connection."""
        self.asked.append(request)
        if self.lost:
            raise RunnerError("the connection was lost", kind="connection")
        return Answer(text=self.says, finish=self.finish)

    async def close(self) -> None:
        """Nothing is held."""


def score(judge: Judge, explanation: str = "Delivered and signed for: e2, 42.00 EUR.") -> Score:
    """Judge one explanation of a contested 42.00 EUR."""
    return asyncio.run(
        judge_explanation(
            RUBRIC,
            judge,
            Explained(
                sample_id="dt-1",
                given={"evidence": ["e2"]},
                decided={"contest_amount_minor": 4200},
                explanation=explanation,
            ),
        )
    )


def test_five_times_yes_is_a_pass() -> None:
    """The judge is asked once, with the schema of its answer."""
    judge = Judge()
    assert score(judge).passed
    assert [each.output_schema for each in judge.asked] == [RUBRIC.output_schema]


def test_one_no_is_a_failure_with_the_question() -> None:
    """Its value is the share of questions it holds on."""
    result = score(Judge(says=json.dumps({**YES, "grounded": False})))
    assert (result.passed, result.value) == (False, 0.8)
    assert RUBRIC.questions["grounded"] in result.reason


def test_a_wrong_number_is_found_by_code() -> None:
    """A judge that waves everything through is not even asked."""
    judge = Judge()
    result = score(judge, "Signed for: e2, 24.00 EUR.")
    assert not result.passed
    assert "24.00" in result.reason
    assert judge.asked == []


@pytest.mark.parametrize("finish", ["length", "refusal", "filter"])
def test_a_judge_that_did_not_finish_is_an_error(finish: Finish) -> None:
    """Even when its text would do."""
    with pytest.raises(ScorerError, match=finish):
        score(Judge(finish=finish))


def test_a_judge_that_rambles_is_an_error() -> None:
    """A pass is not read out of prose."""
    with pytest.raises(ScorerError, match="not JSON"):
        score(Judge(says="Looks right to me!"))


def test_a_judge_out_of_reach_is_an_error() -> None:
    """The runner's own error comes through, with its class."""
    with pytest.raises(RunnerError, match="lost"):
        score(Judge(lost=True))


CARD = "4111111111111111"


@pytest.mark.parametrize(
    "says",
    [CARD + " is fine", json.dumps({**YES, CARD: True}), json.dumps({**YES, "cites": CARD})],
)
def test_nothing_a_judge_writes_is_repeated(says: str) -> None:
    """A card number in prose, a key or a value does not get into the error that it makes."""
    with pytest.raises(ScorerError) as caught:
        score(Judge(says=says))
    assert CARD not in f"{caught.value} {caught.value.problem} {caught.value.hint}"
