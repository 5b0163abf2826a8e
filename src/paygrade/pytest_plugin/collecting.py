"""From a suite's file to one item for each sample and runner."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.errors import PaygradeError, WorkspaceError
from paygrade.leaks import Barrier
from paygrade.pipeline import as_tests
from paygrade.pytest_plugin import says_workspace
from paygrade.pytest_plugin.judging import judge
from paygrade.pytest_plugin.ledger import ledger_of
from paygrade.reports.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from paygrade.pipeline.as_tests import Bound
    from paygrade.pytest_plugin.judging import Said
    from paygrade.records.sample import Sample


def suite_file(file: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The collector of `file`, if it lies in the evals folder of a workspace."""
    try:
        root = as_tests.workspace_of(file)
    except WorkspaceError:  # told again, as a collection error, when its suites are bound
        return SuiteFile.from_parent(parent, path=file)
    if root is None or not says_workspace(root):
        return None
    return SuiteFile.from_parent(parent, path=file)


class SuiteFile(pytest.File):
    """`evals/NAME/suite.yaml`."""

    def collect(self) -> Iterator[pytest.Collector]:
        """One node for each runner.

        Raises:
            CollectError: every mistake in the suite and in what it names.
        """
        ledger = ledger_of(self.config)
        try:
            found = as_tests.bind(self.path, tuple(self.config.getoption("--paygrade-runner")))
        except PaygradeError as error:
            ledger.refused(error.exit_code)
            raise self.CollectError(told(error, self)) from error
        for bound in found:
            yield RunnerNode.from_parent(self, name=bound.plan.runner.name, bound=bound)


def told(error: PaygradeError, node: pytest.Collector) -> str:
    """A mistake a line; places as they are seen from where pytest was started."""
    lines = [str(error)]
    if isinstance(error, WorkspaceError):
        here = node.config.invocation_params.dir
        root = _root(node.path)
        lines = [
            str(replace(each, path=os.path.relpath(root / each.path, here)) if root else each)
            for each in error.mistakes
        ]
    return plain(Barrier().mask("\n".join(lines)).text)


def _root(file: Path) -> Path | None:
    """The workspace of `file`; none where the mistake is about the workspace itself."""
    with contextlib.suppress(WorkspaceError):
        return as_tests.workspace_of(file)
    return None


class RunnerNode(pytest.Collector):
    """The samples of a suite as one runner answers them."""

    def __init__(self, *, bound: Bound, **options: Any) -> None:  # noqa: ANN401 - pytest's own
        """Keep what was bound."""
        super().__init__(**options)
        self.bound = bound

    def collect(self) -> Iterator[pytest.Item]:
        """One item for each sample."""
        for sample in self.bound.plan.samples:
            item = SampleItem.from_parent(self, name=sample.id, sample=sample)
            item.mark()
            yield item


class SampleItem(pytest.Item):
    """One sample of a suite, asked by one runner."""

    def __init__(self, *, sample: Sample, **options: Any) -> None:  # noqa: ANN401 - pytest's own
        """Keep the sample."""
        super().__init__(**options)
        assert isinstance(self.parent, RunnerNode)  # noqa: S101 - nobody else makes one
        self.bound = self.parent.bound
        self.sample = sample
        plan = self.bound.plan
        self.user_properties += [
            ("paygrade_suite", plan.suite),
            ("paygrade_runner", plan.runner.name),
        ]
        self._said: Said | None = None

    def mark(self) -> None:
        """Markers and keywords, to be chosen by."""
        plan, sample = self.bound.plan, self.sample
        names = {
            "suite": plan.suite,
            "runner": plan.runner.name,
            "sample": sample.id,
            "case": sample.case,
        }
        self.add_marker(pytest.mark.paygrade(**names))
        self.add_marker(sample.case_class)
        own = ledger_of(self.config).marker(plan.suite)
        if own:
            self.add_marker(own)
        self.extra_keyword_matches |= {plan.suite, sample.case}
        for name, values in sample.slices.items():
            for value in values:
                self.extra_keyword_matches.add(f"{name}:{value}")
                if name != "self":  # which Python keeps to itself
                    self.add_marker(pytest.mark.paygrade(**{name: value}))
        if sample.case_class == "quarantined":
            reason = f"quarantined until {sample.quarantined_until}: {sample.quarantined_why}"
            self.add_marker(pytest.mark.xfail(reason=plain(reason), strict=False))

    def setup(self) -> None:
        """Ask, if nobody has; what gave no outcome is an error.

        Raises:
            Failed: nobody knows how this sample does.
        """
        if self.config.getoption("setuponly", default=False):
            return
        ledger = ledger_of(self.config)
        answered = ledger.told(self)
        if self._said is None:
            said = judge(self.sample, self.bound.plan, answered, ledger.seen(self))
            text = self.bound.layout.barrier.mask(said.text).text
            self._said = said = replace(said, text=text)
            self.user_properties += said.properties
        if self._said.kind == "error":
            pytest.fail(self._said.text, pytrace=False)

    def runtest(self) -> None:
        """Tell what came of it.

        Raises:
            Failed: it failed.
            XFailed: it failed, and the gate's verdict has counted it.
        """
        said = self._said
        if said is None or said.kind == "pass":
            return
        if said.kind == "counted":
            pytest.xfail(said.text)
        pytest.fail(said.text, pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        """The suite's file, and a name for a heading."""
        plan = self.bound.plan
        return self.path, None, plain(f"{plan.label} · {self.sample.id}")
