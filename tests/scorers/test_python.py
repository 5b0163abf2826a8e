"""`python`: a suite's own function, and everything it may do wrong."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from paygrade.errors import ScorerError
from paygrade.scorers import build, missing

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.check import Check
    from paygrade.records.json_value import Json
    from scorers.conftest import Judge, MakeSpec, MakeSubject

HEAD = "from paygrade.records.check import Score\n"


def run(judge: Judge, folder: Path, body: str, entry: str = "python", **params: Json) -> Check:
    """Judge {"a": [2, 1]} by a function with `body`."""
    (folder / "scorers.py").write_text(f"{HEAD}def f(subject, **params):\n    {body}\n")
    named: dict[str, Json] = {"callable": "scorers.py:f", **params}
    return judge(entry, named, {"a": [2, 1]}, {"a": [1, 2]}, folder=folder)


@pytest.mark.parametrize(
    ("body", "judged"),
    [
        ("return True", ("pass", None, "")),
        ("return False", ("fail", None, "the function returned False")),
        ("return 1", ("pass", 1.0, "")),
        ("return 0.25", ("fail", 0.25, "got 0.25, wanted at least 1.0")),
        ("return Score(passed=True, value=0.5, reason='half')", ("pass", 0.5, "half")),
        ("return Score(passed=False, reason='no\\n  way')", ("fail", None, "no way")),
    ],
)
def test_a_bool_a_number_or_a_score(
    judge: Judge, tmp_path: Path, body: str, judged: tuple[str, float | None, str]
) -> None:
    """Three kinds of values are understood."""
    check = run(judge, tmp_path, body)
    assert (check.result, check.value, check.reason) == judged


def test_a_number_passes_from_its_threshold_on(judge: Judge, tmp_path: Path) -> None:
    """The default threshold is 1."""
    assert run(judge, tmp_path, "return 0.7", threshold=0.7).result == "pass"
    assert run(judge, tmp_path, "return 0.69", threshold=0.7).result == "fail"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return None", "the function returned NoneType, not a bool, a number in 0..1 or a Score"),
        ("return 'yes'", "the function returned str, not a bool, a number in 0..1 or a Score"),
        ("return float('nan')", "the function returned nan, which is not in 0..1"),
        ("return 2", "the function returned 2, which is not in 0..1"),
        ("return -0.1", "the function returned -0.1, which is not in 0..1"),
        ("return Score(passed='yes')", "the Score's 'passed' is not a bool"),
        ("return Score(passed=True, reason=1)", "the Score's 'reason' is not text"),
        ("return Score(passed=True, value=3)", "the Score's 'value' is 3, which is not in 0..1"),
        (
            "return Score(passed=True, value='x')",
            "the Score's 'value' is str, which is not in 0..1",
        ),
        (
            "return Score(passed=True, partial={'r': float('inf')})",
            "the Score's 'partial' has 'r' without a finite number",
        ),
        (
            "return Score(passed=True, partial=[1])",
            "the Score's 'partial' is not a mapping of names to numbers",
        ),
        ("raise LookupError('no\\nsuch rule')", "the scorer raised LookupError: no such rule"),
        ("raise KeyError", "the scorer raised KeyError"),
        ("1 / 0", "the scorer raised ZeroDivisionError: division by zero"),
        ("f(subject)", "the scorer raised RecursionError: maximum recursion depth exceeded"),
        (
            "raise type('Broken', (Exception,), {'__str__': lambda self: 1 / 0})",
            "the scorer raised Broken",
        ),
    ],
)
@pytest.mark.parametrize("entry", ["python", "not-python"])
def test_anything_else_is_an_error_of_the_check(
    judge: Judge, tmp_path: Path, entry: str, body: str, reason: str
) -> None:
    """Wrong values and exceptions are errors with a sentence, negated or not; never failures."""
    check = run(judge, tmp_path, body, entry)
    assert (check.result, check.value) == ("error", None)
    assert check.reason.startswith(reason)


def test_an_awaitable_is_awaited(judge: Judge, tmp_path: Path) -> None:
    """An async function is as good; what it raises is an error of the check."""
    code = "import asyncio\nasync def f(subject):\n    await asyncio.sleep(0)\n    return 0.5\n"
    (tmp_path / "own.py").write_text(code)
    params: dict[str, Json] = {"callable": "own.py:f", "threshold": 0.5}
    check = judge("python", params, "x", folder=tmp_path)
    assert (check.result, check.value) == ("pass", 0.5)
    (tmp_path / "own.py").write_text("async def f(subject):\n    raise OSError('gone')\n")
    check = judge("python", params, "x", folder=tmp_path)
    assert (check.result, check.reason) == ("error", "the scorer raised OSError: gone")


@pytest.mark.parametrize("raised", ["KeyboardInterrupt", "asyncio.CancelledError"])
def test_a_cancellation_is_not_swallowed(
    tmp_path: Path, spec: MakeSpec, subject: MakeSubject, raised: str
) -> None:
    """What is no `Exception` ends the judging instead of becoming an error of the check."""
    (tmp_path / "own.py").write_text(f"import asyncio\ndef f(subject): raise {raised}\n")
    own = (spec("python", {"callable": "own.py:f"}),)
    bench = build(own, folder=tmp_path, output_schema=None)
    wanted = KeyboardInterrupt if raised == "KeyboardInterrupt" else asyncio.CancelledError
    # no event loop: asyncio.run turns a KeyboardInterrupt into one of its own
    with pytest.raises(wanted):
        bench.judge(own, subject("x")).send(None)


def test_params_are_keyword_arguments(judge: Judge, tmp_path: Path) -> None:
    """What stands under `params` reaches the function by name, fresh at every call."""
    body = "return params.pop('limits').pop() == 2"
    assert run(judge, tmp_path, body, params={"limits": [1, 2]}).result == "pass"


def test_a_function_cannot_change_what_others_judge(
    tmp_path: Path, spec: MakeSpec, subject: MakeSubject
) -> None:
    """A function that sorts or empties what it was given does so to a copy."""
    body = "subject.output['a'].sort(); subject.expected.clear(); return 1"
    (tmp_path / "own.py").write_text(f"def f(subject): {body}\n")
    specs = (
        spec("python", {"callable": "own.py:f"}),
        spec("equals", {"field": "a"}),
    )
    bench = build(specs, folder=tmp_path, output_schema=None)
    checks = asyncio.run(bench.judge(specs, subject({"a": [2, 1]}, {"a": [2, 1]})))
    assert [each.result for each in checks] == ["pass", "pass"]


def test_a_negated_function_says_which(judge: Judge, tmp_path: Path) -> None:
    """A function's pass that must not be names the function, or gives the function's reason."""
    check = run(judge, tmp_path, "return 1", "not-python")
    assert (check.result, check.value) == ("fail", 1.0)
    assert check.reason == "scorers.py:f passed it"
    check = run(judge, tmp_path, "return Score(passed=True, reason='why')", "not-python")
    assert check.reason == "why"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("", "own.py has no function 'f'"),
        ("f = 3", "'f' in own.py is not a function"),
        ("def f(", "own.py cannot be run: SyntaxError: '(' was never closed (own.py, line 1)"),
        ("import sys; sys.exit(3)", "own.py cannot be run: SystemExit: 3"),
        ("import nowhere_at_all", "own.py cannot be run: ModuleNotFoundError: No module named"),
        (
            "def f(subject): pass",
            "f cannot be called with the subject and these params: got an unexpected keyword",
        ),
        (
            "def f(subject, limit, rule): pass",
            "f cannot be called with the subject and these params: missing a required argument",
        ),
    ],
)
def test_a_wrong_file_is_found_before_the_run(
    tmp_path: Path, spec: MakeSpec, code: str, problem: str
) -> None:
    """Files that cannot be run, functions that are not there or take other arguments."""
    (tmp_path / "own.py").write_text(code)
    own = spec("python", {"callable": "own.py:f", "params": {"limit": 3}})
    [(_, found)] = missing((own,), tmp_path, None)
    assert found.problem.replace(f"{tmp_path}/", "").startswith(problem)
    with pytest.raises(ScorerError):
        build((own,), folder=tmp_path, output_schema=None)


@pytest.mark.parametrize(
    "file", ["../own.py", "/etc/own.py", "sub/../../own.py", "link/own.py", "a\0b.py"]
)
def test_a_file_elsewhere_is_refused(tmp_path: Path, spec: MakeSpec, file: str) -> None:
    """A suite names files beside it, and none that lie outside its folder."""
    folder = tmp_path / "suite"
    folder.mkdir()
    (tmp_path / "own.py").write_text("def f(subject): return True\n")
    (folder / "link").symlink_to(tmp_path)
    [(_, found)] = missing((spec("python", {"callable": f"{file}:f"}),), folder, None)
    assert found.problem == f"{file} lies outside the suite's folder"


def test_a_file_that_cannot_be_read_is_a_problem(
    tmp_path: Path, spec: MakeSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file without permission is a mistake with the system's word for it."""
    (tmp_path / "own.py").write_text("")

    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    [(_, found)] = missing((spec("python", {"callable": "own.py:f"}),), tmp_path, None)
    assert found.problem == "own.py cannot be read: Permission denied"


