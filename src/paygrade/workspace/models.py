"""The shape of each file, as pydantic models: the source of validation and of the JSON schemas."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    field_validator,
    model_validator,
)

from paygrade.leaks import MASKED_KINDS, Pattern, Policy
from paygrade.records.agent import GuardName
from paygrade.records.policy import OnInconclusive, OnLeak
from paygrade.workspace.fields import (
    STRICT,
    Date,
    DateText,
    FolderName,
    Name,
    Reference,
    SampleId,
    Text,
)
from paygrade.workspace.gate_model import GateModel


class _Model(BaseModel):
    model_config = STRICT


class MessageModel(_Model):
    """One chat message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: Text = Field(description="Jinja2 text: variables, for, if and filters; no calls.")


class PromptModel(_Model):
    """`prompts/NAME/vN.yaml`."""

    prompt: Name = Field(description="The folder's name.")
    version: int = Field(ge=1, description="The N of vN.yaml.")
    changelog: Text = Field(description="Why this version exists, in one sentence.")
    variables: list[str] = Field(description="Top-level keys of a sample's input that are used.")
    messages: list[MessageModel] = Field(min_length=1)
    constants: dict[str, Any] = Field(default_factory=dict, description="Values of the prompt.")
    output_schema: dict[str, Any] | None = Field(default=None, description="JSON Schema 2020-12.")
    parameters: dict[str, Any] = Field(default_factory=dict, description="Sent with each call.")


class VersionModel(_Model):
    """One published version of a dataset."""

    version: int = Field(ge=1)
    date: Date
    samples: int = Field(ge=0)
    sha256: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")] = Field(
        description="Of the samples; empty while the version is a draft."
    )
    changes: Text


class CardModel(_Model):
    """`datasets/NAME/card.yaml`."""

    dataset: Name = Field(description="The folder's name.")
    title: Text
    description: Text
    licence: Text
    sources: list[Text]
    labels: Text = Field(description="How the labels were made.")
    contact: Text
    known_gaps: list[Text] = Field(default_factory=list)
    slices: dict[Name, Text] = Field(default_factory=dict, description="Slice name: what it is.")
    versions: list[VersionModel] = Field(min_length=1)


class ExposureModel(_Model):
    """Money a sample stands for."""

    amount_minor: int = Field(ge=0)
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class FaultModel(BaseModel):
    """What goes wrong with the calls of one sample's tools. Other keys are its kind's own."""

    model_config = ConfigDict(**{**STRICT, "extra": "allow"})

    kind: Text
    tool: Text | None = Field(default=None, description="Of which tool. Default: of any.")
    nth: int = Field(default=1, ge=1, description="The first call that it strikes.")
    times: int = Field(default=1, ge=1, description="How many calls in a row.")


class SampleModel(_Model):
    """One line of `datasets/NAME/vN.jsonl`."""

    id: SampleId
    input: dict[str, Any] | str
    expected: Any
    case: SampleId | None = None
    slices: dict[Name, str | list[str]] = Field(default_factory=dict)
    class_: Literal["statistical", "must_pass", "quarantined"] = Field("statistical", alias="class")
    until: Date | None = None
    why: Text | None = None
    exposure: ExposureModel | None = None
    checks: list[str | dict[str, Any]] = Field(default_factory=list)
    rules: list[str] = Field(default_factory=list)
    provenance: dict[str, Any] = Field(default_factory=dict)
    world: dict[str, Any] | None = Field(
        default=None, description="What the tools of an agent are made of; it does not see it."
    )
    faults: list[FaultModel] = Field(
        default_factory=list, description="What goes wrong with the tools."
    )


Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class PriceModel(_Model):
    """What a model costs, in US dollars per million tokens: takes the place of the list price."""

    input_per_mtok: Price
    output_per_mtok: Price
    cached_per_mtok: Price | None = Field(
        default=None, description="Input read from a cache. Default: as input."
    )
    cache_write_per_mtok: Price | None = Field(
        default=None, description="Input written to a cache. Default: as input."
    )


class BudgetModel(_Model):
    """The most that one run may spend."""

    usd: float = Field(gt=0, allow_inf_nan=False, description="US dollars.")


