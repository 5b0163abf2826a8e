"""Suites for agents from the outside: run, gate, show, score again, replay."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from workspace.acting import agent_samples, with_tools

if TYPE_CHECKING:
    from kit import Paygrade, WorkspaceFolder

PAN = "4111 1111 1111 1111"
MASKS = "runners/always_refund.py", "amount_minor=request", f"note={PAN!r}, amount_minor=request"


@pytest.fixture
def agents(workspace: WorkspaceFolder) -> WorkspaceFolder:
    """The refunds workspace as a suite for agents."""
    with_tools(workspace)
    return workspace


def ask(paygrade: Paygrade, workspace: WorkspaceFolder, statement: str) -> list[dict[str, Any]]:
    """What the store answers."""
    found: list[dict[str, Any]] = paygrade("sql", statement, "--json", "-w", workspace.root).json
    return found


def test_a_run_of_agents_is_journaled_scored_and_stored(
    agents: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Their last words are judged as any answer; what they did stands in the store."""
    ended = paygrade("run", "-w", agents.root)
    assert ended.code == 0
    assert "1 of 3 failed" in ended.out
    calls = ask(paygrade, agents, "SELECT DISTINCT tool, status, arguments FROM tool_calls LIMIT 1")
    assert [(each["tool"], each["status"]) for each in calls] == [("refund", "ok")]
    effects = ask(paygrade, agents, "SELECT intent, amount_minor FROM effects ORDER BY sample_id")
    assert effects == [
        {"intent": "refund:pay_1", "amount_minor": amount} for amount in (4200, 1000, 500)
    ]
    [run] = ask(paygrade, agents, "SELECT tools_hash FROM runs")
    assert len(run["tools_hash"]) == 64


def test_a_fault_of_the_case_strikes(agents: WorkspaceFolder, paygrade: Paygrade) -> None:
    """The agent is told; the world did it all the same."""
    agents.replace(
        "runners/always_refund.py",
        "    tools.call(",
        "    tools.call_all(('refund', {'payment': 'pay_1', 'amount_minor': 1}))\n    tools.call(",
    )
    agents.samples(agent_samples(faults=[{"kind": "timeout_after_commit", "tool": "refund"}]))
    assert paygrade("run", "-q", "-w", agents.root).code == 0
    calls = ask(
        paygrade, agents, "SELECT status, fault FROM tool_calls WHERE sample_id = 's1' ORDER BY ALL"
    )
    assert calls == [
        {"status": "error", "fault": "timeout_after_commit"},
        {"status": "ok", "fault": ""},
    ]
    twice = ask(paygrade, agents, "SELECT count(*) AS n FROM effects WHERE sample_id = 's1'")
    assert twice == [{"n": 2}]


