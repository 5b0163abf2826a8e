"""Judges behind both vendors' SDKs: certified, billed, kept to their budgets, never trusted."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from judge.recorded import constant, good, shipped
from paygrade.scorers import RUBRICS
from peers import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from judge.recorded import Label, Verdict
    from kit import Ended, Paygrade, WorkspaceFolder
    from peers.running import Strict

pytestmark = [pytest.mark.usefixtures("keys"), pytest.mark.real]  # each against a server

RUBRIC = "dispute-reasons/1"
YES = json.dumps(dict.fromkeys(RUBRICS[RUBRIC].questions, True))
PROFILES = {
    "responses": ("provider: openai\nmodel: gpt-6-luna\n", "/v1"),
    "chat": ("provider: openai\nmodel: gpt-6-luna\napi: chat\n", "/v1"),
    "claude": ("provider: anthropic\nmodel: claude-haiku-5-5\n", ""),
}
EXPLAINS = '''\
"""Refunds everybody, and says why."""


def answer(request):
    """Say yes."""
    return {"action": "refund", "reasons": ["The customer says so."]}
'''


@pytest.fixture
def server() -> Iterator[Strict]:
    """A server that counts and bills."""
    with running.strict() as peer:
        peer.prices({"*": {"input": 2.0, "output": 10.0}})
        yield peer


def seat(workspace: WorkspaceFolder, url: str, kind: str = "chat", *extra: str) -> None:
    """Write the runner `judge`, behind a server at `url`."""
    lines, path = PROFILES[kind]
    text = f"runner: judge\n{lines}base_url: {url}{path}\nmax_retries: 0\n"
    text += "price: {input_per_mtok: 2, output_per_mtok: 10}\n"
    workspace.write("runners/judge.yaml", text + "".join(f"{line}\n" for line in extra))


def script(server: Strict, judge: Callable[[str, Label], Verdict]) -> None:
    """Let the server say of each explanation what `judge` says of it."""
    rules = [
        {
            "contains": each["explanation"],
            "answer": {"text": json.dumps(judge(RUBRIC, each)), "input": 900, "output": 40},
        }
        for each in shipped(RUBRIC)
    ]
    server.control("POST", "/_answers", {"default": {"text": "no idea"}, "rules": rules})


def certify(paygrade: Paygrade, workspace: WorkspaceFolder) -> Ended:
    """Certify the judge with the rubric for disputes."""
    return paygrade("judge", "certify", RUBRIC, "-r", "judge", "--json", "-w", workspace.root)


@pytest.mark.parametrize("kind", PROFILES)
def test_a_judge_is_certified_through_the_sdk(
    workspace: WorkspaceFolder, paygrade: Paygrade, server: Strict, kind: str
) -> None:
    """57 explanations three times each: every call is billed, and said with its model."""
    seat(workspace, server.url, kind)
    script(server, good)
    ended = certify(paygrade, workspace)
    assert ended.code == 0, ended.err
    said = ended.json
    assert (said["calls"], said["by_code"], server.counts()["calls"]) == (171, 3, 171)
    assert said["usd"] == pytest.approx(float(Decimal(server.counts()["usd"])))
    assert said["agreement"]["true_positive"] == 39
    assert said["stability"] == {"asked": 57, "swapped_changed": 0, "padded_changed": 0}
    assert len(said["answered_by"]) == 1


def test_a_constant_judge_behind_a_server_is_found_out(
    workspace: WorkspaceFolder, paygrade: Paygrade, server: Strict
) -> None:
    """What it says of everything is worth nothing."""
    seat(workspace, server.url)
    script(server, constant)
    ended = certify(paygrade, workspace)
    assert ended.code == 100
    assert any("kappa is 0.0" in each for each in ended.json["faults"])


def test_a_server_that_fails_leaves_no_certificate(
    workspace: WorkspaceFolder, paygrade: Paygrade, server: Strict
) -> None:
    """One 500 among 171 calls: the label is named, nothing is written."""
    seat(workspace, server.url)
    script(server, good)
    unlucky = shipped(RUBRIC)[6]
    server.faults({"contains": unlucky["explanation"], "status": 500, "body": "oh"})
    ended = certify(paygrade, workspace)
    assert ended.code == 102
    assert "1 of 60 labels could not be judged, so there is no certificate" in ended.err
    assert unlucky["id"] in ended.err
    assert not (workspace.root / "reports/judges").exists()


def test_a_budget_ends_a_trial(
    workspace: WorkspaceFolder, paygrade: Paygrade, server: Strict
) -> None:
    """Less than it would take: nothing is certified, and not a cent more is spent."""
    seat(
        workspace, server.url, "chat", "parameters: {max_output_tokens: 200}", "budget: {usd: 0.1}"
    )
    script(server, good)
    ended = certify(paygrade, workspace)
    assert ended.code == 102
    assert "could pass its budget" in ended.err
    assert 0 < Decimal(server.counts()["usd"]) <= Decimal("0.1")


@pytest.fixture
def judged(workspace: WorkspaceFolder) -> WorkspaceFolder:
    """Thirty samples whose answers are explained, and judged."""
    workspace.samples(
        [
            {
                "id": f"s{number}",
                "input": {"message": f"Message {number}."},
                "expected": {"action": "refund"},
                "slices": {"kind": "any"},
            }
            for number in range(30)
        ]
    )
    workspace.replace(
        "evals/refunds/suite.yaml", "  - no-pan",
        "  - llm-rubric: {rubric: dispute-reasons/1, runner: judge, field: reasons}\n  - no-pan",
    )  # fmt: skip
    workspace.write("runners/always_refund.py", EXPLAINS)
    return workspace


def test_a_run_is_judged_and_billed_apart(
    judged: WorkspaceFolder, paygrade: Paygrade, server: Strict
) -> None:
    """What the judge cost is in the bill and in the store, beside the runner's own cost."""
    seat(judged, server.url)
    server.answers(text=YES, input=1000, output=100)
    ended = paygrade("run", "--json", "-w", judged.root)
    assert ended.code == 0, ended.err
    bill = ended.json[0]["bill"]
    assert bill["judge_answers"] == server.counts()["calls"] == 30
    assert bill["judge_usd"] == pytest.approx(30 * (1000 * 2 + 100 * 10) / 1e6)
    assert bill["usd"] is None
    [stored] = paygrade(
        "sql", "SELECT count(*) AS n, sum(cost_usd) AS usd FROM judge_calls", "--json",
        "-w", judged.root,
    ).json  # fmt: skip
    assert (stored["n"], stored["usd"]) == (30, pytest.approx(bill["judge_usd"]))
    told = paygrade("run", "--dry-run", "-w", judged.root)
    assert "refunds: judged by judge, at most 30 times" in told.err


