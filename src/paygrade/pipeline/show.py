"""`paygrade list`, `show`, `sql`: looking at what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paygrade.analysis.judge_run import ending
from paygrade.errors import UsageError
from paygrade.pipeline.outlet import Outlet
from paygrade.pipeline.runs import find_run, summary_of
from paygrade.pipeline.wiring import layout_at
from paygrade.store import database, fill, journal, lines

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.analysis.judge_run import Ending
    from paygrade.records.answer import StoredAnswer
    from paygrade.records.outcome import Outcome
    from paygrade.records.run import RunSummary, SampleRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Columns, rows, and what could not be read on the way."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    problems: tuple[str, ...] = ()


def list_runs(folder: Path | None, *, most: int) -> Table:
    """The newest `most` runs.

    Raises:
        StoreError, UsageError, WorkspaceError.
    """
    return _read(folder, database.queries()["runs"], {"most": most})


def sql(folder: Path | None, statement: str) -> Table:
    """Answer one read-only question.

    Raises:
        StoreError: it is not one statement, or it is refused.
    """
    database.one_statement(statement)
    return _read(folder, statement, None)


def _read(folder: Path | None, statement: str, parameters: dict[str, Any] | None) -> Table:
    layout = layout_at(folder)
    store = layout.store
    synced = fill.sync(store)
    with database.reading(store) as connection:
        columns, rows = database.rows(connection, statement, parameters)
    outlet = Outlet(layout.barrier)
    return Table(
        columns=list(outlet.rows("the answer", [""] * len(columns), [columns])[0]),
        rows=outlet.rows("the answer", columns, rows),
        problems=(*synced.problems,),
    )


def show_run(folder: Path | None, reference: str) -> tuple[RunSummary, Ending]:
    """One run's summary and what it ended with.

    Raises:
        UsageError, JournalError.
    """
    summary = summary_of(find_run(layout_at(folder).store, reference))
    return summary, ending(summary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One attempt as it happened."""

    answer: StoredAnswer | None
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSample:
    """One sample of a run with all its attempts."""

    run_id: str
    row: SampleRow
    attempts: tuple[Seen, ...]


def show_sample(folder: Path | None, reference: str, sample_id: str) -> ShownSample:
    """One sample of one run.

    Raises:
        UsageError: the run did not get to such a sample.
        JournalError: the journal cannot be read.
    """
    run_folder = find_run(layout_at(folder).store, reference)
    row: SampleRow | None = None
    answers: dict[int, StoredAnswer] = {}
    outcomes: dict[int, Outcome] = {}
    for entry in journal.read_entries(run_folder, ("sample", "answer", "outcome")):
        if entry.data.get("sample_id") != sample_id:
            continue
        if entry.kind == "sample":
            row = lines.sample_from(entry.data)
        elif entry.kind == "answer":
            answers[entry.data["epoch"]] = lines.answer_from(entry.data)
        else:
            outcomes[entry.data["epoch"]] = lines.outcome_from(entry.data)
    if row is None:
        hint = "see them with: paygrade sql 'SELECT run_id, sample_id FROM samples'"
        raise UsageError(f"run {run_folder.name} has no sample {sample_id!r}", hint=hint)
    return ShownSample(
        run_id=run_folder.name,
        row=row,
        attempts=tuple(
            Seen(answer=answers.get(epoch), outcome=outcome)
            for epoch, outcome in sorted(outcomes.items())
        ),
    )


def failing_samples(folder: Path | None, reference: str) -> tuple[str, ...]:
    """Ids of the samples that failed or errored in a run, for `--filter-failing`.

    Raises:
        UsageError, JournalError.
    """
    run_folder = find_run(layout_at(folder).store, reference)
    found = dict.fromkeys(
        outcome.sample_id
        for outcome in journal.read_outcomes(run_folder)
        if getattr(outcome, "failed", True)
    )
    if not found:
        raise UsageError(f"nothing failed in run {run_folder.name}")
    return tuple(found)
