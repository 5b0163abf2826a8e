"""The engine: what it asks, what it writes, what it makes of trouble."""

from __future__ import annotations

import asyncio
import threading
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from engine.running import Bench, Memory, Runner, judged, plan, run, sample, tools_of, with_check
from paygrade.engine import Attempts, execute
from paygrade.errors import JournalError, RunnerError
from paygrade.records.answer import Answer, Usage
from paygrade.records.check import CheckSpec
from store.making import PAN, answer

if TYPE_CHECKING:
    from paygrade.records.answer import Request
    from paygrade.records.check import Check, Subject


def test_attempts_go_epoch_by_epoch() -> None:
    """A run that is cut short has seen many samples once, not a few often."""
    runner = Runner()
    run(plan(3, epochs=2), runner, concurrency=1)
    asked = [(each.sample_id, each.epoch) for each in runner.requests]
    assert asked == [(name, epoch) for epoch in (1, 2) for name in ("s1", "s2", "s3")]


def test_a_request_carries_what_was_rendered() -> None:
    """The runner's parameters win over the prompt's."""
    runner = Runner()
    run(plan(1), runner)
    [request] = runner.requests
    assert [(m.role, m.content) for m in request.messages] == [("user", "s1?")]
    assert request.parameters == {"temperature": 0, "seed": 2}
    assert request.prompt == "p@v1"


def test_each_step_is_written_before_the_next() -> None:
    """Sample, answer, judgement, outcome, display: a crash between two loses nothing paid for."""
    memory = Memory()

    def judge(spec: CheckSpec, _: Subject) -> Check:
        memory.happened.append(("judged", spec.id))
        return judged(spec, "pass")

    tools = tools_of(Runner(), Bench(judge), memory)
    asyncio.run(execute(plan(1, epochs=2), tools, Attempts(), concurrency=1))
    kinds = [kind for kind, _ in memory.happened]
    attempt = ["answer", "judged", "outcome", "landed"]
    assert kinds == ["sample", *attempt, *attempt]
    assert memory.synced > 0


@pytest.mark.parametrize("concurrency", [1, 3, 50])
def test_calls_in_flight_are_bounded(concurrency: int) -> None:
    """As many as allowed, never more."""

    async def slow(_: Request) -> Answer:
        await asyncio.sleep(0.001)
        return Answer(text="yes")

    runner = Runner(slow)
    run(plan(40), runner, concurrency=concurrency)
    assert runner.most_in_flight == min(concurrency, 40)
    assert len(runner.requests) == 40


def test_what_was_done_is_not_asked_again() -> None:
    """Done attempts are left alone; answered ones are judged without a call."""
    runner, bench = Runner(), Bench()
    earlier = Attempts(
        done=frozenset({("s1", 1)}),
        answered={("s2", 1): answer("s2", text="no")},
        samples=frozenset({"s1", "s2"}),
    )
    memory = run(plan(3), runner, bench, earlier)
    assert [each.sample_id for each in runner.requests] == ["s3"]
    assert [each.sample_id for each in memory.all("sample")] == ["s3"]
    assert [each.sample_id for each in memory.all("answer")] == ["s3"]
    assert {each.sample_id: each.failed for each in memory.all("outcome")} == {
        "s2": True,
        "s3": False,
    }
    assert {each.text for each in bench.subjects} == {"no", "yes"}