def test_a_fault_that_nobody_knows_is_a_mistake(
    agents: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Named with its sample: a case that tries nothing must not pass."""
    [first, *others] = agent_samples()
    agents.samples([{**first, "faults": [{"kind": "earthquake"}]}, *others])
    ended = paygrade("run", "-w", agents.root)
    assert ended.code == 2
    assert "sample 's1': no fault is known by the kind 'earthquake'" in ended.err


def test_check_makes_the_world_of_every_sample(agents: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Each that cannot be made is told with its line, before any run."""
    [first, *others] = agent_samples()
    agents.samples([{**first, "faults": [{"kind": "earthquake"}]}, *others])
    ended = paygrade("check", "-w", agents.root)
    assert ended.code == 2
    assert "v1.jsonl:1: sample 's1': no fault is known by the kind 'earthquake'" in ended.err
    agents.replace("evals/refunds/tools.py", 'self.paid = world["paid"]', "self.paid = 1 / 0")
    ended = paygrade("check", "-w", agents.root)
    assert ended.err.count("ZeroDivisionError") == len(others) + 1


def test_a_runner_that_is_no_agent_is_a_mistake(
    agents: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """A function of one argument cannot be given tools; it is told before the first call."""
    agents.replace("runners/always_refund.py", "(request, tools)", "(request)")
    ended = paygrade("run", "-w", agents.root)
    assert ended.code == 2
    assert "does not take (request, tools), as an agent does" in ended.err


def test_a_tool_that_breaks_is_an_error(agents: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Never a failure of the agent."""
    agents.replace("evals/refunds/tools.py", 'self.paid = world["paid"]', "self.paid = 1 / 0")
    ended = paygrade("run", "-w", agents.root)
    assert ended.code == 102
    [kind] = ask(paygrade, agents, "SELECT DISTINCT error_kind FROM attempts")
    assert kind["error_kind"] == "tool_crashed"


def test_a_sample_is_shown_step_by_step(agents: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Calls with what came back, then what became of the world."""
    agents.replace(
        "runners/always_refund.py", "    tools.say", "    tools.call('refund', payment='pay_1', "
        "amount_minor=1, note='\x1b[31m')\n    tools.say",
    )  # fmt: skip
    assert paygrade("run", "-q", "-w", agents.root).code == 0
    shown = paygrade("show", "latest", "s1", "-w", agents.root).out
    for each in (
        "[steps, epoch 1] guard none",
        'refund {"payment": "pay_1", "amount_minor": 4200}',
        '→ ok {"refund": "re_1"}',
        "agent You have your money back.",
        "refund:pay_1  42.00 EUR  on pay_1  as re_1",
        "refund:pay_1  0.01 EUR  on pay_1  as re_2  again",
        "violates P5: paid back twice",
    ):
        assert each in shown
    assert "\x1b[31m" not in shown
    told = paygrade("show", "latest", "s1", "--json", "-w", agents.root).json
    assert told["attempts"][0]["answer"]["trajectory"]["effects"][1]["id"] == "re_2"


def test_what_an_agent_did_is_masked_wherever_it_is_kept(
    agents: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """A card number in an argument is a finding, and stands in no file and no output."""
    agents.replace(*MASKS)
    assert paygrade("run", "-q", "-w", agents.root).code == 100  # `no-pan` is an invariant
    shown = paygrade("show", "latest", "s1", "-w", agents.root)
    told = paygrade("show", "latest", "s1", "--json", "-w", agents.root)
    kept = b"".join(
        file.read_bytes() for file in (agents.root / ".paygrade").rglob("*") if file.is_file()
    )
    for form in (PAN, PAN.replace(" ", "")):
        assert form not in shown.out
        assert form not in told.out
        assert form.encode() not in kept


def test_a_run_is_scored_again_with_what_agents_did(
    agents: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """A scorer that looks at the trajectory sees the stored one; nobody acts."""
    assert paygrade("run", "-q", "-w", agents.root).code == 0
    agents.write(
        "evals/refunds/scorers.py",
        '"""Own."""\n\n\ndef once(subject):\n    return len(subject.trajectory.effects) == 1\n',
    )
    agents.replace(
        "evals/refunds/suite.yaml", "scorers:", "scorers:\n  - python: {callable: scorers.py:once}"
    )
    agents.write("runners/always_refund.py", "def answer(request, tools):\n    raise SystemExit\n")
    ended = paygrade("score", "latest", "-w", agents.root)
    assert ended.code == 0
    passed = ask(paygrade, agents, "SELECT result FROM checks WHERE scorer = 'python'")
    assert passed == [{"result": "pass"}] * 3


def test_a_run_goes_on_only_with_the_same_tools(
    agents: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Else half of it would be of another world."""
    assert paygrade("run", "-q", "-w", agents.root).code == 0
    agents.replace("evals/refunds/tools.py", "Pay back.", "Pay it back.")
    ended = paygrade("resume", "latest", "-w", agents.root)
    assert ended.code == 2
    assert "cannot go on: the tools changed since it began" in ended.err


def test_another_worlds_baseline_is_not_comparable(
    agents: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """As with other scorers: the gate ends invalid."""
    accepted = paygrade("accept", "--now", "--yes", "-w", agents.root)
    assert accepted.code == 0
    baseline = (agents.root / "reports/baselines/refunds.jsonl").read_text()
    assert '"tools":"' in baseline
    agents.replace("evals/refunds/tools.py", "Pay back.", "Pay it back.")
    ended = paygrade("gate", "--json", "-w", agents.root)
    assert ended.code == 102
    assert ended.json["suites"][0]["codes"] == ["tools_differ"]


def test_two_runs_with_other_tools_say_so(agents: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Beside their rates."""
    assert paygrade("run", "-q", "-w", agents.root).code == 0
    [first] = ask(paygrade, agents, "SELECT run_id FROM runs")
    agents.replace("evals/refunds/tools.py", "Pay back.", "Pay it back.")
    assert paygrade("run", "-q", "-w", agents.root).code == 0
    said = paygrade("compare", first["run_id"], "latest", "-w", agents.root).out
    assert "the tools changed" in said


def test_a_replay_ends_the_same(agents: WorkspaceFolder, paygrade: Paygrade) -> None:
    """A fresh world that is given what reached the first one; also one sample alone."""
    assert paygrade("run", "-q", "-w", agents.root).code == 0
    ended = paygrade("replay", "latest", "-w", agents.root)
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "s1, epoch 1: same",
        "s2, epoch 1: same",
        "s3, epoch 1: same",
        "3 of 3 attempts end the same, 0 otherwise; 0 could not be replayed",
    ]
    [one] = paygrade("replay", "latest", "s2", "--json", "-w", agents.root).json
    assert one == {"sample_id": "s2", "epoch": 1, "ended": "same", "why": ""}


def test_a_replay_that_ends_otherwise_is_told(agents: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Here the tools were edited, which is said too."""
    assert paygrade("run", "-q", "-w", agents.root).code == 0
    agents.replace("evals/refunds/tools.py", '{"refunds": self.refunds}', '{"r": self.refunds}')
    ended = paygrade("replay", "latest", "-w", agents.root)
    assert ended.code == 100
    assert "s1, epoch 1: differs: " in ended.out
    assert "the tools changed since that run: what differs may be their doing" in ended.err


def test_what_was_masked_is_never_counted_as_the_same(
    agents: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Nor is a sample that was edited; nothing is left to replay."""
    agents.replace(*MASKS)
    paygrade("run", "-q", "-w", agents.root)
    samples = agent_samples()
    samples[1]["world"] = {"paid": {"pay_2": 1}}
    agents.samples(samples[:2])
    ended = paygrade("replay", "latest", "-w", agents.root)
    assert ended.code == 102
    assert ended.out.count("not replayed: masked, cannot be replayed") == 3


def test_a_replay_of_some_alone_is_inconclusive(
    agents: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """The others were edited, or are gone."""
    assert paygrade("run", "-q", "-w", agents.root).code == 0
    samples = agent_samples()
    samples[1]["world"] = {"paid": {"pay_1": 1}}
    agents.samples(samples[:2])
    ended = paygrade("replay", "latest", "-w", agents.root)
    assert ended.code == 101
    assert "s2, epoch 1: not replayed: the sample was edited since" in ended.out
    assert "s3, epoch 1: not replayed: the dataset has no such sample any more" in ended.out


def test_only_agents_are_replayed(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """A run without tools, and a sample that no run has, are mistakes."""
    assert paygrade("run", "-q", "-w", workspace.root).code == 0
    ended = paygrade("replay", "latest", "-w", workspace.root)
    assert ended.code == 2
    assert "has no tools, so there is nothing to replay" in ended.err
    with_tools(workspace)
    assert paygrade("run", "-q", "-w", workspace.root).code == 0
    ended = paygrade("replay", "latest", "s9", "-w", workspace.root)
    assert ended.code == 2
    assert "has no sample 's9'" in ended.err


def test_the_doctor_asks_no_agent_behind_an_address(
    agents: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """It says so."""
    agents.write("runners/r.yaml", "runner: r\nprovider: http\nurl: http://127.0.0.1:9/agent\n")
    said = json.dumps(paygrade("doctor", "--json", "-w", agents.root).json)
    assert "an agent at http://127.0.0.1:9/agent, not asked" in said
