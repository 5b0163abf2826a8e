"""What a journal says a run has spent under its budget."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from paygrade.store import journal

if TYPE_CHECKING:
    from kit import Paygrade, WorkspaceFolder


def test_a_call_in_flight_at_a_kill_counts_with_all_that_was_set_aside(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Sent and never settled: its ceiling. Settled by an answer or a failure: what that cost."""
    paygrade("run", "-q", "--limit", 1, "-w", workspace.root)
    [file] = workspace.root.glob(".paygrade/runs/*/journal.jsonl")
    head, sample, answer, _ = [json.loads(line) for line in file.read_text().splitlines()]
    sent = {"t": "sent", "sample_id": "s1", "epoch": 1, "ceiling_usd": "0.30"}
    refused = {"t": "call", "sample_id": "s1", "epoch": 1, "cost_usd": 0.0}
    lost = {**refused, "cost_usd": 0.3}
    answered = {**answer, "cost_usd": 0.02}

    def spent(*lines: dict[str, object]) -> Decimal:
        entries = (head, sample, *lines)
        file.write_text("".join(json.dumps(e, separators=(",", ":")) + "\n" for e in entries))
        return journal.read_progress(file.parent).spent

    assert spent(sent) == Decimal("0.30")
    assert spent(sent, refused) == 0
    assert spent(sent, lost, sent) == Decimal("0.60")
    assert spent(sent, refused, sent, answered) == Decimal("0.02")
