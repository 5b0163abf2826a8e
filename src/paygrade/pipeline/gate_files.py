"""`paygrade gate -o FILE`: the verdict in the files of other tools."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from paygrade.errors import UsageError
from paygrade.pipeline.export import export_rows
from paygrade.pipeline.outlet import Outlet
from paygrade.pipeline.wiring import layout_at
from paygrade.reports.as_json import gate_json
from paygrade.reports.badge import badge_json, badge_svg
from paygrade.reports.gate_junit import gate_junit
from paygrade.reports.gate_markdown import gate_comment

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.pipeline.gate import Gated
    from paygrade.records.verdict import GateReport

ENDINGS = (".badge.json", ".json", ".md", ".xml", ".svg")


def check_targets(files: tuple[Path, ...]) -> None:
    """Refuse, before anything runs, a file that could not be written at the end.

    Raises:
        UsageError: an unknown ending, a folder that is not there, or a folder itself.
    """
    for file in files:
        if not file.name.endswith(ENDINGS):
            hint = "one of NAME.json, NAME.md, NAME.junit.xml, NAME.svg, NAME.badge.json"
            raise UsageError(f"{file}: no format is known by {file.suffix!r}", hint=hint)
        if not file.absolute().parent.is_dir():
            raise UsageError(f"{file}: there is no folder {file.parent}", hint="make it first")
        if file.is_dir():
            raise UsageError(f"{file}: is a folder", hint="name a file in it")


def write(folder: Path | None, gated: Gated, files: tuple[Path, ...], run_url: str) -> Outlet:
    """Write the report into each of `files`, by its ending; return what was masked.

    Raises:
        UsageError: a file cannot be written.
        StoreError: the runs cannot be read.
    """
    outlet = Outlet(layout_at(folder).barrier)
    if gated.report is None:
        return outlet
    for file in files:
        try:
            report = outlet.record(file.name, gated.report)
            text = _text(folder, gated, report, file, run_url, outlet)
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{file}: cannot be written: {error.strerror or error}") from error
    return outlet


def _text(  # noqa: PLR0913, PLR0917 - what the one format or the other needs
    folder: Path | None,
    gated: Gated,
    report: GateReport,
    file: Path,
    run_url: str,
    outlet: Outlet,
) -> str:
    if file.name.endswith(".badge.json"):
        return outlet.text(file.name, badge_json(report))
    if file.suffix == ".json":
        return (
            json.dumps(outlet.value(file.name, gate_json(report)), ensure_ascii=False, indent=1)
            + "\n"
        )
    if file.suffix == ".md":
        return outlet.text(file.name, gate_comment(report, run_url=run_url))
    if file.suffix == ".svg":
        return outlet.text(file.name, badge_svg(report))
    rows = export_rows(folder, gated.run_ids, outlet, file.name)
    return gate_junit(report, rows)
