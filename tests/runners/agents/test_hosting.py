"""Where a world lives: what it may raise, what is kept of it, and playing it again."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import pytest

from paygrade.errors import RunnerError, UsageError
from paygrade.records.agent import Toolbox
from paygrade.runners.agents import build_agent, replay
from paygrade.runners.agents.hosting import snapshot_hash
from runners.agents.acting import HERE, TOOLBOX, act, fault, trajectory_of, unasked
from runners.profiles import profile, request

if TYPE_CHECKING:
    from pathlib import Path


def test_a_tool_that_breaks_is_no_failure_of_the_agent() -> None:
    """The attempt has no answer, even where the agent hides what was raised."""
    told = "the tool broken raised ZeroDivisionError: integer division"
    with pytest.raises(RunnerError, match=told) as caught:
        act("breaking")
    assert caught.value.kind == "tool_crashed"


@pytest.mark.parametrize(
    ("code", "error", "told"),
    [
        ("def make(world): raise KeyError('x')", RunnerError, "own.py:make raised KeyError: 'x'"),
        ("def make(world): return 7", UsageError, r"returned int, which has no tools\(\)"),
        ("make = 7", UsageError, "has no function 'make'"),
        ("1 / 0", UsageError, "cannot be run: ZeroDivisionError"),
        ("", UsageError, "has no function 'make'"),
        ("class W:\n    call = end = tools = lambda self: [1]\ndef make(world): return W()",
         RunnerError, "tools did not return Tools"),
    ],
)  # fmt: skip
def test_a_toolbox_that_cannot_be_used(
    tmp_path: Path, code: str, error: type[Exception], told: str
) -> None:
    """A sentence says what is wrong with it."""
    (tmp_path / "own.py").write_text(code)
    with pytest.raises(error, match=told):
        act("single", toolbox=Toolbox(script="own.py:make", folder=str(tmp_path)))


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ("def call(self, tool, arguments): return {1, 2}", "the tool refund raised TypeError"),
        ("def call(self, tool, arguments): return float('nan')", "the tool refund raised ValueErr"),
        ("def end(self): return {}", "the tool end returned dict, not an Ending"),
        ("def hear(self, text): return 7", "the tool hear returned int, not text or None"),
        ("def now(self): return 'noon'", "the tool now raised ValueError"),
    ],
)
def test_a_world_that_breaks(tmp_path: Path, method: str, told: str) -> None:
    """Whatever it gives that is not what was promised is a defect of it, and says where."""
    till = (HERE / "till.py").read_text()
    (tmp_path / "own.py").write_text(
        f"{till}\nclass Own(Till):\n    {method}\ndef make(world): return Own(world)\n"
    )
    with pytest.raises(RunnerError, match=told) as caught:
        act("single", guard="pytx" if "now" in method else "none",
            toolbox=Toolbox(script="own.py:make", folder=str(tmp_path)))  # fmt: skip
    assert caught.value.kind == "tool_crashed"


def test_a_file_that_is_edited_counts(tmp_path: Path) -> None:
    """It is run once in a process, and anew when it says something else."""
    toolbox = Toolbox(script="own.py:make", folder=str(tmp_path))
    till = (HERE / "till.py").read_text()
    for limit in (5000, 100):
        text = till.replace("amount_minor > 5000", f"amount_minor > {limit}")
        (tmp_path / "own.py").write_text(f"{text}\nmake = open_till\n")
        answer = act("single", toolbox=toolbox)
        assert ("policy_denied" in answer.text) == (limit == 100)


def test_a_world_is_an_object() -> None:
    """Or left out."""
    with pytest.raises(UsageError, match="a 'world' is an object, not list"):
        act("single", world=[])  # type: ignore[arg-type]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Neither of tools nor of an agent."""
    with pytest.raises(UsageError, match=r"own\.py: cannot be read: No such file"):
        act("single", toolbox=Toolbox(script="own.py:make", folder=str(tmp_path)))
    with pytest.raises(UsageError, match="cannot be read"):
        build_agent(profile(tmp_path, "python", callable="none.py:act"), TOOLBOX)


def test_what_an_agent_changes_stays_its_own() -> None:
    """Neither the record nor the world sees what it writes into a result."""
    done = trajectory_of(act("spoiling"))
    assert done.steps[0].calls[0].result == {"id": "re_1"}


@pytest.mark.parametrize("agent", ["clumsy", "single", "greedy"])
@pytest.mark.parametrize("guard", ["none", "pytx"])
def test_what_arrived_ends_the_same_again(agent: str, guard: str) -> None:
    """A fresh world that gets the deliveries has the same snapshot, to the byte."""
    faults = (fault("timeout_after_commit"), fault("stale_look_up", "operation"))
    done = trajectory_of(act(agent, *faults, guard=guard, world={"now": 5}))
    assert replay(TOOLBOX, {"now": 5}, faults, done.deliveries) == done.snapshot_hash
    assert replay(TOOLBOX, {"now": 6}, faults, done.deliveries) != done.snapshot_hash


def test_the_hash_is_of_what_is_meant() -> None:
    """Order of keys and form of letters do not matter; half a surrogate pair does no harm."""
    assert snapshot_hash({"a": 1, "b": "e\u0301"}) == snapshot_hash({"b": "\u00e9", "a": 1})
    assert snapshot_hash("\ud800") != snapshot_hash("\ud801")


@pytest.mark.parametrize("provider", ["echo", "replay", "command"])
def test_some_runners_call_no_tools(tmp_path: Path, provider: str) -> None:
    """They are refused by name."""
    with pytest.raises(UsageError, match=f"{provider}' calls no tools, and the suite is for"):
        build_agent(profile(tmp_path, provider), TOOLBOX)


def test_a_guard_that_is_none_is_refused(tmp_path: Path) -> None:
    """A mistyped guard does not leave an agent without one."""
    told = profile(HERE, "python", callable="agents.py:single", guard="pytest")
    with pytest.raises(UsageError, match="'guard' is none or pytx, not 'pytest'"):
        build_agent(told, TOOLBOX)
    assert not list(tmp_path.iterdir())


def test_whoever_waits_no_more_lets_nothing_through() -> None:
    """An attempt that is cancelled reaches its world no more, though its thread goes on."""
    told = profile(HERE, "python", callable="agents.py:endless", max_steps=10**9)
    before = threading.active_count()

    async def once(seconds: float) -> None:
        agent = build_agent(told, TOOLBOX)
        async with asyncio.timeout(seconds):
            await agent.act(request(), unasked)

    for seconds in (0, 0.05):  # before it has begun, and while it acts
        with pytest.raises(TimeoutError):
            asyncio.run(once(seconds))
    for _ in range(500):
        if threading.active_count() == before:
            break
        time.sleep(0.01)
    assert threading.active_count() == before