def test_a_call_that_takes_too_long_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others go on."""
    monkeypatch.setattr("paygrade.engine.asking._FIRST_PAUSE_S", 0.01)

    async def reply(request: Request) -> Answer:
        if request.sample_id == "s2":
            await asyncio.sleep(60)
        return Answer(text="yes")

    memory = run(plan(3, timeout_s=0.05), Runner(reply))
    ends = {each.sample_id: each for each in memory.all("outcome")}
    assert (ends["s2"].error_kind, ends["s2"].error) == ("timeout", "no answer within 0.05 s")
    assert ends["s1"].failed is ends["s3"].failed is False


class SilentError(Exception):
    """Cannot even say what it is."""

    def __str__(self) -> str:
        """Break."""
        raise RuntimeError


@pytest.mark.parametrize(
    ("raised", "kind", "told"),
    [
        (RunnerError("no line", kind="not_recorded"), "not_recorded", "no line"),
        (ValueError("bad\n  luck"), "runner_crashed", "the runner raised ValueError: bad luck"),
        (TimeoutError("socket"), "runner_crashed", "the runner raised TimeoutError: socket"),
        (SystemExit(3), "runner_crashed", "the runner raised SystemExit: 3"),
        (asyncio.CancelledError(), "runner_crashed", "the runner raised CancelledError"),
        (SilentError(), "runner_crashed", "the runner raised SilentError"),
        (StopIteration(), "runner_crashed", "the runner raised RuntimeError"),
    ],
)
def test_whatever_a_runner_raises_is_an_error_of_one_attempt(
    raised: BaseException, kind: str, told: str
) -> None:
    """With its class and one sentence; the run goes on."""

    async def reply(request: Request) -> Answer:
        if request.sample_id == "s1":
            raise raised
        return Answer(text="yes")

    memory = run(plan(3), Runner(reply), concurrency=1)
    first, *others = memory.all("outcome")
    assert (first.error_kind, first.error[: len(told)]) == (kind, told)
    assert [each.failed for each in others] == [False, False]
    assert len(memory.all("answer")) == 2


def test_an_error_is_masked_and_not_endless() -> None:
    """A vendor may echo the request, card number and all."""

    async def reply(_: Request) -> Answer:
        raise RunnerError(f"cannot {PAN} " + "x " * 10_000, kind="http")

    [outcome] = run(plan(1), Runner(reply)).all("outcome")
    assert outcome.error.startswith("cannot 411111******1111 x")
    assert len(outcome.error) < 1100


@pytest.mark.parametrize(
    "malformed",
    [
        None,
        "yes",
        Answer(text=None),  # type: ignore[arg-type]  # a user's code is not type-checked
        Answer(text="yes", finish="done"),  # type: ignore[arg-type]  # as above
        Answer(text="yes", model=7),  # type: ignore[arg-type]  # as above
        Answer(text="yes", cost_usd=float("nan")),
        Answer(text="yes", cost_usd=-1.0),
        Answer(text="yes", cost_usd="1"),  # type: ignore[arg-type]  # as above
        Answer(text="yes", usage={"input_tokens": 1}),  # type: ignore[arg-type]  # as above
        Answer(text="yes", usage=Usage(input_tokens=int(PAN))),
        Answer(text="yes", usage=Usage(output_tokens=-1)),
        Answer(text="yes", usage=Usage(cached_tokens=1.5)),  # type: ignore[arg-type]  # as above
    ],
)
def test_an_answer_that_is_none_is_an_error(malformed: object) -> None:
    """Nothing of it is kept: the journal holds what its fields promise."""

    async def reply(_: Request) -> Any:  # noqa: ANN401 - that is the point
        return malformed

    memory = run(plan(1), Runner(reply))
    [outcome] = memory.all("outcome")
    assert outcome.error_kind == "malformed_answer"
    assert outcome.error.startswith("the runner's answer is malformed: ")
    assert memory.all("answer") == []


def test_an_answer_is_masked_before_anybody_sees_it() -> None:
    """The journal and the scorers get the masked text; the findings say what was there."""

    async def reply(_: Request) -> Answer:
        return Answer(text=f"Card {PAN} \ud800", model=f"m {PAN}")

    bench = Bench()
    memory = run(plan(1), Runner(reply), bench)
    [kept] = memory.all("answer")
    [seen] = bench.subjects
    assert kept.text == seen.text == "Card 411111******1111 ?"
    assert kept.model == "m 411111******1111"
    assert [finding.kind for finding in seen.findings] == ["pan"]


@pytest.mark.parametrize("finish", ["length", "refusal", "filter"])
def test_what_the_model_did_not_finish_is_its_failure(finish: Any) -> None:  # noqa: ANN401 - a literal
    """Never an error: the check `answered` says how it ended."""

    async def reply(_: Request) -> Answer:
        return Answer(text="yes", finish=finish)

    [outcome] = run(plan(1), Runner(reply)).all("outcome")
    assert outcome.failed is True
    assert [(c.id, c.result, c.reason) for c in outcome.checks] == [
        ("answered", "fail", f"the answer ended with '{finish}'"),
        ("equals", "pass", ""),
    ]


def test_a_broken_check_is_an_error_and_never_a_failure() -> None:
    """Its reason is kept; an invariant that failed beside it stays visible."""

    def judge(spec: CheckSpec, _: Subject) -> Check:
        return judged(spec, "error", "the scorer raised KeyError: 'x'")

    [outcome] = run(plan(1), Runner(), Bench(judge)).all("outcome")
    assert outcome.error_kind == "scorer_error"
    assert outcome.error == "equals: the scorer raised KeyError: 'x'"
    assert [check.id for check in outcome.checks] == ["answered", "equals"]


@pytest.mark.parametrize(
    "raised", [SystemExit(1), ValueError("x"), asyncio.CancelledError(), RuntimeError()]
)
def test_a_bench_that_raises_ends_one_attempt_only(raised: BaseException) -> None:
    """A suite's own scorer may call `sys.exit`."""

    def judge(spec: CheckSpec, subject: Subject) -> Check:
        if subject.sample_id == "s1":
            raise raised
        return judged(spec, "pass")

    memory = run(plan(2), Runner(), Bench(judge), concurrency=1)
    first, second = memory.all("outcome")
    assert first.error_kind == "scorer_error"
    assert first.error.startswith(f"the bench raised {type(raised).__name__}")
    assert second.failed is False


