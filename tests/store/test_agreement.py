"""The views say what the analysis says, figure for figure."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paygrade.records.check import CheckSpec
from paygrade.records.outcome import Errored, Scored
from store.agreeing import disagreements
from store.making import check, header, row, write_run

if TYPE_CHECKING:
    from kit import Paygrade
    from paygrade.records.check import Check
    from paygrade.records.outcome import Outcome
    from paygrade.records.run import SampleRow

SPECS = (
    CheckSpec(id="a", scorer="equals", severity="critical"),
    CheckSpec(id="b", scorer="equals", severity="minor", role="advisory"),
    CheckSpec(id="lost", scorer="effect:lost", role="invariant"),
    CheckSpec(id="over", scorer="effect:over-refund", negated=True),
)


@st.composite
def checks(draw: st.DrawFn) -> tuple[Check, ...]:
    """Some of the declared checks, and one that only the sample has."""
    made = [
        check(
            each.id, scorer=each.scorer, severity=each.severity, role=each.role,
            result=draw(st.sampled_from(("pass", "fail", "error"))),
            partial={"lost EUR": draw(st.integers(0, 9)), "calls": 2}
            if each.scorer == "effect:lost" else {},
        )
        for each in SPECS
        if draw(st.booleans())
    ]  # fmt: skip
    made += [
        check(name, scorer="call_budget", severity="major", result=result)
        for name in ("calls", "not-calls")
        if (result := draw(st.sampled_from(("", "pass", "fail", "error"))))
    ]
    return tuple(made)


@st.composite
def runs(draw: st.DrawFn) -> tuple[int, list[SampleRow], list[Outcome]]:
    """Epochs, samples in cases and slices, and the outcomes of most attempts."""
    epochs = draw(st.integers(1, 4))
    some = st.lists(st.sampled_from("xyz"), unique=True, max_size=3).map(tuple)
    samples = [
        row(
            f"s{number}",
            case=f"c{draw(st.integers(0, 3))}",
            case_class=draw(st.sampled_from(("statistical", "must_pass", "quarantined"))),
            slices={"kind": draw(some), "other": draw(some)},
            exposure_minor=draw(st.none() | st.integers(0, 10**15)),
            currency=draw(st.sampled_from(("EUR", "JPY"))),
        )
        for number in range(draw(st.integers(0, 6)))
    ]
    outcomes: list[Outcome] = []
    for each in samples:
        for epoch in range(1, epochs + 1):
            kind = draw(st.sampled_from(("none", "timeout", "refused", *["scored"] * 6)))
            found = draw(checks())
            if kind == "scored":
                outcomes.append(
                    Scored(
                        sample_id=each.sample_id, epoch=epoch, failed=draw(st.booleans()),
                        checks=found,
                    )
                )  # fmt: skip
            elif kind != "none":
                outcomes.append(
                    Errored(
                        sample_id=each.sample_id, epoch=epoch, error_kind=kind, error="no answer",
                        checks=found,
                    )
                )  # fmt: skip
    return epochs, samples, outcomes


@settings(max_examples=20)  # each fills a database of its own
@given(st.lists(runs(), min_size=1, max_size=3))
def test_drawn_runs_have_the_same_figures(
    drawn: list[tuple[int, list[SampleRow], list[Outcome]]],
) -> None:
    """Cases, epochs, errors, quarantined samples, broken checks, samples with several values."""
    with tempfile.TemporaryDirectory() as folder:
        for number, (epochs, samples, outcomes) in enumerate(drawn):
            made = header(
                f"20261123-120000-refunds-echo-00000{number}", epochs=epochs,
                samples=len(samples), attempts=epochs * len(samples), checks=SPECS,
            )  # fmt: skip
            write_run(Path(folder), made, samples, outcomes)
        assert disagreements(Path(folder)) == []


@pytest.fixture
def shipped(repository: Path, tmp_path: Path) -> Path:
    """The repository's own workspace, without what was run in it."""
    listed = subprocess.run(
        ["git", "ls-files", "prompts", "datasets", "runners", "evals", "prompts.lock"],
        cwd=repository, capture_output=True, text=True, check=True,
    )  # fmt: skip
    root = tmp_path / "shipped"
    for name in listed.stdout.splitlines():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes((repository / name).read_bytes())
    return root


@pytest.mark.parametrize(
    ("suite", "runner", "options"),
    [
        ("dispute_triage", "rules", ("--limit", "60")),
        ("refund_agent", "agent-clumsy", ("--limit", "40", "--epochs", "2")),
    ],
)
def test_shipped_suites_have_the_same_figures(
    suite: str, runner: str, options: tuple[str, ...], shipped: Path, paygrade: Paygrade
) -> None:
    """As they come, with a rule-based triage and an agent that does wrong."""
    ended = paygrade("run", suite, "-r", runner, "-q", *options, "-w", shipped)
    assert ended.code in (0, 100)
    assert disagreements(shipped / ".paygrade") == []
