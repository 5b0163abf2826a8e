"""An agent that is killed by SIGKILL at the worst moment, and started again from its own store."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.errors import RunnerError, UsageError
from paygrade.records.agent import Fault, Struck, Toolbox
from paygrade.records.agent_json import plain
from paygrade.records.answer import Answer, AskedCall, Usage
from paygrade.runners.agents import supervising
from paygrade.runners.agents.acting import ToolAgent
from paygrade.runners.agents.loop import converse
from paygrade.runners.agents.nursery import Life, Nursery
from paygrade.runners.agents.remote import RemoteHost
from paygrade.runners.agents.session import Limits
from paygrade.runners.agents.supervising import HostProcess, Supervisor
from runners.agents.acting import HERE, TOOLBOX, act, fault, trajectory_of
from runners.profiles import request

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.answer import Request

AFTER = fault("crash_after_commit")
REFUND = '{"payment": "pay_1", "amount_minor": 4200, "currency": "USD", "key": "k"}'


def test_a_refund_is_made_once_over_two_lives() -> None:
    """The reply was lost with the process: the guard of the next one finds what was done."""
    answer = act("clumsy", AFTER, guard="pytx")
    done = trajectory_of(answer)
    assert answer.text == "refunded by re_1"
    assert len(done.effects) == done.restarts == 1
    assert done.faults == (Struck(kind="crash_after_commit", tool="refund", times=1),)
    (call,) = done.steps[0].calls
    assert (call.guard, call.fault) == ("replayed", "crash_after_commit")
    assert [each.op for each in done.deliveries] == ["call", "restart", "call", "hear"]
    assert done.snapshot == {
        "ledger": ["re_1"], "heard": ["refunded by re_1"], "at": 1_800_000_000.0, "restarts": 1,
    }  # fmt: skip


@pytest.mark.real
@pytest.mark.parametrize(
    ("kind", "guard", "effects"),
    [
        ("crash_before_call", "none", 1),
        ("crash_after_commit", "none", 2),
        ("crash_before_record", "none", 2),
        ("crash_before_call", "pytx", 1),
        ("crash_after_commit", "pytx", 1),
        ("crash_before_record", "pytx", 1),
    ],
)
@pytest.mark.parametrize("also", [(), ("timeout_after_commit",), ("crash_before_record",)])
def test_effects_at_every_point(kind: str, guard: str, effects: int, also: tuple[str, ...]) -> None:
    """A guard leaves one at most, whatever else strikes; without one, each lost reply adds one."""
    done = trajectory_of(act("clumsy", fault(kind), *map(fault, also), guard=guard))
    assert {each.times for each in done.faults} == {1}
    if guard == "pytx":
        assert len(done.effects) == 1
    elif not also:
        assert len(done.effects) == effects


LISTS = """
import threading, time
from runners.agents.till import Till

class Lists(Till):
    def end(self):
        ended = super().end()
        return type(ended)(snapshot=ended.snapshot, effects=list(ended.effects), claims=[])

def open_till(world):
    threading.Thread(target=time.sleep, args=(60,)).start()
    return Lists(world)
"""


@pytest.mark.real
def test_a_world_may_make_lists_and_leave_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the worlds' process as in this one; what holds that process up is ended with it."""
    monkeypatch.setattr(supervising, "PATIENCE_S", 0.2)
    (tmp_path / "lists.py").write_text(LISTS)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    toolbox = Toolbox(script="lists.py:open_till", folder=str(tmp_path))
    assert len(trajectory_of(act("clumsy", AFTER, guard="pytx", toolbox=toolbox)).effects) == 1


@pytest.mark.real
def test_it_strikes_where_it_is_planned() -> None:
    """At the second refund, and what was before it is answered by the journal alone."""
    faults = (fault("fail_n_then_ok", times=2), replace(AFTER, nth=3))
    done = trajectory_of(act("clumsy", *faults))
    struck = [each.fault for step in done.steps for each in step.calls if each.tool == "refund"]
    assert struck == ["fail_n_then_ok", "fail_n_then_ok", "crash_after_commit", ""]
    assert [each.tool for each in done.deliveries if each.op == "call"] == [
        "wait", "wait", "refund", "wait", "refund",
    ]  # fmt: skip


