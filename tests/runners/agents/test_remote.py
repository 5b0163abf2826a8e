"""Worlds over HTTP: a user's own server of tools, and the one that outlives a killed agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from paygrade.errors import RunnerError, UsageError
from paygrade.records.agent import Toolbox
from paygrade.runners.agents import replay
from paygrade.runners.agents.hosted import Called
from paygrade.runners.agents.opening import open_world
from paygrade.runners.agents.remote import RemoteHost
from paygrade.runners.agents.server import Worlds
from runners.agents import shop
from runners.agents.acting import TOOLBOX, act, fault, trajectory_of
from runners.agents.serving import answering, running

if TYPE_CHECKING:
    from collections.abc import Iterator

LOST = fault("timeout_after_commit", "sell")
REFUND: dict[str, Any] = {"payment": "pay_1", "amount_minor": 4200, "currency": "USD", "key": "k"}


@pytest.fixture
def tools() -> Iterator[Toolbox]:
    """A user's server, running."""
    with running(shop.serve()) as url:
        yield Toolbox(url=url)


def test_tools_of_a_server(tools: Toolbox) -> None:
    """It is called, it hears, it ends; its errors are the agent's to handle."""
    answer = act("selling", toolbox=tools, world={"stock": 2})
    done = trajectory_of(answer)
    assert answer.text == "['sold', 'sold', 'sold_out']"
    assert [each.intent for each in done.effects] == ["sell:cup", "sell:cup"]
    assert done.steps[-1].text == "And?"
    snapshot: Any = done.snapshot
    assert snapshot["heard"] == [answer.text]


def test_faults_and_a_guard_stand_before_it(tools: Toolbox) -> None:
    """The server knows of neither, and needs not."""
    answer = act("selling", LOST, toolbox=tools, world={"stock": 2}, guard="pytx")
    assert answer.text == "['unknown', 'sold', 'sold']"
    done = trajectory_of(answer)
    assert [each.intent for each in done.effects] == ["sell:cup", "sell:pot"]
    assert replay(tools, {"stock": 2}, [LOST], done.deliveries) == done.snapshot_hash


@pytest.mark.real
def test_an_agent_of_a_server_can_be_killed(tools: Toolbox) -> None:
    """A process of ours stands between: it injects, and outlives the agent."""
    crash = fault("crash_after_commit", "sell")
    answer = act("selling", crash, toolbox=tools, world={"stock": 2}, guard="pytx")
    assert answer.text == "['sold', 'sold', 'sold']"
    assert trajectory_of(answer).restarts == 1


def test_it_has_no_faults_of_its_own(tools: Toolbox) -> None:
    """Only those of transport are known."""
    with pytest.raises(UsageError, match="no fault is known by the kind 'stale_look_up'"):
        act("selling", fault("stale_look_up", "sold"), toolbox=tools)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((200, {}), "a server of tools answered without 'id'"),
        ((200, {"id": "w", "tools": [{}]}), "answered what is none: a tool has no 'name'"),
        ((500, {"oops": 1}), 'answered 500: {"oops": 1}'),
        ((404, {}), "answered 404"),
        ((200, [1]), r"answered 200: \[1\]"),
    ],
)
def test_a_server_that_answers_something_else(answer: tuple[int, Any], told: str) -> None:
    """Is a defect of the tools."""
    with (
        running(answering(lambda _path, _body: answer)) as url,
        pytest.raises(RunnerError, match=told) as caught,
    ):
        open_world(Toolbox(url=url), {}, ())
    assert caught.value.kind == "tool_crashed"


def test_what_it_answered_is_not_cut_in_a_card_number() -> None:
    """Half a number would pass every mask that follows."""
    said = {"e": f"{'x' * (200 - 7 - 15)} 4111111111111111"}
    with (
        running(answering(lambda _path, _body: (500, said))) as url,
        pytest.raises(RunnerError, match="answered 500") as caught,
    ):
        open_world(Toolbox(url=url), {}, ())
    assert "41111111111" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({}, "neither 'result' nor 'error'"),
        ({"error": "no"}, "the 'error' of a call is no object"),
        ({"error": {}}, "without 'code'"),
    ],
)
def test_a_call_that_is_answered_by_something_else(answer: dict[str, Any], told: str) -> None:
    """The same."""
    opened = {"id": "w", "tools": shop.TOOLS}

    def answers(path: str, _body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return 200, opened if path == "/worlds" else answer

    with running(answering(answers)) as url, pytest.raises(RunnerError, match=told):
        open_world(Toolbox(url=url), {}, ()).call("sell", {"item": "cup"})


def test_a_server_that_is_gone() -> None:
    """May be there again for another attempt."""
    with pytest.raises(RunnerError, match="no answer from http://127") as caught:
        open_world(Toolbox(url="http://127.0.0.1:9"), {}, ())
    assert (caught.value.kind, caught.value.retryable) == ("connection", True)


def test_our_server_hosts_many_worlds() -> None:
    """Each is the same as in this process, to the byte, its errors and faults too."""
    faults = (fault("timeout_after_commit"), fault("stale_look_up", "operation"))
    with running(answering(Worlds(TOOLBOX).answer)) as url:
        near, far, other = (
            open_world(TOOLBOX, {"now": 7}, faults),
            RemoteHost.open(url, {"now": 7}, faults),
            RemoteHost.open(url, {}, ()),
        )
        other.call("refund", REFUND)
        for host in (near, far):
            lost = host.call("refund", REFUND)
            assert lost.error is not None
            assert (lost.error.code, lost.error.unknown) == ("timeout", True)
            assert host.call("operation", {"key": "k"}) == Called(
                result={"status": "not_found"}, fault="stale_look_up"
            )
            assert host.call("wait", {"seconds": 5}).result == {"now": 12}
            assert (host.now(), host.hear("May I?")) == (12.0, "Thanks.")
            host.restart()
        assert far.tools == near.tools
        assert far.end() == near.end()
        assert [each.id for each in other.end().effects] == ["re_1"]


def test_our_server_tells_what_went_wrong() -> None:
    """By its kind, so that a mistake stays a mistake."""
    with running(answering(Worlds(TOOLBOX).answer)) as url:
        with pytest.raises(UsageError, match="no fault is known by the kind 'gremlins'"):
            RemoteHost.open(url, {}, (fault("gremlins"),))
        host = RemoteHost.open(url, {}, ())
        with pytest.raises(RunnerError, match="the tool broken raised ZeroDivisionError") as caught:
            host.call("broken", {})
        assert caught.value.kind == "tool_crashed"
        host.end()
        with pytest.raises(RunnerError, match="answered 400"):
            host.hear("Is anybody there?")
