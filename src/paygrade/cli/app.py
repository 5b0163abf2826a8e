"""The `paygrade` command and its subcommands."""

from __future__ import annotations

from typing import Annotated

import typer

from paygrade.cli import look, workspace
from paygrade.cli import run as running

app = typer.Typer(
    name="paygrade",
    help="Evals for AI that touches money: failure rates with intervals, stored in DuckDB.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 complete; 1 internal error; 2 mistake; 100 limit exceeded or invariant "
    "failed; 102 nothing could be scored; 103 incomplete.",
)
app.command("init")(workspace.init)
app.command("check")(workspace.check)
app.command("run")(running.run)
app.command("resume")(running.resume)
app.command("list")(look.list_)
app.command("show")(look.show)
app.command("sql")(look.sql)
app.command("export")(look.export)
app.add_typer(workspace.prompts, name="prompts")


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"paygrade {version('paygrade')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print and stop."),
    ] = False,
) -> None:
    """Options of the command itself."""


def main() -> None:
    """Run the command line."""
    app()
