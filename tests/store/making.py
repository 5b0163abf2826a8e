"""Runs made by hand: each part with the values that a test does not care about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paygrade.records.answer import StoredAnswer, Usage
from paygrade.records.check import Check
from paygrade.records.outcome import Errored, Scored
from paygrade.records.plan import Identity, Selection
from paygrade.records.run import RunHeader, SampleRow
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
