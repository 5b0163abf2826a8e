"""`provider: command`, with real processes."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.errors import RunnerError, UsageError
from paygrade.records.answer import Usage
from paygrade.runners.command import CommandRunner
from runners.vendors.asking import ask, load, profile, refused, request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ECHO = """
import json, sys
asked = json.load(sys.stdin)
json.dump({"text": asked["messages"][-1]["content"] + asked["parameters"]["tone"]}, sys.stdout)
"""


def python(folder: Path, code: str, env: Sequence[str] = ()) -> CommandRunner:
    """A runner of a small program beside its profile."""
    (folder / "answer.py").write_text(code, "utf-8")
    command = [sys.executable, "answer.py"]
    runner = load(profile("command", folder=folder, command=command, env=[*env]))
    assert isinstance(runner, CommandRunner)
    return runner


def shell(folder: Path, script: str, timeout_s: float = 10) -> CommandRunner:
    """A runner of a line of shell: starts in a millisecond."""
    command = ["sh", "-c", script]
    return CommandRunner.load(
        profile("command", folder=folder, timeout_s=timeout_s, command=command)
    )


def test_the_request_goes_in_and_the_answer_comes_out(tmp_path: Path) -> None:
    """JSON both ways, in the profile's folder, whatever the script of the text."""
    asked = request("Grüße, 返金? 💸", tone="!")
    assert ask(python(tmp_path, ECHO), asked).text == "Grüße, 返金? 💸!"


def test_finish_model_and_usage_are_taken(tmp_path: Path) -> None:
    """All that a provider would say."""
    said = '{"text": "", "finish": "length", "model": "m-1", "usage": {"output_tokens": 3}}'
    answer = ask(shell(tmp_path, f"echo '{said}'"), request(seed=1))
    assert (answer.finish, answer.model) == ("length", "m-1")
    assert answer.usage == Usage(output_tokens=3)
    assert answer.sent == {"seed": 1}


def test_it_sees_only_the_variables_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No key of anybody's leaks into a program."""
    monkeypatch.setenv("MINE", "1")
    monkeypatch.setenv("SECRET", "2")
    code = "import json, os; print(json.dumps({'text': ' '.join(sorted(os.environ))}))"
    names = set(ask(python(tmp_path, code, env=["MINE"])).text.split())
    assert "MINE" in names
    assert names <= {"MINE", "PATH", "HOME", "LANG", "LC_CTYPE"}  # Python sets the last itself


@pytest.mark.parametrize(
    ("script", "kind", "said"),
    [
        ("echo Traceback >&2; echo 'no model here' >&2; exit 3", "command_failed", "exit code 3"),
        ("kill -9 $$", "command_failed", "signal 9"),
        ("echo Sure!", "malformed_response", "is not JSON"),
        ("true", "malformed_response", "is not JSON"),
        ("echo '[]'", "malformed_response", "not a JSON object"),
        ("echo '{}'", "malformed_response", "has no text"),
        ("echo '{\"text\": 1}'", "malformed_response", "has int where text is str"),
        ('echo \'{"text": "", "cost": 1}\'', "malformed_response", "unknown key 'cost'"),
        ('echo \'{"text": "", "finish": "ok"}\'', "malformed_response", "'finish' other than"),
        ('echo \'{"text": "", "usage": {"output_tokens": true}}\'', "malformed_response", "bool"),
        ("yes", "malformed_response", "more than 4194304 bytes"),
    ],
)
def test_what_goes_wrong_has_a_kind(tmp_path: Path, script: str, kind: str, said: str) -> None:
    """An exit code, a signal, and every wrong answer."""
    error = refused(shell(tmp_path, script))
    assert error.kind == kind
    assert said in str(error)


def test_standard_error_is_told_short_and_without_keys(tmp_path: Path) -> None:
    """Its end, on one line."""
    script = "yes 'noise' | head -c 1000000 >&2; echo 'key sk-abcdef123456 is wrong' >&2; exit 1"
    said = str(refused(shell(tmp_path, script)))
    assert said.endswith("key [key] is wrong")
    assert len(said) < 260


