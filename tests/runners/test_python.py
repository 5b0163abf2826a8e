"""`provider: python`: a callable of the user's own."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from paygrade.errors import RunnerError, UsageError
from paygrade.runners.python import PythonRunner
from runners.profiles import profile, request

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.answer import Answer


def load(folder: Path, code: str, name: str = "answer") -> PythonRunner:
    """The runner of `own.py` with this code."""
    (folder / "own.py").write_text(code)
    return PythonRunner.load(profile(folder, "python", callable=f"own.py:{name}"))


def ask(runner: PythonRunner) -> Answer:
    """One answer."""
    return asyncio.run(runner.answer(request()))


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("'yes'", "yes"),
        ("''", ""),
        ("{'a': [1, 'ß']}", '{"a": [1, "ß"]}'),
        ("[1, None, True]", "[1, null, true]"),
    ],
)
@pytest.mark.parametrize("kind", ["def", "async def"])
def test_text_and_json_become_an_answer(tmp_path: Path, kind: str, result: str, text: str) -> None:
    """Sync or async, text as it is, a dict or a list as JSON."""
    assert ask(load(tmp_path, f"{kind} answer(request):\n    return {result}\n")).text == text


def test_an_answer_is_passed_on_as_it_is(tmp_path: Path) -> None:
    """With its finish, its tokens and its cost."""
    code = (
        "from paygrade.records.answer import Answer, Usage\n"
        "def answer(request):\n"
        "    return Answer(text='', finish='refusal', usage=Usage(input_tokens=3), cost_usd=0.5)\n"
    )
    answer = ask(load(tmp_path, code))
    assert (answer.finish, answer.cost_usd) == ("refusal", 0.5)
    assert answer.usage is not None
    assert answer.usage.input_tokens == 3


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return None", "the callable returned NoneType, not text, a dict or an Answer"),
        ("return 7", "the callable returned int, not text, a dict or an Answer"),
        ("return {'a': float('nan')}", "the callable returned what is not JSON: "),
        ("return {'a': {1, 2}}", "the callable returned what is not JSON: "),
        ("a = []; a.append(a); return a", "the callable returned what is not JSON: "),
        ("raise ValueError('bad luck')", "the callable raised ValueError: bad luck"),
        ("raise SystemExit(3)", "the callable raised SystemExit: 3"),
        ("raise StopIteration", "the callable raised StopIteration"),
        ("raise type('E', (Exception,), {'__str__': None})()", "the callable raised E"),
        ("import missing_module_xyz", "the callable raised ModuleNotFoundError: No module"),
    ],
)
def test_what_is_no_answer_is_an_error(tmp_path: Path, body: str, told: str) -> None:
    """Of the infrastructure, never a wrong answer; one sentence says what came instead."""
    with pytest.raises(RunnerError) as caught:
        ask(load(tmp_path, f"def answer(request):\n    {body}\n"))
    assert caught.value.kind == "runner_crashed"
    assert caught.value.problem.startswith(told)


def test_an_error_of_its_own_class_keeps_its_kind(tmp_path: Path) -> None:
    """A callable may classify what went wrong."""
    code = (
        "from paygrade.errors import RunnerError\n"
        "async def answer(request):\n    raise RunnerError('try later', kind='rate_limit')\n"
    )
    with pytest.raises(RunnerError) as caught:
        ask(load(tmp_path, code))
    assert caught.value.kind == "rate_limit"


def test_an_object_with_an_async_call_is_awaited(tmp_path: Path) -> None:
    """Nobody can tell from outside that calling it gives something to wait for."""
    code = (
        "class Agent:\n    async def __call__(self, request):\n        return 'from afar'\n"
        "answer = Agent()\n"
    )
    assert ask(load(tmp_path, code)).text == "from afar"


def test_a_file_stands_for_itself(tmp_path: Path) -> None:
    """Modules beside it are not found: what runs is exactly what the run's identity has hashed."""
    (tmp_path / "beside_own.py").write_text("WORD = 'hello'\n")
    with pytest.raises(UsageError, match="No module named 'beside_own'"):
        load(tmp_path, "from beside_own import WORD\n")


def test_no_bytecode_is_left_in_a_content_folder(tmp_path: Path) -> None:
    """An edit within the same second counts, and git sees no new folder."""
    assert ask(load(tmp_path, "def answer(request):\n    return 'one'\n")).text == "one"
    assert ask(load(tmp_path, "def answer(request):\n    return 'two'\n")).text == "two"
    assert not list(tmp_path.rglob("__pycache__"))


def test_a_dataclass_of_the_file_works(tmp_path: Path) -> None:
    """Dataclasses with postponed annotations look their module up."""
    code = (
        "from __future__ import annotations\nfrom dataclasses import asdict, dataclass\n"
        "@dataclass\nclass Reply:\n    action: str\n"
        "def answer(request):\n    return asdict(Reply('refund'))\n"
    )
    assert ask(load(tmp_path, code)).text == '{"action": "refund"}'


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("answers = 1\n", "own.py: has no function 'answer'"),
        ("answer = 1\n", "own.py: has no function 'answer'"),
        ("import missing_module_xyz\n", "own.py: cannot be run: ModuleNotFoundError: No"),
        ("raise SystemExit('stop')\n", "own.py: cannot be run: SystemExit: stop"),
        ("def answer(:\n", "own.py: cannot be run: SyntaxError: "),
    ],
)
def test_a_file_that_does_not_load_is_a_mistake(tmp_path: Path, code: str, told: str) -> None:
    """Said before any call, with the file; no half module stays behind."""
    modules, path = set(sys.modules), list(sys.path)
    with pytest.raises(UsageError) as caught:
        load(tmp_path, code)
    assert caught.value.problem.startswith(f"{tmp_path}/{told}")
    left = [name for name in set(sys.modules) - modules if name.startswith("_paygrade")]
    assert not left or "has no function" in told
    assert sys.path == path


@pytest.mark.parametrize("name", ["gone.py", "own.txt"])
def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path, name: str) -> None:
    """Or is not Python."""
    (tmp_path / "own.txt").write_text("text")
    with pytest.raises(UsageError, match=name):
        PythonRunner.load(profile(tmp_path, "python", callable=f"{name}:answer"))


def test_a_call_that_hangs_does_not_hold_the_others() -> None:
    """Sync callables run in threads, daemons all, so that the process can end."""
    release = threading.Event()

    def hang(asked: object) -> str:
        assert asked
        assert threading.current_thread().daemon
        release.wait(10)
        return "late"

    async def wait() -> None:
        async with asyncio.timeout(0.05):
            await PythonRunner(hang).answer(request())

    with pytest.raises(TimeoutError):
        asyncio.run(wait())
    release.set()  # its answer finds nobody waiting, and says nothing
