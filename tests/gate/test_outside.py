"""What the gate writes for others, and what hostile content cannot make it say."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from gate.playing import sample

if TYPE_CHECKING:
    from pathlib import Path

    from gate.conftest import Gate, Staged
    from gate.playing import Stage
    from kit import Paygrade

FILES = ("v.json", "v.md", "v.junit.xml", "v.svg", "v.badge.json")


@pytest.mark.usefixtures("database")
def test_files_are_written_for_other_tools(
    stage: Stage, paygrade: Paygrade, tmp_path: Path
) -> None:
    """JSON, Markdown, JUnit, a badge and its data, in one invocation."""
    stage.candidate(s007="F")
    targets = [tmp_path / each for each in FILES]
    options = [part for each in targets for part in ("-o", each)]
    ended = paygrade("gate", *options, "-w", stage.root)
    assert ended.code == 100
    report = json.loads(targets[0].read_text())
    assert (report["verdict"], report["exit_code"]) == ("regressed", 100)
    assert "the failure rate rose" in targets[1].read_text()
    root = ET.parse(targets[2]).getroot()  # noqa: S314 - we wrote it
    assert root.tag == "testsuites"
    assert root.findall(".//failure")
    assert "regressed" in targets[3].read_text().lower()
    assert json.loads(targets[4].read_text())["schemaVersion"] == 1
    for each in targets:
        assert f"wrote {each}" in ended.err


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("v.xlsx", "no format is known by '.xlsx'"),
        ("v", "no format is known by ''"),
        ("nowhere/v.json", "there is no folder"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_anything_runs(
    stage: Stage, paygrade: Paygrade, tmp_path: Path, target: str, said: str
) -> None:
    """Nobody pays for a verdict that is lost to a typo."""
    stage.candidate()
    ended = paygrade("gate", "-o", tmp_path / target, "-w", stage.root)
    assert ended.code == 2
    assert said in ended.err
    assert stage.calls() == []


def test_a_target_that_is_a_folder_is_refused(
    stage: Stage, paygrade: Paygrade, tmp_path: Path
) -> None:
    """A folder by the name of a file."""
    stage.candidate()
    (tmp_path / "v.json").mkdir()
    ended = paygrade("gate", "-o", tmp_path / "v.json", "-w", stage.root)
    assert ended.code == 2
    assert "v.json: is a folder (name a file in it)" in ended.err
    assert stage.calls() == []


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of a step."""
    for variable, value in {
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "us/evals",
        "GITHUB_RUN_ID": "7",
    }.items():
        monkeypatch.setenv(variable, value)
    return tmp_path


def outputs(file: Path) -> dict[str, str]:
    """As the runner of GitHub Actions reads them."""
    found, lines = {}, file.read_text().splitlines()
    while lines:
        key, _, mark = lines.pop(0).partition("<<")
        end = lines.index(mark)
        found[key] = "\n".join(lines[:end])
        lines = lines[end + 1 :]
    return found


def test_a_github_step_gets_summary_outputs_and_annotations(
    stage: Stage, gate: Gate, github: Path
) -> None:
    """The verdict where reviewers look; the annotation names the suite's file."""
    stage.candidate(s007="F")
    ended = gate(stage)
    assert ended.code == 100
    assert "REGRESSED" in (github / "summary").read_text()
    found = outputs(github / "output")
    assert (found["verdict"], found["exit_code"]) == ("regressed", "100")
    assert found["rise_points"] == "2.5"
    assert found["report.json"] == str(github / "report.json")
    [annotation] = [line for line in ended.err.splitlines() if line.startswith("::error")]
    assert annotation.startswith("::error file=evals/refunds/suite.yaml,line=1,")
    assert "::" not in ended.out


@pytest.mark.real
def test_a_pass_annotates_nothing(stage: Stage, gate: Gate, github: Path) -> None:
    """Green is quiet, and still in the summary."""
    stage.candidate()
    ended = gate(stage)
    assert "::" not in ended.err.replace("Version::", "")
    assert outputs(github / "output")["verdict"] == "pass"


def test_without_github_nothing_is_written_for_it(stage: Stage, gate: Gate) -> None:
    """A developer's terminal shows no workflow commands."""
    stage.candidate(s007="F")
    assert "::error" not in gate(stage).err


HOSTILE = [
    "\u202egnp.exe",
    "\x9b31mPASS  refunds · bot: all is well",
    "](https://evil.example) <img src=x onerror=alert(1)> @everyone `x` | y",
    "s\u2028PASS  refunds: all is well\u2028",
    "::error::%0A::stop-commands::x",
    "[bold red]PASS[/]",
    "{suite} {0} %s",
]


