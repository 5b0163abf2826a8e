"""`paygrade doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from paygrade.cli.options import AsJson, Workspace
from paygrade.cli.output import cleaned, end, ending_well, say, say_json
from paygrade.errors import ExitCode


def doctor(
    runner: Annotated[
        list[str] | None,
        typer.Option(
            "--runner", "-r", metavar="NAME", help="Look at this profile alone. Repeatable."
        ),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no provider, whatever keys are set.")
    ] = False,
    as_json: AsJson = False,
    workspace: Workspace = None,
) -> None:
    """Look at what a run needs: versions, keys, prices, models, clock, store, git.

    Providers whose key is set are asked about the model; that costs nothing. Keys are not shown.
    """
    with ending_well(workspace):
        import dataclasses

        from paygrade.pipeline import doctor as conductor
        from paygrade.reports.diagnosis import diagnosis_lines
        from paygrade.reports.figures import plural

        found = conductor.doctor(workspace, tuple(runner or ()), offline=offline)
        if as_json:
            say_json([dataclasses.asdict(each) for each in found])
        else:
            for line in diagnosis_lines(cleaned(found)):
                say(line, fold=False)  # one line each, however long
        failing = sum(each.level == "fail" for each in found)
        if failing:
            need = "needs" if failing == 1 else "need"
            end(ExitCode.MISTAKE, why=f"{plural(failing, 'thing')} {need} mending before a run")
