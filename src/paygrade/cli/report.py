"""`paygrade report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from paygrade.cli.look import RunArgument
from paygrade.cli.options import Workspace
from paygrade.cli.output import cleaned, ending_well, say, write


def report(
    run_id: RunArgument = "latest",
    markdown: Annotated[bool, typer.Option("--markdown", help="Print it as Markdown.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE.md", help="Write it as Markdown.")
    ] = None,
    workspace: Workspace = None,
) -> None:
    """Tell one run in context: its trend, what flipped since the run before, and what to do next.

    `show` has the figures of the run alone; this puts them beside earlier runs, the accepted
    baseline and the gate's last verdict. Nobody is asked, and no verdict is given.
    """
    with ending_well(workspace):
        from paygrade.pipeline import report as conductor
        from paygrade.reports.run_report import next_lines, report_view
        from paygrade.reports.run_report_markdown import report_markdown

        told = cleaned(conductor.report(workspace, run_id))
        if output:
            write(output, told, report_markdown, shown=output)
        if markdown:
            say(report_markdown(told).rstrip("\n"))
            return
        say(report_view(told))
        for line in next_lines(told):  # not folded: a command is there to be copied
            say(line)
