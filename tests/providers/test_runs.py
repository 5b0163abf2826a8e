"""Whole runs through the vendors' SDKs against servers that bill, count and fail."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from kit import KILLS
from peers import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kit import Paygrade, WorkspaceFolder
    from peers.running import Strict

pytestmark = [pytest.mark.usefixtures("keys"), pytest.mark.real]  # each against a server

PRICE = {"input": 2.0, "output": 10.0, "cached": 0.2}
PROFILES = {
    "responses": "provider: openai\nmodel: gpt-6-luna\n",
    "chat": "provider: openai\nmodel: gpt-6-luna\napi: chat\n",
    "claude": "provider: anthropic\nmodel: claude-haiku-5-5\n",
}
ONE_QUICKLY = [
    "chat",
    *(pytest.param(each, marks=pytest.mark.real) for each in ("responses", "claude")),
]
"""One of the profiles in the quick tests, the others with the slower ones."""

ANSWER = json.dumps({"action": "refund"})


@pytest.fixture
def server() -> Iterator[Strict]:
    """A server that answers what three samples expect, two of them right."""
    with running.strict() as peer:
        peer.prices({"*": PRICE})
        peer.answers(text=ANSWER, input=1000, output=100)
        yield peer


def profile(
    workspace: WorkspaceFolder, server: Strict, kind: str, *extra: str, samples: int = 3
) -> None:
    """Write a runner `kind` that asks `server`, and `samples` samples."""
    base = f"{server.url}/v1" if "openai" in PROFILES[kind] else server.url
    price = "price: {input_per_mtok: 2, output_per_mtok: 10, cached_per_mtok: 0.2}\n"
    text = f"runner: {kind}\n{PROFILES[kind]}base_url: {base}\n{price}"
    bound = (
        ""
        if any("parameters" in each for each in extra)
        else "parameters: {max_output_tokens: 200}\n"
    )
    workspace.write(f"runners/{kind}.yaml", text + bound + "".join(f"{line}\n" for line in extra))
    workspace.samples(
        [
            {
                "id": f"s{number}",
                "input": {"message": f"Message {number}."},
                "expected": {"action": "refund" if number % 3 else "refuse"},
                "slices": {"kind": "any"},
            }
            for number in range(1, samples + 1)
        ]
    )


def sql(paygrade: Paygrade, workspace: WorkspaceFolder, statement: str) -> list[dict[str, Any]]:
    """What the store answers."""
    rows: list[dict[str, Any]] = paygrade("sql", statement, "--json", "-w", workspace.root).json
    return rows


@pytest.mark.parametrize("kind", PROFILES)
def test_rows_usage_and_cost_are_right(
    workspace: WorkspaceFolder, server: Strict, paygrade: Paygrade, kind: str
) -> None:
    """What the server billed is what the store says, to the token and the micro-dollar."""
    profile(workspace, server, kind)
    ended = paygrade("run", "-r", kind, "--json", "-w", workspace.root)
    assert ended.code == 0, ended.err
    [run] = ended.json
    counts = server.counts()
    assert (run["overall"]["scored"], run["overall"]["failed"]) == (3, 1)
    assert run["bill"]["answers"] == counts["calls"] == 3
    assert Decimal(str(run["bill"]["usd"])) == Decimal(counts["usd"])
    [cost] = sql(paygrade, workspace, "FROM cost")
    assert (cost["input_tokens"], cost["output_tokens"]) == (3000, 300)
    rows = sql(paygrade, workspace, "SELECT calls, cached, request_id, model FROM attempts")
    assert all(row["calls"] == 1 and not row["cached"] and row["request_id"] for row in rows)


@pytest.mark.parametrize("kind", PROFILES)
def test_the_same_run_twice_costs_nothing_the_second_time(
    workspace: WorkspaceFolder, server: Strict, paygrade: Paygrade, kind: str
) -> None:
    """And says so; `--no-cache` asks again; other epochs are other requests."""
    profile(workspace, server, kind)
    assert paygrade("run", "-r", kind, "-w", workspace.root).code == 0
    again = paygrade("run", "-r", kind, "-w", workspace.root)
    assert "3 of 3 attempts known: nothing is asked, nothing is paid" in again.err
    assert "asked 0 answers · 3 from earlier runs · nothing paid" in again.out
    assert "failure rate 33.3 %" in again.out
    assert server.counts()["calls"] == 3
    assert paygrade("run", "-r", kind, "--no-cache", "-q", "-w", workspace.root).code == 0
    assert server.counts()["calls"] == 6
    assert paygrade("run", "-r", kind, "--epochs", 2, "-q", "-w", workspace.root).code == 0
    assert server.counts()["calls"] == 9


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"status": 429, "headers": {"retry-after": "0"}}, "rate_limited"),
    ({"status": 529}, "overloaded"),
    ({"status": 500}, "server_error"),
    ({"status": 409}, "conflict"),
    ({"status": 200, "body": "<html>hello</html>"}, "malformed_response"),
    ({"status": 200, "body": {"unexpected": True}}, "malformed_response"),
    ({"cut": "reset"}, "connection"),
    ({"cut": "half"}, "connection"),
]


@pytest.mark.parametrize("kind", ONE_QUICKLY)
@pytest.mark.parametrize(("fault", "named"), FAULTS, ids=lambda each: json.dumps(each)[:40])
def test_a_fault_that_passes_is_retried_and_recorded(  # noqa: PLR0913, PLR0917 - fixtures
    workspace: WorkspaceFolder,
    server: Strict,
    paygrade: Paygrade,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    fault: dict[str, Any],
    named: str,
) -> None:
    """One bad call, then the answer: the rate is that of a run without faults."""
    monkeypatch.setattr("paygrade.engine.asking._FIRST_PAUSE_S", 0.01)
    profile(workspace, server, kind, "concurrency: 1")
    server.faults(fault)
    ended = paygrade("run", "-r", kind, "--json", "-w", workspace.root)
    assert ended.code == 0, ended.err
    [run] = ended.json
    assert (run["overall"]["scored"], run["overall"]["failed"], run["bill"]["failed_calls"]) == (
        3, 1, 1,
    )  # fmt: skip
    [call] = sql(
        paygrade, workspace, "SELECT kind, number, retry_in_s IS NOT NULL AS again FROM calls"
    )
    assert call == {"kind": named, "number": 1, "again": True}
    assert sql(paygrade, workspace, "SELECT max(calls) AS most FROM attempts") == [{"most": 2}]


@pytest.mark.parametrize(
    ("fault", "named"),
    [*FAULTS, ({"status": 400}, "bad_request"), ({"delay_s": 5}, "timeout")],
    ids=lambda each: json.dumps(each)[:40],
)
def test_a_fault_that_stays_ends_in_its_class_and_in_no_rate(
    workspace: WorkspaceFolder,
    server: Strict,
    paygrade: Paygrade,
    fault: dict[str, Any],
    named: str,
) -> None:
    """One attempt of three errs: never a failure, never a pass."""
    profile(workspace, server, "chat", "max_retries: 0", "timeout_s: 0.8")
    server.faults({**fault, "contains": "Message 2.", "times": 9})
    [run] = paygrade("run", "-r", "chat", "--json", "-w", workspace.root).json
    assert run["errors"] == {named: 1}
    assert (run["overall"]["scored"], run["overall"]["failed"], run["overall"]["errored"]) == (
        2, 1, 1,
    )  # fmt: skip


@pytest.mark.parametrize("finish", ["length", "refusal", "filter"])
def test_what_the_model_did_is_a_failure_with_its_class(
    workspace: WorkspaceFolder, server: Strict, paygrade: Paygrade, finish: str
) -> None:
    """Truncation, refusal and filter are no errors of the infrastructure."""
    profile(workspace, server, "chat")
    server.answers(text=ANSWER, finish=finish, input=10, output=10)
    [run] = paygrade("run", "-r", "chat", "--json", "-w", workspace.root).json
    assert (run["overall"]["failed"], run["overall"]["errored"]) == (3, 0)
    reasons = sql(
        paygrade, workspace, "SELECT DISTINCT reason FROM checks WHERE check_id = 'answered'"
    )
    assert reasons == [{"reason": f"the answer ended with '{finish}'"}]


def test_a_refused_key_stops_the_run_at_once(
    workspace: WorkspaceFolder, server: Strict, paygrade: Paygrade
) -> None:
    """It would be refused a thousand times."""
    profile(workspace, server, "chat", "concurrency: 1", samples=50)
    server.faults({"status": 401, "times": 99})
    ended = paygrade("run", "-r", "chat", "-w", workspace.root)
    assert ended.code == 102
    assert server.counts()["calls"] == 1


def test_errored_attempts_can_be_done_again(
    workspace: WorkspaceFolder, server: Strict, paygrade: Paygrade
) -> None:
    """`resume --retry-errors` asks for them alone; the run is then as if nothing had happened."""
    profile(workspace, server, "chat", "max_retries: 0")
    server.faults({"status": 500, "contains": "Message 2."})
    [run] = paygrade("run", "-r", "chat", "--json", "-w", workspace.root).json
    assert run["errors"] == {"server_error": 1}
    [again] = paygrade("resume", "--retry-errors", "--json", "-w", workspace.root).json
    assert (again["overall"]["scored"], again["errors"], again["done"]) == (3, {}, 3)
    assert server.counts()["calls"] == 4
    [stored] = sql(paygrade, workspace, "SELECT scored, errored FROM failure_rate")
    assert stored == {"scored": 3, "errored": 0}


def test_stored_answers_are_scored_again_without_a_call(
    workspace: WorkspaceFolder, server: Strict, paygrade: Paygrade
) -> None:
    """`paygrade score` is a new run with today's scorers; what was asked stays asked."""
    profile(workspace, server, "chat")
    paygrade("run", "-r", "chat", "-q", "-w", workspace.root)
    workspace.replace("evals/refunds/suite.yaml", "equals: {field: action,", "equals: {value: 7,")
    [run] = paygrade("score", "--json", "-w", workspace.root).json
    assert (run["overall"]["failed"], run["bill"]["answers"], run["bill"]["cached"]) == (3, 0, 3)
    assert server.counts()["calls"] == 3


