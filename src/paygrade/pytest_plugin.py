"""The pytest plugin: a fixture that runs a suite of the workspace at pytest's root.

It is loaded in every pytest of every user, so it imports nothing of ours before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from paygrade.records.run import RunSummary


@pytest.fixture
def paygrade_run(pytestconfig: pytest.Config) -> Callable[..., RunSummary]:
    """`paygrade_run(suite, runner=…)` runs and stores a suite and returns its `RunSummary`.

    Takes what `paygrade.run_suite` takes; the workspace is pytest's root folder by default.
    """

    def run(suite: str, *, runner: str, **options: object) -> RunSummary:
        from paygrade.pipeline.api import run_suite  # noqa: PLC0415 - costs nothing when unused

        options.setdefault("workspace", pytestconfig.rootpath)
        return run_suite(suite, runner=runner, **options)  # type: ignore[arg-type]  # checked there

    return run
