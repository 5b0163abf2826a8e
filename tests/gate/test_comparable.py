"""Like is compared with like: what counts as a failure must not have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gate.playing import PROMPT, committed

if TYPE_CHECKING:
    from collections.abc import Callable

    from gate.conftest import Gate, Staged
    from gate.playing import Stage
    from kit import Paygrade

SUITE = "evals/refunds/suite.yaml"
EQUALS = "  - equals: {field: action, severity: critical}\n"
DIFFERENT = "(its parameters, its version, or a file or schema that it uses)"


def test_a_scorer_with_other_parameters_is_another_one(stage: Stage, gate: Gate) -> None:
    """The same check by name, and it judges otherwise."""
    stage.replace(SUITE, EQUALS, "  - icontains: {value: refund, id: equals(action)}\n")
    ended = gate(stage)
    assert ended.code == 102
    assert ended.suite["codes"] == ["checks_differ"]
    assert "what counts as a failure has changed: the check 'equals(action)'" in ended.text
    assert stage.calls() == []


CHANGES: dict[str, tuple[Callable[[str], str], str]] = {
    "severity": (
        lambda text: text.replace("action, severity: critical", "action, severity: major"),
        "the check 'equals(action)' was critical, gating and is major, gating",
    ),
    "role": (
        lambda text: text.replace("role: invariant", "role: gating"),
        "the check 'no-pan' was critical, invariant and is critical, gating",
    ),
    "advisory": (
        lambda text: text.replace("action, severity: critical", "action, role: advisory"),
        "the check 'equals(action)' is gone",
    ),
    "parameters": (
        lambda text: text.replace("field: action,", "field: note, id: equals(action),"),
        f"the check 'equals(action)' judges differently {DIFFERENT}",
    ),
    "negated": (
        lambda text: text.replace("- equals: {field", "- not-equals: {id: equals(action), field"),
        f"the check 'equals(action)' judges differently {DIFFERENT}",
    ),
    "added": (
        lambda text: text + "  - contains: {value: refund, severity: major}\n",
        "is new",
    ),
    "removed": (
        lambda text: text.replace(EQUALS, ""),
        "the check 'equals(action)' is gone",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_differs_is_said(stage: Stage, gate: Gate, change: str) -> None:
    """Invalid before a call, with the check, what it was and what it is."""
    changed, sentence = CHANGES[change]
    stage.write(SUITE, changed((stage.root / SUITE).read_text()))
    ended = gate(stage)
    assert ended.code == 102
    assert "what counts as a failure has changed: " in ended.text
    assert sentence in ended.text
    assert "next: undo it, or accept a new baseline: paygrade accept refunds --reason" in ended.text
    assert stage.calls() == []


def test_several_changes_are_all_said(stage: Stage, gate: Gate) -> None:
    """One sentence, every check."""
    text = (
        (stage.root / SUITE)
        .read_text()
        .replace("action, severity: critical", "action, severity: major")
    )
    stage.write(SUITE, text + "  - contains: {value: refund, severity: major}\n")
    headline = gate(stage).suite["headline"]
    assert headline.startswith("what counts as a failure has changed: ")
    assert ("is new" in headline, "was critical, gating and is major" in headline) == (True, True)


def advised(stage: Stage) -> None:
    """With a check that only reports."""
    stage.replace(SUITE, "scorers:\n", "scorers:\n  - contains: {value: refund, role: advisory}\n")


@pytest.mark.parametrize("to", ["  - contains: {value: other, role: advisory}\n", ""])
def test_an_advisory_check_may_change(staged: Staged, gate: Gate, to: str) -> None:
    """It is reported and decides nothing: other parameters, or gone, and still comparable."""
    stage = staged(prepare=advised)
    stage.candidate()
    stage.replace(SUITE, "  - contains: {value: refund, role: advisory}\n", to)
    assert gate(stage).suite["verdict"] == "pass"


SCHEMA = "output_schema: {type: object, required: [action]}\n"


def schematic(stage: Stage) -> None:
    """The output must fit the prompt's own schema."""
    for version in (1, 2):
        stage.write(f"prompts/refunds/v{version}.yaml", PROMPT % ((version,) * 3) + SCHEMA)
    stage.replace(SUITE, "scorers:\n", "scorers:\n  - is-json: {schema: output}\n")


