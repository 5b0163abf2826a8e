"""`paygrade judge certify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from paygrade.cli.options import AsJson, Workspace
from paygrade.cli.output import end, ending_well, say, say_json
from paygrade.errors import ExitCode

judge = typer.Typer(help="Find out how good a model is as a judge.", no_args_is_help=True)


@judge.callback()
def _judge() -> None:
    """Find out how good a model is as a judge."""


@judge.command("certify")
def certify(
    rubric: Annotated[
        str, typer.Argument(metavar="RUBRIC", help="dispute-reasons/1 or recon-explanation/1.")
    ],
    runner: Annotated[
        str, typer.Option("--runner", "-r", metavar="NAME", help="The runner that judges.")
    ],
    labels: Annotated[
        Path | None,
        typer.Option(
            "--labels", metavar="FILE", help="Labels of your own people, not those that ship."
        ),
    ] = None,
    as_json: AsJson = False,
    workspace: Workspace = None,
) -> None:
    """Try a judge on labelled explanations and write its certificate.

    Without --labels it is tried on the 60 that ship, whose labels follow from how they were made:
    such a judge is advisory. With at least 100 labels of your own people it may gate.
    """
    with ending_well(workspace):
        from paygrade.errors import ScorerError
        from paygrade.pipeline import certifying as conductor

        try:
            certified = conductor.certify_judge(workspace, rubric, runner, labels)
        except ScorerError as error:
            end(ExitCode.INVALID, why=str(error))
            raise
        if as_json:
            import dataclasses

            say_json({**dataclasses.asdict(certified.certificate), **certified.facts})
        else:
            from paygrade.reports.certificate import certified_view

            say(certified_view(certified))
        if not certified.certificate.usable:
            end(ExitCode.REGRESSED, why="the judge is not usable")
