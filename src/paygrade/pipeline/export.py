"""`paygrade export` and `run -o`: stored runs into files of other tools."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from paygrade.analysis.effects import side_by_side
from paygrade.errors import StoreError, UsageError
from paygrade.pipeline.outlet import Outlet
from paygrade.pipeline.runs import find_run, summary_of
from paygrade.pipeline.wiring import layout_at
from paygrade.reports.junit import junit
from paygrade.reports.markdown import markdown
from paygrade.reports.rows import csv_text, jsonl
from paygrade.store import database, fill

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = (".jsonl", ".csv", ".parquet", ".xml", ".md")


def check_targets(files: tuple[Path, ...]) -> None:
    """Refuse, before anything runs, a file that could not be written at the end.

    Raises:
        UsageError: an unknown ending, or a folder that is not there.
    """
    for file in files:
        if file.suffix not in FORMATS:
            hint = "one of NAME.jsonl, NAME.csv, NAME.parquet, NAME.junit.xml, NAME.md"
            raise UsageError(f"{file}: no format is known by {file.suffix!r}", hint=hint)
        if not file.absolute().parent.is_dir():
            raise UsageError(f"{file}: there is no folder {file.parent}", hint="make it first")


def export(folder: Path | None, references: tuple[str, ...], files: tuple[Path, ...]) -> Outlet:
    """Write the runs `references` into each of `files`, by its ending; return what was masked.

    Raises:
        UsageError: no such run, an unknown ending, or a file that cannot be written.
        JournalError, StoreError: the runs cannot be read.
    """
    check_targets(files)
    layout = layout_at(folder)
    store, outlet = layout.store, Outlet(layout.barrier)
    folders = [find_run(store, reference) for reference in references]
    for problem in fill.sync(store).problems:
        if any(str(each) in problem for each in folders):
            raise StoreError(problem)
    run_ids = [each.name for each in folders]
    parameters = {"run_ids": run_ids}
    statement = database.queries()["export"]
    for file in files:
        try:
            if file.suffix == ".parquet":
                clean = partial(outlet.rows, file.name)
                database.write_parquet(store, statement, parameters, file, clean)
                continue
            if file.suffix == ".md":
                summaries = [summary_of(each) for each in folders]
                shown = outlet.record(file.name, tuple(summaries))
                text = outlet.text(file.name, markdown(shown, side_by_side(shown)))
            else:
                text = _text_of(
                    file.suffix, *_rows(store, statement, parameters, outlet, file.name)
                )
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{file}: cannot be written: {error.strerror or error}") from error
    return outlet


def export_rows(
    folder: Path | None, run_ids: tuple[str, ...], outlet: Outlet, where: str
) -> list[dict[str, Any]]:
    """One row an attempt of the runs `run_ids`, as `export` writes them.

    Raises:
        StoreError: they cannot be read.
    """
    parameters = {"run_ids": list(run_ids)}
    store = layout_at(folder).store
    if not run_ids:
        return []
    return _rows(store, database.queries()["export"], parameters, outlet, where)[1]


def _rows(
    store: Path, statement: str, parameters: dict[str, Any], outlet: Outlet, where: str
) -> tuple[list[str], list[dict[str, Any]]]:
    with database.reading(store) as connection:
        columns, found = database.rows(connection, statement, parameters)
    rows = [
        dict(zip(columns, values, strict=True)) for values in outlet.rows(where, columns, found)
    ]
    for row in rows:
        for name in ("checks", "slices"):
            row[name] = json.loads(row[name] or "[]")
    return columns, rows


def _text_of(suffix: str, columns: list[str], rows: list[dict[str, Any]]) -> str:
    if suffix == ".jsonl":
        return jsonl(rows)
    if suffix == ".csv":
        return csv_text(columns, rows)
    return junit(rows)
