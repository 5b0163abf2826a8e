"""Agents in a run: they act, their turns are asked as answers are, and all is kept masked."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine.running import Bench, Memory, Runner, plan, sample, tools_of
from paygrade.engine import Attempts, execute
from paygrade.errors import JournalError, RunnerError, UsageError
from paygrade.records.agent import Claim, Fault, Step, ToolCall, Trajectory
from paygrade.records.answer import Answer, Usage
from paygrade.records.outcome import Errored, Scored

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from paygrade.records.answer import Request
    from paygrade.records.plan import RunPlan
    from paygrade.records.protocols import Ask

PAN = "4111111111111111"
ENDED = Trajectory(
    guard="none",
    steps=(Step(role="agent", text="Done."),),
    deliveries=(),
    effects=(),
    claims=(),
    violations=(),
    snapshot={"refunds": []},
    snapshot_hash="4111111111111111" * 4,
)


class Agent:
    """Does what it is given a function for; counts closings."""

    def __init__(self, acts: Callable[[Request, Ask], Awaitable[Any]]) -> None:
        """Take what it does."""
        self._acts = acts
        self.closed = 0

    async def act(self, request: Request, ask: Ask) -> Any:  # noqa: ANN401 - a double answers what it is told
        """Do it."""
        return await self._acts(request, ask)

    async def close(self) -> None:
        """Count."""
        self.closed += 1


@dataclass
class Price:
    """One cent a call, ten at most."""

    snapshot: dict[str, Any] = field(default_factory=dict)

    def cost(self, usage: Usage) -> Decimal:
        """One cent."""
        del usage
        return Decimal("0.01")

    def ceiling(self, input_tokens: int, output_tokens: int) -> Decimal:
        """Ten cents."""
        del input_tokens, output_tokens
        return Decimal("0.10")


@dataclass
class Ran:
    """What a run of agents left behind."""

    memory: Memory
    bench: Bench
    runner: Runner
    agent: Agent
    stopped: str


def run(
    acts: Callable[[Request, Ask], Awaitable[Any]],
    model: Callable[[Request], Awaitable[Any]] | None = None,
    made: RunPlan | None = None,
    memory: Memory | None = None,
    **changes: Any,  # noqa: ANN401 - fields of the profile
) -> Ran:
    """Run one attempt, or those of `made`."""
    memory, bench, runner, agent = memory or Memory(), Bench(), Runner(model), Agent(acts)
    made = made or plan(1)
    made = replace(made, runner=replace(made.runner, **changes))
    tools = replace(tools_of(runner, bench, memory), agent=agent, pricer=Price(), output_bound=10)
    stopped = asyncio.run(execute(made, tools, Attempts(), concurrency=1))
    return Ran(memory, bench, runner, agent, stopped)


def outcome(ran: Ran) -> Any:  # noqa: ANN401 - scored or errored
    """The only one."""
    [found] = ran.memory.all("outcome")
    return found


async def _two_turns(request: Request, ask: Ask) -> Answer:
    await ask(request)
    await ask(request)
    return Answer(text="yes", trajectory=ENDED)


async def _counts(request: Request) -> Answer:
    del request
    return Answer(text="", usage=Usage(input_tokens=1, output_tokens=1))


def test_a_scorer_sees_what_the_agent_did() -> None:
    """Its last words are the answer, and its trajectory stands beside them."""
    ran = run(_two_turns, _counts)
    [subject] = ran.bench.subjects
    assert (subject.text, subject.trajectory) == ("yes", ENDED)
    assert outcome(ran) == Scored(sample_id="s1", epoch=1, failed=False, checks=outcome(ran).checks)


def test_an_agent_gets_its_world_and_its_faults() -> None:
    """As the dataset has them, beside the rendered messages."""
    seen: list[Request] = []

    async def acts(request: Request, ask: Ask) -> Answer:
        del ask
        seen.append(request)
        return Answer(text="yes", trajectory=ENDED)

    faults = (Fault(kind="rate_limited"),)
    run(acts, made=plan([sample(1, world={"payments": []}, faults=faults)]))
    [request] = seen
    assert (request.world, request.faults) == ({"payments": []}, faults)
    assert [each.content for each in request.messages] == ["s1?"]


def test_what_its_turns_cost_is_what_the_attempt_cost() -> None:
    """Each is priced and told to the journal when it is there; the answer has their sum."""
    ran = run(_two_turns, _counts)
    [answer] = ran.memory.all("answer")
    assert (answer.cost_usd, answer.calls) == (0.02, 2)
    assert ran.memory.all("turn") == [("s1", 1, Decimal("0.01"))] * 2


def test_an_agent_may_say_itself_what_it_cost() -> None:
    """Then that counts."""

    async def acts(request: Request, ask: Ask) -> Answer:
        await ask(request)
        return Answer(text="yes", cost_usd=5.0, trajectory=ENDED)

    [answer] = run(acts, _counts).memory.all("answer")
    assert answer.cost_usd == 5.0


def test_what_an_unpriced_turn_costs_nobody_knows() -> None:
    """A sum of some turns would be too low."""
    turns = iter([Answer(text="", usage=Usage()), Answer(text="")])

    async def model(request: Request) -> Answer:
        del request
        return next(turns)

    [answer] = run(_two_turns, model).memory.all("answer")
    assert answer.cost_usd is None


def test_a_turn_is_retried_and_its_failure_is_journaled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls are numbered through the whole attempt."""
    monkeypatch.setattr("paygrade.engine.asking._FIRST_PAUSE_S", 0.001)
    number = iter(range(9))

    async def model(request: Request) -> Answer:
        if next(number) == 1:
            raise RunnerError("busy", kind="overloaded", retryable=True)
        return await _counts(request)

    ran = run(_two_turns, model)
    assert [(each.kind, each.number) for each in ran.memory.all("call")] == [("overloaded", 2)]
    assert ran.memory.all("answer")[0].calls == 3


