"""The `paygrade` command and its subcommands."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated

import typer

from paygrade.cli import datasets as data
from paygrade.cli import doctor, gate, judge, look, publish, report, view, workspace
from paygrade.cli import run as running

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(
    name="paygrade",
    help="Evals for AI that touches money: failure rates with intervals, stored in DuckDB.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 complete or passed; 1 internal error; 2 mistake; 100 regressed, limit "
    "exceeded or invariant failed; 101 inconclusive; 102 invalid; 103 incomplete.",
)


def _help(command: Callable[..., None]) -> str:
    """A command's docstring, each paragraph on one line: the terminal folds it, not the source."""
    paragraphs = (inspect.getdoc(command) or "").split("\n\n")
    return "\n\n".join(" ".join(each.split()) for each in paragraphs)


for _name, _command in (
    ("init", workspace.init),
    ("check", workspace.check),
    ("run", running.run),
    ("gate", gate.gate),
    ("accept", gate.accept),
    ("compare", gate.compare),
    ("calibrate", gate.calibrate),
    ("resume", running.resume),
    ("score", running.score),
    ("list", look.list_),
    ("show", look.show),
    ("report", report.report),
    ("replay", look.replay),
    ("sql", look.sql),
    ("export", look.export),
    ("publish", publish.publish),
    ("view", view.view),
    ("doctor", doctor.doctor),
):
    app.command(_name, help=_help(_command))(_command)
app.add_typer(workspace.prompts, name="prompts")
app.add_typer(data.datasets, name="datasets")
app.add_typer(judge.judge, name="judge")


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