def test_a_judge_keeps_to_its_budget(
    judged: WorkspaceFolder, paygrade: Paygrade, server: Strict
) -> None:
    """What is not judged any more is an error of its check, and the run goes on."""
    budget = "budget: {usd: 0.05}"
    seat(judged, server.url, "chat", "parameters: {max_output_tokens: 200}", budget)
    server.answers(text=YES, input=1000, output=100)
    [summary] = paygrade("run", "--json", "-w", judged.root).json
    [check] = [each for each in summary["checks"] if each["check"].startswith("llm-rubric")]
    assert check["judged"] == server.counts()["calls"]
    assert check["judged"] + check["errored"] == 30
    assert check["errored"] > 0
    assert Decimal(server.counts()["usd"]) <= Decimal("0.05")
    assert summary["overall"]["scored"] == 30


def test_a_judge_without_a_key_is_said_before_the_first_call(
    judged: WorkspaceFolder, paygrade: Paygrade, server: Strict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a runner's own."""
    monkeypatch.delenv("OPENAI_API_KEY")
    seat(judged, server.url)
    ended = paygrade("run", "-w", judged.root)
    assert ended.code == 2
    assert "OPENAI_API_KEY" in ended.err
    assert not list(judged.root.glob(".paygrade/runs/*"))


def test_a_hopeless_judge_is_asked_once(
    judged: WorkspaceFolder, paygrade: Paygrade, server: Strict
) -> None:
    """A key that is refused will be refused thirty times: the first refusal is enough."""
    seat(judged, server.url, "chat", "concurrency: 1")
    server.faults({"status": 401, "body": {"error": {"message": "no"}}, "times": 99})
    [summary] = paygrade("run", "--json", "-w", judged.root).json
    [check] = [each for each in summary["checks"] if each["check"].startswith("llm-rubric")]
    assert check["errored"] == 30
    assert server.counts()["calls"] == 1


@pytest.mark.parametrize("kind", PROFILES)
def test_a_judge_behind_the_third_party_peer(
    workspace: WorkspaceFolder, paygrade: Paygrade, tmp_path: Path, kind: str
) -> None:
    """A server written by others, which says yes to everything: a constant judge."""
    if running.why_no_aimock():
        pytest.skip(f"the third-party peer cannot run: {running.why_no_aimock()}")
    (tmp_path / "fixtures").mkdir()
    with running.aimock(tmp_path / "fixtures") as peer:
        peer.script({"response": {"content": YES}})
        seat(workspace, peer.url, kind)
        ended = certify(paygrade, workspace)
    assert ended.code == 100, ended.err
    assert ended.json["calls"] == 171