def test_a_turn_that_fails_ends_the_attempt_as_an_error() -> None:
    """With the kind of the provider's, also where the agent's code wraps it."""

    async def model(request: Request) -> Answer:
        del request
        raise RunnerError("no such model", kind="not_found", request_id="req_1")

    async def wraps(request: Request, ask: Ask) -> Answer:
        try:
            return await ask(request)
        except RunnerError as error:
            raise ValueError("the agent's own words") from error

    for acts in (_two_turns, wraps):
        ran = run(acts, model)
        assert (outcome(ran).error_kind, outcome(ran).request_id) == ("not_found", "req_1")
        assert ran.stopped == "no such model"


async def _crashes(request: Request, ask: Ask) -> Answer:
    del request, ask
    raise RunnerError("the tool raised KeyError", kind="tool_crashed")


async def _raises(request: Request, ask: Ask) -> Answer:
    del request, ask
    raise ZeroDivisionError


async def _exits(request: Request, ask: Ask) -> Answer:
    del request, ask
    raise SystemExit(3)


async def _never_ends(request: Request, ask: Ask) -> Answer:
    del request, ask
    await asyncio.sleep(60)
    raise AssertionError


@pytest.mark.parametrize(
    ("acts", "kind", "problem"),
    [
        (_crashes, "tool_crashed", "the tool raised KeyError"),
        (_raises, "runner_crashed", "the agent raised ZeroDivisionError"),
        (_exits, "runner_crashed", "the agent raised SystemExit: 3"),
        (_never_ends, "timeout", "the agent did not end within 0.05 s"),
    ],
)
def test_whatever_an_agent_raises_is_an_error_of_one_attempt(
    acts: Callable[[Request, Ask], Awaitable[Any]], kind: str, problem: str
) -> None:
    """Infrastructure: no failure, no pass, and not tried again."""
    ended = outcome(run(acts, attempt_timeout_s=0.05))
    assert isinstance(ended, Errored)
    assert (ended.error_kind, ended.error) == (kind, problem)


def test_a_case_that_cannot_be_used_ends_the_run() -> None:
    """It is a mistake in the dataset, and named with its sample."""

    async def acts(request: Request, ask: Ask) -> Answer:
        del request, ask
        raise UsageError("no fault is known by the kind 'x'", hint="known: y")

    with pytest.raises(UsageError, match="sample 's1': no fault is known by the kind 'x'"):
        run(acts)


async def _swallows(request: Request, ask: Ask) -> Answer:
    for _ in range(1000):
        with contextlib.suppress(Exception):  # as a careless agent does
            await ask(request)
        await asyncio.sleep(0)
    return Answer(text="yes", trajectory=ENDED)


async def _in_another_thread(request: Request, ask: Ask) -> Answer:
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def work() -> None:
        with contextlib.suppress(BaseException):  # as a careless agent does
            for _ in range(1000):
                asyncio.run_coroutine_threadsafe(ask(request), loop).result()

    threading.Thread(target=work, daemon=True).start()
    await done.wait()  # which nobody ever sets
    raise AssertionError


@pytest.mark.parametrize("acts", [_two_turns, _swallows, _in_another_thread])
def test_a_budget_stops_the_run_whatever_the_agent_makes_of_it(
    acts: Callable[[Request, Ask], Awaitable[Any]],
) -> None:
    """The call that could pass it is never made; nothing is an outcome, and no sample follows."""
    ran = run(acts, _counts, made=plan(3), budget_usd=Decimal("0.105"))
    assert ran.stopped == "the next call could pass the budget"
    assert len(ran.runner.requests) == len(ran.memory.all("sent")) == 1
    assert (ran.memory.all("answer"), ran.memory.all("outcome")) == ([], [])


