"""`reference/files.md` names every key, and its example files are one workspace that runs."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import importlib
import inspect
import json
import pkgutil
import random
import re
import tomllib
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel

from docs.pages import blocks, first_cells, read, section
from paygrade import scorers, workspace
from paygrade.records.baseline import ArmSample
from paygrade.workspace import baseline_lines, gate_model, models, templates
from paygrade.workspace.baselines import MOST_LINES, baselines_from_text, read_baselines
from paygrade.workspace.config import find_layout
from paygrade.workspace.models import ConfigModel, DefaultsModel, FoldersModel, MessageModel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kit import Paygrade

PAGE = read("reference/files.md")
FILES = [block for block in blocks("reference/files.md") if block.title]

SECTIONS: dict[str, tuple[type[BaseModel], ...]] = {
    "## paygrade.yaml": (models.ConfigModel,),
    "## Prompt: prompts/NAME/vN.yaml": (models.PromptModel,),
    "## Dataset: datasets/NAME/card.yaml": (models.CardModel, models.VersionModel),
    "## Dataset: datasets/NAME/vN.jsonl": (models.SampleModel,),
    "## Runner profile: runners/NAME.yaml": tuple(models.PROFILES.values()),
    "## Suite: evals/NAME/suite.yaml": (models.SuiteModel,),
    "## Suite: the gate": (gate_model.GateModel, gate_model.WaiverModel),
    "## Baseline: reports/baselines/SUITE.jsonl": (
        baseline_lines.FirstLine,
        baseline_lines.RunnerLine,
        baseline_lines.SampleLine,
    ),
}
INSIDE = {MessageModel: "messages", FoldersModel: "folders", DefaultsModel: "defaults",
          models.LeaksModel: "leaks", models.PatternModel: "leaks",
          models.ExposureModel: "exposure", models.PriceModel: "price",
          models.BudgetModel: "budget", baseline_lines.IdentityModel: "identity",
          baseline_lines.SessionModel: "sessions", models.FaultModel: "faults",
          models.ToolServerModel: "tools", models.PublishModel: "publish"}  # fmt: skip


def _keys(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


@pytest.mark.parametrize("heading", SECTIONS)
def test_a_section_names_every_key_and_no_other(heading: str) -> None:
    """Each key of the file's model has a row."""
    wanted = set[str]().union(*(_keys(model) for model in SECTIONS[heading]))
    cells = first_cells(section(PAGE, heading))
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == wanted


@pytest.mark.parametrize("model", INSIDE, ids=lambda model: model.__name__)
def test_keys_inside_a_key_are_named_in_its_row(model: type[BaseModel]) -> None:
    """Such as `amount_minor` in the row of `exposure`."""
    rows = re.findall(rf"^\| `{INSIDE[model]}` \|.*$", PAGE, re.MULTILINE)
    assert any(_keys(model) <= set(re.findall(r"`([a-z_]+)`", row)) for row in rows)


def test_every_model_of_a_file_is_documented() -> None:
    """A model that is added to the workspace needs its place on the page."""
    known = {model for group in SECTIONS.values() for model in group} | set(INSIDE)
    found = {
        value
        for module in (models, gate_model, baseline_lines)
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, BaseModel) and not name.startswith("_")
    }
    assert found - {BaseModel, models.ProfileModel, models.AgentProfileModel} == known


def test_stated_defaults_of_scalars_are_the_real_ones() -> None:
    """A number, a truth value or an empty collection in the column of defaults."""
    wrong = []
    for heading, group in SECTIONS.items():
        rows = re.findall(
            r"^\| `(\w+)` \| [^|]+ \| `([^`]+)` \|", section(PAGE, heading), re.MULTILINE
        )
        for key, stated in rows:
            for model in group:
                for name, field in model.model_fields.items():
                    real = field.get_default(call_default_factory=True, validated_data={})
                    if key == (field.alias or name) and key != "case":
                        said = real if isinstance(real, str) else json.dumps(real)
                        wrong += [(key, stated, said)] if stated != said else []
    assert wrong == []


def test_every_filter_of_a_template_is_named() -> None:
    """The page lists what the reader itself lists when it refuses a filter."""
    _, [mistake] = templates.compiled("{{ a | no_such_filter }}", "v1.yaml", 1)
    known = mistake.hint.removeprefix("known: ").split(", ")
    text = section(PAGE, "### Templates")
    [listed] = re.findall(r"these filters: (.+)\.$", text, re.MULTILINE)
    assert re.findall(r"`(\w+)`", listed) == known


def _limits() -> Iterator[tuple[str, int]]:
    """Every constant `MAX_…` of the rooms that read files and answers."""
    for package in (workspace, scorers):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if found.name.endswith("starter"):
                continue
            for name, value in vars(importlib.import_module(found.name)).items():
                if name.startswith("MAX_") and isinstance(value, int):
                    yield f"{found.name}.{name}", value


def test_every_limit_of_the_readers_is_named() -> None:
    """Each number that the code enforces stands in the table of limits."""
    text = section(PAGE, "## Limits")
    limits = dict(_limits())
    assert limits
    missing = {name: n for name, n in limits.items() if not re.search(rf"\b{n:,}\b", text)}
    assert missing == {}