def test_a_dry_run_prices_the_plan(
    workspace: WorkspaceFolder, server: Strict, paygrade: Paygrade
) -> None:
    """The highest possible cost is said, and nothing is asked."""
    profile(workspace, server, "chat", "budget: {usd: 0.5}")
    ended = paygrade("run", "-r", "chat", "--dry-run", "-w", workspace.root)
    assert "chat: 0 of 3 attempts known; the other 3 cost at most 0.0" in ended.err
    assert "budget 0.5 USD" in ended.err
    assert server.counts()["calls"] == 0


def test_a_budget_without_a_price_is_refused(
    workspace: WorkspaceFolder, server: Strict, paygrade: Paygrade
) -> None:
    """Nobody could keep it."""
    profile(workspace, server, "chat", "budget: {usd: 0.5}")
    text = (workspace.root / "runners/chat.yaml").read_text().splitlines()
    workspace.write("runners/chat.yaml", "\n".join(line for line in text if "price" not in line))
    ended = paygrade("run", "-r", "chat", "-w", workspace.root)
    assert ended.code == 2
    assert "the price of 'gpt-6-luna' is not known, and a budget needs it" in ended.err
    assert server.counts()["calls"] == 0


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(each, marks=pytest.mark.real) for each in range(2, 20))]
)
def test_a_budget_is_never_passed(
    workspace: WorkspaceFolder, server: Strict, paygrade: Paygrade, seed: int
) -> None:
    """One dollar, fifty calls at once, answers of any length, billed and dropped ones too."""
    chance = random.Random(seed)
    profile(
        workspace, server, "chat", "budget: {usd: 1.00}", "concurrency: 50", "max_retries: 1",
        "parameters: {max_output_tokens: 4000}", samples=120,
    )  # fmt: skip
    server.answers(text=ANSWER, input=600, output=chance.randint(500, 4000))
    server.faults(
        *({"cut": "reset", "billed": True} for _ in range(chance.randint(0, 4))),
        *({"status": 429, "headers": {"retry-after": "0"}} for _ in range(chance.randint(0, 4))),
    )
    ended = paygrade("run", "-r", "chat", "--json", "-w", workspace.root)
    [run] = ended.json
    billed = Decimal(server.counts()["usd"])
    assert billed <= 1
    if ended.code == 103:
        assert "the next call could pass the budget" in ended.err
        assert run["done"] < run["planned"]
        assert billed > Decimal("0.5")


