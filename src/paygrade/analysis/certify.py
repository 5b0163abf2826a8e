"""From judged labels to a certificate, and from a certificate to what its judge may decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.errors import ScorerError
from paygrade.records.certificate import Certificate
from paygrade.stats.agreement import agreement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paygrade.records.certificate import Judgement, LabelOrigin
    from paygrade.stats.agreement import Agreement

LEAST_KAPPA = 0.6
LEAST_NUMBERS_FOUND = 90  # percent of those planted
LEAST_HUMAN_LABELS = 100
LEAST_YOUDEN = 0.6  # sensitivity + specificity - 1: below it a gate sees too little of a change


def certify(
    judgements: Sequence[Judgement],
    *,
    model: str,
    rubric: str,
    rubric_sha256: str,
    origin: LabelOrigin,
) -> Certificate:
    """Say how a judge did.

    Raises:
        ScorerError: a label was not judged. Nothing is certified on what happened to be answered.
        ValueError: an id appears twice: one explanation would count for two.
    """
    if len({each.id for each in judgements}) != len(judgements):
        raise ValueError("an id appears twice")
    silent = [each.id for each in judgements if each.called_defective is None]
    if silent:
        raise ScorerError(
            f"{len(silent)} of {len(judgements)} labels could not be judged, {silent[0]} first",
            hint="certify again when the judge answers: an error is neither right nor wrong",
        )
    counts = agreement((each.defective, bool(each.called_defective)) for each in judgements)
    planted = [each for each in judgements if each.number_planted]
    found = sum(bool(each.called_defective) for each in planted)
    return Certificate(
        model=model,
        rubric=rubric,
        rubric_sha256=rubric_sha256,
        origin=origin,
        agreement=counts,
        numbers_planted=len(planted),
        numbers_found=found,
        faults=tuple(_faults(counts, planted=len(planted), found=found)),
    )


def why_advisory(
    certificate: Certificate | None, *, model: str, rubric: str, rubric_sha256: str
) -> str:
    """Why this judge may not gate by this rubric: one clause, or "" where it may.

    A missing, stale or weak certificate gives a reason; there is no way to be let through unknown.
    """
    if certificate is None:
        return "the judge has no certificate"
    youden = _youden(certificate.agreement)
    labels = certificate.agreement.labels
    reasons = {
        f"its certificate is for the model {certificate.model}": certificate.model != model,
        f"its certificate is for the rubric {certificate.rubric}": certificate.rubric != rubric,
        "the rubric was edited since": certificate.rubric_sha256 != rubric_sha256,
        "it is not usable: " + "; ".join(certificate.faults): not certificate.usable,
        "its labels are by construction, not by your own people": certificate.origin != "human",
        f"it rests on {labels} labels, not {LEAST_HUMAN_LABELS}": labels < LEAST_HUMAN_LABELS,
        "sensitivity and specificity together are too low": youden < LEAST_YOUDEN,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _faults(counts: Agreement, *, planted: int, found: int) -> Iterator[str]:
    kappa = counts.kappa.value
    if kappa is None:
        yield "kappa is not defined on these labels"
    elif kappa < LEAST_KAPPA:
        yield f"kappa is {kappa:.2f}, below {LEAST_KAPPA}"
    if planted == 0:
        yield "no number error was planted, so nobody knows whether it finds one"
    elif found * 100 < planted * LEAST_NUMBERS_FOUND:
        yield f"it found {found} of {planted} planted number errors, below {LEAST_NUMBERS_FOUND} %"


def _youden(counts: Agreement) -> float:
    sensitivity, specificity = counts.sensitivity.value, counts.specificity.value
    if sensitivity is None or specificity is None:
        return -1.0
    return sensitivity + specificity - 1
