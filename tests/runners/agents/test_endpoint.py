"""`provider: http`: an agent behind an address of the user's own."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.error
import urllib.request
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.errors import RunnerError, UsageError
from paygrade.runners.agents import build_agent
from runners.agents.acting import HERE, TOOLBOX, fault, trajectory_of, unasked
from runners.agents.serving import answering, running
from runners.profiles import profile, request

if TYPE_CHECKING:
    from collections.abc import Callable

    from paygrade.records.agent import Fault
    from paygrade.records.answer import Answer

    Agent = Callable[[dict[str, Any]], Any]

REFUND = {"payment": "pay_1", "amount_minor": 4200, "currency": "USD", "key": "k"}


def post(url: str, **body: Any) -> Any:  # noqa: ANN401
    """What a POST of JSON is answered, whatever the status."""
    wanted = urllib.request.Request(  # noqa: S310
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(wanted) as reply:  # noqa: S310
            return json.loads(reply.read())
    except urllib.error.HTTPError as error:
        with error:
            return {"status": error.code, **json.loads(error.read())}


def act(agent: Agent, *faults: Fault, guard: str = "none", **options: Any) -> Answer:  # noqa: ANN401
    """What an agent in another thread's server answers."""

    def answers(_path: str, body: dict[str, Any]) -> tuple[int, Any]:
        given = agent(body)
        return given if isinstance(given, tuple) else (200, given)

    async def once(url: str) -> Answer:
        told = profile(HERE, "http", url=f"{url}/agent?v=1", guard=guard, **options)
        built = build_agent(replace(told, attempt_timeout_s=0.5), TOOLBOX)
        try:
            return await built.act(replace(request(), faults=faults), unasked)
        finally:
            await built.close()

    with running(answering(answers)) as url:
        return asyncio.run(once(url))


def refunding(body: dict[str, Any]) -> dict[str, Any]:
    """An agent that talks, refunds and looks."""
    tools = body["tools_url"]
    said = post(f"{tools}/say", text="May I?")
    done = post(f"{tools}/call", tool="refund", arguments=REFUND, id="mine")
    again = post(f"{tools}/call", tool="refund", arguments={**REFUND, "key": "other"})
    return {"text": json.dumps([said, done, again])}


def test_it_is_asked_once_and_calls_back() -> None:
    """What it says and calls is the trajectory; its text are the last words."""
    seen: list[dict[str, Any]] = []

    def agent(body: dict[str, Any]) -> dict[str, Any]:
        seen.append(body)
        return refunding(body)

    answer = act(agent)
    assert json.loads(answer.text) == [
        {"customer": "Thanks."}, {"result": {"id": "re_1"}}, {"result": {"id": "re_2"}},
    ]  # fmt: skip
    (question,) = seen
    assert question.keys() == {"sample_id", "epoch", "messages", "tools", "tools_url"}
    assert question["messages"][1] == {"role": "user", "content": "Hello from s1"}
    assert question["tools"][2].keys() == {"name", "description", "parameters"}
    done = trajectory_of(answer)
    assert [each.role for each in done.steps] == ["agent", "customer", "agent", "agent", "agent"]
    assert [call.id for step in done.steps for call in step.calls] == ["mine", "2"]


def test_faults_and_a_guard_are_between() -> None:
    """An endpoint is guarded as any other agent."""
    answer = act(refunding, fault("timeout_after_commit"), guard="pytx")
    told = json.loads(answer.text)
    assert (told[1]["result"]["status"], told[2]) == ("unknown", {"result": {"id": "re_1"}})
    assert len(trajectory_of(answer).effects) == 1


def test_errors_are_answers() -> None:
    """Of tools, of arguments, and of addresses that there are not."""

    def agent(body: dict[str, Any]) -> dict[str, Any]:
        tools = body["tools_url"]
        codes = [
            post(f"{tools}/call", tool="refund", arguments={**REFUND, "amount_minor": 9900}),
            post(f"{tools}/call", tool="refund", arguments="{", id=7),
            post(f"{tools}/call", tool="transfer", arguments=[]),
            post(f"{tools}/call", tool="refund"),
            post(f"{tools}/pay"),
            post(tools.rpartition("/")[0] + "/guess/say", text="x"),
        ]
        return {"text": " ".join(each["error"]["code"] for each in codes)}

    assert act(agent).text == (
        "policy_denied invalid_request unknown_tool invalid_request not_found not_found"
    )


def test_a_limit_hangs_up() -> None:
    """However long the endpoint would go on."""
    last: list[int] = []
    ended = threading.Event()

    def agent(body: dict[str, Any]) -> dict[str, Any]:
        for _ in range(100):
            told = post(f"{body['tools_url']}/call", tool="wait", arguments={"seconds": 1})
            if "status" in told:
                last.append(told["status"])
                break
        ended.wait(5)
        return {"text": "late"}

    answer = act(agent, max_steps=3)
    ended.set()
    assert (answer.finish, len(trajectory_of(answer).steps), last) == ("step_limit", 3, [409])


@pytest.mark.parametrize(
    ("given", "kind", "retryable"),
    [
        ((429, {"error": {"message": "slow down"}}), "rate_limited", True),
        ((503, {}), "overloaded", True),
        ((500, {"error": "oops"}), "server_error", True),
        ((401, {}), "auth", False),
        ((404, {}), "not_found", False),
        ((422, {}), "bad_request", False),
        ((200, {"txt": "x"}), "malformed_response", True),
        ((200, {"text": 7}), "malformed_response", True),
    ],
)
def test_an_endpoint_that_fails(given: tuple[int, Any], kind: str, retryable: bool) -> None:  # noqa: FBT001
    """By the same kinds as a vendor."""
    with pytest.raises(RunnerError) as caught:
        act(lambda _body: given)
    assert (caught.value.kind, caught.value.retryable) == (kind, retryable)


def test_an_endpoint_that_says_nothing() -> None:
    """Time is bounded."""
    waiting = threading.Event()
    with pytest.raises(RunnerError, match=r"said nothing for 0\.5 s") as caught:
        act(lambda _body: waiting.wait(1) and {})
    assert caught.value.kind == "timeout"


def test_an_endpoint_that_is_gone() -> None:
    """No connection."""
    told = profile(HERE, "http", url="http://127.0.0.1:9")
    with pytest.raises(RunnerError) as caught:
        asyncio.run(build_agent(told, TOOLBOX).act(request(), unasked))
    assert caught.value.kind == "connection"


def test_it_cannot_be_killed() -> None:
    """A case that kills the agent is refused, with what to do."""
    with pytest.raises(UsageError, match=r"^the case kills the agent's process, and .* not ours"):
        act(refunding, fault("crash_before_call"))
