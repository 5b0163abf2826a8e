"""What a judge must show before it may decide anything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from paygrade.analysis.certify import certify, certify_again, family, why_advisory
from paygrade.errors import ScorerError
from paygrade.records.certificate import (
    Certificate,
    JudgeIdentity,
    Judgement,
    LabelOrigin,
)
from paygrade.records.plan import RunnerProfile

SHA = "ab" * 32
OTHER = "cd" * 32
JUDGE = JudgeIdentity(
    model="m-1", profile_sha256=SHA, rubric="dispute-reasons/1", rubric_sha256=SHA
)


def judged(*, good: int, bad: int, missed: int = 0, alarms: int = 0) -> list[Judgement]:
    """Labels of which the judge missed some defects, numbers first, and called some good ones bad.

    Half of the defects are planted numbers.
    """
    defects = [
        Judgement(
            id=f"bad-{n}",
            defective=True,
            number_planted=n < bad // 2,
            called_defective=n >= missed,
            swapped=n >= missed,
            padded=n >= missed,
        )
        for n in range(bad)
    ]
    return defects + [
        Judgement(
            id=f"good-{n}",
            defective=False,
            called_defective=n < alarms,
            swapped=n < alarms,
            padded=n < alarms,
        )
        for n in range(good)
    ]


def certified(judgements: list[Judgement], origin: LabelOrigin = "human") -> Certificate:
    """Certify one model with one rubric."""
    return certify(judgements, judge=JUDGE, origin=origin, labels_sha256=SHA)


def why(certificate: Certificate | None, judge: JudgeIdentity = JUDGE) -> str:
    """Ask whether the judge may gate now."""
    return why_advisory(certificate, judge)


def test_a_good_judge_on_enough_labels_may_gate() -> None:
    """Two misses and one false alarm on 120 labels of one's own people are good enough."""
    certificate = certified(judged(good=40, bad=80, missed=2, alarms=1))
    assert certificate.usable
    assert (certificate.numbers_found, certificate.numbers_planted) == (38, 40)
    assert why(certificate) == ""


@pytest.mark.parametrize("alarms", [0, 40])
def test_a_constant_judge_is_not_usable(alarms: int) -> None:
    """Calling all good, or all bad, agrees with a part of the labels and has kappa 0."""
    certificate = certified(judged(good=40, bad=80, missed=0 if alarms else 80, alarms=alarms))
    assert any("kappa is 0.00" in fault for fault in certificate.faults)
    assert why(certificate).startswith("it is not usable: kappa is 0.00")


def test_a_judge_that_misses_numbers_is_not_usable() -> None:
    """Its kappa is high, but 5 of 40 planted number errors went by."""
    certificate = certified(judged(good=40, bad=80, missed=5))
    assert certificate.faults == ("it found 35 of 40 planted number errors, below 90 %",)


def test_nine_in_ten_is_enough_exactly() -> None:
    """The bound itself is inside."""
    assert certified(judged(good=40, bad=80, missed=4)).usable


def test_without_a_planted_number_nothing_is_known() -> None:
    """Perfect agreement does not stand for what was never tried."""
    labels = [replace(each, number_planted=False) for each in judged(good=60, bad=60)]
    assert "nobody knows" in certified(labels).faults[0]


def test_labels_by_construction_are_advisory() -> None:
    """However well the judge does on what we made ourselves."""
    certificate = certified(judged(good=100, bad=100), origin="by construction")
    assert certificate.usable
    assert "by construction" in why(certificate)


def test_ninety_nine_labels_are_too_few() -> None:
    """One more would do."""
    assert "99 labels" in why(certified(judged(good=49, bad=50)))
    assert why(certified(judged(good=50, bad=50))) == ""


@pytest.mark.parametrize(
    ("today", "reason"),
    [
        ({"model": "m-2"}, "for the model m-1"),
        ({"profile_sha256": OTHER}, "parameters or code changed"),
        ({"rubric_sha256": OTHER}, "the rubric was edited"),
    ],
)
def test_a_stale_certificate_is_none(today: dict[str, str], reason: str) -> None:
    """Another model, other parameters, or another wording have not been tried."""
    assert reason in why(certified(judged(good=50, bad=50)), replace(JUDGE, **today))


