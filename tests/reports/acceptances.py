"""Comparisons, calibrations and baselines made by hand."""

from __future__ import annotations

from typing import Any

from paygrade.records.baseline import ArmSample, Baseline, CheckIdentity, RecordedSession
from paygrade.records.plan import Identity
from paygrade.records.verdict import (
    Calibration,
    Change,
    Compared,
    Flip,
    MoneyChange,
    Sensitivity,
)
from reports.verdicts import hypothesis, rate, regressed

HASH = "0123456789abcdef" * 4


def compared() -> Compared:
    """Two versions side by side, as far as stored outcomes go."""
    one = regressed()
    assert one.baseline
    assert one.candidate
    return Compared(
        suite=one.suite,
        before=one.baseline,
        after=one.candidate,
        differs=one.differs,
        hypotheses=(
            hypothesis(
                after=rate(36, 597, 3),
                p_more=2.1e-7,
                p_cases=0.0625,
                change=Change(rise=0.0187, low=0.0112, high=0.0261),
            ),
        ),
        flips=(
            Flip(sample_id="rr-0009", before=(4, 10), after=(0, 3)),
            Flip(sample_id="rr-0017", before=(0, 10), after=(3, 3)),
        ),
        checks=one.checks,
        money=(
            MoneyChange(
                currency="JPY",
                before=51_210.0,
                after=48_340.0,
                change=Change(rise=-2_870.0, low=-9_120.0, high=4_050.0),
            ),
        ),
        comparable=200,
        usable=200,
        added=("rr-0900",),
        removed=(),
        edited=(),
        notes=("the models are the same",),
    )


def calibration(**changes: object) -> Calibration:
    """A suite that keeps what it promises."""
    values: dict[str, Any] = {
        "suite": "refund_decision",
        "runner": "gpt-small",
        "samples": 200,
        "epochs": 3,
        "stored_epochs": 10,
        "invocations": 400,
        "alarms": 3,
        "low": 0.0026,
        "high": 0.0218,
        "inconclusive": 12,
        "sensitivity": (
            Sensitivity(epochs=3, samples=200, rise=0.02, money_per_1000={"EUR": 25_610.0}),
            Sensitivity(epochs=5, samples=200, rise=0.015, money_per_1000={"EUR": 19_207.5}),
            Sensitivity(epochs=1, samples=200, rise=None, money_per_1000={}),
        ),
        "power_target": 0.8,
        "promised": 0.05,
        "kept": True,
        "notes": ("played on the accepted baseline's own outcomes",),
    }
    values.update(changes)
    return Calibration(**values)


def arm(sample_id: str, *sessions: str, **changes: object) -> ArmSample:
    """What one version did on one sample."""
    values: dict[str, Any] = {
        "sample_id": sample_id,
        "content_hash": HASH,
        "case": sample_id,
        "case_class": "statistical",
        "sessions": sessions,
    }
    values.update(changes)
    return ArmSample(**values)


def baseline(*samples: ArmSample, **changes: object) -> Baseline:
    """An accepted baseline of two sessions."""
    values: dict[str, Any] = {
        "suite": "refund_decision",
        "runner": "gpt-small",
        "provider": "openai",
        "deterministic": False,
        "prompt": "refund_decision@v2",
        "dataset": "refund_requests@v1",
        "identity": Identity(prompt=HASH, dataset=HASH, runner=HASH, scorers=HASH),
        "checks": (CheckIdentity(id="equals", severity="major", role="gating", digest=HASH),),
        "models": ("gpt-small-2026-09",),
        "parameters": {"temperature": 0},
        "commit": "4f2c91d",
        "accepted_at": "2026-11-01T12:00:00Z",
        "reason": "the first one",
        "versions": {"paygrade": "0.1.0"},
        "sessions": (
            RecordedSession(
                run_id="20261101-090000-refund-aa01", started_at="2026-11-01T09:00:00Z", epochs=5
            ),
            RecordedSession(
                run_id="20261101-103000-refund-aa02", started_at="2026-11-01T10:30:00Z", epochs=5
            ),
        ),
        "shift": 0.41,
        "inference": "runs",
        "power": {3: 0.02, 5: 0.015, 1: None},
        "samples": samples or (arm("rr-0001", "PPPPP", "PPPPP"), arm("rr-0002", "PPFPP", "PPPEP")),
    }
    values.update(changes)
    return Baseline(**values)
