"""Several processes: a suite is asked once, and the verdict is given once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from plugin.conftest import Evals

pytestmark = pytest.mark.real  # each starts workers

pytest_plugins = ["pytester"]

_QUIET = ("-p", "no:cacheprovider", "-p", "no:anyio", "-p", "no:hypothesispytest")


def _parallel(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess(*_QUIET, "-n", "2", *arguments)


def test_a_suite_split_over_workers_is_one_run(pytester: pytest.Pytester, evals: Evals) -> None:
    """Whoever comes first asks for all; the controller ends with the gate's verdict."""
    evals.plays(s3="refund")
    evals.accept()
    before = len(evals.runs)
    evals.plays(s1="refuse", s3="refund")
    result = _parallel(pytester, "evals", "-v", "--dist", "load")
    result.assert_outcomes(passed=1, failed=1, xfailed=1)
    assert result.ret == 100
    workers = {line[:5] for line in result.outlines if "::player::" in line and "%]" in line}
    assert workers == {"[gw0]", "[gw1]"}
    assert len(evals.runs) == before + 2  # the candidate's, and the second look at some samples
    result.stdout.fnmatch_lines(
        [
            "REGRESSED  refunds · player: *",
            "paygrade: exit 100 (regressed, a stated limit is exceeded, or an invariant failed)",
        ]
    )
    assert sum("REGRESSED" in line for line in result.outlines) == 1
    assert not (evals.root / ".paygrade/pytest").exists()


@pytest.mark.real
def test_suites_may_be_spread_by_file(pytester: pytest.Pytester, evals: Evals) -> None:
    """Each worker asks its own; an ordinary test that fails stays 1."""
    evals.other_suite("returns")
    evals.plays(s1="error", s2="error", s3="error")
    result = _parallel(pytester, "evals", "--dist", "loadfile")
    result.assert_outcomes(errors=6)
    assert result.ret == 102
    assert evals.asked == ["s1/1", "s1/1", "s2/1", "s2/1", "s3/1", "s3/1"]
    evals.write("tests/test_ordinary.py", "def test_ordinary():\n    assert False\n")
    assert _parallel(pytester, "evals", "tests", "--dist", "loadfile").ret == 1


@pytest.mark.real
def test_a_killed_workers_run_is_gone_on_with(pytester: pytest.Pytester, evals: Evals) -> None:
    """What was answered is not asked again: the next worker finishes the run."""
    evals.write(
        "runners/player.py",
        (evals.root / "runners/player.py").read_text("utf-8")
        + "\n\n_play = answer\n\n\ndef answer(request):\n"
        '    """Die once, on the second sample."""\n'
        "    import os\n"
        '    if request.sample_id == "s2" and not (HERE / "died").exists():\n'
        '        (HERE / "died").touch()\n'
        "        os._exit(1)\n"
        "    return _play(request)\n",
    )
    evals.profile("concurrency: 1")
    result = _parallel(pytester, "evals", "--dist", "loadfile")
    assert result.ret == 1  # the item that the worker died in
    assert len(evals.runs) == 1
    assert evals.asked == ["s1/1", "s2/1", "s3/1"]
    result.stdout.fnmatch_lines(["COMPLETE  refunds · player: failure rate 0.0 %, 0 of 3 failed"])


@pytest.mark.real
def test_a_session_without_suites_is_left_alone(pytester: pytest.Pytester) -> None:
    """No section, no status of ours."""
    pytester.makepyfile("def test_one():\n    pass\n\n\ndef test_two():\n    assert False\n")
    result = _parallel(pytester)
    result.assert_outcomes(passed=1, failed=1)
    assert result.ret == 1
    result.stdout.no_fnmatch_line("*= paygrade =*")


@pytest.mark.real
def test_every_worker_may_show_every_item(pytester: pytest.Pytester, evals: Evals) -> None:
    """`--dist each` asks once too."""
    result = _parallel(pytester, "evals", "--dist", "each", "--tx", "2*popen")
    result.assert_outcomes(passed=6)
    assert evals.asked == ["s1/1", "s2/1", "s3/1"]
