"""`reports/judges/`: how judges did, one JSON file for each judge and rubric."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from paygrade.errors import Mistake, WorkspaceError
from paygrade.records.certificate import Certificate, JudgeIdentity, LabelOrigin, Stability
from paygrade.stats.agreement import Agreement
from paygrade.workspace.baseline_lines import Digest
from paygrade.workspace.fields import STRICT, Date
from paygrade.workspace.files import is_there, read_text, unwritable, write_text
from paygrade.workspace.validate import validated
from paygrade.workspace.yaml_reader import Document

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.stats.agreement import Estimate
    from paygrade.workspace.config import Layout

FORMAT = "paygrade.judge-certificate/1"

_FIGURES = ("agreement", "kappa", "sensitivity", "specificity")


class _Model(BaseModel):
    model_config = STRICT


class _Judge(_Model):
    model: str
    profile_sha256: Digest
    rubric: str
    rubric_sha256: Digest


class _Labels(_Model):
    origin: LabelOrigin
    sha256: Digest


class _Counts(_Model):
    true_positive: int = Field(ge=0)
    false_negative: int = Field(ge=0)
    false_positive: int = Field(ge=0)
    true_negative: int = Field(ge=0)
    numbers_planted: int = Field(ge=0)
    numbers_found: int = Field(ge=0)
    asked: int = Field(ge=0)
    swapped_changed: int = Field(ge=0)
    padded_changed: int = Field(ge=0)


class _Estimate(_Model):
    value: float | None
    low: float
    high: float


class CertificateModel(_Model):
    """A certificate's file. What a person reads (`figures`, `faults`) follows from `counts`."""

    format: Literal["paygrade.judge-certificate/1"]
    made_on: Date
    judge: _Judge
    labels: _Labels
    counts: _Counts
    figures: dict[str, _Estimate]
    faults: list[str]
    answered_by: list[str]


def certificate_file(layout: Layout, runner: str, rubric: str) -> Path:
    """Where the certificate of a judge with a rubric is."""
    return layout.reports / "judges" / f"{rubric.replace('/', '-')}.{runner}.json"


def write_certificate(
    layout: Layout, runner: str, certificate: Certificate, *, made_on: str, answered_by: list[str]
) -> Path:
    """Write it over the one before. `made_on` is an ISO date, `answered_by` what models said.

    Raises:
        WorkspaceError: it cannot be written.
    """
    file = certificate_file(layout, runner, certificate.judge.rubric)
    text = json.dumps(_told(certificate, made_on, answered_by), indent=2, ensure_ascii=False)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(error, layout.shown(file.parent)) from error
    write_text(file, text + "\n", layout.shown(file))
    return file


def read_certificate(layout: Layout, runner: str, rubric: str) -> Certificate | None:
    """The certificate of a judge with a rubric; `None` where there is none.

    `faults` are as the file says them: the caller finds them again from the counts.

    Raises:
        WorkspaceError: it is not a certificate, or somebody edited its figures.
    """
    file = certificate_file(layout, runner, rubric)
    if not is_there(file):
        return None
    shown = layout.shown(file)
    document = _document(read_text(file, shown), shown)
    model = validated(CertificateModel, document)
    counts = model.counts
    certificate = Certificate(
        judge=JudgeIdentity(**model.judge.model_dump()),
        origin=model.labels.origin,
        labels_sha256=model.labels.sha256,
        agreement=Agreement(
            true_positive=counts.true_positive,
            false_negative=counts.false_negative,
            false_positive=counts.false_positive,
            true_negative=counts.true_negative,
        ),
        numbers_planted=counts.numbers_planted,
        numbers_found=counts.numbers_found,
        stability=Stability(
            asked=counts.asked,
            swapped_changed=counts.swapped_changed,
            padded_changed=counts.padded_changed,
        ),
        faults=tuple(model.faults),
    )
    if figures(certificate.agreement) != {
        name: each.model_dump() for name, each in model.figures.items()
    }:
        problem, hint = "its figures do not follow from its counts", "certify the judge again"
        raise WorkspaceError([Mistake(path=shown, problem=problem, hint=hint)])
    return certificate


def figures(counts: Agreement) -> dict[str, dict[str, float | None]]:
    """What the counts come to, each with its 95 % interval, rounded as the file has it."""
    return {name: _rounded(getattr(counts, name)) for name in _FIGURES}


def _rounded(estimate: Estimate) -> dict[str, float | None]:
    value = None if estimate.value is None else round(estimate.value, 6)
    return {"value": value, "low": round(estimate.low, 6), "high": round(estimate.high, 6)}


def _told(certificate: Certificate, made_on: str, answered_by: list[str]) -> dict[str, Any]:
    judge, counts, stability = certificate.judge, certificate.agreement, certificate.stability
    return {
        "format": FORMAT,
        "made_on": made_on,
        "judge": {
            "model": judge.model,
            "profile_sha256": judge.profile_sha256,
            "rubric": judge.rubric,
            "rubric_sha256": judge.rubric_sha256,
        },
        "labels": {"origin": certificate.origin, "sha256": certificate.labels_sha256},
        "counts": {
            "true_positive": counts.true_positive,
            "false_negative": counts.false_negative,
            "false_positive": counts.false_positive,
            "true_negative": counts.true_negative,
            "numbers_planted": certificate.numbers_planted,
            "numbers_found": certificate.numbers_found,
            "asked": stability.asked,
            "swapped_changed": stability.swapped_changed,
            "padded_changed": stability.padded_changed,
        },
        "figures": figures(counts),
        "faults": list(certificate.faults),
        "answered_by": answered_by,
    }


def _document(text: str, shown: str) -> Document:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        problem, hint = "is not JSON", "certify the judge again"
        raise WorkspaceError([Mistake(path=shown, problem=problem, hint=hint)]) from error
    return Document(path=shown, data=data)