def test_another_output_schema_judges_differently(staged: Staged, gate: Gate) -> None:
    """`is-json` takes the schema from the prompt: with another one it is another check."""
    stage = staged(prepare=schematic)
    stage.candidate()
    assert gate(stage).suite["verdict"] == "pass"
    stage.write(
        "prompts/refunds/v2.yaml", PROMPT % (2, 2, 2) + SCHEMA.replace("[action]", "[action, note]")
    )
    ended = gate(stage)
    assert ended.code == 102
    assert f"the check 'is-json' judges differently {DIFFERENT}" in ended.text


OWN = '''\
"""The suite's own."""


def refunds(subject):
    """Whether it refunds."""
    return subject.output["action"] == "refund"
'''


def own(stage: Stage) -> None:
    """A check in a file of the suite's own."""
    stage.write("evals/refunds/scorers.py", OWN)
    stage.replace(SUITE, "scorers:\n", "scorers:\n  - python: {callable: 'scorers.py:refunds'}\n")


def test_an_edited_scorer_file_judges_differently(staged: Staged, gate: Gate) -> None:
    """Its bytes are part of the check; so is a comment, as nobody reads it for the machine."""
    stage = staged(prepare=own)
    stage.candidate()
    assert gate(stage).suite["verdict"] == "pass"
    stage.write("evals/refunds/scorers.py", OWN.replace('== "refund"', '!= "refuse"'))
    ended = gate(stage)
    assert ended.code == 102
    assert f"judges differently {DIFFERENT}" in ended.text


def test_a_stored_run_is_compared_by_its_checks_too(
    stage: Stage, gate: Gate, paygrade: Paygrade
) -> None:
    """`--baseline RUN`: a run that was judged otherwise is no baseline."""
    assert paygrade("run", "--epochs", 3, "-q", "-w", stage.root).code == 0
    run = max(path.name for path in stage.root.glob(".paygrade/runs/*"))
    stage.candidate()
    assert gate(stage, "--baseline", run).suite["verdict"] == "pass"
    stage.replace(SUITE, "field: action,", "field: note, id: equals(action),")
    ended = gate(stage, "--baseline", run)
    assert ended.code == 102
    assert "what counts as a failure has changed: the check 'equals(action)'" in ended.text


def test_a_run_judged_by_another_file_is_no_baseline(
    staged: Staged, gate: Gate, paygrade: Paygrade
) -> None:
    """Equal parameters, other code: a run's header does not hold the code, its identity does."""
    stage = staged(prepare=own)
    assert paygrade("run", "--epochs", 3, "-q", "-w", stage.root).code == 0
    run = max(path.name for path in stage.root.glob(".paygrade/runs/*"))
    stage.candidate()
    stage.write("evals/refunds/scorers.py", OWN + "\n# judges as before, as far as a person sees\n")
    ended = gate(stage, "--baseline", run)
    assert ended.code == 102
    assert f"run {run} was judged by other scorers" in ended.text
    assert "ask again, paygrade run refunds --prompt refunds@v1" in ended.text
    paygrade("run", "refunds", "--prompt", "refunds@v1", "-q", "-w", stage.root)
    assert gate(stage, "--baseline", "latest").suite["verdict"] == "pass"


@pytest.mark.real
def test_baselines_of_a_commit_can_be_named(staged: Staged, gate: Gate) -> None:
    """`--baseline COMMIT`: what was accepted there, whatever the worktree holds."""
    stage = staged(prepare=committed)
    commit = stage.git("rev-parse", "HEAD")
    (stage.root / "reports/baselines/refunds.jsonl").unlink()
    stage.candidate(s007="F")
    assert gate(stage).code == 102
    ended = gate(stage, "--baseline", commit[:10])
    assert ended.code == 100
    assert f"{commit[:12]}:reports/baselines/refunds.jsonl" in ended.text


@pytest.mark.real
def test_a_folder_of_baselines_can_be_named(stage: Stage, gate: Gate) -> None:
    """`--baseline FOLDER`, relative to the workspace."""
    (stage.root / "reports/baselines").rename(stage.root / "elsewhere")
    stage.candidate()
    assert gate(stage, "--baseline", "elsewhere").suite["verdict"] == "pass"
