"""`paygrade datasets generate|import|lint|card|diff|hash|lock`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from paygrade.cli.options import AsJson, Workspace
from paygrade.cli.output import end, ending_well, note, say, say_json, say_mistakes
from paygrade.errors import ExitCode, UsageError, WorkspaceError

datasets = typer.Typer(
    help="Generate, import, check, describe, compare and lock golden datasets.",
    no_args_is_help=True,
)

DatasetArgument = Annotated[str, typer.Argument(metavar="NAME[@vN]")]
VersionArgument = Annotated[str, typer.Argument(metavar="NAME@vN")]


@datasets.command("generate")
def generate(
    task: Annotated[str, typer.Argument(metavar="TASK", help="The dataset's name.")],
    samples: Annotated[int, typer.Option("--samples", "-n", min=1, max=100_000)] = 100,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.", min=0)] = 0,
    canary: Annotated[str, typer.Option(help="Text of the canary line.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="A new file, not the screen.")
    ] = None,
) -> None:
    """Write samples of a shipped task; their labels follow from how they were made."""
    with ending_well():
        from paygrade.pipeline import datasets as conductor
        from paygrade.reports.figures import plural

        lines = conductor.generate(task, samples, seed, canary)
        if out is None:
            for line in lines:  # invented, card numbers and all: the same bytes as with --out
                sys.stdout.write(f"{line}\n")
        else:
            conductor.write_lines(out, lines)
            say(f"wrote {plural(samples, 'sample')} into {out}")


@datasets.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Rows, a report or a statement.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new vN.jsonl.")],
    mappings: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="PLACE.KEY[:TYPE]=COLUMN", help="Where a column of csv, jsonl goes."
        ),
    ] = None,
    kind: Annotated[
        Literal["csv", "jsonl", "stripe", "adyen", "razorpay", "camt053"],
        typer.Option("--format", help="What FILE is."),
    ] = "csv",
    id_column: Annotated[
        str | None, typer.Option("--id", metavar="COLUMN", help="Holds ids of csv, jsonl.")
    ] = None,
    ref_column: Annotated[
        str, typer.Option("--ref", metavar="COLUMN", help="Holds your references in a report.")
    ] = "",
) -> None:
    """Turn rows, a settlement report or bank statements into samples."""
    with ending_well():
        from paygrade.pipeline import datasets as conductor
        from paygrade.reports.figures import plural

        if kind == "csv" or kind == "jsonl":  # noqa: PLR1714 - this form tells the type
            _refuse(ref_column, f"--ref is for reports: with --format {kind} use --map")
            if not mappings:
                hint = "such as --map input.message=Text --map expected.decision=Decision"
                raise UsageError(f"--format {kind} needs --map", hint=hint)
            lines, unused = conductor.import_rows(file, kind, mappings, id_column or "id")
            notes = tuple(f"the column {name!r} was left out" for name in sorted(unused))
        else:
            from paygrade.pipeline.settlement import import_report

            _refuse(mappings, f"--map is for csv and jsonl: {kind} says where everything goes")
            _refuse(id_column, f"--id is for csv and jsonl: {kind} has ids of its own")
            report = import_report(file, kind, ref_column)
            for sentence in report.balances:
                say(sentence)
            if report.mistakes:
                raise WorkspaceError(report.mistakes)
            lines, notes = list(report.lines), report.notes
        conductor.write_lines(out, lines)
        for text in notes:
            note(f"note: {text}")
        say(f"wrote {plural(len(lines), 'sample')} into {out}")


def _refuse(given: object, problem: str) -> None:
    """Refuse an option that the format has no use for.

    Raises:
        UsageError: it was given.
    """
    if given:
        raise UsageError(problem, hint="leave it out")


@datasets.command("lint")
def lint(
    references: Annotated[list[str] | None, typer.Argument(metavar="[NAME[@vN]]...")] = None,
    as_json: AsJson = False,
    workspace: Workspace = None,
) -> None:
    """Look for what gives labels away: oracle keys, telling ids, signals of order and length."""
    with ending_well(workspace):
        from paygrade.pipeline import datasets as conductor
        from paygrade.reports.figures import plural

        linted = conductor.lint(workspace, references or [])
        mistakes = tuple(mistake for each in linted for mistake in each.mistakes)
        if as_json:
            import dataclasses

            say_json([dataclasses.asdict(each) for each in linted])
        else:
            for each in linted:
                for text in each.notes:
                    note(f"note: {each.reference}: {text}")
            say_mistakes(mistakes)
        if mistakes:
            end(ExitCode.MISTAKE, why=plural(len(mistakes), "mistake"))
        if not as_json:
            for each in linted:
                count = plural(each.samples, "sample")
                say(f"{each.reference}: nothing gives labels away in {count}")


@datasets.command("card")
def card(
    reference: DatasetArgument,
    new: Annotated[
        bool, typer.Option("--new", help="Write the first card, to be filled in.")
    ] = False,
    as_json: AsJson = False,
    workspace: Workspace = None,
) -> None:
    """Show a dataset's card as Markdown, with counts by slice, class, origin and money."""
    with ending_well(workspace):
        from paygrade.pipeline import datasets as conductor

        if new:
            say(f"wrote {conductor.new_card(workspace, reference)}: fill it in, then lock it")
            return
        facts = conductor.card(workspace, reference)
        if as_json:
            import dataclasses

            say_json(dataclasses.asdict(facts))
        else:
            from paygrade.reports.card import card_markdown

            say(card_markdown(facts).rstrip("\n"))


@datasets.command("diff")
def diff(
    before: VersionArgument,
    after: VersionArgument,
    as_json: AsJson = False,
    workspace: Workspace = None,
) -> None:
    """Show which samples came, went and changed between two versions, and what that means."""
    with ending_well(workspace):
        from paygrade.pipeline import datasets as conductor

        change = conductor.diff(workspace, before, after)
        if as_json:
            import dataclasses

            say_json({**dataclasses.asdict(change), "change_class": change.change_class})
            return
        for name in change.added:
            say(f"+ {name}")
        for name in change.removed:
            say(f"- {name}")
        for each in change.edited:
            say(f"~ {each.id}: {', '.join(each.keys)}")
        say(
            f"{change.before} to {change.after}: {len(change.added)} added, "
            f"{len(change.removed)} removed, {len(change.edited)} changed, {change.kept} kept: "
            f"{change.change_class}"
        )


@datasets.command("hash")
def hash_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of samples, vN.jsonl.")],
) -> None:
    """Print the content hash of a file of samples, as a card holds it. Order does not matter."""
    with ending_well():
        from paygrade.pipeline import datasets as conductor

        say(conductor.content_hash(file))


@datasets.command("lock")
def lock(name: Annotated[str, typer.Argument(metavar="NAME")], workspace: Workspace = None) -> None:
    """Publish every draft version that the card lists: from then on its file may not change."""
    with ending_well(workspace):
        from paygrade.pipeline import datasets as conductor

        added = conductor.lock(workspace, name)
        say(f"locked {', '.join(added)}" if added else "every version is locked already")
