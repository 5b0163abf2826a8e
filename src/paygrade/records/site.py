"""What is published: questions to the store with their answers, and the pages made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.json_value import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question to the store and its answer.

    `sql` is complete, as `paygrade sql` takes it: every number that a page shows is a value of a
    row that anybody can ask for again. Values are as the database gives them.
    """

    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def records(self) -> list[dict[str, Any]]:
        """The rows by the names of their columns."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Attempts of a suite's published runs, column by column, for the filter on its page.

    Each column holds `rows` unsigned little-endian integers of `widths` bytes (1, 2 or 4): codes
    that count in the dictionary of the same name where there is one. `runner`, `class`, `case`
    (no dictionary), `outcome` (0 passed, 1 failed, 2 errored), `slice:NAME` (an entry holds the
    values of one sample, joined by U+001F), `failed:N` and `judged:N` (bits of up to eight checks,
    the first one lowest; their names are in the dictionary `check`). Rows are ordered by runner,
    case, sample and epoch. Nothing in it is a word of a model.
    """

    rows: int
    dictionaries: Mapping[str, tuple[str, ...]]
    widths: Mapping[str, int]
    columns: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckTold:
    """One check of an attempt that can be drilled into."""

    check: str
    severity: str
    role: str
    result: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTold:
    """One attempt with its words, where the workspace publishes samples.

    `answer` is `None` where none came, `baseline_answer` where the baseline's own run is not in
    the store. `trajectory` is what an agent did.
    """

    suite: str
    runner: str
    run_id: str
    sample_id: str
    epoch: int
    case: str
    case_class: str
    slices: Mapping[str, tuple[str, ...]]
    exposure_minor: int | None
    currency: str
    messages: tuple[tuple[str, str], ...]
    expected: Json
    kind: str
    failed: bool | None
    error_kind: str
    error: str
    answer: str | None
    finish: str
    trajectory: Json
    checks: tuple[CheckTold, ...]
    baseline_answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteSite:
    """What the page of one suite shows: an `Asked` for each of its tables, by the table's name.

    `columns` are the attempts behind its filter, `None` where there are too many to embed: then
    `parquet` is the file beside the page that holds them, with `dictionaries` to read its codes.
    `told` says how many attempts of each runner could be told on its pages of samples, empty where
    none are written.
    """

    suite: str
    description: str
    tables: Mapping[str, Asked]
    columns: Columns | None = None
    parquet: str = ""
    dictionaries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    told: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a site comes from. `unknown` says in sentences what is not known."""

    made_at: str
    commit: str
    dirty: bool | None
    versions: Mapping[str, str]
    schema_version: int
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """All that is published of one workspace.

    `overview`, `agents` and `gate` hold the tables of those pages by name; `agents` is empty where
    no agent was judged. `samples` says that words of models are published. `live` is a site that
    is served while runs go on.
    """

    title: str
    provenance: Provenance
    overview: Mapping[str, Asked]
    suites: tuple[SuiteSite, ...]
    agents: Mapping[str, Asked]
    gate: Mapping[str, Asked]
    samples: bool = False
    live: bool = False