def _is_gone(pid: int) -> bool:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:  # noqa: PTH123 - no path of ours
            if stat.read().rpartition(")")[2].split()[0] == "Z":
                return True
        time.sleep(0.02)
    return False


def test_time_up_kills_the_whole_group(tmp_path: Path) -> None:
    """The program and what it started."""
    error = refused(shell(tmp_path, "sleep 60 & echo $! > pid; sleep 60", timeout_s=0.3))
    assert (error.kind, error.retryable) == ("timeout", True)
    assert _is_gone(int((tmp_path / "pid").read_text("utf-8")))


def test_a_cancelled_run_kills_the_whole_group(tmp_path: Path) -> None:
    """Nothing that cost money goes on after Ctrl-C."""

    async def run() -> None:
        runner = shell(tmp_path, "sleep 60 & echo $! > pid; sleep 60")
        task = asyncio.create_task(runner.answer(request()))
        for _ in range(500):
            if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text("utf-8"):
                break
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert _is_gone(int((tmp_path / "pid").read_text("utf-8")))


@pytest.mark.parametrize("turns", [1, 2, 3, 5])
def test_a_command_cancelled_while_it_starts_is_killed_too(tmp_path: Path, turns: int) -> None:
    """After so few turns of the loop its pipes are not yet connected, but it runs."""

    async def run() -> None:
        runner = shell(tmp_path, "echo $$ > pid; sleep 60 & wait")
        task = asyncio.create_task(runner.answer(request()))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    before = time.monotonic()
    asyncio.run(run())
    assert time.monotonic() - before < 5
    if (tmp_path / "pid").exists() and (pid := (tmp_path / "pid").read_text("utf-8")):
        assert _is_gone(int(pid))


def test_an_answer_does_not_wait_for_what_was_left_running(tmp_path: Path) -> None:
    """A grandchild that holds the pipe is killed, and the answer comes at once."""
    before = time.monotonic()
    answer = ask(shell(tmp_path, 'sleep 60 & echo $! > pid; echo \'{"text": "yes"}\''))
    assert answer.text == "yes"
    assert time.monotonic() - before < 5
    assert _is_gone(int((tmp_path / "pid").read_text("utf-8")))


def test_a_command_that_reads_nothing_may_answer(tmp_path: Path) -> None:
    """A request larger than a pipe, unread, is no error."""
    asked = request("x" * 500_000)
    assert ask(shell(tmp_path, 'echo \'{"text": "yes"}\''), asked).text == "yes"


def test_many_at_once_get_their_own_answers(tmp_path: Path) -> None:
    """Thirty processes side by side."""
    script = 'read line; printf \'{"text": "%s"}\' $$'

    async def many() -> list[str]:
        runner = shell(tmp_path, script)
        return [
            answer.text
            for answer in await asyncio.gather(*(runner.answer(request()) for _ in range(30)))
        ]

    assert len(set(asyncio.run(many()))) == 30


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "'command' names no program"),
        ({"command": "answer.sh"}, "'command' must be a list of texts"),
        ({"command": ["nothing-of-that-name"]}, "there is no program 'nothing-of-that-name'"),
        ({"command": ["./answer.sh"]}, "there is no program './answer.sh'"),
        ({"command": ["sh"], "env": ["NOT_SET_ANYWHERE"]}, "NOT_SET_ANYWHERE, which is not set"),
    ],
)
def test_a_profile_that_cannot_run_is_told(
    tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    """Before the first call."""
    with pytest.raises(UsageError, match=said):
        load(profile("command", folder=tmp_path, **options))


def test_a_program_that_vanished_is_a_failed_command(tmp_path: Path) -> None:
    """Between loading and asking."""
    script = tmp_path / "answer.sh"
    script.write_text("#!/bin/sh\n", "utf-8")
    script.chmod(0o755)
    runner = load(profile("command", folder=tmp_path, command=["./answer.sh"]))
    script.unlink()
    with pytest.raises(RunnerError, match="cannot be started") as caught:
        ask(runner)
    assert caught.value.kind == "command_failed"