def _killed_and_resumed(
    workspace: WorkspaceFolder, server: Strict, chance: random.Random, samples: int
) -> None:
    def start(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "paygrade", *arguments, "-q", "-w", str(workspace.root)]
        return subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
        )

    process = start("run", "-r", "chat", "--no-cache")
    enough = chance.randint(1, samples - 20)
    deadline = time.monotonic() + 60
    while server.counts()["calls"] < enough and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert start("resume", "latest").wait(timeout=120) == 0


def _crash_equivalence(
    workspace: WorkspaceFolder, server: Strict, paygrade: Paygrade, rounds: int
) -> None:
    samples, chance = 100, random.Random(7)
    profile(workspace, server, "chat", "concurrency: 8", samples=samples)
    server.answers(text=ANSWER, input=10, output=10)
    [untouched] = paygrade("run", "-r", "chat", "--json", "-w", workspace.root).json
    for _ in range(rounds):
        server.reset()
        server.answers(text=ANSWER, input=10, output=10)
        server.faults({"delay_s": 0.02, "times": 10_000})
        _killed_and_resumed(workspace, server, chance, samples)
        run = paygrade("show", "latest", "--json", "-w", workspace.root).json
        for figures in ("overall", "checks", "slices", "done", "state"):
            assert run[figures] == untouched[figures]
        answered = Counter(server.counts()["by_message"])
        assert len(answered) == samples
        assert sum(answered.values()) - samples <= 8


def test_a_killed_run_is_equal_and_buys_nothing_twice(
    workspace: WorkspaceFolder, server: Strict, paygrade: Paygrade
) -> None:
    """Repeated calls are at most those in flight at the kill."""
    _crash_equivalence(workspace, server, paygrade, rounds=1)


@pytest.mark.real
def test_many_killed_runs_are_equal_and_buy_nothing_twice(
    workspace: WorkspaceFolder, server: Strict, paygrade: Paygrade
) -> None:
    """The same at many random moments."""
    _crash_equivalence(workspace, server, paygrade, rounds=KILLS)


def test_without_a_key_the_sentence_says_what_to_do(
    workspace: WorkspaceFolder, paygrade: Paygrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the variable, the profile and `make demo`; no empty run is left behind."""
    monkeypatch.delenv("OPENAI_API_KEY")
    workspace.write("runners/gpt.yaml", "runner: gpt\nprovider: openai\nmodel: gpt-6-luna\n")
    ended = paygrade("run", "-r", "gpt", "-w", workspace.root)
    assert ended.code == 2
    for word in ("OPENAI_API_KEY", "runners/gpt.yaml", "make demo"):
        assert word in ended.err
    assert not (workspace.root / ".paygrade" / "runs").exists()