@pytest.mark.parametrize("result", ["error", "fail"])
def test_an_advisory_check_decides_nothing(result: str) -> None:
    """Neither its failure nor its crash."""

    def judge(spec: CheckSpec, _: Subject) -> Check:
        return judged(spec, result)

    memory = run(with_check(plan(1), role="advisory"), Runner(), Bench(judge))
    [outcome] = memory.all("outcome")
    assert outcome.failed is False
    assert outcome.checks[1].result == result


def test_a_sample_adds_its_own_checks() -> None:
    """Judged after the suite's."""
    own = CheckSpec(id="own", scorer="equals")
    memory = run(plan([sample(1, checks=(own,))]), Runner())
    [outcome] = memory.all("outcome")
    assert [check.id for check in outcome.checks] == ["answered", "equals", "own"]


def test_every_gating_check_of_a_must_pass_sample_is_an_invariant() -> None:
    """Advisory ones stay what they are."""
    own = CheckSpec(id="own", scorer="equals", role="advisory")
    memory = run(plan([sample(1, case_class="must_pass", checks=(own,))]), Runner())
    [outcome] = memory.all("outcome")
    roles = {check.id: check.role for check in outcome.checks}
    assert roles == {"answered": "invariant", "equals": "invariant", "own": "advisory"}


@pytest.mark.parametrize("kind", ["sample", "answer", "outcome"])
def test_a_journal_that_refuses_ends_the_run(kind: str) -> None:
    """With its own exception; the runner is let go of, and what was written is put on disk."""

    class Full(Memory):
        """A disk that fills up."""

    def refuse(_: object) -> None:
        raise JournalError("no space")

    memory, runner = Full(), Runner()
    setattr(memory, kind, refuse)
    with pytest.raises(JournalError, match="no space"):
        asyncio.run(execute(plan(50), tools_of(runner, None, memory), Attempts(), concurrency=4))
    assert runner.closed == 1
    assert memory.synced > 0
    assert len(runner.requests) <= 4