@pytest.mark.real
def test_an_interrupted_call_is_told_as_one() -> None:
    """It may have been done: no guard, so the agent has to find out."""
    assert act("single", AFTER).text == "interrupted, unknown: True"


@pytest.mark.real
def test_it_has_six_lives() -> None:
    """Whoever is killed more often does not come to an end."""
    faults = [Fault(kind="crash_before_call", tool="wait", nth=n) for n in range(1, 8)]
    done = trajectory_of(act("endless", *faults[:5], max_steps=9))
    assert done.restarts == 5
    with pytest.raises(RunnerError, match="the agent's process was killed 6 times") as caught:
        act("endless", *faults, max_steps=9)
    assert caught.value.kind == "agent_died"


@pytest.mark.real
def test_a_process_that_ends_by_itself_was_not_killed() -> None:
    """What it said last is in the error, masked."""
    with pytest.raises(RunnerError, match="ended with 7 and gave no answer: the card ") as caught:
        act("exiting", AFTER)
    assert caught.value.kind == "agent_died"
    assert "4111 1111" not in str(caught.value)


@pytest.mark.real
def test_what_is_cut_off_leaves_no_half_of_a_card_number() -> None:
    """Half a number would pass every mask that follows."""
    with pytest.raises(RunnerError, match="gave no answer") as caught:
        act("dying", AFTER)
    assert "1111 1111" not in str(caught.value)


@pytest.mark.real
def test_an_agent_has_to_be_deterministic() -> None:
    """What it does in its second life must be what it did in its first, as far as that came."""
    with pytest.raises(RunnerError, match="must be deterministic up to there") as caught:
        act("wavering", AFTER)
    assert caught.value.kind == "agent_died"


@pytest.mark.real
@pytest.mark.parametrize(
    ("agent", "kind", "told"),
    [
        ("raising", "runner_crashed", "the agent raised ValueError: out of luck"),
        ("breaking", "tool_crashed", "the tool broken raised ZeroDivisionError: integer division"),
    ],
)
def test_what_breaks_is_told_apart(agent: str, kind: str, told: str) -> None:
    """As it is where nobody is killed."""
    with pytest.raises(RunnerError, match=told) as caught:
        act(agent, AFTER)
    assert caught.value.kind == kind


@pytest.mark.real
def test_what_it_prints_is_no_message() -> None:
    """Standard output and input are not its own."""
    assert act("noisy", AFTER, guard="pytx").text == "heard ''"


@pytest.mark.real
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (replace(AFTER, times=2), "crash_after_commit strikes once, not 2 times"),
        (fault("gremlins"), "no fault is known by the kind 'gremlins'"),
    ],
)
def test_a_mistake_is_one_in_the_worlds_process_too(wrong: Fault, told: str) -> None:
    """The sentence comes over."""
    with pytest.raises(UsageError, match=told):
        act("single", AFTER, wrong)


def test_the_process_is_killed_by_the_system(tmp_path: Path) -> None:
    """It ends with -9, having written that it would, and nothing after it."""
    worlds = HostProcess(TOOLBOX)
    host = RemoteHost.open(worlds.start(), {}, ())
    nursery = Nursery()

    async def live() -> tuple[bytes, int]:
        life = await started(nursery, "single", host, tmp_path, AFTER)
        return await life.reader.read(), await life.end(kill=False)

    assert asyncio.run(live()) == (b"", -signal.SIGKILL)
    nursery.close()
    lines = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert [next(iter(line)) for line in lines] == ["begun", "crash"]
    assert len(host.end().effects) == 1
    worlds.close()