def test_a_judge_without_a_certificate_may_not_gate() -> None:
    """Nothing known is no leave."""
    assert why(None) == "the judge has no certificate"


def test_another_rubric_is_another_certificate() -> None:
    """Equal hashes do not make up for another name."""
    other = replace(JUDGE, rubric="recon-explanation/1")
    assert "dispute-reasons/1" in why(certified(judged(good=50, bad=50)), other)


def test_an_error_refuses_the_certificate() -> None:
    """A label without a judgement is neither right nor wrong, and is not left out either."""
    labels = judged(good=50, bad=50)
    labels[3] = replace(labels[3], called_defective=None)
    with pytest.raises(ScorerError, match="1 of 100 labels could not be judged, bad-3"):
        certified(labels)


def test_an_explanation_counts_once() -> None:
    """Fifty labels given twice are not a hundred."""
    with pytest.raises(ValueError, match="twice"):
        certified(judged(good=25, bad=25) * 2)


def changed(judgement: Judgement, which: str, *, to: bool | None) -> Judgement:
    """One of the two other verdicts is another."""
    if which == "swapped":
        return replace(judgement, swapped=to)
    return replace(judgement, padded=to)


@pytest.mark.parametrize("cause", ["swapped", "padded"])
def test_a_judge_that_turns_with_the_wind_is_not_usable(cause: str) -> None:
    """Five of 100 verdicts changed where nothing of substance did; four would do."""
    labels = judged(good=50, bad=50)
    for place in range(5):
        labels[place] = changed(labels[place], cause, to=False)
    assert "changed 5 of 100 verdicts, not below 5 %" in certified(labels).faults[0]
    labels[4] = changed(labels[4], cause, to=True)
    assert certified(labels).usable


def test_what_code_decides_says_nothing_of_the_model() -> None:
    """A model that was never asked is not certified by the numbers that code found."""
    labels = [
        replace(each, by_code=True, swapped=None, padded=None) for each in judged(good=50, bad=50)
    ]
    assert "no explanation reached the model" in certified(labels).faults[0]


@pytest.mark.parametrize("lacking", ["swapped", "padded"])
def test_a_half_tried_label_refuses_the_certificate(lacking: str) -> None:
    """Whether it is stable is a part of what is certified."""
    labels = judged(good=50, bad=50)
    labels[3] = changed(labels[3], lacking, to=None)
    with pytest.raises(ScorerError, match="could not be judged, bad-3"):
        certified(labels)


def test_faults_follow_from_the_counts() -> None:
    """A certificate that was edited to have none has them again."""
    weak = certified(judged(good=40, bad=80, missed=80))
    assert certify_again(replace(weak, faults=())) == weak


@pytest.mark.parametrize(
    ("provider", "options", "kind"),
    [
        ("openai", {"model": "o5"}, "gpt"),
        ("openai", {"model": "gpt-6-mini"}, "gpt"),
        ("anthropic", {"model": "claude-haiku-5-5"}, "claude"),
        ("openai", {"model": "meta-llama/Llama-5-70b", "base_url": "http://h"}, "llama"),
        ("openai", {"model": "us.anthropic.claude-x", "base_url": "http://h"}, "claude"),
        ("openai", {"model": "qwen4:8b", "base_url": "http://h"}, "qwen"),
        ("python", {"callable": "x.py:f"}, ""),
        ("command", {"command": ["x"]}, ""),
    ],
)
def test_models_have_families(provider: str, options: dict[str, str], kind: str) -> None:
    """A vendor's models are one; elsewhere the name tells; behind a program nobody can see."""
    profile = RunnerProfile(
        name="r", provider=provider, path="r.yaml", folder=Path(), options=options, parameters={},
        concurrency=1, timeout_s=1, deterministic=False, content_hash=SHA,
    )  # fmt: skip
    assert family(profile) == kind
