"""Models as agents in whole runs, against a server that bills and counts."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from kit import SAMPLES
from peers import running
from providers.test_runs import PRICE, PROFILES, profile, sql
from workspace.acting import agent_samples, with_tools

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kit import Paygrade, WorkspaceFolder
    from peers.running import Strict

pytestmark = [pytest.mark.usefixtures("keys"), pytest.mark.real]

REFUND = {"name": "refund", "input": {"payment": "pay_1", "amount_minor": 4200}}
TOKENS = {"input": 1000, "output": 100}


@pytest.fixture
def server() -> Iterator[Strict]:
    """A model that pays back, then says so."""
    with running.strict() as peer:
        peer.prices({"*": PRICE})
        peer.conversation(
            {"text": "", "calls": [REFUND], **TOKENS}, {"text": '{"action": "refund"}', **TOKENS}
        )
        yield peer


def agent(workspace: WorkspaceFolder, server: Strict, kind: str, *extra: str) -> None:
    """A suite for agents, with a model behind `server`."""
    with_tools(workspace)
    profile(workspace, server, kind, *extra)
    workspace.samples(agent_samples())


@pytest.mark.parametrize("kind", PROFILES)
def test_turns_that_led_to_nothing_were_paid_all_the_same(
    workspace: WorkspaceFolder, server: Strict, paygrade: Paygrade, kind: str
) -> None:
    """A tool that breaks ends the attempt; the bill has what the server billed until then."""
    agent(workspace, server, kind)
    workspace.replace("evals/refunds/tools.py", "arguments[", "arguments.no[")
    ended = paygrade("run", "-r", kind, "--json", "-w", workspace.root)
    assert ended.code == 102
    bill: dict[str, Any] = ended.json[0]["bill"]
    counts = server.counts()
    assert (counts["calls"], bill["answers"], bill["lost_turns"]) == (3, 0, 3)
    assert Decimal(str(bill["usd"])) == Decimal(counts["usd"])
    shown = paygrade("show", "latest", "-w", workspace.root).out
    assert "3 turns of attempts without an answer" in " ".join(shown.split())


@pytest.mark.parametrize("kind", PROFILES)
def test_every_turn_is_paid_once(
    workspace: WorkspaceFolder, server: Strict, paygrade: Paygrade, kind: str
) -> None:
    """What the server billed is what the answers cost; asked again, they are known."""
    agent(workspace, server, kind)
    ended = paygrade("run", "-r", kind, "--json", "-w", workspace.root)
    assert ended.code == 0, ended.err
    bill: dict[str, Any] = ended.json[0]["bill"]
    counts = server.counts()
    assert (counts["calls"], bill["answers"]) == (6, 3)
    assert Decimal(str(bill["usd"])) == Decimal(counts["usd"])
    assert bill["input_tokens"] == 6000
    again = paygrade("run", "-r", kind, "--json", "-w", workspace.root)
    assert again.json[0]["bill"]["cached"] == len(SAMPLES)
    assert server.counts()["calls"] == 6
    effects = sql(paygrade, workspace, "SELECT count(*) AS n FROM effects GROUP BY run_id")
    assert effects == [{"n": 3}, {"n": 3}]


def test_a_budget_is_not_passed_between_turns(
    workspace: WorkspaceFolder, server: Strict, paygrade: Paygrade
) -> None:
    """The run stops, says so, and what its turns cost is known when it goes on."""
    agent(workspace, server, "claude", "budget: {usd: 0.0125}", "concurrency: 1")
    ended = paygrade("run", "-r", "claude", "-w", workspace.root)
    assert ended.code == 103, ended.err
    spent = Decimal(server.counts()["usd"])
    assert Decimal(0) < spent <= Decimal("0.0125")
    calls = server.counts()["calls"]
    assert paygrade("resume", "latest", "-w", workspace.root).code == 103
    assert server.counts()["calls"] == calls


@pytest.mark.parametrize("seed", range(2))
def test_a_budget_is_never_passed_by_twenty_agents(
    workspace: WorkspaceFolder, server: Strict, paygrade: Paygrade, seed: int
) -> None:
    """Turns of any length, dropped ones that are billed; a turn tried again pays back once."""
    chance = random.Random(seed)
    agent(
        workspace, server, "claude", "budget: {usd: 0.2}", "concurrency: 20", "max_retries: 1",
    )  # fmt: skip
    [first, *_] = agent_samples()
    workspace.samples(
        [
            {
                **first,
                "id": f"s{number}",
                "input": {**first["input"], "message": f"Where is parcel {number}?"},
                "faults": [{"kind": "crash_after_commit"}] if number == 3 else [],
            }
            for number in range(60)
        ]
    )
    tokens = {"input": 600, "output": chance.randint(100, 200)}
    server.conversation(
        {"text": "", "calls": [REFUND], **tokens}, {"text": '{"action": "refund"}', **tokens}
    )
    server.faults(
        *({"cut": "reset", "billed": True} for _ in range(chance.randint(1, 4))),
        *({"status": 429, "headers": {"retry-after": "0"}} for _ in range(chance.randint(1, 4))),
    )
    ended = paygrade("run", "-r", "claude", "--json", "-w", workspace.root)
    assert ended.code == 103, ended.err
    assert Decimal("0.1") < Decimal(server.counts()["usd"]) <= Decimal("0.2")
    statement = "SELECT DISTINCT n FROM (SELECT count(*) AS n FROM effects GROUP BY sample_id)"
    assert sql(paygrade, workspace, statement) == [{"n": 1}]
