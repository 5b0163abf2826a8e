"""One session's suites: asked once, told to every item, and what the session ends with."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.analysis.judge_run import Ending, worst
from paygrade.errors import ExitCode
from paygrade.pipeline import as_tests, gate, run
from paygrade.pipeline.session import Silent
from paygrade.pytest_plugin import CHANNEL, TOKEN, sharing
from paygrade.pytest_plugin.told import Told, of_error, of_gate, of_run
from paygrade.records.plan import Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from paygrade.pipeline.as_tests import Bound
    from paygrade.pipeline.show import Seen
    from paygrade.pytest_plugin.collecting import SampleItem
    from paygrade.records.run import RunHeader

_key = pytest.StashKey["Ledger"]()
_EVERYTHING = Selection(suite="", runner="")

Key = tuple[Path, str, str]
"""Workspace, suite, runner."""


def ledger_of(config: pytest.Config) -> Ledger:
    """The ledger of this session; from the first call on it takes part in it."""
    if _key not in config.stash:
        config.stash[_key] = ledger = Ledger(config)
        config.pluginmanager.register(ledger, "paygrade-ledger")
    return config.stash[_key]


@dataclass(slots=True)
class _Chosen:
    """A suite with a runner, and the samples of it that were selected."""

    bound: Bound
    samples: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class _Began(Silent):
    """Keeps the ids of the runs that begin."""

    note: Callable[[str], None]
    run_ids: list[str] = field(default_factory=list)

    def started(self, header: RunHeader, done: int) -> None:
        """One more."""
        del done
        self.run_ids.append(header.run_id)
        self.note(header.run_id)


class Ledger:
    """Implements pytest's hooks too, once a session has suites."""

    def __init__(self, config: pytest.Config) -> None:
        """Nothing was asked yet."""
        self._config = config
        self._told: dict[Key, Told] = {}
        self._seen: dict[Key, Mapping[str, tuple[Seen, ...]]] = {}
        self._ungated: dict[Key, str] = {}
        self._failed: Counter[tuple[str, str]] = Counter()
        self._refused: list[ExitCode] = []
        self._markers: dict[str, bool] = {}
        self._from_workers: dict[tuple[str, ...], Told] = {}
        self._shared: set[Path] = set()
        self._code = ExitCode.OK

    def marker(self, suite: str) -> str:
        """The marker of a suite: its name, unless another marker has that name."""
        if suite not in self._markers:
            lines: list[str] = self._config.getini("markers")
            taken = {line.partition(":")[0].partition("(")[0].strip() for line in lines}
            self._markers[suite] = suite not in taken
            if suite not in taken:
                self._config.addinivalue_line("markers", f"{suite}: samples of this suite")
        return suite if self._markers[suite] else ""

    def refused(self, code: ExitCode) -> None:
        """A suite could not be collected."""
        self._refused.append(code)

    def told(self, item: SampleItem) -> Told:
        """What came of the suite and runner of `item`: asked now, unless it was before."""
        key = key_of(item.bound)
        if key not in self._told:
            self._ask(item, key)
        return self._told[key]

    def seen(self, item: SampleItem) -> tuple[Seen, ...]:
        """The attempts of one sample."""
        key = key_of(item.bound)
        run_id = self._told[key].run_id
        if key not in self._seen:
            self._seen[key] = as_tests.seen(item.bound.layout, run_id) if run_id else {}
        return self._seen[key].get(item.sample.id, ())

    def _ask(self, item: SampleItem, key: Key) -> None:
        chosen = _chosen([*item.session.items, item])
        mine = chosen[key]
        if self._why_not(mine):
            self._once([mine.bound], lambda note, tell: self._run(mine, note, tell))
            return
        gated: dict[str, list[_Chosen]] = {}
        for each in chosen.values():
            if each.bound.layout.root == key[0] and not self._why_not(each):
                gated.setdefault(each.bound.plan.suite, []).append(each)
        # One invocation of the gate takes every runner for every suite.
        alike = [
            each.bound
            for group in gated.values()
            if _runners(group) == _runners(gated[key[1]])
            for each in group
        ]
        self._once(alike, lambda _, tell: self._gate(alike, tell))

    def _why_not(self, chosen: _Chosen) -> str:
        """Why the gate does not judge; empty when it does."""
        plan, key = chosen.bound.plan, key_of(chosen.bound)
        if key not in self._ungated:
            why = ""
            if not self._config.getini("paygrade_gate"):
                why = "no gate, as paygrade_gate is false: every failing sample is red"
            elif len(chosen.samples) < len(plan.samples):
                few, all_ = len(chosen.samples), len(plan.samples)
                why = f"no gate, as {few:,} of {all_:,} samples were selected"
            elif not chosen.bound.has_baseline:
                why = "no baseline is accepted, so every failing sample is red: "
                why += f"paygrade accept {plan.suite} -r {plan.runner.name}"
            self._ungated[key] = why
        return self._ungated[key]

    def _once(
        self,
        every: Sequence[Bound],
        work: Callable[[str, Callable[[str], None]], list[Told]],
    ) -> None:
        token = getattr(self._config, "workerinput", {}).get(CHANNEL)
        if token:
            store = every[0].layout.store
            self._shared.add(store)
            name = "\n".join("\t".join(map(str, key_of(each))) for each in every)
            done = sharing.once(
                store, token, name, lambda *held: [asdict(each) for each in work(*held)]
            )
            found = [Told.read(each) for each in done]
        else:
            found = work("", lambda _: None)
        self._told |= dict(zip(map(key_of, every), found, strict=True))

    def _run(self, chosen: _Chosen, begun: str, tell: Callable[[str], None]) -> list[Told]:
        """A run of what was selected, or the rest of one that a killed worker `begun`."""
        plan, root = chosen.bound.plan, chosen.bound.layout.root
        watcher = _Began(tell)
        names = tuple(chosen.samples) if len(chosen.samples) < len(plan.samples) else ()
        try:
            if begun:
                finished = run.resume(root, begun, watcher)
            else:
                wanted = Selection(suite="", runner="", only_samples=names)
                finished = run.run(root, (plan.suite,), (plan.runner.name,), wanted, watcher)
        except Exception as error:  # noqa: BLE001 - told to each item and at the end
            return [of_error(chosen.bound, error)]
        told = of_run(chosen.bound, finished, self._why_not(chosen))
        if finished.interrupted:
            self._told[key_of(chosen.bound)] = told
            raise KeyboardInterrupt
        return [told]

    def _gate(self, every: Sequence[Bound], tell: Callable[[str], None]) -> list[Told]:
        """One invocation of the gate; what a killed worker left of it, it finds by itself."""
        suites = tuple(dict.fromkeys(each.plan.suite for each in every))
        runners = tuple(dict.fromkeys(each.plan.runner.name for each in every))
        watcher = _Began(tell)
        root = every[0].layout.root
        try:
            gated = gate.gate(root, suites, runners, _EVERYTHING, gate.GateOptions(), watcher)
        except Exception as error:  # noqa: BLE001 - told to each item and at the end
            return [of_error(each, error) for each in every]
        return of_gate(every, gated, watcher.run_ids)

    def take(self, told: Mapping[str, Any]) -> None:
        """What a worker has to tell."""
        for key, data in told["told"]:
            self._from_workers[tuple(key)] = Told.read(data)
        self._shared |= {Path(each) for each in told["shared"]}

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the failures of each suite and runner."""
        if report.failed:
            known = dict(report.user_properties)
            if "paygrade_suite" in known:
                self._failed[str(known["paygrade_suite"]), str(known["paygrade_runner"])] += 1

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Set the exit status, or hand over what the one that sets it has to know."""
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            told = [([str(part) for part in key], asdict(each)) for key, each in self._told.items()]
            output[CHANNEL] = {"told": told, "shared": list(map(str, self._shared))}
            return
        for store in self._shared:
            sharing.forget(store, self._config.stash[TOKEN])
        self._code = self._ending(session, exitstatus)
        if self._code is not ExitCode.OK:
            session.exitstatus = int(self._code)

    def _ending(self, session: pytest.Session, exitstatus: int) -> ExitCode:
        """The code that takes the place of pytest's own; 0 when that one stays."""
        if exitstatus == pytest.ExitCode.INTERRUPTED:
            only_ours = session.testsfailed == len(self._refused) > 0
            empty = set(self._refused) == {ExitCode.INVALID}
            return ExitCode.INVALID if only_ours and empty else ExitCode.OK
        if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return ExitCode.OK
        every = [*self._told.values(), *self._from_workers.values()]
        fine = {(each.suite, each.runner) for each in every if each.code == ExitCode.OK}
        red = {(each.suite, each.runner) for each in every} - fine
        covered = sum(count for name, count in self._failed.items() if name in red)
        if exitstatus == pytest.ExitCode.TESTS_FAILED and covered != session.testsfailed:
            return ExitCode.OK
        return worst(Ending(code=ExitCode(each.code), reason="") for each in every)

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The verdict of each suite."""
        every = [*self._told.values(), *self._from_workers.values()]
        if not every:
            return
        terminalreporter.write_sep("=", "paygrade")
        for told in every:
            first, *rest = told.lines
            terminalreporter.write_line(first, bold=True, **_colour(told))
            for line in rest:
                terminalreporter.write_line(line)
        if self._code is not ExitCode.OK:
            text = f"paygrade: exit {int(self._code)} ({self._code.meaning})"
            terminalreporter.write_line(text, red=True)


def _colour(told: Told) -> dict[str, bool]:
    """A run without a verdict has none."""
    if told.code:
        return {"red": True}
    if told.verdict:
        return {"yellow" if told.verdict == "inconclusive" else "green": True}
    return {}


def key_of(bound: Bound) -> Key:
    """Workspace, suite and runner."""
    return bound.layout.root, bound.plan.suite, bound.plan.runner.name


def _runners(group: Iterable[_Chosen]) -> list[str]:
    return sorted(each.bound.plan.runner.name for each in group)


def _chosen(items: Iterable[pytest.Item]) -> dict[Key, _Chosen]:
    """What was selected of each suite and runner, in the order of the items."""
    from paygrade.pytest_plugin.collecting import SampleItem  # noqa: PLC0415 - it needs us

    found: dict[Key, _Chosen] = {}
    for item in items:
        if isinstance(item, SampleItem):
            chosen = found.setdefault(key_of(item.bound), _Chosen(item.bound))
            chosen.samples[item.sample.id] = None
    return found
