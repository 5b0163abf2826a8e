"""What is not used costs nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_CONFTEST = '''\
"""Say at the end what of ours was loaded."""

import json
import sys


def pytest_unconfigure():
    """Print it."""
    ours = sorted(name for name in sys.modules if name.partition(".")[0] == "paygrade")
    sys.stderr.write(json.dumps(ours))
'''


def test_a_foreign_project_loads_nothing_of_ours(pytester: pytest.Pytester) -> None:
    """Not even one that has files of the same names, which it collects in its own way."""
    pytester.makeconftest(_CONFTEST)
    pytester.makepyfile("def test_one():\n    pass\n")
    pytester.makefile(
        ".yaml", **{"evals/a/suite": "not: [ours", "suite": "nor: [this", "x/suite": "nor: [this"}
    )
    quiet = ("-p", "no:xdist", "-p", "no:hypothesispytest", "-p", "no:anyio")
    result = pytester.runpytest_subprocess(*quiet, "-o", "paygrade_collect=true", ".", "evals")
    result.assert_outcomes(passed=1)
    assert json.loads(result.errlines[-1]) == ["paygrade", "paygrade.pytest_plugin"]


pytest_plugins = ["pytester"]
