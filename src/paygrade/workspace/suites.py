"""`evals/NAME/suite.yaml`: the place where a prompt, a dataset, runners and scorers meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.errors import UsageError, WorkspaceError
from paygrade.workspace.emptiness import NothingToRun
from paygrade.workspace.entries import bind_checks
from paygrade.workspace.files import is_there
from paygrade.workspace.gate_model import policy_of
from paygrade.workspace.models import SuiteModel
from paygrade.workspace.tools import read_toolbox
from paygrade.workspace.validate import closest, validated
from paygrade.workspace.yaml_reader import read_yaml

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from paygrade.errors import Mistake
    from paygrade.records.agent import Toolbox
    from paygrade.records.check import CheckSpec
    from paygrade.records.policy import GatePolicy
    from paygrade.records.protocols import Catalogue
    from paygrade.workspace.config import Layout
    from paygrade.workspace.yaml_reader import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite as its file says, its own checks bound; its references are still names."""

    model: SuiteModel
    document: Document
    folder: Path
    checks: tuple[CheckSpec, ...]
    policy: GatePolicy
    toolbox: Toolbox | None = None

    def check_mistake(self, check_id: str, key: str, problem: str, hint: str) -> Mistake:
        """A mistake at the entry of the suite's own check `check_id`."""
        index = next((i for i, each in enumerate(self.checks) if each.id == check_id), None)
        if index is None:  # a sample's own check: see `Bound.check_mistake`
            return self.document.mistake(("dataset",), problem, hint)
        entry = self.model.scorers[index]
        name = entry if isinstance(entry, str) else next(iter(entry))
        return self.document.mistake(("scorers", index, name, key), problem, hint)


def names(layout: Layout) -> list[str]:
    """All suites."""
    return sorted(file.parent.name for file in layout.evals.glob("*/suite.yaml"))


def read_suite(layout: Layout, name: str, catalogue: Catalogue) -> Suite:
    """Read and check one suite's own file.

    Raises:
        UsageError: there is no such suite.
        WorkspaceError: every mistake in it.
    """
    file = layout.evals / name / "suite.yaml"
    if not is_there(file):
        known = names(layout)
        hint = closest(name, known) or "start one with `paygrade init`"
        raise UsageError(f"there is no suite {name!r}", hint=hint)
    document = read_yaml(file, layout.shown(file))
    model = validated(SuiteModel, document)
    checks, problems = bind_checks(model.scorers, catalogue)
    mistakes = [
        document.mistake(("scorers", *place), problem, hint) for place, problem, hint in problems
    ]
    if model.suite != name:
        problem = f"the suite is called {model.suite!r}, its folder {name!r}"
        mistakes.append(document.mistake(("suite",), problem, "give both one name"))
    if not model.scorers:
        place = document.mistake(("scorers",), "")
        problem, hint = "names no scorer, so nothing could be judged", "add one to 'scorers'"
        mistakes.append(NothingToRun(path=place.path, line=place.line, problem=problem, hint=hint))
    elif not mistakes and all(check.role == "advisory" for check in checks):
        problem = "every scorer is advisory, so nothing could ever fail"
        hint = "give at least one severity 'critical' or 'major', or role 'gating'"
        mistakes.append(document.mistake(("scorers",), problem, hint))
    policy = policy_of(
        model.gate,
        epochs=model.epochs if "epochs" in model.model_fields_set else None,
        on_inconclusive=layout.default_on_inconclusive,
    )
    mistakes += _gate_mistakes(policy, document)
    toolbox: Toolbox | None = None
    try:
        toolbox = read_toolbox(layout, model, document, file.parent)
    except WorkspaceError as error:
        mistakes += error.mistakes
    if mistakes:
        raise WorkspaceError(mistakes)
    return Suite(
        model=model,
        document=document,
        folder=file.parent,
        checks=checks,
        policy=policy,
        toolbox=toolbox,
    )


def _gate_mistakes(policy: GatePolicy, document: Document) -> Iterator[Mistake]:
    """What is wrong with the gate's keys only once they are seen together."""
    arms = {"both": 2, "stored": 1, "off": 0}[policy.confirm]
    least = arms * policy.confirm_epochs
    if policy.max_confirm_calls is not None and policy.max_confirm_calls < least:
        problem = f"{policy.max_confirm_calls} calls are too few to ask even one sample again"
        hint = f"at least {least}: {policy.confirm_epochs} epochs of each version that is asked"
        yield document.mistake(("gate", "max_confirm_calls"), problem, hint)
    seen: set[tuple[str, str]] = set()
    for index, each in enumerate(policy.waivers):
        if (each.check, each.sample) in seen:
            problem = f"waives {each.check!r} on {each.sample!r} twice"
            yield document.mistake(("gate", "waivers", index), problem, "keep one of them")
        seen.add((each.check, each.sample))


def ended_waivers(suite: Suite, today: dt.date) -> tuple[str, ...]:
    """A waiver that is over is over: what it forgave fails again, and the run says so."""
    return tuple(
        f"{suite.document.path}:{suite.document.line(('gate', 'waivers', index))}: the waiver of "
        f"{each.check!r} on {each.sample!r} ended on {each.until}: it forgives nothing any more"
        for index, each in enumerate(suite.policy.waivers)
        if each.until < today.isoformat()
    )
