"""Where a workspace starts, and what `paygrade.yaml` or `[tool.paygrade]` says about it."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.errors import Mistake, UsageError, WorkspaceError
from paygrade.leaks import DEFAULT, Barrier, Pattern, Policy
from paygrade.workspace.files import is_file, is_there, read_text
from paygrade.workspace.models import ConfigModel
from paygrade.workspace.validate import validated
from paygrade.workspace.yaml_reader import Document, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.policy import OnInconclusive, OnLeak
    from paygrade.workspace.yaml_reader import Location

CONFIG_FILE = "paygrade.yaml"
PYPROJECT = "pyproject.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The folders of one workspace, absolute, and its defaults."""

    root: Path
    prompts: Path
    datasets: Path
    runners: Path
    evals: Path
    reports: Path
    store: Path
    default_concurrency: int | None
    default_on_inconclusive: OnInconclusive
    publish_title: str
    publish_samples: bool
    on_leak: OnLeak
    leak_policy: Policy = DEFAULT

    @property
    def barrier(self) -> Barrier:
        """What masks as this workspace wants it."""
        return Barrier(self.leak_policy)

    def shown(self, file: Path) -> str:
        """`file` as messages name it: relative to the workspace where it lies inside."""
        return (
            file.relative_to(self.root).as_posix() if file.is_relative_to(self.root) else str(file)
        )


def find_layout(start: Path) -> Layout:
    """The workspace that `start` lies in: the nearest folder upwards that says so, or `start`.

    Raises:
        UsageError: `start` is not a folder.
        WorkspaceError: its configuration is wrong.
    """
    start = start.absolute()
    if not os.path.isdir(start):  # noqa: PTH112 - Path.is_dir raises on names that are too long
        raise UsageError(f"there is no folder {start}", hint="name a workspace with -w DIR")
    for folder in (start, *start.parents):
        document = _config(folder)
        if document is not None:
            return _layout(folder, validated(ConfigModel, document))
        if (folder / "evals").is_dir():
            return _layout(folder, ConfigModel())
    return _layout(start, ConfigModel())


def _config(folder: Path) -> Document | None:
    if is_there(folder / CONFIG_FILE):
        document = read_yaml(folder / CONFIG_FILE, CONFIG_FILE)
        if document.data is None:  # a file of comments alone keeps every default
            return Document(path=CONFIG_FILE, data={})
        return document
    pyproject = folder / PYPROJECT
    return _pyproject(read_text(pyproject, PYPROJECT)) if is_file(pyproject) else None


def _pyproject(text: str) -> Document | None:
    """The table `[tool.paygrade]`; a file without it is nobody's mistake here."""
    if "paygrade" not in text:
        return None
    try:
        tool = tomllib.loads(text).get("tool")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        if "[tool.paygrade" not in text:
            return None
        reason, _, place = str(error).partition(" (at line ")
        line = int(place.split(",")[0]) if place else 1
        problem = f"is not TOML that can be read: {reason}"
        raise WorkspaceError([Mistake(path=PYPROJECT, line=line, problem=problem)]) from error
    if not isinstance(tool, dict) or "paygrade" not in tool:
        return None
    return Document(path=PYPROJECT, data=tool["paygrade"], lines=_toml_lines(text))


def _toml_lines(text: str) -> dict[Location, int]:
    """The line of each key below `[tool.paygrade]`, as people lay TOML out."""
    lines: dict[Location, int] = {}
    table: Location | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if header := _TABLE.match(line):
            table = tuple(header[1].split(".")[1:]) if header[1] else ()
            lines.setdefault(table, number)
        elif line.lstrip().startswith("["):
            table = None
        elif table is not None and (key := _KEY.match(line)):
            lines[(*table, *key[1].split("."))] = number
    return lines


_TABLE = re.compile(r"\s*\[tool\.paygrade((?:\.[A-Za-z0-9_-]+)*)\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_.-]+)\s*=")


def _layout(root: Path, config: ConfigModel) -> Layout:
    folders = config.folders
    return Layout(
        root=root,
        prompts=root / folders.prompts,
        datasets=root / folders.datasets,
        runners=root / folders.runners,
        evals=root / folders.evals,
        reports=root / folders.reports,
        store=root / config.store,
        default_concurrency=config.defaults.concurrency,
        default_on_inconclusive=config.defaults.on_inconclusive,
        publish_title=config.publish.title or root.name or "paygrade",
        publish_samples=config.publish.samples,
        on_leak=config.publish.on_leak,
        leak_policy=Policy(
            DEFAULT.kinds - set(config.leaks.keep),
            tuple(Pattern(each.name, each.regex) for each in config.leaks.patterns),
        ),
    )
