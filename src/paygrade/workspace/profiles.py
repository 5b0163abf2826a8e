"""`runners/NAME.yaml`: one profile a file, its provider's keys checked, its code hashed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from paygrade.errors import UsageError, WorkspaceError
from paygrade.records.parameters import PARAMETERS
from paygrade.records.plan import RunnerProfile
from paygrade.workspace.files import is_file, is_there, open_file
from paygrade.workspace.identity import digest, file_digest
from paygrade.workspace.models import PROFILES
from paygrade.workspace.validate import closest, validated
from paygrade.workspace.yaml_reader import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from paygrade.errors import Mistake
    from paygrade.workspace.config import Layout
    from paygrade.workspace.models import ProfileModel
    from paygrade.workspace.yaml_reader import Document

_FILE_OPTIONS = ("callable", "answers")
"""They name a file beside the profile, whose content is part of the runner's identity."""

_PLAIN_OPTIONS = (
    "model", "api", "base_url", "key_env", "api_version", "command", "env", "url", "guard",
    "max_steps", "max_tool_errors",
)  # fmt: skip

_VENDORS = ("openai", "anthropic")


def names(layout: Layout) -> list[str]:
    """All runner profiles."""
    return sorted(file.stem for file in layout.runners.glob("*.yaml"))


_FREE = ("python", "http", "replay", "echo")
"""Providers whose answers have no price: a budget for them would be a silent promise."""


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
    mistakes = list(_plain_mistakes(model, document, name, provider))
    options = model.model_dump(include={*_FILE_OPTIONS, *_PLAIN_OPTIONS}, exclude_none=True)
    files: dict[str, str] = {}
    for place, target in _files(file.parent, options):
        key = place[0]
        try:
            with open_file(target, layout.shown(target)) as stream:
                files[".".join(map(str, place))] = file_digest(stream)
        except (OSError, ValueError, WorkspaceError) as error:  # ValueError: a NUL in the name
            why = error.mistakes[0].problem if isinstance(error, WorkspaceError) else str(error)
            value = options[key][place[1]] if len(place) > 1 else options[key]
            problem = f"{key!r} names {value!r}, but {layout.shown(target)} {why}"
            mistakes.append(document.mistake(place, problem, "paths start at this file's folder"))
    if mistakes:
        raise WorkspaceError(mistakes)
    identity = {key: value for key, value in options.items() if key != "key_env"}
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
        content_hash=digest([provider, identity, model.parameters, files]),
        attempt_timeout_s=_attempt_timeout_s(model),
        max_retries=model.max_retries,
        requests_per_minute=model.requests_per_minute,
        tokens_per_minute=model.tokens_per_minute,
        price=model.price.model_dump(exclude_none=True) if model.price else None,
        budget_usd=Decimal(str(model.budget.usd)) if model.budget else None,
    )


def _plain_mistakes(
    model: ProfileModel, document: Document, name: str, provider: str
) -> Iterator[Mistake]:
    """What is wrong with the profile before any other file is looked at."""
    if model.runner != name:
        problem = f"the runner is called {model.runner!r}, its file {name!r}"
        yield document.mistake(("runner",), problem, "give both one name")
    for key in ("price", "budget"):
        if provider in _FREE and getattr(model, key) is not None:
            problem = f"{key!r} cannot be kept for provider {provider!r}, whose cost nobody knows"
            yield document.mistake((key,), problem, "take it out: a limit that is ignored is none")
    stated = "attempt_timeout_s" in model.model_fields_set
    if stated and model.attempt_timeout_s < model.timeout_s:
        problem = f"an attempt may take {model.attempt_timeout_s:g} s, one call of it alone "
        problem += f"{model.timeout_s:g} s"
        hint = "'attempt_timeout_s' is at least 'timeout_s'"
        yield document.mistake(("attempt_timeout_s",), problem, hint)
    if provider not in _VENDORS:
        return
    for each in model.parameters:
        if each not in PARAMETERS:
            problem = f"there is no parameter {each!r}"
            yield document.mistake(("parameters", each), problem, closest(each, PARAMETERS))
    options = model.model_dump(include={"key_env", "base_url"})
    if not options["key_env"] and options["base_url"] is None:
        problem = "'key_env' is empty, which only a server of your own takes"
        hint = "set base_url, or name the variable that holds the key"
        yield document.mistake(("key_env",), problem, hint)


def _attempt_timeout_s(model: ProfileModel) -> float:
    """As stated; else the default, or longer where one call alone may take longer."""
    if "attempt_timeout_s" in model.model_fields_set:
        return model.attempt_timeout_s
    return max(model.attempt_timeout_s, model.timeout_s)


def _files(
    folder: Path, options: Mapping[str, Any]
) -> Iterator[tuple[tuple[str] | tuple[str, int], Path]]:
    """Every file whose content decides what the runner answers, with the option that names it.

    A `command` names a program by a path, or an interpreter whose arguments name a script: a word
    of it counts when it is a file below the profile's folder.
    """
    for key in _FILE_OPTIONS:
        if key in options:
            yield (key,), _target(folder, options[key])
    for index, word in enumerate(options.get("command", ())):
        pure = PurePosixPath(word)
        if pure.is_absolute() or ".." in pure.parts:
            continue
        if "/" in word if index == 0 else is_file(folder / word):
            yield ("command", index), folder / word


def _target(folder: Path, value: str) -> Path:
    """The file that an option names: FILE.py of FILE.py:FUNCTION. Its content is what runs."""
    file = value.rpartition(":")[0]
    return folder / (file if file.endswith(".py") else value)
