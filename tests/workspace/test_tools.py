"""Suites for agents: where tools come from, what they are made of, and who can call them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from kit import SAMPLES
from paygrade.errors import WorkspaceError
from paygrade.records.agent import Fault
from paygrade.records.plan import Selection
from paygrade.scorers import CATALOGUE
from paygrade.workspace.bind import bind_suite, plan, runners_of
from paygrade.workspace.config import find_layout
from paygrade.workspace.identity import digest, request_digest
from paygrade.workspace.profiles import read_profile
from workspace.acting import agent_samples, with_tools

if TYPE_CHECKING:
    from kit import Paygrade, WorkspaceFolder
    from paygrade.records.plan import RunPlan

HTTP = "runner: r\nprovider: http\nurl: http://127.0.0.1:9000/agent\n"


def planned(workspace: WorkspaceFolder, *runners: str) -> RunPlan:
    """The suite `refunds` with its first runner, bound."""
    layout = find_layout(workspace.root)
    bound = bind_suite(layout, "refunds", CATALOGUE, dt.date(2026, 11, 23))
    profile = runners_of(layout, bound, runners)[0]
    return plan(bound, Selection(suite="refunds", runner=profile.name), profile, "")


def mistakes(workspace: WorkspaceFolder, *runners: str) -> list[str]:
    """All that keeps it from being planned."""
    with pytest.raises(WorkspaceError) as caught:
        planned(workspace, *runners)
    return [str(each) for each in caught.value.mistakes]


def test_tools_are_a_function_beside_the_suite(workspace: WorkspaceFolder) -> None:
    """Its file's bytes and its name are what the run's identity covers."""
    with_tools(workspace)
    first = planned(workspace)
    assert first.toolbox is not None
    assert first.toolbox.script == "tools.py:shop"
    assert first.toolbox.folder == str(workspace.root / "evals" / "refunds")
    assert first.identity.tools == first.toolbox.content_hash
    workspace.replace("evals/refunds/tools.py", "Pay back.", "Pay it back.")
    second = planned(workspace)
    workspace.replace("evals/refunds/suite.yaml", "tools.py:shop", "tools.py:Shop")
    third = planned(workspace)
    assert len({each.identity.tools for each in (first, second, third)}) == 3
    assert first.identity.differences(second.identity) == ("tools",)


def test_tools_are_a_server(workspace: WorkspaceFolder) -> None:
    """Known by its address."""
    with_tools(workspace)
    workspace.replace("evals/refunds/suite.yaml", "tools.py:shop", "{url: 'http://127.0.0.1:9'}")
    found = planned(workspace).toolbox
    assert found is not None
    assert (found.url, found.script) == ("http://127.0.0.1:9", "")
    assert found.content_hash == digest(["url", "http://127.0.0.1:9"])


@pytest.mark.parametrize(
    ("tools", "expected"),
    [
        (
            "nope.py:shop",
            (
                "5: 'tools' names 'nope.py:shop', but evals/refunds/nope.py cannot be read: No "
                "such file or directory (paths start at this file's folder)"
            ),
        ),
        ("tools.py", "5: 'tools' is 'tools.py' (write FILE.py:FUNCTION)"),
        ("7", "5: 'tools' must be text, not 7"),
        ("{uri: x}", "5: the key 'tools.url' is missing"),
        (
            "{url: 'http://me:secret@x'}",
            (
                "5: 'tools.url' is 'http://me:secret@x' (an address such as "
                "http://127.0.0.1:8000/v1, without a password in it)"
            ),
        ),
    ],
)
def test_a_place_of_tools_that_is_none_is_told(
    workspace: WorkspaceFolder, tools: str, expected: str
) -> None:
    """With the line of the suite."""
    with_tools(workspace)
    workspace.replace("evals/refunds/suite.yaml", "tools: tools.py:shop", f"tools: {tools}")
    assert f"evals/refunds/suite.yaml:{expected}" in mistakes(workspace)


def test_a_sample_has_a_world_and_faults(workspace: WorkspaceFolder) -> None:
    """Keys that are none of a fault's own are its kind's."""
    with_tools(workspace)
    faults = [{"kind": "rate_limited", "tool": "refund", "times": 2, "after_s": 3}, {"kind": "x"}]
    workspace.samples(agent_samples(faults=faults))
    sample = planned(workspace).samples[0]
    assert sample.world == {"paid": {"pay_1": 4200}}
    assert sample.faults == (
        Fault(kind="rate_limited", tool="refund", times=2, options={"after_s": 3}),
        Fault(kind="x"),
    )


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"tool": "refund"}, "the key 'faults.0.kind' is missing"),
        ({"kind": "x", "nth": 0}, "'faults.0.nth' should be greater than or equal to 1, not 0"),
        ({"kind": "x", "times": 0}, "'faults.0.times' should be greater than or equal to 1, not 0"),
    ],
)
def test_a_fault_that_is_none_is_told(
    workspace: WorkspaceFolder, fault: dict[str, Any], expected: str
) -> None:
    """With the line of its sample."""
    with_tools(workspace)
    workspace.samples(agent_samples(faults=[fault]))
    assert f"datasets/refunds/v1.jsonl:1: {expected}" in mistakes(workspace)


def test_world_and_faults_are_part_of_what_a_sample_is(workspace: WorkspaceFolder) -> None:
    """Where there are none, its hash is what it always was."""
    plain = planned(workspace).samples[0]
    assert plain.content_hash == digest([SAMPLES[0]["input"], SAMPLES[0]["expected"], []])
    with_tools(workspace)
    hashes = {plain.content_hash, planned(workspace).samples[0].content_hash}
    workspace.samples(agent_samples(world={"paid": {}}))
    hashes.add(planned(workspace).samples[0].content_hash)
    workspace.samples(agent_samples(faults=[{"kind": "x"}]))
    hashes.add(planned(workspace).samples[0].content_hash)
    assert len(hashes) == 4


def test_tools_need_a_world_in_every_sample(workspace: WorkspaceFolder) -> None:
    """They are made of it."""
    with_tools(workspace)
    workspace.samples([agent_samples()[0], *SAMPLES[1:2]])
    assert mistakes(workspace) == [
        (
            "datasets/refunds/v1.jsonl:2: sample 's2' has no 'world', of which the tools are made "
            "(evals/refunds/suite.yaml has tools)"
        )
    ]


def test_a_world_needs_tools(workspace: WorkspaceFolder) -> None:
    """One sentence for the whole dataset."""
    workspace.samples(agent_samples())
    assert mistakes(workspace) == [
        (
            "evals/refunds/suite.yaml:3: refunds@v1 is for agents: its samples have a 'world' "
            "(name what they may call: tools: FILE.py:FUNCTION)"
        )
    ]


def test_faults_need_a_world(workspace: WorkspaceFolder) -> None:
    """They strike the tools that are made of it."""
    workspace.samples([{**SAMPLES[0], "faults": [{"kind": "x"}]}])
    assert mistakes(workspace) == [
        "datasets/refunds/v1.jsonl:1: 'faults' strike the tools of a 'world', and there is none"
    ]


@pytest.mark.parametrize("provider", ["echo", "replay\nanswers: a.jsonl", "command\ncommand: [x]"])
def test_who_cannot_call_tools_is_not_asked(workspace: WorkspaceFolder, provider: str) -> None:
    """Neither by the suite nor by the command line."""
    with_tools(workspace)
    workspace.write("runners/a.jsonl", "")
    workspace.write("runners/r.yaml", f"runner: r\nprovider: {provider}\n")
    name = provider.partition("\n")[0]
    problem = f"the runner 'r' cannot call tools: its provider is '{name}' (providers that can: "
    problem += "openai, anthropic, python, http)"
    assert mistakes(workspace, "r") == [f"runners/r.yaml: {problem}"]
    workspace.replace("evals/refunds/suite.yaml", "[always_refund]", "[r]")
    assert mistakes(workspace) == [f"evals/refunds/suite.yaml:4: {problem}"]


def test_an_agent_behind_an_address_needs_tools(workspace: WorkspaceFolder) -> None:
    """It answers nothing by itself."""
    workspace.write("runners/r.yaml", HTTP)
    assert mistakes(workspace, "r") == [
        (
            "runners/r.yaml: the runner 'r' is an agent, and the suite has no 'tools' (name what "
            "it may call: tools: FILE.py:FUNCTION)"
        )
    ]
    with_tools(workspace)
    assert planned(workspace, "r").runner.options == {"url": "http://127.0.0.1:9000/agent"}


def test_a_guard_without_tools_is_told(workspace: WorkspaceFolder) -> None:
    """A warning of the plan: it changes nothing."""
    workspace.replace("runners/always_refund.yaml", "provider:", "guard: pytx\nprovider:")
    assert planned(workspace).warnings == (
        "runners/always_refund.yaml: 'guard' has no meaning without tools",
    )
    with_tools(workspace)
    assert planned(workspace).warnings == ()


def test_keys_of_agents_count_where_they_are_written(workspace: WorkspaceFolder) -> None:
    """A profile that says nothing of them has the hash that it always had."""
    layout = find_layout(workspace.root)
    hashes = set()
    for more in ("", "guard: pytx\n", "guard: none\n", "max_steps: 40\n", "max_tool_errors: 0\n"):
        workspace.write("runners/r.yaml", HTTP + more)
        found = read_profile(layout, "r")
        hashes.add(found.content_hash)
        assert len(found.options) == 1 + bool(more)
        if not more:
            plain = {"url": "http://127.0.0.1:9000/agent"}
            assert found.content_hash == digest(["http", plain, {}, {}])
    assert len(hashes) == 5


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("guard: steel", "4: 'guard' is 'steel' (one of 'none' or 'pytx')"),
        ("max_steps: 0", "4: 'max_steps' should be greater than or equal to 1, not 0"),
        ("max_steps: 1001", "4: 'max_steps' should be less than or equal to 1000, not 1001"),
        (
            "max_tool_errors: -1",
            "4: 'max_tool_errors' should be greater than or equal to 0, not -1",
        ),
        ("budget: {usd: 1}", ("4: 'budget' cannot be kept for provider 'http', whose cost nobody "
         "knows (take it out: a limit that is ignored is none)")),
    ],
)  # fmt: skip
def test_a_key_of_agents_that_is_none_is_told(
    workspace: WorkspaceFolder, line: str, expected: str
) -> None:
    """With its line."""
    workspace.write("runners/r.yaml", f"{HTTP}{line}\n")
    with pytest.raises(WorkspaceError) as caught:
        read_profile(find_layout(workspace.root), "r")
    assert [str(each) for each in caught.value.mistakes] == [f"runners/r.yaml:{expected}"]


def test_a_request_of_an_agent_is_known_by_its_tools_and_its_world(
    workspace: WorkspaceFolder,
) -> None:
    """An answer is reused only where both are the same."""
    with_tools(workspace)
    digests = set()
    for samples in (
        agent_samples(),
        agent_samples(world={"paid": {}}),
        agent_samples(faults=[{"kind": "x"}]),
    ):
        workspace.samples(samples)
        made = planned(workspace)
        digests.add(request_digest(made, made.samples[0], (), 1))
    workspace.replace("evals/refunds/tools.py", "Pay back.", "Pay it back.")
    made = planned(workspace)
    digests.add(request_digest(made, made.samples[0], (), 1))
    assert len(digests) == 4


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("def shop(", "def shopp(", "has no function 'shop'"),
        ("class Shop:", "class Shop", "cannot be run: SyntaxError"),
    ],
)
def test_check_loads_the_tools(
    workspace: WorkspaceFolder, paygrade: Paygrade, old: str, new: str, expected: str
) -> None:
    """A function that is not there is told before anything is asked."""
    with_tools(workspace)
    assert paygrade("check", "-w", workspace.root).code == 0
    workspace.replace("evals/refunds/tools.py", old, new)
    ended = paygrade("check", "-w", workspace.root)
    assert ended.code == 2
    assert "evals/refunds/suite.yaml:5: " in ended.err
    assert expected in ended.err
