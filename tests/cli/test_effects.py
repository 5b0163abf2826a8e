"""What agents did, and how reliable repeated tries are, from the outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analysis.effect_checks import ONCE, attempt, declared, doubled, once
from store.making import header, row, write_run

if TYPE_CHECKING:
    from kit import Paygrade, WorkspaceFolder

CLUMSY, GUARDED = "20261128-080000-refunds-clumsy-000001", "20261128-080500-refunds-guarded-000002"


@pytest.fixture
def played(workspace: WorkspaceFolder) -> WorkspaceFolder:
    """Two stored runs of one suite: one agent pays twice in every fifth sample, the other never."""
    rows = [row(f"s{n}") for n in range(20)]
    for run_id, runner, clumsy in ((CLUMSY, "clumsy", True), (GUARDED, "guarded", False)):
        head = header(run_id, runner=runner, samples=20, attempts=20, checks=declared(ONCE))
        outcomes = [
            attempt(f"s{n}", doubled(4200) if clumsy and n % 5 == 0 else once()) for n in range(20)
        ]
        write_run(workspace.root / ".paygrade", head, rows, outcomes)
    return workspace


def said(text: str) -> str:
    """Without the breaks of lines."""
    return " ".join(text.split())


def test_show_tells_what_an_agent_did(played: WorkspaceFolder, paygrade: Paygrade) -> None:
    """The rate with n and interval, and the money that moved twice."""
    text = said(paygrade("show", CLUMSY, "-w", played.root).out)
    assert "duplicate money 4 of 20, 20.0 % (8.1 to 41.6 %)" in text
    assert "duplicate money, USD 168.00 USD" in text
    zero = said(paygrade("show", GUARDED, "-w", played.root).out)
    assert "duplicate money 0 of 20, at most 13.9 %" in zero


def test_show_has_the_figures_as_json(played: WorkspaceFolder, paygrade: Paygrade) -> None:
    """In minor units, by currency; what the suite does not ask for is null."""
    found = paygrade("show", CLUMSY, "--json", "-w", played.root).json["effects"]
    assert found["duplicate_money"]["minor"] == {"USD": 16800}
    assert (found["duplicate_money"]["share"]["found"], found["lost_money"]) == (4, None)


def test_an_export_as_markdown_has_the_figures(played: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Under the run's own heading."""
    target = played.root / "run.md"
    assert paygrade("export", CLUMSY, "-o", target, "-w", played.root).code == 0
    assert "| duplicate money, USD | 168.00 USD |" in target.read_text(encoding="utf-8")


def test_an_export_of_two_agents_ends_with_both_side_by_side(
    played: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Once each, however often a run is named."""
    target = played.root / "runs.md"
    assert paygrade("export", CLUMSY, GUARDED, CLUMSY, "-o", target, "-w", played.root).code == 0
    text = target.read_text(encoding="utf-8")
    last = text[text.index("## `refunds`: 2 runs side by side") :]
    assert "| figure | clumsy | guarded |" in last
    assert "| duplicate money, USD | 168.00 USD | 0.00 USD |" in last


def test_compare_puts_two_runners_side_by_side(played: WorkspaceFolder, paygrade: Paygrade) -> None:
    """A column each, headed by the runner's name."""
    ended = paygrade("compare", "clumsy", "guarded", "-w", played.root)
    assert ended.code == 0
    text = said(ended.out)
    assert "figure clumsy guarded" in text
    assert "duplicate money 4 of 20, 20.0 % (8.1 to 41.6 %) 0 of 20, at most 13.9 %" in text
    assert "duplicate money, USD 168.00 USD 0.00 USD" in text


def test_compare_looks_at_samples_of_both_runs_alone(
    played: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """A sample that one of them was not asked is in no column."""
    head = header("r3", runner="short", samples=5, attempts=5, checks=declared(ONCE))
    rows = [row(f"s{n}") for n in range(5)]
    outcomes = [attempt(f"s{n}", once()) for n in range(5)]
    write_run(played.root / ".paygrade", head, rows, outcomes)
    text = said(paygrade("compare", CLUMSY, "r3", "-w", played.root).out)
    assert "duplicate money, USD 42.00 USD 0.00 USD" in text


def test_a_run_of_several_epochs_tells_how_reliable_it_is(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """pass^k and pass@k, for every k."""
    ended = paygrade("run", "--epochs", 2, "-w", workspace.root)
    text = said(ended.out)
    assert "repeated tries: 3 samples with all 2 epochs" in text
    assert "1 66.7 % 66.7 % 2 66.7 % 66.7 %" in text
    shown = said(paygrade("show", "latest", "-w", workspace.root).out)
    assert "repeated tries: 3 samples with all 2 epochs" in shown


def test_runners_that_are_no_agents_are_not_put_side_by_side(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Each has its own summary, as before."""
    profile = (workspace.root / "runners/always_refund.yaml").read_text(encoding="utf-8")
    workspace.write("runners/other.yaml", profile.replace("runner: always_refund", "runner: other"))
    ended = paygrade("run", "-r", "always_refund", "-r", "other", "-w", workspace.root)
    assert ended.code == 0
    assert "side by side" not in ended.out
