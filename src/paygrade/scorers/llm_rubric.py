"""`llm-rubric`: a model judges the explanation beside an answer, by a rubric of yes and no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from paygrade.errors import ScorerError
from paygrade.scorers.kind import Bound, Kind, Place, fails
from paygrade.scorers.params import ScorerParams, UnfitError, refused
from paygrade.scorers.rubric import RUBRICS
from paygrade.scorers.rubric_judge import Explained, judge_explanation
from paygrade.scorers.target import (
    WHOLE,
    AnswerPath,
    Missing,
    parse_path,
    reader,
    whole_text,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.records.check import CheckSpec, Score, Subject
    from paygrade.records.json_value import Json
    from paygrade.records.protocols import Judges

NAME = "llm-rubric"


def _known(rubric: str) -> str:
    if rubric not in RUBRICS:
        raise UnfitError(f"is none of {', '.join(RUBRICS)}")
    return rubric


class RubricParams(ScorerParams):
    """`llm-rubric` asks a runner about the text at `field`; the rest of the answer is given."""

    rubric: Annotated[str, AfterValidator(_known)] = Field(
        description="dispute-reasons/1 or recon-explanation/1"
    )
    runner: str = Field(min_length=1, description="The runner that judges, of runners/NAME.yaml")
    field: AnswerPath = ""


def judges_named(specs: Iterable[CheckSpec]) -> tuple[tuple[CheckSpec, str, str], ...]:
    """Each check that asks a model, with the runner and the rubric that it names."""
    return tuple(
        (spec, str(spec.params["runner"]), str(spec.params["rubric"]))
        for spec in specs
        if spec.scorer == NAME
    )


def _build(params: RubricParams, place: Place) -> Bound:
    if params.runner not in place.judges:
        raise refused("runner", f"there is no runner {params.runner!r} to judge with")
    rubric = RUBRICS[params.rubric]
    label = params.field or WHOLE
    path = parse_path(params.field) if params.field else ()
    read = reader(params.field, whole_text)

    async def ask(subject: Subject, judges: Judges) -> Score:
        text = _prose(read(subject))
        if isinstance(text, Missing):
            return fails(text.reason)
        if not text.strip():
            return fails(f"{label}: there is no explanation")
        explained = Explained(
            sample_id=subject.sample_id,
            epoch=subject.epoch,
            given=subject.input,
            decided=without(subject.output, path) if path else None,
            explanation=text,
        )
        return await judge_explanation(rubric, judges.judge(params.runner, rubric.id), explained)

    def unasked(_subject: Subject) -> Score:
        raise ScorerError("there is nobody here who could judge it")

    return Bound(
        judge=unasked,
        ask=ask,
        found=lambda _: f"{label}: the judge says yes to every question",
        identity={"rubric": rubric.fingerprint, "judge": place.judges[params.runner]},
    )


def _prose(value: Json | Missing) -> str | Missing:
    """The text at the field; the texts of a list stand on lines of their own."""
    if isinstance(value, Missing | str):
        return value
    parts = value if isinstance(value, Sequence) else [value]
    if all(isinstance(part, str) for part in parts):
        return "\n".join(map(str, parts))
    return Missing("the explanation is neither text nor a list of texts", absent=False)


LLM_RUBRIC = Kind(name=NAME, version="1", params=RubricParams, build=_build, severity="minor")