def test_a_disk_that_cannot_sync_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not durable must not be paid for: the next flush stops the calls."""
    real = asyncio.sleep
    refused = threading.Event()

    async def quick(seconds: float) -> None:
        await real(min(seconds, 0.001))

    def sync() -> None:
        refused.set()
        raise JournalError("disk error")

    async def reply(_: Request) -> Answer:
        await real(0.001 if not refused.is_set() else 0.01)
        return Answer(text="yes")

    monkeypatch.setattr(asyncio, "sleep", quick)
    memory, runner = Memory(), Runner(reply)
    monkeypatch.setattr(memory, "sync", sync)
    with pytest.raises(JournalError, match="disk error"):
        asyncio.run(execute(plan(5000), tools_of(runner, None, memory), Attempts(), concurrency=2))
    assert len(runner.requests) < 4000
    assert runner.closed == 1


def test_cancelled_it_closes_the_runner_and_keeps_what_landed() -> None:
    """Ctrl-C: calls in flight end, nothing half is written."""

    async def reply(request: Request) -> Answer:
        if request.sample_id in ("s3", "s4"):
            await asyncio.sleep(60)
        return Answer(text="yes")

    memory, runner = Memory(), Runner(reply)

    async def interrupted() -> None:
        made = execute(plan(10), tools_of(runner, None, memory), Attempts(), concurrency=2)
        task = asyncio.create_task(made)
        while len(memory.all("outcome")) < 2:  # noqa: ASYNC110 - until two have landed
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(interrupted())
    assert [each.sample_id for each in memory.all("outcome")] == ["s1", "s2"]
    assert (runner.closed, runner.in_flight) == (1, 0)
    assert memory.synced > 0


def test_a_runner_that_cannot_close_undoes_nothing() -> None:
    """Every answer is durable by then."""

    class Stuck(Runner):
        """Breaks at the end."""

        async def close(self) -> None:
            """Break."""
            raise OSError("gone")

    memory = run(plan(2), Stuck())
    assert len(memory.all("outcome")) == 2
    assert memory.synced > 0


@pytest.mark.parametrize("samples", [0, 1])
def test_a_small_plan_needs_no_crowd(samples: int) -> None:
    """Nothing to do ends at once, and the runner is closed all the same."""
    runner = Runner()
    memory = run(plan(samples), runner, concurrency=64)
    assert len(memory.all("outcome")) == samples
    assert runner.closed == 1


@pytest.mark.real
def test_ten_thousand_attempts_do_not_pile_up() -> None:
    """The engine keeps neither tasks nor outcomes: memory stays flat."""

    class Forgetful(Memory):
        """Counts alone."""

        def sample(self, _: object) -> None:
            """Forget."""

        def answer(self, _: object) -> None:
            """Forget."""

        def outcome(self, _: object) -> None:
            """Forget."""

        def landed(self, _: object) -> None:
            """Look how many tasks there are."""
            self.synced += 1
            if self.synced % 1000 == 0:
                self.happened.append(("tasks", len(asyncio.all_tasks())))

    class Light(Runner):
        """Remembers no request."""

        async def answer(self, request: Request) -> Answer:
            """Answer."""
            return Answer(text=request.sample_id)

    class Blank(Bench):
        """Remembers no subject."""

        async def judge(self, specs: Any, subject: Any) -> tuple[Check, ...]:  # noqa: ANN401 - as above
            """Judge."""
            return (judged(specs[0], "pass", subject.sample_id),)

    memory, made = Forgetful(), plan(100, epochs=100)
    tools = tools_of(Light(), Blank(), memory)
    tracemalloc.start(1)
    try:
        asyncio.run(execute(made, tools, Attempts(), concurrency=8))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert max(memory.all("tasks")) <= 8 + 3
    assert peak < 2_000_000