def test_an_agent_that_hangs_ends_with_its_parent(tmp_path: Path) -> None:
    """A run that was killed leaves no process behind."""
    worlds = HostProcess(TOOLBOX)
    host = RemoteHost.open(worlds.start(), {}, ())
    nursery = Nursery()
    journal = tmp_path / "journal.jsonl"

    async def live() -> int:
        life = await started(nursery, "hanging", host, tmp_path)
        await asyncio.to_thread(acted, journal)
        life.writer.close()
        return await asyncio.wait_for(life.end(kill=False), timeout=10)

    assert asyncio.run(live()) == 1
    nursery.close()
    worlds.close()


def test_who_starts_agents_is_started_again(tmp_path: Path) -> None:
    """Where it was killed the next life is not begun, and says so; the one after that is."""
    nursery = Nursery()

    async def lives() -> list[str]:
        ended = []
        for _ in range(3):
            with (tmp_path / "complaints").open("wb") as complaints:
                try:
                    life = await Life.begin(nursery, complaints)
                except RunnerError as error:
                    ended.append(error.kind)
                    continue
            life.writer.close()
            ended.append(str(await life.end(kill=False)))
            if len(ended) == 1:
                assert nursery.pid is not None
                os.kill(nursery.pid, signal.SIGKILL)
                await asyncio.to_thread(os.waitid, os.P_PID, nursery.pid, os.WEXITED | os.WNOWAIT)
        return ended

    assert asyncio.run(lives()) == ["1", "connection", "1"]
    nursery.close()


def acted(journal: Path) -> None:
    """Wait until a call has come back."""
    while not (journal.exists() and b"ended" in journal.read_bytes()):
        time.sleep(0.01)


async def started(
    nursery: Nursery, agent: str, host: RemoteHost, folder: Path, *crashes: Fault
) -> Life:
    """An agent's process, told to act."""
    start: dict[str, Any] = {
        "request": {**plain(request()), "world": None, "faults": [], "tools": [], "turns": []},
        "place": host.place, "tools": plain(host.tools), "now": host.now(),
        "folder": str(folder), "guard": "none", "limits": plain(Limits()),
        "crashes": plain(crashes), "callable": f"{HERE / 'agents.py'}:{agent}",
    }  # fmt: skip
    with (folder / "complaints").open("wb") as complaints:
        life = await Life.begin(nursery, complaints)
    life.writer.write(json.dumps(start).encode() + b"\n")
    return life


@pytest.mark.real
def test_a_model_is_asked_once_over_two_lives() -> None:
    """Its answers are kept by whoever asked: nothing is paid for twice."""
    asked: list[Request] = []
    refund = AskedCall(id="call_1", tool="refund", arguments=REFUND)
    answers = [
        Answer(text="", calls=(refund,), usage=Usage(input_tokens=7), cost_usd=0.5, raw=[{"a": 1}]),
        Answer(text="refunded", usage=Usage(input_tokens=9), cost_usd=0.25, model="m-1"),
    ]

    async def ask(request: Request) -> Answer:
        asked.append(request)
        return answers[len(asked) - 1]

    case = replace(request(), faults=(AFTER,))

    async def once() -> Answer:
        limits = Limits()
        lives = Supervisor(TOOLBOX, guard="pytx", limits=limits, function="")
        agent = ToolAgent(converse, TOOLBOX, guard="pytx", limits=limits, supervisor=lives)
        try:
            return await agent.act(case, ask)
        finally:
            await agent.close()

    answer = asyncio.run(once())
    assert (answer.text, answer.model, answer.cost_usd) == ("refunded", "m-1", 0.75)
    assert answer.usage == Usage(input_tokens=16)
    done = trajectory_of(answer)
    assert (done.turns, done.restarts, len(done.effects)) == (2, 1, 1)
    assert [each.name for each in asked[1].tools] == ["refund", "operation", "broken", "wait"]
    assert asked[1].turns[0].raw == [{"a": 1}]
    assert json.loads(asked[1].turns[0].results[0]) == {"id": "re_1"}
