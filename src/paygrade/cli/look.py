"""`paygrade list`, `show`, `sql`, `export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paygrade.cli.options import AsJson, Workspace
from paygrade.cli.output import (
    cleaned,
    console,
    end,
    ending_well,
    note,
    note_masked,
    results_apart,
    say,
    say_json,
)

if TYPE_CHECKING:
    from paygrade.pipeline.show import Table

RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="Its id, a unique start or end of it, or `latest`.")
]


def list_(
    most: Annotated[int, typer.Option("--most", "-n", min=1, help="So many at most.")] = 20,
    as_json: AsJson = False,
    workspace: Workspace = None,
) -> None:
    """List stored runs, newest first, with their failure rates."""
    with ending_well(workspace):
        from paygrade.pipeline import show as conductor
        from paygrade.reports.text import runs_view

        table = conductor.list_runs(workspace, most=most)
        if as_json:
            _say_rows(table)
        else:
            _say_problems(table)
            say(runs_view(table.columns, table.rows))


def show(
    run_id: RunArgument = "latest",
    sample: Annotated[
        str, typer.Argument(metavar="SAMPLE", help="One sample: prompt, answer, checks.")
    ] = "",
    as_json: AsJson = False,
    workspace: Workspace = None,
) -> None:
    """Show a run's failure rates, or one of its samples with its answers and checks."""
    with ending_well(workspace):
        import dataclasses

        from paygrade.pipeline import show as conductor
        from paygrade.reports.as_json import summary_json
        from paygrade.reports.text import sample_view, summary_view

        if sample:
            shown = cleaned(conductor.show_sample(workspace, run_id, sample))
            if as_json:
                say_json(dataclasses.asdict(shown))
            else:
                attempts = [(each.answer, each.outcome) for each in shown.attempts]
                say(sample_view(shown.row, attempts))
            return
        summary, ended = cleaned(conductor.show_run(workspace, run_id))
        if as_json:
            say_json(summary_json(summary, ended.code, ended.reason))
        else:
            note(f"run {summary.header.run_id}")
            say(summary_view(summary, ended.code, ended.reason))


def replay(
    run_id: RunArgument = "latest",
    samples: Annotated[
        list[str] | None, typer.Argument(metavar="SAMPLE", help="Some of its samples.")
    ] = None,
    as_json: AsJson = False,
    workspace: Workspace = None,
) -> None:
    """Give what agents did in a run to fresh worlds: does each end the same?

    Ends with 0 when all do, 100 when one differs, 101 when some could not be replayed, 102 when
    none could.
    """
    with ending_well(workspace):
        import dataclasses

        from paygrade.pipeline import replay as conductor
        from paygrade.reports.replay import replay_lines

        here = (workspace or Path.cwd()).absolute()  # users' code may change the current folder
        with results_apart():
            replayed = cleaned(conductor.replay(here, run_id, tuple(samples or ())))
        for each in replayed.notes:
            note(each)
        if as_json:
            say_json([dataclasses.asdict(each) for each in replayed.attempts])
        else:
            note(f"run {replayed.run_id}")
            ended = [
                (each.sample_id, each.epoch, each.ended, each.why) for each in replayed.attempts
            ]
            for line in replay_lines(ended):
                say(line)
        end(replayed.code, why=f"run {replayed.run_id}")


def sql(
    statement: Annotated[
        str, typer.Argument(metavar="SQL", help="One question; read from stdin when absent.")
    ] = "",
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    workspace: Workspace = None,
) -> None:
    """Ask the store in SQL (DuckDB's), read-only.

    Tables: runs, samples, sample_slices, attempts, calls, judge_calls, checks, findings,
    tool_calls, effects, gates, verdicts, hypotheses, accepted, accepted_samples, accepted_power,
    calibrations, calibration_detects. Views of runs: published, run_figures, trend, failure_rate,
    severity_rate, check_rate, slice_rate, class_rate, error_kinds, money_at_risk, cost, latency,
    tries, masked; of agents: effect_rate, effect_money; of two runs: flips, run_pairs,
    accepted_flips, accepted_changes.
    """
    with ending_well(workspace):
        from paygrade.pipeline import show as conductor
        from paygrade.reports.rows import csv_text
        from paygrade.reports.text import rows_view

        table = conductor.sql(workspace, statement or sys.stdin.read())
        if as_json:
            _say_rows(table)
        elif as_csv:
            _say_problems(table)
            rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
            say(csv_text(table.columns, rows).removesuffix("\n"))
        else:
            _say_problems(table)
            say(rows_view(table.columns, table.rows, console().width))


def export(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs, or `latest`.")],
    output: Annotated[
        list[Path],
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help=".jsonl, .csv, .parquet, .junit.xml or .md. Repeatable.",
        ),
    ],
    workspace: Workspace = None,
) -> None:
    """Write stored runs into files, by their endings."""  # fmt: skip
    with ending_well(workspace):
        from paygrade.pipeline import export as conductor

        outlet = conductor.export(workspace, tuple(runs), tuple(output))
        for file in output:
            note(f"wrote {file}")
        note_masked(outlet)


def _say_rows(table: Table) -> None:
    _say_problems(table)
    say_json([dict(zip(table.columns, row, strict=True)) for row in table.rows])


def _say_problems(table: Table) -> None:
    for problem in table.problems:
        note(f"left out of the store: {problem}")
