"""`paygrade datasets generate|import|lint|card|diff|hash|lock`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from paygrade.cli.options import AsJson, Workspace
from paygrade.cli.output import end, ending_well, note, say, say_json, say_mistakes
from paygrade.errors import ExitCode

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
            for line in lines:
                say(line)
        else:
            conductor.write_lines(out, lines)
            say(f"wrote {plural(samples, 'sample')} into {out}")


@datasets.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Rows with named columns.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new vN.jsonl.")],
    mappings: Annotated[
        list[str],
        typer.Option("--map", metavar="PLACE.KEY[:TYPE]=COLUMN", help="Where a column goes."),
    ],
    kind: Annotated[
        Literal["csv", "jsonl"], typer.Option("--format", help="What FILE is.")
    ] = "csv",
    id_column: Annotated[str, typer.Option("--id", metavar="COLUMN", help="Holds ids.")] = "id",
) -> None:
    """Turn rows of a spreadsheet into samples; any mistake, and nothing is written."""
    with ending_well():
        from paygrade.pipeline import datasets as conductor
        from paygrade.reports.figures import plural

        lines, unused = conductor.import_rows(file, kind, mappings, id_column)
        conductor.write_lines(out, lines)
        for name in sorted(unused):
            note(f"note: the column {name!r} was left out")
        say(f"wrote {plural(len(lines), 'sample')} into {out}")


@datasets.command("lint")
def lint(
    references: Annotated[list[str] | None, typer.Argument(metavar="[NAME[@vN]]...")] = None,
    as_json: AsJson = False,
    workspace: Workspace = None,
) -> None:
    """Look for what gives labels away: oracle keys, telling ids, signals of order and length."""
    with ending_well():
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
    with ending_well():
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
    with ending_well():
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
    with ending_well():
        from paygrade.pipeline import datasets as conductor

        added = conductor.lock(workspace, name)
        say(f"locked {', '.join(added)}" if added else "every version is locked already")
