"""pass^k and pass@k of a run, from its outcomes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from paygrade.analysis.summarize import summarize
from store.making import errored, header, row, scored

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.outcome import Outcome


def test_they_reproduce_the_figures_of_a_published_agent(shared_data: Path) -> None:
    """gpt-4o on 35 airline tasks of tau-bench, four trials each: its README has the figures."""
    file = shared_data / "taubench_trials" / "gpt4o_airline_trials.jsonl"
    trials = [json.loads(line) for line in file.read_text().splitlines()]
    outcomes = [
        scored(str(each["task_id"]), each["trial"] + 1, failed=not each["reward"])
        for each in trials
    ]
    rows = [row(name) for name in dict.fromkeys(each.sample_id for each in outcomes)]
    found = summarize(header(epochs=4, attempts=140), rows, outcomes).reliability
    assert found
    assert (found.epochs, found.samples, found.left_out) == (4, 35, 0)
    assert [round(each.all_pass, 6) for each in found.tries] == [
        0.442857, 0.309524, 0.257143, 0.228571,
    ]  # fmt: skip
    by_k = {each.k: each.any_passes for each in found.tries}
    assert (round(by_k[2], 6), round(by_k[4], 6)) == (0.576190, 0.714286)
    assert by_k[1] == found.tries[0].all_pass


def test_one_epoch_says_nothing_of_repeated_tries() -> None:
    """All of one passes as often as any of one does: that is the failure rate."""
    assert summarize(header(), [row()], [scored()]).reliability is None


def test_a_sample_that_lacks_an_epoch_is_left_out() -> None:
    """An error is no failed try; what never ran, and what is quarantined, is not even left out."""
    rows = [*(row(f"s{n}") for n in range(1, 5)), row("old", case_class="quarantined")]
    outcomes: list[Outcome] = [
        scored("s1"),
        scored("s1", 2, failed=True),
        scored("s2"),
        errored("s2", 2),
        errored("s3"),
        scored("old", failed=True),
        scored("old", 2, failed=True),
    ]
    found = summarize(header(epochs=2), rows, outcomes).reliability
    assert found
    assert (found.samples, found.left_out) == (1, 2)
    assert [(each.k, each.all_pass, each.any_passes) for each in found.tries] == [
        (1, 0.5, 0.5),
        (2, 0.0, 1.0),
    ]


def test_without_a_whole_sample_nothing_is_estimated() -> None:
    """Not zero: unknown."""
    found = summarize(header(epochs=2), [row()], [scored()]).reliability
    assert found
    assert (found.samples, found.left_out, found.tries) == (0, 1, ())


def test_the_order_of_outcomes_changes_nothing() -> None:
    """Not even in the last place of a figure."""
    rows = [row(f"s{n}") for n in range(9)]
    outcomes = [
        scored(f"s{n}", epoch, failed=n * epoch % 3 == 0 or epoch == n)
        for n in range(9)
        for epoch in range(1, 8)
    ]
    one, other = (
        summarize(header(epochs=7), rows, each).reliability for each in (outcomes, outcomes[::-1])
    )
    assert one == other
