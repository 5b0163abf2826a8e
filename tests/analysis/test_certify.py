"""What a judge must show before it may decide anything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from paygrade.analysis.certify import certify, why_advisory
from paygrade.errors import ScorerError
from paygrade.records.certificate import Certificate, Judgement, LabelOrigin

SHA = "ab" * 32


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
        )
        for n in range(bad)
    ]
    return defects + [
        Judgement(id=f"good-{n}", defective=False, called_defective=n < alarms) for n in range(good)
    ]


def certified(judgements: list[Judgement], origin: LabelOrigin = "human") -> Certificate:
    """Certify one model with one rubric."""
    return certify(
        judgements, model="m-1", rubric="dispute-reasons/1", rubric_sha256=SHA, origin=origin
    )


def why(certificate: Certificate | None, *, model: str = "m-1", sha: str = SHA) -> str:
    """Ask whether the judge may gate now."""
    return why_advisory(certificate, model=model, rubric="dispute-reasons/1", rubric_sha256=sha)


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
    ("model", "sha", "reason"),
    [("m-2", SHA, "for the model m-1"), ("m-1", "cd" * 32, "the rubric was edited")],
)
def test_a_stale_certificate_is_none(model: str, sha: str, reason: str) -> None:
    """Another model, or another wording, has not been tried."""
    assert reason in why(certified(judged(good=50, bad=50)), model=model, sha=sha)


def test_a_judge_without_a_certificate_may_not_gate() -> None:
    """Nothing known is no leave."""
    assert why(None) == "the judge has no certificate"


def test_another_rubric_is_another_certificate() -> None:
    """Equal hashes do not make up for another name."""
    other = replace(certified(judged(good=50, bad=50)), rubric="recon-explanation/1")
    assert "recon-explanation/1" in why(other)


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