def _write_all(folder: Path) -> None:
    for block in FILES:
        file = folder / block.title
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, "utf-8")


def test_the_example_files_are_a_workspace_without_a_mistake(
    tmp_path: Path, paygrade: Paygrade
) -> None:
    """Every example that is a whole file passes its reader, and they fit together."""
    _write_all(tmp_path)
    checked = paygrade("check", "--json", cwd=tmp_path)
    assert (checked.code, checked.json["mistakes"]) == (0, [])
    assert checked.json["runners"] == len([each for each in FILES if "runner:" in each.text])


def test_the_example_workspace_runs(tmp_path: Path, paygrade: Paygrade) -> None:
    """Python, recorded and echoed answers, a command, a quarantined and a must-pass sample."""
    _write_all(tmp_path)
    options = [word for name in ("rules", "recorded", "mirror", "shell") for word in ("-r", name)]
    ended = paygrade("run", "--json", *options, cwd=tmp_path)
    rates = [(each["overall"]["failed"], each["overall"]["scored"]) for each in ended.json]
    assert rates == [(0, 2), (0, 2), (2, 2), (2, 2)]


def test_the_preset_is_the_stated_one() -> None:
    """Both of its keys."""
    [stated] = re.findall(r"^\| `preset` \|.*`strict` is (.+?)\. ", PAGE, re.MULTILINE)
    strict = gate_model.GateModel(preset="strict")
    policy = gate_model.policy_of(strict, epochs=None, on_inconclusive="warn")
    keys = re.findall(r"`(\w+): ([0-9.]+)`", stated)
    assert keys == [
        ("confirm_epochs", str(policy.confirm_epochs)), ("alpha_confirm", str(policy.alpha_confirm))
    ]  # fmt: skip


def test_the_example_of_a_baseline_is_one(tmp_path: Path) -> None:
    """Its digest is right, and it is in the form that is written."""
    _write_all(tmp_path)
    [found] = read_baselines(find_layout(tmp_path), "refund_reply")
    assert (found.runner, len(found.samples)) == ("recorded", 3)
    [block] = [each for each in FILES if each.title.startswith("reports/")]
    assert baseline_lines.part_of(found).header in block.text


def _sized(count: int, *, failing: bool) -> list[str]:
    """Sample lines like those of the shipped suite: two sessions of 5 epochs."""
    draw = random.Random(1)
    samples = []
    for number in range(count):
        name = f"dt-{number:04}"
        marks = ["".join(draw.choices("FP", (1, 9), k=5)) for _ in range(2)]
        sessions = tuple(marks) if failing else ("PPPPP", "PPPPP")
        checks = ("equals(action)", "money:equals(contest_amount_minor)")
        samples.append(
            ArmSample(
                sample_id=name,
                content_hash=hashlib.sha256(name.encode()).hexdigest(),
                case=name[:-1] if failing and draw.random() < 0.3 else name,  # some are twins
                case_class="statistical",
                sessions=sessions,
                checks=dict.fromkeys(checks, sessions) if "F" in "".join(sessions) else {},
            )
        )
    [block] = [each for each in FILES if each.title.startswith("reports/")]
    [found] = baselines_from_text(block.text, None, "a.jsonl")
    return list(baseline_lines.part_of(dataclasses.replace(found, samples=tuple(samples))).samples)


def test_the_sizes_of_baselines_are_measured() -> None:
    """Bytes of a line, kilobytes of a file, what is compressed."""
    text = section(PAGE, "## Baseline: reports/baselines/SUITE.jsonl")
    [stated] = re.findall(
        r"about (\d+) bytes.*has (\d+) bytes on average: 98 samples are (\d+) kB, "
        r"2,000 samples (\d+) kB\.", text,
    )  # fmt: skip
    [packed] = re.findall(r"20,000 samples as above: ([0-9.]+) MB", text)
    assert f"more than {MOST_LINES:,} sample lines" in text
    clean, many = _sized(1, failing=False), _sized(2000, failing=True)
    head = 3_000  # the first line and the runner's, with twenty checks
    size = len(baseline_lines.joined(many))
    measured = (
        len(baseline_lines.joined(clean)),
        size / 2000,
        (len(baseline_lines.joined(many[:98])) + head) / 1000,
        (size + head) / 1000,
    )
    assert measured == pytest.approx([int(each) for each in stated], rel=0.05)
    lines = baseline_lines.joined(_sized(20_000, failing=True))
    assert len(gzip.compress(lines)) / 1e6 == pytest.approx(float(packed), rel=0.1)


def test_the_example_of_pyproject_is_a_configuration() -> None:
    """The TOML block holds keys that a workspace may have."""
    [block] = [each for each in blocks("reference/files.md") if each.language == "toml"]
    data = tomllib.loads(block.text)["tool"]["paygrade"]
    assert ConfigModel.model_validate(data).folders.evals == "quality/evals"


def test_a_lock_file_looks_as_shown(tmp_path: Path, paygrade: Paygrade) -> None:
    """Its head and the form of its lines."""
    _write_all(tmp_path)
    assert paygrade("prompts", "lock", cwd=tmp_path).code == 0
    head, line = (tmp_path / "prompts.lock").read_text("utf-8").splitlines()
    assert f"{head}\n" in PAGE
    assert line.partition("sha256:")[0] + "sha256:" in PAGE
