"""The gate against a server that bills: no budget is passed, nothing is bought twice."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gate.playing import RECORDED, SUITE, Stage
from peers import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gate.conftest import Gate
    from kit import Paygrade
    from peers.running import Strict

pytestmark = pytest.mark.real  # each against a server that bills

SAMPLES = 10
CANDIDATE = 3 * SAMPLES
FRESH = 5 * SAMPLES
PRICE = {"input": 2.0, "output": 10.0, "cached": 0.2}


@pytest.fixture(scope="module")
def peer() -> Iterator[Strict]:
    """One server for all; each test resets it."""
    with running.strict() as peer:
        yield peer


@pytest.fixture
def server(peer: Strict, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Strict:
    """Answers that cost a third of a cent each."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-openai")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))  # no certificates: they cost 30 ms a client
    peer.reset()
    peer.prices({"*": PRICE})
    plays(peer)
    return peer


def plays(server: Strict, *fails: str) -> None:
    """Every request that holds one of `fails` gets a wrong answer."""

    def told(action: str) -> dict[str, Any]:
        return {"text": json.dumps({"action": action}), "input": 1000, "output": 100}

    rules = [{"contains": each, "answer": told("refuse")} for each in fails]
    server.control("POST", "/_answers", {"default": told("refund"), "rules": rules})


def profile(stage: Stage, server: Strict, *extra: str) -> None:
    """A runner that asks the server."""
    lines = (
        "runner: bot",
        "provider: openai",
        "model: gpt-6-luna",
        "api: chat",
        f"base_url: {server.url}/v1",
        "price: {input_per_mtok: 2, output_per_mtok: 10, cached_per_mtok: 0.2}",
        "parameters: {max_output_tokens: 200}",
        *extra,
    )
    stage.write("runners/bot.yaml", "".join(f"{line}\n" for line in lines))


@pytest.fixture
def stage(server: Strict, paygrade: Paygrade, tmp_path: Path, recorded: dict[str, Path]) -> Stage:
    """A workspace whose accepted version passed everything; the second prompt is the candidate."""
    key = f"billed by {server.url}"
    if key not in recorded:
        folder = Path(tempfile.mkdtemp(dir=recorded[""]))
        stage = Stage(folder / "ws", samples=SAMPLES)
        profile(stage, server)
        accepted = paygrade("accept", "-yq", *RECORDED, "-w", stage.root)
        assert accepted.code == 0, accepted.err
        assert server.counts()["calls"] == 4 * SAMPLES  # two sessions: no answer counts twice
        server.reset()
        plays(server)
        stage.use(2)
        recorded[key] = folder
    shutil.copytree(recorded[key], tmp_path, dirs_exist_ok=True)
    return Stage(tmp_path / "ws")


@pytest.mark.usefixtures("database")
def test_no_known_answer_is_evidence(
    stage: Stage, server: Strict, gate: Gate, paygrade: Paygrade
) -> None:
    """The candidate's answers are known from a run; the gate asks all of them again."""
    plays(server, "Version 2: Message 3.")
    assert paygrade("run", "--epochs", 3, "-q", "-w", stage.root).code == 0
    assert server.counts()["calls"] == CANDIDATE
    ended = gate(stage)
    assert ended.code == 100
    assert server.counts()["calls"] == 2 * CANDIDATE + 10
    assert server.counts()["by_message"]["Version 2: Message 3."] == 3 + 3 + 5


@pytest.mark.usefixtures("database")
def test_a_run_of_known_answers_is_no_evidence(
    stage: Stage, server: Strict, gate: Gate, paygrade: Paygrade
) -> None:
    """`--run` on a run that asked nobody: invalid, for there is nothing new in it."""
    paygrade("run", "--epochs", 3, "-q", "-w", stage.root)
    paygrade("run", "--epochs", 3, "-q", "-w", stage.root)
    assert server.counts()["calls"] == CANDIDATE
    ended = gate(stage, "--run", "latest")
    assert ended.code == 102
    assert "empty" in ended.suite["codes"]
    assert "no sample has an outcome on both sides" in ended.text


@pytest.mark.usefixtures("database")
@pytest.mark.real
def test_known_answers_of_a_run_are_dropped(stage: Stage, gate: Gate, paygrade: Paygrade) -> None:
    """One epoch of three was known: two count."""
    paygrade("run", "--epochs", 1, "-q", "-w", stage.root)
    paygrade("run", "--epochs", 3, "-q", "-w", stage.root)
    ended = gate(stage, "--run", "latest")
    assert ended.whole["after"]["scored"] == 2 * SAMPLES


def test_the_plan_and_the_bill_are_said(stage: Stage, server: Strict, gate: Gate) -> None:
    """What a confirmation may cost, before it; what all of it did cost, after it."""
    plays(server, "Version 2: Message 3.")
    ended = gate(stage)
    assert "a confirmation may ask up to 100 attempts more, at most about 0." in ended.err
    assert Decimal(str(ended.suite["bill"]["usd"])) == Decimal(server.counts()["usd"])
    assert ended.suite["bill"]["answers"] == CANDIDATE + 10


