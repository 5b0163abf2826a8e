"""The fixture `paygrade_run`, in a real pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugin.conftest import Evals, Session

pytest_plugins = ["pytester"]


def test_a_suite_runs_inside_a_users_test(session: Session, evals: Evals) -> None:
    """`paygrade_run` runs the suite of the workspace at pytest's root and returns its figures."""
    evals.write("pytest.ini", "[pytest]\n")
    evals.write(
        "test_refunds.py",
        "def test_rate(paygrade_run):\n"
        "    summary = paygrade_run('refunds', runner='always_refund')\n"
        "    assert (summary.overall.scored, summary.overall.failed) == (3, 1)\n",
    )
    session().assert_outcomes(passed=1)


def test_a_mistake_in_the_workspace_fails_the_test_with_its_sentence(
    session: Session, evals: Evals
) -> None:
    """The user sees which name is wrong."""
    evals.write("pytest.ini", "[pytest]\n")
    evals.write(
        "test_refunds.py",
        "def test_rate(paygrade_run):\n    paygrade_run('refund', runner='echo')\n",
    )
    result = session()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*there is no suite 'refund' (did you mean 'refunds'?)*"])