def test_what_runs_is_what_was_hashed(judge: Judge, tmp_path: Path) -> None:
    """An edited file of the same size runs anew at once, and nothing is cached beside the suite."""
    assert run(judge, tmp_path, "return True ").result == "pass"
    assert run(judge, tmp_path, "return False").result == "fail"
    assert [each.name for each in tmp_path.iterdir()] == ["scorers.py"]


def test_a_file_is_run_once_and_is_a_module(
    tmp_path: Path, spec: MakeSpec, subject: MakeSubject
) -> None:
    """Two checks share one module, in which dataclasses work and state is kept."""
    code = (
        "from __future__ import annotations\n"
        "from dataclasses import KW_ONLY, dataclass\n"
        "@dataclass\nclass Seen:\n    _: KW_ONLY\n    times: int = 0\n"
        "seen = Seen()\n"
        "def f(subject, most):\n    seen.times += 1\n    return seen.times <= most\n"
    )
    (tmp_path / "own.py").write_text(code)
    one = spec("python", {"callable": "own.py:f", "params": {"most": 1}})
    two = spec("python", {"callable": "own.py:f", "params": {"most": 2}})
    bench = build((one, two), folder=tmp_path, output_schema=None)
    checks = asyncio.run(bench.judge((one, two, two), subject("x")))
    assert [each.result for each in checks] == ["pass", "pass", "fail"]


def test_a_callable_in_c_is_taken_at_its_word(judge: Judge, tmp_path: Path) -> None:
    """A callable that tells no signature is tried at its first call."""
    (tmp_path / "own.py").write_text("f = type\n")
    check = judge("python", {"callable": "own.py:f"}, "x", folder=tmp_path)
    assert check.reason == "the function returned type, not a bool, a number in 0..1 or a Score"
