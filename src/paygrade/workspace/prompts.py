"""`prompts/NAME/vN.yaml`: read, checked, hashed, rendered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.errors import Mistake, UsageError, WorkspaceError
from paygrade.records.answer import Message
from paygrade.records.plan import MessageTemplate, PromptVersion
from paygrade.workspace.files import is_there
from paygrade.workspace.identity import digest
from paygrade.workspace.lock import read_lock, versions, write_lock
from paygrade.workspace.models import PromptModel
from paygrade.workspace.template_data import RenderError
from paygrade.workspace.templates import Template, compiled
from paygrade.workspace.validate import closest, validated
from paygrade.workspace.yaml_reader import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from paygrade.records.json_value import Json
    from paygrade.records.sample import Sample
    from paygrade.workspace.config import Layout
    from paygrade.workspace.yaml_reader import Document

__all__ = [
    "Renderer",
    "read_lock",
    "read_prompt",
    "unfit_input",
    "versions",
    "write_lock",
]

_REFERENCE = re.compile(r"(?P<name>.+)@v(?P<number>[1-9][0-9]{0,5})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message(MessageTemplate):
    """A message that knows how its text stands in the file, where YAML joins or splits lines."""

    written: str


def read_prompt(layout: Layout, reference: str) -> PromptVersion:
    """Read and check `NAME@vN`, templates and schema included.

    Raises:
        UsageError: there is no such version.
        WorkspaceError: every mistake in its file.
    """
    match = _REFERENCE.match(reference)
    file = layout.prompts / match["name"] / f"v{match['number']}.yaml" if match else None
    if match is None or file is None or not is_there(file):
        known = [f"{each}@v{version}" for each, version in versions(layout)]
        hint = closest(reference, known) or "write prompts/NAME/vN.yaml"
        raise UsageError(f"there is no prompt {reference!r}", hint=hint)
    document = read_yaml(file, layout.shown(file))
    model = validated(PromptModel, document)
    prompt = PromptVersion(
        name=model.prompt,
        version=model.version,
        path=document.path,
        changelog=model.changelog,
        messages=tuple(
            _Message(
                role=message.role,
                content=message.content,
                line=document.line(("messages", index, "content")),
                written=document.written.get(("messages", index, "content"), ""),
            )
            for index, message in enumerate(model.messages)
        ),
        variables=tuple(model.variables),
        constants=model.constants,
        output_schema=model.output_schema,
        parameters=model.parameters,
        content_hash=digest(model.model_dump(mode="json", exclude={"changelog"})),
    )
    mistakes = [
        *_misnamed(document, prompt, match["name"], match["number"]),
        *_misused(document, prompt),
    ]
    if mistakes:
        raise WorkspaceError(mistakes)
    return prompt


def _misnamed(document: Document, prompt: PromptVersion, name: str, number: str) -> list[Mistake]:
    mistakes = []
    if prompt.name != name:
        problem = f"the prompt is called {prompt.name!r}, its folder {name!r}"
        mistakes.append(document.mistake(("prompt",), problem, "give both one name"))
    if str(prompt.version) != number:
        problem = f"says version {prompt.version} in a file named v{number}.yaml"
        mistakes.append(document.mistake(("version",), problem, "make the two agree"))
    return mistakes


def _misused(document: Document, prompt: PromptVersion) -> list[Mistake]:
    templates, mistakes = _compiled(prompt)
    if mistakes:
        return mistakes
    used = frozenset[str]().union(*(template.names for template in templates))
    used -= frozenset(prompt.constants) | {"input"}
    declared = set(prompt.variables)
    for name in sorted(used - declared):
        hint = closest(name, declared) or "add it to 'variables'"
        line = _line_of(prompt, name)
        problem = f"uses the variable {name!r}, which 'variables' does not list"
        mistakes.append(Mistake(path=prompt.path, line=line, problem=problem, hint=hint))
    for index, name in enumerate(prompt.variables):
        place = ("variables", index)
        if name in prompt.variables[:index]:
            mistakes.append(document.mistake(place, f"lists the variable {name!r} twice"))
        elif name == "input":
            problem = "lists 'input', which every prompt has"
            mistakes.append(document.mistake(place, problem, "list its keys alone"))
        elif name in prompt.constants:
            problem = f"lists the variable {name!r}, which is a constant of this prompt"
            mistakes.append(document.mistake(place, problem, "rename one of them"))
        elif name not in used:
            problem = f"lists the variable {name!r}, which no message uses"
            mistakes.append(document.mistake(place, problem, closest(name, used - declared)))
    if "input" in prompt.constants:
        problem = "'input' is the sample's input, not a constant"
        mistakes.append(document.mistake(("constants", "input"), problem, "rename it"))
    return mistakes


def _line_of(prompt: PromptVersion, name: str) -> int:
    word = re.compile(rf"\b{re.escape(name)}\b")
    for message in prompt.messages:
        for number, line in enumerate(_written(message).split("\n")):
            if "{" in line and word.search(line):
                return message.line + number
    return prompt.messages[0].line


def _written(message: MessageTemplate) -> str:
    """The text of `message` in the lines of its file."""
    return (message.written if isinstance(message, _Message) else "") or message.content


def _compiled(prompt: PromptVersion) -> tuple[list[Template], list[Mistake]]:
    templates: list[Template] = []
    mistakes: list[Mistake] = []
    for message in prompt.messages:
        written = message.written if isinstance(message, _Message) else ""
        template, wrong = compiled(message.content, prompt.path, message.line, written)
        mistakes += wrong
        if template:
            templates.append(template)
    return templates, mistakes


class Renderer:
    """Renders one prompt version for any sample. Compiled once."""

    def __init__(self, prompt: PromptVersion) -> None:
        """Compile `prompt`, which has been read and checked before."""
        self._prompt = prompt
        self._templates, _ = _compiled(prompt)

    def messages(self, sample: Sample, dataset_path: str) -> tuple[Message, ...]:
        """The messages for `sample`.

        Raises:
            WorkspaceError: a variable is missing from its input, or rendering grows too large.
        """
        keys: Mapping[str, Json] = sample.input if isinstance(sample.input, dict) else {}
        context = {**keys, **self._prompt.constants, "input": sample.input}
        rendered = []
        for template, message in zip(self._templates, self._prompt.messages, strict=True):
            try:
                content = template.render(context)
            except RenderError as error:
                line = message.line + (error.line or 1) - 1
                hint = f"rendering sample {sample.id!r} of {dataset_path}:{sample.line}"
                mistake = Mistake(path=self._prompt.path, line=line, problem=str(error), hint=hint)
                raise WorkspaceError([mistake]) from error
            rendered.append(Message(role=message.role, content=content))
        return tuple(rendered)

    @property
    def uses_input(self) -> bool:
        """Whether any message depends on the sample at all."""
        used = frozenset[str]().union(*(template.names for template in self._templates))
        return bool(used - frozenset(self._prompt.constants))


def unfit_input(prompt: PromptVersion, sample: Sample) -> Iterator[tuple[str, str]]:
    """What keeps `prompt` from showing the input of `sample`: problem and hint."""
    keys: Mapping[str, object] = sample.input if isinstance(sample.input, dict) else {}
    missing = [name for name in prompt.variables if name not in keys]
    if missing:
        hint = closest(missing[0], keys) if len(missing) == 1 else ""
        problem = f"sample {sample.id!r} has no input {', '.join(map(repr, missing))}"
        yield problem, f"{prompt.path} uses it" + (f"; {hint}" if "did you" in hint else "")
    for name in sorted(prompt.constants.keys() & keys):
        problem = f"sample {sample.id!r} has the input {name!r}, a constant of {prompt.path}"
        yield problem, "rename one of them: the prompt would show its own"
