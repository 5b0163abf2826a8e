"""`paygrade judge certify`: a judge is tried on labelled explanations; what came of it is kept."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from paygrade import scorers
from paygrade.analysis.certify import certify, why_advisory
from paygrade.engine.judges import Panel, Records
from paygrade.errors import ScorerError, UsageError
from paygrade.payments.calibration import calibration_set
from paygrade.pipeline import judges
from paygrade.pipeline.wiring import layout_at, now, today
from paygrade.records.certificate import Certified
from paygrade.workspace.certificates import write_certificate
from paygrade.workspace.identity import judge_digest
from paygrade.workspace.labels import made_labels, peoples_labels
from paygrade.workspace.validate import closest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from paygrade.records.answer import StoredAnswer
    from paygrade.records.call import Call
    from paygrade.records.certificate import Judgement, LabelledExplanation, Labels
    from paygrade.records.plan import JudgePlan
    from paygrade.scorers import Rubric


@dataclass(slots=True)
class Heard:
    """What judges said while they were tried, in memory: `paygrade.records.protocols.CallLog`."""

    answers: list[StoredAnswer] = field(default_factory=list)

    def answer(self, answer: StoredAnswer) -> None:
        """Keep it."""
        self.answers.append(answer)

    def sent(self, sample_id: str, epoch: int, ceiling_usd: Decimal) -> None:
        """Nothing: a trial that is killed starts anew."""

    def call(self, call: Call) -> None:
        """Nothing: what failed is asked again, or ends the trial."""


def certify_judge(
    folder: Path | None, rubric_id: str, runner: str, labels_file: Path | None
) -> Certified:
    """Try the judge `runner` on labels, and write its certificate over the one before.

    Without `labels_file` it is tried on the labels that ship, which follow from how they were made:
    such a certificate never lets a judge gate.

    Raises:
        UsageError: there is no such rubric or runner, or the judge cannot be built.
        WorkspaceError: its profile or the labels are wrong.
        ScorerError: not every label could be judged; nothing is written.
    """
    layout = layout_at(folder)
    rubric = scorers.RUBRICS.get(rubric_id)
    if rubric is None:
        hint = closest(rubric_id, scorers.RUBRICS)
        raise UsageError(f"there is no rubric {rubric_id!r}", hint=hint)
    labels = _labels(rubric, labels_file)
    judge = judges.judge_plan(layout, runner, rubric_id, known=False)
    heard = Heard()
    judgements = asyncio.run(_try(rubric, judge, labels.explanations, heard))
    certificate = certify(
        judgements,
        judge=judge.identity,
        origin=labels.origin,
        labels_sha256=labels.sha256,
    )
    models = sorted({each.model for each in heard.answers if each.model})
    path = write_certificate(
        layout, runner, certificate, made_on=today().isoformat(), answered_by=models
    )
    costs = [each.cost_usd for each in heard.answers]
    known = [Decimal(str(cost)) for cost in costs if cost is not None]
    return Certified(
        certificate=certificate,
        runner=runner,
        answered_by=tuple(models),
        calls=len(heard.answers),
        by_code=sum(each.by_code for each in judgements),
        usd=float(sum(known)) if known and len(known) == len(costs) else None,
        why_advisory=why_advisory(certificate, judge.identity),
        path=layout.shown(path),
    )


def _labels(rubric: Rubric, file: Path | None) -> Labels:
    made = calibration_set(rubric.id)
    if file is None:
        return made_labels(made, f"the labels of {rubric.id}", rubric.questions)
    texts = {json.loads(line)["explanation"] for line in made.splitlines()}
    return peoples_labels(file, rubric.questions, texts)


async def _try(
    rubric: Rubric, judge: JudgePlan, labels: Iterable[LabelledExplanation], heard: Heard
) -> list[Judgement]:
    """Every label put to the judge, as many at once as its profile allows.

    Raises:
        ScorerError: one could not be judged, and says which.
    """
    records = Records(log=lambda *_: heard, digest=judge_digest, now=now)
    panel = Panel(judges.seats([judge]), records)
    asked = panel.judge(judge.profile.name, rubric.id)
    try:
        tried = await asyncio.gather(
            *(scorers.examine(rubric, asked, each) for each in labels), return_exceptions=True
        )
    finally:
        await panel.close()
    judgements: list[Judgement] = []
    broken: list[str] = []
    for label, each in zip(labels, tried, strict=True):
        if isinstance(each, ScorerError):
            broken.append(f"{label.id}: {each.problem}")
        elif isinstance(each, BaseException):
            raise each
        else:
            judgements.append(each)
    if broken:
        count = len(judgements) + len(broken)
        raise ScorerError(
            f"{len(broken)} of {count} labels could not be judged, so there is no certificate; "
            f"{broken[0]}",
            hint="certify again when the judge answers: an error is neither right nor wrong",
        )
    return judgements
