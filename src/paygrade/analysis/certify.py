"""From judged labels to a certificate, and from a certificate to what its judge may decide."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from paygrade.errors import ScorerError
from paygrade.records.certificate import Certificate, Stability
from paygrade.stats.agreement import agreement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paygrade.records.certificate import JudgeIdentity, Judgement, LabelOrigin
    from paygrade.records.plan import RunnerProfile
    from paygrade.stats.agreement import Agreement

LEAST_KAPPA = 0.6
LEAST_NUMBERS_FOUND = 90  # percent of those planted
LEAST_HUMAN_LABELS = 100
UNSTABLE = 5  # percent of verdicts that change when nothing of substance does
LEAST_YOUDEN = 0.6  # sensitivity + specificity - 1: below it a gate sees too little of a change


def certify(
    judgements: Sequence[Judgement],
    *,
    judge: JudgeIdentity,
    origin: LabelOrigin,
    labels_sha256: str,
) -> Certificate:
    """Say how a judge did.

    Raises:
        ScorerError: a label was not judged. Nothing is certified on what happened to be answered.
        ValueError: an id appears twice: one explanation would count for two.
    """
    if len({each.id for each in judgements}) != len(judgements):
        raise ValueError("an id appears twice")
    silent = [each.id for each in judgements if _is_silent(each)]
    if silent:
        raise ScorerError(
            f"{len(silent)} of {len(judgements)} labels could not be judged, {silent[0]} first",
            hint="certify again when the judge answers: an error is neither right nor wrong",
        )
    counts = agreement((each.defective, bool(each.called_defective)) for each in judgements)
    planted = [each for each in judgements if each.number_planted]
    found = sum(bool(each.called_defective) for each in planted)
    asked = [each for each in judgements if not each.by_code]
    stability = Stability(
        asked=len(asked),
        swapped_changed=sum(each.swapped is not each.called_defective for each in asked),
        padded_changed=sum(each.padded is not each.called_defective for each in asked),
    )
    return Certificate(
        judge=judge,
        origin=origin,
        labels_sha256=labels_sha256,
        agreement=counts,
        numbers_planted=len(planted),
        numbers_found=found,
        stability=stability,
        faults=faults(counts, stability, planted=len(planted), found=found),
    )


def certify_again(certificate: Certificate) -> Certificate:
    """The certificate with the faults that follow from its counts today, whatever it says."""
    found = faults(
        certificate.agreement,
        certificate.stability,
        planted=certificate.numbers_planted,
        found=certificate.numbers_found,
    )
    return replace(certificate, faults=found)


def why_advisory(certificate: Certificate | None, judge: JudgeIdentity) -> str:
    """Why this judge may not gate by this rubric: one clause, or "" where it may.

    A missing, stale or weak certificate gives a reason; there is no way to be let through unknown.
    """
    if certificate is None:
        return "the judge has no certificate"
    youden = _youden(certificate.agreement)
    labels = certificate.agreement.labels
    of = certificate.judge
    reasons = {
        f"its certificate is for the model {of.model}": of.model != judge.model,
        "the judge's address, parameters or code changed since it was certified": (
            of.profile_sha256 != judge.profile_sha256
        ),
        f"its certificate is for the rubric {of.rubric}": of.rubric != judge.rubric,
        "the rubric was edited since it was certified": of.rubric_sha256 != judge.rubric_sha256,
        "it is not usable: " + "; ".join(certificate.faults): not certificate.usable,
        "its labels are by construction, not by your own people": certificate.origin != "human",
        f"it rests on {labels} labels, not {LEAST_HUMAN_LABELS}": labels < LEAST_HUMAN_LABELS,
        "sensitivity and specificity together are too low": youden < LEAST_YOUDEN,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


_VENDORS = {"openai": "gpt", "anthropic": "claude"}
_NAME = re.compile(r"[a-z]+")


def family(profile: RunnerProfile) -> str:
    """The family of a profile's model, such as `gpt`; "" where nobody can see what answers.

    A vendor's models are one family. Elsewhere it is the first word of the model's name, after the
    name of a maker before a slash (`meta-llama/llama-5` is of `llama`). Judges favour answers of
    their own kind: Panickssery, Bowman and Feng 2024, "LLM Evaluators Recognize and Favor Their
    Own Generations".
    """
    if profile.provider in _VENDORS and "base_url" not in profile.options:
        return _VENDORS[profile.provider]
    model = str(profile.options.get("model", "")).lower().rpartition("/")[2]
    if known := next((each for each in _VENDORS.values() if each in model), ""):
        return known
    found = _NAME.search(model)
    return found[0] if found else ""


def _is_silent(judgement: Judgement) -> bool:
    called = judgement.called_defective
    return called is None or (
        not judgement.by_code and None in (judgement.swapped, judgement.padded)
    )


def faults(counts: Agreement, stability: Stability, *, planted: int, found: int) -> tuple[str, ...]:
    """Why a judge with these figures is not usable, in words; empty where it is."""
    return tuple(_faults(counts, stability, planted=planted, found=found))


def _faults(counts: Agreement, stability: Stability, *, planted: int, found: int) -> Iterator[str]:
    kappa = counts.kappa.value
    if kappa is None:
        yield "kappa is not defined on these labels"
    elif kappa < LEAST_KAPPA:
        yield f"kappa is {kappa:.2f}, below {LEAST_KAPPA}"
    if planted == 0:
        yield "no number error was planted, so nobody knows whether it finds one"
    elif found * 100 < planted * LEAST_NUMBERS_FOUND:
        yield f"it found {found} of {planted} planted number errors, below {LEAST_NUMBERS_FOUND} %"
    if stability.asked == 0:
        yield "no explanation reached the model, so nothing is known of it"
    changes = {
        "the opposite order of the questions": stability.swapped_changed,
        "padding": stability.padded_changed,
    }
    for cause, changed in changes.items():
        if stability.asked and changed * 100 >= UNSTABLE * stability.asked:
            share = f"{changed} of {stability.asked} verdicts"
            yield f"{cause} changed {share}, not below {UNSTABLE} %"


def _youden(counts: Agreement) -> float:
    sensitivity, specificity = counts.sensitivity.value, counts.specificity.value
    if sensitivity is None or specificity is None:
        return -1.0
    return sensitivity + specificity - 1