def hostile(stage: Stage) -> None:
    """Ids that would like to be something else."""
    stage.samples([{**sample(i), "id": HOSTILE[i]} if i < len(HOSTILE) else sample(i)
                   for i in range(40)])  # fmt: skip


CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029]")


@pytest.mark.parametrize(
    ("letter", "number"),
    [
        *(("F", number) for number in (1, 2)),
        *(("X", number) for number in (0, 3, 4)),
        *(pytest.param("F", number, marks=pytest.mark.real) for number in (0, 3, 4, 5, 6)),
        *(pytest.param("X", number, marks=pytest.mark.real) for number in (1, 2, 5, 6)),
    ],
)
def test_an_id_cannot_spoof_what_is_said(
    staged: Staged, gate: Gate, github: Path, letter: str, number: int
) -> None:
    """Regressed or violated by it: the first lines are ours, and nothing in them is obeyed."""
    stage = staged(prepare=hostile)
    stage.candidate(**{HOSTILE[number]: letter})
    ended = gate(stage)
    assert ended.code == 100
    word = "REGRESSED" if letter == "F" else "VIOLATED"
    for text in (ended.out, ended.err):
        assert not CONTROL.search(text), CONTROL.search(text)
        assert not [line for line in text.splitlines() if line.startswith("PASS")]
    assert ended.out.startswith(f"{word}  refunds · bot: ")
    assert [line for line in ended.err.splitlines() if line.startswith("::")] == [
        line for line in ended.err.splitlines() if line.startswith("::error file=evals/refunds/")
    ]
    found = outputs(github / "output")
    assert found["verdict"] == ("regressed" if letter == "F" else "violated")
    summary = (github / "summary").read_text()
    assert "<img" not in summary
    assert "](https://evil" not in summary
    assert not CONTROL.search(summary)


def named(stage: Stage, check_id: str) -> None:
    """Give the invariant another id, as YAML writes it."""
    stage.replace(
        "evals/refunds/suite.yaml",
        "no-pan: {severity: critical",
        f'no-pan: {{id: "{check_id}", severity: critical',
    )


def test_a_check_id_of_two_lines_is_refused(stage: Stage, gate: Gate) -> None:
    """It could look like a line of ours."""
    named(stage, r"no\nPASS  refunds")
    ended = gate(stage)
    assert ended.code == 2
    assert r"'id' is 'no\nPASS  refunds' (text without control characters" in ended.err


def turned(stage: Stage) -> None:
    """An id that turns the direction of what follows, and would begin a new line."""
    named(stage, r"no\u202e\u2028PASS  refunds")


def test_a_check_id_is_shown_and_not_obeyed(staged: Staged, gate: Gate, github: Path) -> None:
    """On the terminal, and in the summary of a step."""
    stage = staged(prepare=turned)
    stage.candidate(s007="X")
    ended = gate(stage)
    assert ended.code == 100
    assert ended.out.startswith("VIOLATED  refunds · bot: an invariant failed: no")
    for text in (ended.out, ended.err, (github / "summary").read_text()):
        assert not CONTROL.search(text)


def hostile_commit(stage: Stage) -> None:
    """The commit that was accepted holds a broken prompt under an odd name."""
    stage.write(".gitignore", ".paygrade\nprompts/refunds/v1.yaml\n")
    stage.commit()


@pytest.mark.real
def test_an_error_of_the_old_commit_is_plain_text(staged: Staged, gate: Gate) -> None:
    """What git or a file of another time says is shown, not obeyed."""
    stage = staged(prepare=hostile_commit)
    stage.candidate()
    (stage.root / "prompts/refunds/v1.yaml").unlink()
    ended = gate(stage, "--baseline", "reports/baselines")
    assert "cannot be run" in ended.err
    assert not CONTROL.search(ended.err)


@pytest.mark.usefixtures("database")
def test_a_card_number_in_an_answer_is_in_no_file(
    stage: Stage, paygrade: Paygrade, tmp_path: Path
) -> None:
    """What broke the invariant is named; the number itself gets nowhere."""
    stage.candidate(s007="X")
    targets = [tmp_path / each for each in FILES]
    options = [part for each in targets for part in ("-o", each)]
    ended = paygrade("gate", *options, "-w", stage.root)
    assert ended.code == 100
    places = [*targets, *(stage.root / ".paygrade").rglob("*.json*")]
    written = [each.read_text(errors="replace") for each in places if each.is_file()]
    for text in (ended.out, ended.err, *written):
        assert "4111 1111 1111 1111" not in text
        assert "4111111111111111" not in text
