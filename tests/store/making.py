"""Runs and verdicts made by hand: each part with the values that a test does not care about."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from paygrade.records.answer import StoredAnswer, Usage
from paygrade.records.check import Check
from paygrade.records.outcome import Errored, Scored
from paygrade.records.plan import Identity, Selection
from paygrade.records.run import Rate, RunHeader, SampleRow
from paygrade.records.verdict import (
    Change,
    Confirmation,
    Flip,
    Hypothesis,
    Side,
    SuiteVerdict,
)
from paygrade.store.gates import GateRecord, SuiteRecord
from paygrade.store.journal import RunJournal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from paygrade.records.outcome import Outcome

HASH = "0123456789abcdef" * 4
PAN = "4111111111111111"


def header(run_id: str = "20261123-120000-refunds-echo-000001", **changes: object) -> RunHeader:
    """A run of four samples, asked once."""
    values: dict[str, Any] = {
        "run_id": run_id,
        "started_at": "2026-11-23T12:00:00.000000Z",
        "suite": "refunds",
        "runner": "echo",
        "provider": "echo",
        "deterministic": False,
        "prompt": "refunds@v1",
        "dataset": "refunds@v1",
        "epochs": 1,
        "samples": 4,
        "attempts": 4,
        "selection": Selection(suite="refunds", runner="echo"),
        "identity": Identity(prompt=HASH, dataset=HASH, runner=HASH, scorers=HASH),
        "slices": ("kind",),
        "checks": (),
        "max_failure_rate": None,
        "commit": "",
        "dirty": None,
        "versions": {"paygrade": "0.1.0"},
    }
    values.update(changes)
    return RunHeader(**values)


def row(sample_id: str = "s1", **changes: object) -> SampleRow:
    """A sample that stands for nothing."""
    values: dict[str, Any] = {
        "sample_id": sample_id,
        "case": sample_id,
        "case_class": "statistical",
        "slices": {"kind": ("lost",)},
        "exposure_minor": None,
        "currency": "",
        "content_hash": HASH,
        "input": {"message": "Where is it?"},
        "expected": {"action": "refund"},
        "messages": (("user", "Where is it?"),),
    }
    values.update(changes)
    return SampleRow(**values)


def answer(sample_id: str = "s1", epoch: int = 1, **changes: object) -> StoredAnswer:
    """An answer as the barrier leaves it."""
    values: dict[str, Any] = {
        "sample_id": sample_id,
        "epoch": epoch,
        "text": '{"action": "refund"}',
        "findings": (),
        "finish": "stop",
        "model": "echo",
        "usage": Usage(input_tokens=10, output_tokens=5, cached_tokens=2),
        "cost_usd": 0.25,
        "latency_s": 0.5,
        "at": "2026-11-23T12:00:01.000000Z",
    }
    values.update(changes)
    return StoredAnswer(**values)


def check(name: str = "equals", **changes: object) -> Check:
    """A major, gating check that passes."""
    values: dict[str, Any] = {
        "id": name,
        "scorer": name,
        "severity": "major",
        "role": "gating",
        "result": "pass",
    }
    values.update(changes)
    return Check(**values)


def scored(sample_id: str = "s1", epoch: int = 1, *, failed: bool = False) -> Scored:
    """A scored attempt with one check."""
    result = "fail" if failed else "pass"
    return Scored(sample_id=sample_id, epoch=epoch, failed=failed, checks=(check(result=result),))


def errored(sample_id: str = "s1", epoch: int = 1, kind: str = "timeout") -> Errored:
    """An attempt without an answer."""
    return Errored(sample_id=sample_id, epoch=epoch, error_kind=kind, error="no answer within 1 s")


def write_run(
    store: Path, made: RunHeader, samples: Iterable[SampleRow], outcomes: Iterable[Outcome]
) -> Path:
    """Journal a run as the engine would; every scored attempt has an answer."""
    folder = store / "runs" / made.run_id
    journal = RunJournal.create(folder, made)
    for each in samples:
        journal.sample(each)
    for outcome in outcomes:
        if isinstance(outcome, Scored):
            journal.answer(answer(outcome.sample_id, outcome.epoch))
        journal.outcome(outcome)
    journal.close()
    return folder


def side(**changes: object) -> Side:
    """One side of a comparison."""
    values: dict[str, Any] = {
        "label": "candidate", "prompt": "refunds@v2", "dataset": "refunds@v1", "runner": "echo",
        "models": (), "commit": "ab" * 20, "when": "2026-11-23T12:00:00.000000Z",
        "run_ids": ("r2",), "epochs": (3,), "errors": 0, "attempts": 12,
    }  # fmt: skip
    values.update(changes)
    return Side(**values)


def hypothesis(name: str = "suite", **changes: object) -> Hypothesis:
    """A suspicion that was confirmed on fresh runs."""
    before = Rate(scored=20, failed=2, errored=0, rate=0.1, low=0.03, high=0.3)
    after = Rate(scored=12, failed=6, errored=0, rate=0.5, low=0.25, high=0.75)
    values: dict[str, Any] = {
        "name": name, "samples": 4, "before": before, "after": after, "p_more": 0.01,
        "p_fewer": 0.99, "p_cases": 0.02, "informative": 3,
        "change": Change(rise=0.4, low=0.2, high=0.6), "flagged": True, "verdict": "regressed",
        "reason": "confirmed", "p_fresh": 0.003, "p_adjusted": 0.006,
        "fresh": Change(rise=0.3, low=0.1, high=0.5), "fresh_samples": 3,
    }  # fmt: skip
    values.update(changes)
    return Hypothesis(**values)


def verdict(**changes: object) -> SuiteVerdict:
    """A suite that regressed."""
    values: dict[str, Any] = {
        "suite": "refunds", "runner": "echo", "verdict": "regressed",
        "headline": "Failures rose from 10 % to 50 %.", "next_step": "Look at s1.", "codes": (),
        "baseline": side(label="baseline", prompt="refunds@v1"), "candidate": side(),
        "comparable": 4, "usable": 4,
        "hypotheses": (hypothesis(), hypothesis("kind=lost", fresh=None, flagged=False)),
        "flips": (Flip(sample_id="s1", before=(0, 5), after=(3, 3), fresh_after=(5, 5)),),
        "confirmation": Confirmation(
            asked="both", mode="stored", why="no clean checkout", samples=("s1",),
            run_ids=("r3",), calls=5, at_most=40, look=1, level=0.05,
        ),
        "detects": 0.15, "detects_with": {3: 0.15, 5: None},
    }  # fmt: skip
    values.update(changes)
    return SuiteVerdict(**values)


def suite_record(said: SuiteVerdict | None = None, **changes: object) -> SuiteRecord:
    """What an invocation did with one suite; with `said` it is decided."""
    values: dict[str, Any] = {
        "suite": "refunds", "runner": "echo", "key": HASH, "baseline_digest": HASH,
        "candidate": HASH, "epochs": 3, "run_id": "r2", "look": 1, "level": 0.05,
    }  # fmt: skip
    if said:
        values |= {"verdict": said.verdict, "result": dataclasses.asdict(said)}
    values.update(changes)
    return SuiteRecord(**values)


def gate_record(
    gate_id: str = "20261123-120000.000-a1b2", *suites: SuiteRecord, **changes: object
) -> GateRecord:
    """An invocation that ended."""
    values: dict[str, Any] = {
        "gate_id": gate_id, "started_at": "2026-11-23T12:00:00.000000Z", "state": "done",
        "suites": suites, "exit_code": 100,
    }  # fmt: skip
    values.update(changes)
    return GateRecord(**values)