PerMinute = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class ProfileModel(_Model):
    """What every runner profile has."""

    runner: Name = Field(description="The file's name without .yaml.")
    deterministic: bool = Field(
        default=False, description="The same request always gives the same answer."
    )
    concurrency: int = Field(default=8, ge=1, le=1024, description="Answers asked for at once.")
    timeout_s: float = Field(default=60, gt=0, le=86400, description="Of one call.")
    attempt_timeout_s: float = Field(
        default=600, gt=0, le=86400, description="Of one attempt with all its retries."
    )
    max_retries: int = Field(default=3, ge=0, le=20, description="Calls after the first one.")
    requests_per_minute: PerMinute | None = None
    tokens_per_minute: PerMinute | None = None
    price: PriceModel | None = None
    budget: BudgetModel | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)


class AgentProfileModel(ProfileModel):
    """What runners have that can act as agents, in suites with tools."""

    guard: GuardName | None = Field(
        default=None,
        description="pytx: calls of tools that move money have one effect at most. Default: none.",
    )
    max_steps: int | None = Field(
        default=None, ge=1, le=1000, description="Rounds of calls or sayings. Default: 40."
    )
    max_tool_errors: int | None = Field(
        default=None,
        ge=0,
        le=1000,
        description="Calls that no tool could take, malformed or unknown. Default: 10.",
    )


Function = Annotated[str, StringConstraints(pattern=r"^.+\.py:[A-Za-z_][A-Za-z0-9_]*$")]


class PythonProfileModel(AgentProfileModel):
    """A callable of your own."""

    provider: Literal["python"]
    callable: Function = Field(description="FILE.py:FUNCTION, relative to this file.")


class ReplayProfileModel(ProfileModel):
    """Recorded answers."""

    provider: Literal["replay"]
    answers: Text = Field(description="A JSON Lines file of id, text and optional epoch.")


class EchoProfileModel(ProfileModel):
    """Answers with the last message it was sent."""

    provider: Literal["echo"]


def _key_variable(value: object) -> object:
    """The name of a variable, never what stands in it.

    Raises:
        ValueError: it is text that names no variable.
    """
    if isinstance(value, str) and not _VARIABLE.match(value):
        raise ValueError("name the variable that holds the key; the key itself stands in no file")
    return value


_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)?\Z", re.ASCII)
KeyVariable = Annotated[str, BeforeValidator(_key_variable)]

Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]

BaseUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")]
"""A server's address; a password in it would be a key in a file."""

ModelName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]


class OpenAIProfileModel(AgentProfileModel):
    """OpenAI, or any server that speaks its protocol."""

    provider: Literal["openai"]
    model: ModelName
    api: Literal["responses", "chat"] = Field(
        default="responses", description="chat is what other servers speak."
    )
    base_url: BaseUrl | None = Field(default=None, description="Of another server.")
    key_env: KeyVariable = Field(
        default="OPENAI_API_KEY",
        description="The variable that holds the key; empty for a server that takes none.",
    )


class AnthropicProfileModel(AgentProfileModel):
    """Anthropic, or any server that speaks its protocol."""

    provider: Literal["anthropic"]
    model: ModelName
    base_url: BaseUrl | None = Field(default=None, description="Of another server.")
    key_env: KeyVariable = Field(
        default="ANTHROPIC_API_KEY",
        description="The variable that holds the key; empty for a server that takes none.",
    )
    api_version: DateText | None = Field(default=None, description="An older version of the API.")


class CommandProfileModel(ProfileModel):
    """A program of your own: JSON on standard input and output."""

    provider: Literal["command"]
    command: list[Annotated[str, StringConstraints(pattern=r"^[^\x00]+$")]] = Field(
        min_length=1, description="The program and its arguments, started beside this file."
    )
    env: list[Variable] = Field(
        default_factory=list, description="Variables it may see besides PATH, HOME and LANG."
    )


class HttpProfileModel(AgentProfileModel):
    """An agent of your own behind an address. Only suites with tools can use it."""

    provider: Literal["http"]
    url: BaseUrl = Field(description="Where the agent is asked.")