@pytest.mark.parametrize("acts", [_swallows, _in_another_thread])
def test_a_journal_that_refuses_a_turn_ends_the_run(
    acts: Callable[[Request, Ask], Awaitable[Any]],
) -> None:
    """It is no error of the agent's."""

    class Full(Memory):
        def turn(self, sample_id: str, epoch: int, cost_usd: Decimal | None) -> None:
            del sample_id, epoch, cost_usd
            raise JournalError("the disk is full")

    with pytest.raises(JournalError, match="the disk is full"):
        run(acts, _counts, memory=Full())


def test_a_call_that_an_agent_left_behind_ends_with_it() -> None:
    """Nothing is asked for an attempt that is over."""
    left: list[asyncio.Task[Any]] = []

    async def model(request: Request) -> Answer:
        await asyncio.sleep(60)
        return await _counts(request)

    async def acts(request: Request, ask: Ask) -> Answer:
        left.append(asyncio.ensure_future(ask(request)))
        await asyncio.sleep(0.01)
        return Answer(text="yes", trajectory=ENDED)

    ran = run(acts, model)
    assert left[0].cancelled()
    assert ran.runner.in_flight == 0


def test_an_agent_is_closed_with_its_model() -> None:
    """Once, at the end."""
    ran = run(_two_turns, _counts, made=plan(3))
    assert (ran.agent.closed, ran.runner.closed) == (1, 1)


def test_everything_an_agent_did_is_masked() -> None:
    """Each place with a finding; the hash of the snapshot stays, whatever its digits look like."""
    call = ToolCall(id="1", tool="add_note", arguments={"text": PAN}, result={"ok": [PAN]})
    did = replace(
        ENDED,
        steps=(Step(role="agent", text=f"Your card {PAN}", calls=(call,)),),
        claims=(Claim(text=PAN, done=False, holds=False),),
        snapshot={"notes": {"n1": PAN}},
    )

    async def acts(request: Request, ask: Ask) -> Answer:
        del request, ask
        return Answer(text="yes", trajectory=did)

    ran = run(acts)
    [answer] = ran.memory.all("answer")
    assert PAN not in repr(replace(answer, trajectory=replace(answer.trajectory, snapshot_hash="")))
    assert answer.trajectory.snapshot_hash == ENDED.snapshot_hash
    assert {each.place for each in answer.findings if each.kind == "pan"} == {
        "/trajectory/steps/0/text",
        "/trajectory/steps/0/calls/0/arguments/text",
        "/trajectory/steps/0/calls/0/result/ok/0",
        "/trajectory/claims/0/text",
        "/trajectory/snapshot/notes/n1",
    }
    assert ran.bench.subjects[0].findings == answer.findings


@pytest.mark.parametrize(
    ("malformed", "why"),
    [
        ({"steps": []}, "of type dict"),
        (replace(ENDED, steps=(Step(role="robot"),)), "the 'role' of a step"),  # type: ignore[arg-type]
        (replace(ENDED, snapshot={1, 2}), "set is not JSON serializable"),  # type: ignore[arg-type]
        (replace(ENDED, snapshot=float("nan")), "is none"),
        (replace(ENDED, steps=3), "is not a list"),  # type: ignore[arg-type]
        (replace(ENDED, snapshot_hash="abc"), "is no SHA-256"),
        (replace(ENDED, turns=int(PAN)), "reads as a card number"),
    ],
)
def test_a_trajectory_that_is_none_is_an_error(malformed: Any, why: str) -> None:  # noqa: ANN401 - anything
    """Agents are users' code too."""

    async def acts(request: Request, ask: Ask) -> Answer:
        del request, ask
        return Answer(text="yes", trajectory=malformed)

    ended = outcome(run(acts))
    assert ended.error_kind == "malformed_answer"
    assert why in ended.error


def test_a_world_may_make_lists() -> None:
    """Whoever scores sees tuples."""
    did = replace(ENDED, steps=list(ENDED.steps))  # type: ignore[arg-type]

    async def acts(request: Request, ask: Ask) -> Answer:
        del request, ask
        return Answer(text="yes", trajectory=did)

    assert run(acts).bench.subjects[0].trajectory == ENDED


def test_without_a_model_there_is_nobody_to_ask() -> None:
    """An agent of another kind that asks all the same is an error of its attempt."""
    memory = Memory()
    tools = replace(tools_of(Runner(), memory=memory), agent=Agent(_two_turns), runner=None)
    asyncio.run(execute(plan(1), tools, Attempts(), concurrency=1))
    assert memory.all("outcome")[0].error == "there is no model to ask"
