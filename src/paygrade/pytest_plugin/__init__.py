"""The pytest plugin: suites of a workspace as tests, and a fixture that runs one.

It is loaded in every pytest of every user, so it imports nothing of ours before it is used.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from paygrade.records.run import RunSummary

SUITE_FILE = "suite.yaml"
CHANNEL = "paygrade"
"""Under this key xdist's controller and its workers tell each other things."""

_MARKERS = (
    "paygrade(suite, runner, sample, case, SLICE): one sample of a suite, asked by one runner",
    "must_pass: a sample whose every gating check is an invariant",
    "statistical: a sample that counts in a failure rate",
    "quarantined: a sample that is in no rate until a date",
)
_FOLDERS = ("evals", "prompts", "datasets", "runners")
TOKEN = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a user may set."""
    parser.getgroup("paygrade", "evals as tests").addoption(
        "--paygrade-runner",
        action="append",
        default=[],
        metavar="NAME",
        help="Ask this runner instead of those that a suite names. Repeatable.",
    )
    parser.addini(
        "paygrade_collect",
        "Collect suites: true everywhere, false nowhere; by default where the evals folder, or "
        "something in it, is named.",
        type="bool",
        default=None,
    )
    parser.addini(
        "paygrade_gate",
        "Let the gate judge a whole suite that has an accepted baseline.",
        type="bool",
        default=True,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make our markers known, for `--strict-markers`."""
    for line in _MARKERS:
        config.addinivalue_line("markers", line)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A suite of a workspace whose evals folder is named; nobody else's file is looked into."""
    if file_path.name != SUITE_FILE or not is_wanted(parent.config, file_path.parent.parent):
        return None
    if not any(says_workspace(each) for each in file_path.parents):
        return None
    from paygrade.pytest_plugin.collecting import suite_file  # noqa: PLC0415 - it is a suite

    return suite_file(file_path, parent)


def is_wanted(config: pytest.Config, evals: Path) -> bool:
    """Whether to collect what lies in the folder `evals`."""
    said = config.getini("paygrade_collect")
    if said is not None:
        return bool(said)
    here, folder = config.invocation_params.dir, os.path.realpath(evals)
    named = (os.path.realpath(here / each.partition("::")[0]) for each in config.args)
    return any(each == folder or each.startswith(folder + os.sep) for each in named)


def says_workspace(folder: Path) -> bool:
    """Whether `folder` is a workspace by its own word, or has all that a suite names."""
    if os.path.lexists(folder / "paygrade.yaml"):
        return True
    if all((folder / each).is_dir() for each in _FOLDERS):
        return True
    try:
        return b"[tool.paygrade" in (folder / "pyproject.toml").read_bytes()
    except OSError:
        return False


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - xdist has no public types
    """Give all of xdist's workers one name for this session."""
    stash = node.config.stash
    node.workerinput[CHANNEL] = stash.setdefault(TOKEN, secrets.token_hex(8))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: Sequence[str]) -> None:  # noqa: ANN401 - as above
    """A worker found suites: the session will end with their verdict."""
    if any(f"{SUITE_FILE}::" in each for each in ids):
        from paygrade.pytest_plugin.ledger import ledger_of  # noqa: PLC0415 - there are suites

        ledger_of(node.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 - as above
    """Take what a worker has to tell of its suites."""
    told = getattr(node, "workeroutput", {}).get(CHANNEL)
    if told:
        from paygrade.pytest_plugin.ledger import ledger_of  # noqa: PLC0415 - there were suites

        ledger_of(node.config).take(told)


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