PROFILES: dict[str, type[ProfileModel]] = {
    "openai": OpenAIProfileModel,
    "anthropic": AnthropicProfileModel,
    "command": CommandProfileModel,
    "python": PythonProfileModel,
    "http": HttpProfileModel,
    "replay": ReplayProfileModel,
    "echo": EchoProfileModel,
}


class ToolServerModel(_Model):
    """Tools behind an address."""

    url: BaseUrl


ToolsPlace = Annotated[
    Annotated[Function, Tag("str")] | Annotated[ToolServerModel, Tag("[url]")],
    Discriminator(lambda value: "[url]" if isinstance(value, dict) else "str"),
]
"""By the tags, messages speak of the form that was meant."""


class SuiteModel(_Model):
    """`evals/NAME/suite.yaml`."""

    suite: Name = Field(description="The folder's name.")
    prompt: Reference
    dataset: Reference
    runners: list[Name] = Field(min_length=1)
    scorers: Annotated[
        list[str | dict[str, Any]],
        BeforeValidator(lambda value: [] if value is None else value),  # all commented out
    ] = Field(default_factory=list)  # that there is one is asked for where the suite is read
    epochs: int = Field(default=1, ge=1, le=1000)
    slices: list[Name] = Field(default_factory=list, description="Slices to report.")
    max_failure_rate: float | None = Field(default=None, ge=0, le=1)
    gate: GateModel | None = Field(default=None, description="What the gate is asked for.")
    tools: ToolsPlace | None = Field(
        default=None,
        description="What agents may call: FILE.py:FUNCTION beside this file, or url of a server.",
    )


class FoldersModel(_Model):
    """Where the five content folders are, relative to the workspace."""

    prompts: FolderName = "prompts"
    datasets: FolderName = "datasets"
    runners: FolderName = "runners"
    evals: FolderName = "evals"
    reports: FolderName = "reports"


class DefaultsModel(_Model):
    """What holds where neither the command, the profile nor the suite says."""

    concurrency: int | None = Field(default=None, ge=1, le=1024)
    on_inconclusive: OnInconclusive = Field(
        default="warn", description="Of suites whose gate says nothing about it."
    )


class PublishModel(_Model):
    """What `paygrade publish` shows."""

    title: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")] | None = Field(
        default=None, description="Of the pages. Default: the workspace's folder."
    )
    samples: bool = Field(
        default=False, description="Publish prompts, answers and reasons of failing samples too."
    )
    on_leak: OnLeak = Field(
        default="mask", description="What leaks is masked, or nothing is published: refuse."
    )


class PatternModel(_Model):
    """What else must not be kept or published, by a workspace's own pattern."""

    name: str = Field(description="[NAME] stands in the place of what is masked.")
    regex: str = Field(description="A regular expression with bounded repetitions.")

    @model_validator(mode="after")
    def _usable(self) -> Self:
        Pattern(self.name, self.regex)
        return self


def _keepable(value: object) -> object:
    """What is always masked is told apart from what no kind is.

    Raises:
        ValueError: it may never be kept.
    """
    if isinstance(value, str) and value in MASKED_KINDS:
        raise ValueError("card numbers, track data, verification codes and secrets are never kept")
    return value


class LeaksModel(_Model):
    """What is masked before it is stored or published."""

    keep: list[Annotated[Literal["iban", "email"], BeforeValidator(_keepable)]] = Field(
        default_factory=list, description="Kinds that may be stored and published: iban, email."
    )
    patterns: list[PatternModel] = Field(
        default_factory=list, description="What else is masked: each has a name and a regex."
    )

    @field_validator("patterns")
    @classmethod
    def _apart(cls, value: list[PatternModel]) -> list[PatternModel]:
        Policy(MASKED_KINDS, tuple(Pattern(each.name, each.regex) for each in value))
        return value


class ConfigModel(_Model):
    """`paygrade.yaml`, or `[tool.paygrade]` in pyproject.toml. All of it is optional."""

    folders: FoldersModel = Field(default_factory=FoldersModel)
    store: FolderName = Field(
        default=".paygrade", description="Folder of journals and the database."
    )
    defaults: DefaultsModel = Field(default_factory=DefaultsModel)
    publish: PublishModel = Field(default_factory=PublishModel)
    leaks: LeaksModel = Field(default_factory=LeaksModel)
