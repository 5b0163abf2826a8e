"""`paygrade init`, `check`, and `paygrade prompts list|show|diff|lock`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from paygrade.cli.options import AsJson, Workspace
from paygrade.cli.output import console, end, ending_well, note, say, say_json, say_mistakes
from paygrade.errors import ExitCode

prompts = typer.Typer(help="List, show, compare and lock prompt versions.", no_args_is_help=True)

ReferenceArgument = Annotated[str, typer.Argument(metavar="NAME@vN")]


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to.")] = Path(),
) -> None:
    """Write a commented starter workspace that runs as it stands."""
    with ending_well():
        from paygrade.pipeline import check as conductor

        for file in conductor.init(folder):
            say(f"wrote {file}")
        here = "" if folder == Path() else f"cd {folder} && "
        say(f"\nnext: {here}paygrade run")


def check(as_json: AsJson = False, workspace: Workspace = None) -> None:
    """Check every file of the workspace and list every mistake: file, line, hint."""
    with ending_well(workspace):
        from paygrade.pipeline import check as conductor
        from paygrade.reports.figures import plural

        checked = conductor.check(workspace)
        if as_json:
            import dataclasses

            say_json(dataclasses.asdict(checked))
            if checked.mistakes:
                raise typer.Exit(int(ExitCode.MISTAKE))
            return
        for text in checked.notes:
            note(f"note: {text}")
        if checked.mistakes:
            say_mistakes(checked.mistakes)
            end(ExitCode.MISTAKE, why=plural(len(checked.mistakes), "mistake"))
        parts = (
            plural(checked.suites, "suite"),
            plural(checked.prompts, "prompt version"),
            f"{plural(checked.datasets, 'dataset')} ({plural(checked.samples, 'sample')})",
            plural(checked.runners, "runner"),
        )
        say(f"no mistake in {', '.join(parts)}")


@prompts.command("list")
def list_prompts(as_json: AsJson = False, workspace: Workspace = None) -> None:
    """List every prompt version, locked or draft."""
    with ending_well(workspace):
        from paygrade.pipeline import check as conductor
        from paygrade.reports.text import rows_view

        rows = [
            (
                each.reference,
                "locked" if locked else "draft",
                each.content_hash[:12],
                each.changelog,
            )
            for each, locked in conductor.list_prompts(workspace)
        ]
        columns = ["prompt", "state", "hash", "changelog"]
        if as_json:
            say_json([dict(zip(columns, row, strict=True)) for row in rows])
        else:
            say(rows_view(columns, rows, console().width))


@prompts.command("show")
def show_prompt(reference: ReferenceArgument, workspace: Workspace = None) -> None:
    """Show one prompt version's messages."""
    with ending_well(workspace):
        from paygrade.pipeline import check as conductor

        prompt = conductor.show_prompt(workspace, reference)
        say(f"{prompt.reference}  sha256:{prompt.content_hash}\n{prompt.changelog}")
        say(f"variables: {', '.join(prompt.variables)}")
        for message in prompt.messages:
            say(f"\n[{message.role}]\n{message.content}")


@prompts.command("diff")
def diff_prompts(
    before: ReferenceArgument, after: ReferenceArgument, workspace: Workspace = None
) -> None:
    """Show what changed between two prompt versions."""
    with ending_well(workspace):
        from paygrade.pipeline import check as conductor

        for line in conductor.diff_prompts(workspace, before, after) or ["no difference"]:
            say(line)


@prompts.command("lock")
def lock_prompts(workspace: Workspace = None) -> None:
    """Publish every draft version: from then on its file may not change."""
    with ending_well(workspace):
        from paygrade.pipeline import check as conductor

        added = conductor.lock_prompts(workspace)
        say(f"locked {', '.join(added)}" if added else "every version is locked already")
