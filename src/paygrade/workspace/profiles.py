"""`runners/NAME.yaml`: one profile a file, its provider's keys checked, its code hashed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.errors import UsageError, WorkspaceError
from paygrade.records.plan import RunnerProfile
from paygrade.workspace.files import is_there, open_file
from paygrade.workspace.identity import digest, file_digest
from paygrade.workspace.models import PROFILES
from paygrade.workspace.validate import closest, validated
from paygrade.workspace.yaml_reader import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.workspace.config import Layout

_OPTION_KEYS = {"callable", "answers"}


def names(layout: Layout) -> list[str]:
    """All runner profiles."""
    return sorted(file.stem for file in layout.runners.glob("*.yaml"))


def read_profile(layout: Layout, name: str) -> RunnerProfile:
    """Read and check `runners/NAME.yaml`.

    Raises:
        UsageError: there is no such profile.
        WorkspaceError: every mistake in it, or a file it names is missing.
    """
    file = layout.runners / f"{name}.yaml"
    if not is_there(file):
        hint = closest(name, names(layout)) or f"write {layout.shown(file)}"
        raise UsageError(f"there is no runner {name!r}", hint=hint)
    document = read_yaml(file, layout.shown(file))
    provider = document.data.get("provider") if isinstance(document.data, dict) else "python"
    if not isinstance(provider, str) or provider not in PROFILES:
        problem = "the key 'provider' is missing"
        if provider is not None:
            problem = f"there is no provider {provider!r}"
        raise WorkspaceError(
            [document.mistake(("provider",), problem, closest(str(provider), PROFILES))]
        )
    model = validated(PROFILES[provider], document)
    mistakes = []
    if model.runner != name:
        problem = f"the runner is called {model.runner!r}, its file {name!r}"
        mistakes.append(document.mistake(("runner",), problem, "give both one name"))
    options = model.model_dump(include=_OPTION_KEYS)
    files: dict[str, str] = {}
    for key, value in options.items():
        target = _target(file.parent, value)
        try:
            with open_file(target, layout.shown(target)) as stream:
                files[key] = file_digest(stream)
        except (OSError, ValueError, WorkspaceError) as error:  # ValueError: a NUL in the name
            why = error.mistakes[0].problem if isinstance(error, WorkspaceError) else str(error)
            problem = f"{key!r} names {value!r}, but {layout.shown(target)} {why}"
            mistakes.append(document.mistake((key,), problem, "paths start at this file's folder"))
    if mistakes:
        raise WorkspaceError(mistakes)
    return RunnerProfile(
        name=model.runner,
        provider=provider,
        path=document.path,
        folder=file.parent,
        options=options,
        parameters=model.parameters,
        concurrency=model.concurrency
        if "concurrency" in model.model_fields_set
        else layout.default_concurrency or model.concurrency,
        timeout_s=model.timeout_s,
        deterministic=model.deterministic,
        content_hash=digest([provider, options, model.parameters, files]),
    )


def _target(folder: Path, value: str) -> Path:
    """The file that an option names: FILE.py of FILE.py:FUNCTION. Its content is what runs."""
    file = value.rpartition(":")[0]
    return folder / (file if file.endswith(".py") else value)
