"""Labelled explanations: JSON Lines that say of each whether it is good, and who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from paygrade.errors import Mistake, WorkspaceError
from paygrade.records.certificate import Label, LabelledExplanation, Labels
from paygrade.workspace.fields import STRICT, SampleId, Text
from paygrade.workspace.identity import digest, digest_of_all
from paygrade.workspace.jsonl_reader import parse_line, read_lines
from paygrade.workspace.validate import closest, explain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from paygrade.workspace.jsonl_reader import Line


class LabelModel(BaseModel):
    """One line of a file of labels."""

    model_config = STRICT

    id: SampleId
    given: Any = Field(description="What the writer of the explanation could see.")
    decided: Any = Field(description="What the writer decided, without the explanation.")
    explanation: Text
    label: Label
    defect: Text | None = Field(default=None, description="The question that it is a no to.")
    by: Annotated[str, StringConstraints(pattern=r"\S")] | None = Field(
        default=None, description="Who labelled it."
    )


def made_labels(raw: bytes, shown: str, questions: Collection[str]) -> Labels:
    """Labels that follow from how the explanations were made: nobody is named in them.

    Raises:
        WorkspaceError: every mistake in it.
    """
    lines = raw.splitlines(keepends=True)
    parsed = (parse_line(line, shown, number) for number, line in enumerate(lines, 1))
    explanations = _read(parsed, shown, questions, people=False)
    return _labels(explanations, human=False)


def peoples_labels(
    file: Path, questions: Collection[str], made: Collection[str] = frozenset()
) -> Labels:
    """Labels by people, each with who gave it. `made` are the texts of explanations that ship.

    Raises:
        WorkspaceError: every mistake in it; one of them is an explanation that ships.
    """
    shown = str(file)
    explanations = _read(read_lines(file, shown), shown, questions, people=True, made=made)
    return _labels(explanations, human=True)


def _labels(explanations: tuple[LabelledExplanation, ...], *, human: bool) -> Labels:
    rows = ([each.id, each.given, each.decided, each.explanation, each.label, each.defect]
            for each in explanations)  # fmt: skip
    return Labels(
        explanations=explanations,
        origin="human" if human else "by construction",
        sha256=digest_of_all(digest(row) for row in rows),
    )


def _read(
    lines: Iterable[Line],
    shown: str,
    questions: Collection[str],
    *,
    people: bool,
    made: Collection[str] = frozenset(),
) -> tuple[LabelledExplanation, ...]:
    found: list[LabelledExplanation] = []
    mistakes: list[Mistake] = []
    seen: dict[str, int] = {}
    for line in lines:
        problems = [(each.problem, each.hint) for each in line.mistakes]
        model = None if problems else _model(line, problems)
        if model:
            problems += _wrong(model, questions, people=people, made=made)
            first = seen.setdefault(model.id, line.number)
            if first != line.number:
                problems.append((f"the id {model.id!r} stands on line {first} already", ""))
            found.append(
                LabelledExplanation(
                    id=model.id,
                    given=model.given,
                    decided=model.decided,
                    explanation=model.explanation,
                    label=model.label,
                    defect=model.defect or "",
                    by=model.by or "",
                )
            )
        mistakes += [
            Mistake(path=shown, line=line.number, problem=problem, hint=hint)
            for problem, hint in problems
        ]
    if not found and not mistakes:
        mistakes.append(Mistake(path=shown, problem="holds no labels", hint=_SHAPE))
    if mistakes:
        raise WorkspaceError(mistakes)
    return tuple(found)


_SHAPE = 'one a line: {"id", "given", "decided", "explanation", "label": "good", "by": "AB"}'


def _model(line: Line, problems: list[tuple[str, str]]) -> LabelModel | None:
    if not isinstance(line.data, dict):
        problems.append(("is not an object", _SHAPE))
        return None
    try:
        return LabelModel.model_validate(line.data)
    except ValidationError as error:
        problems += [(problem, hint) for _, problem, hint in explain(error, LabelModel)]
        return None


def _wrong(
    model: LabelModel, questions: Collection[str], *, people: bool, made: Collection[str]
) -> Iterator[tuple[str, str]]:
    if people and model.by is None:
        yield "the key 'by' is missing", "say who labelled it: initials will do"
    if model.explanation in made:
        hint = "labels that may let a judge gate are your own people's, on your own explanations"
        yield "this explanation ships with paygrade", hint
    if model.defect is not None and model.label == "good":
        yield "a good explanation has no 'defect'", ""
    elif model.defect is not None and model.defect not in questions:
        hint = closest(model.defect, questions)
        yield f"the rubric has no question {model.defect!r}", hint