@pytest.mark.parametrize(
    "budget",
    [
        "0.2",
        *(
            pytest.param(each, marks=pytest.mark.real)
            for each in ("0.02", "0.09", "0.1", "0.13", "0.3")
        ),
    ],
)
def test_the_budget_is_never_passed(stage: Stage, server: Strict, gate: Gate, budget: str) -> None:
    """Candidate and both fresh arms together; what is not finished is incomplete, and no pass."""
    profile(stage, server, f"budget: {{usd: {budget}}}", "concurrency: 20")
    plays(server, "Version 2: ")
    ended = gate(stage)
    billed = Decimal(server.counts()["usd"])
    assert billed <= Decimal(budget)
    assert ended.code == 103
    assert (ended.suite["verdict"], ended.suite["codes"]) == ("invalid", ["incomplete"])
    assert "paygrade: exit 103 (incomplete: the run did not finish)" in ended.err
    assert (
        "raise the budget or mend what stopped it, then run the gate again: it goes on"
        in (ended.suite["next_step"])
    )


@pytest.mark.parametrize("budget", [pytest.param("0.05", marks=pytest.mark.real), "0.2"])
def test_with_a_larger_budget_it_goes_on(
    stage: Stage, server: Strict, gate: Gate, budget: str
) -> None:
    """Stopped in the candidate's run, or in the confirmation: what was paid for is kept."""
    profile(stage, server, f"budget: {{usd: {budget}}}")
    plays(server, "Version 2: ")
    stopped = gate(stage)
    assert stopped.code == 103
    asked = server.counts()["calls"]
    profile(stage, server, "budget: {usd: 5}")
    ended = gate(stage)
    assert ended.code == 100
    assert 0 < asked < CANDIDATE + 2 * FRESH
    assert server.counts()["calls"] == CANDIDATE + 2 * FRESH
    assert Counter(server.counts()["by_message"].values()) == {8: SAMPLES, 5: SAMPLES}
    assert "look 1 at this candidate: level 0.05" in ended.text


@pytest.mark.real
def test_a_spent_budget_confirms_nothing(stage: Stage, server: Strict, gate: Gate) -> None:
    """The candidate's run took all of it: suspected, and not asked."""
    profile(stage, server, "budget: {usd: 0.0912}", "concurrency: 1")
    plays(server, "Version 2: Message 3.")
    ended = gate(stage)
    assert ended.code == 103
    assert "the confirmation was not finished: the next call could pass the budget" in ended.text
    assert server.counts()["calls"] == CANDIDATE


def test_a_violation_in_an_unfinished_run_is_one(stage: Stage, server: Strict, gate: Gate) -> None:
    """What was seen was seen: 100, although the run is incomplete."""
    profile(stage, server, "budget: {usd: 0.05}")
    leaking = {"text": '{"action": "refund", "n": "4111 1111 1111 1111"}', "input": 9, "output": 9}
    good = {"text": '{"action": "refund"}', "input": 1000, "output": 100}
    rules = [{"contains": "Version 2: Message 0.", "answer": leaking}]
    server.control("POST", "/_answers", {"default": good, "rules": rules})
    ended = gate(stage)
    assert ended.code == 100
    assert ended.suite["codes"] == ["invariant", "incomplete"]


def test_a_refused_key_in_the_confirmation_is_incomplete(
    stage: Stage, server: Strict, gate: Gate
) -> None:
    """The provider stopped answering: nothing is confirmed, nothing passes."""
    plays(server, "Version 2: Message 3.")
    gate(stage, "--confirm", "off")
    server.faults({"status": 401, "times": 999})
    ended = gate(stage)
    assert ended.code == 103
    assert "the confirmation was not finished: OpenAI answered 401" in ended.text


@pytest.mark.parametrize(
    "where", [pytest.param("candidate", marks=pytest.mark.real), "confirmation"]
)
def test_what_a_refused_key_stopped_goes_on(
    stage: Stage, server: Strict, gate: Gate, where: str
) -> None:
    """The key is mended: what errored for it is asked again, what was answered is not."""
    plays(server, "Version 2: Message 3.")
    refused: dict[str, Any] = {"status": 401, "times": 999}
    if where == "confirmation":
        refused["contains"] = "Version 1: "
    server.faults(refused)
    stopped = gate(stage)
    assert stopped.code == 103
    if where == "candidate":
        assert "attempts not done: no attempt could be scored (" in stopped.text
    answered = sum(server.counts()["by_message"].values())
    server.reset()
    plays(server, "Version 2: Message 3.")
    ended = gate(stage)
    assert ended.code == 100
    assert answered + sum(server.counts()["by_message"].values()) == CANDIDATE + 10
    assert ended.suite["candidate"]["errors"] == 0


@pytest.mark.real
def test_a_suite_that_is_invalid_costs_nothing(stage: Stage, server: Strict, gate: Gate) -> None:
    """Two suites, one of them without a baseline: its attempts are not paid for."""
    stage.write("evals/other/suite.yaml", SUITE.replace("suite: refunds", "suite: other"))
    ended = gate(stage)
    assert ended.code == 102
    assert server.counts()["calls"] == CANDIDATE
