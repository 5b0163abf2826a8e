"""`paygrade publish`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paygrade.cli.options import AsJson, Workspace
from paygrade.cli.output import end, ending_well, note, results_apart, say, say_json
from paygrade.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from paygrade.pipeline.publish import Published
    from paygrade.pipeline.stale import Staleness


def publish(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Into this folder, not reports/published."),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing: is what was published still so? Else exit 2."),
    ] = False,
    now: Annotated[
        str, typer.Option("--now", metavar="TIME", help="The time on the pages, ISO 8601.")
    ] = "",
    as_json: AsJson = False,
    workspace: Workspace = None,
) -> None:
    """Write the failure rates as pages that open without a server, for people to look at.

    Rates alone: no prompt and no answer is on them, unless publish.samples says so. Ends with 102
    when no run of a whole suite is complete.
    """
    with ending_well(workspace):
        here = (workspace or Path.cwd()).absolute()  # users' code may change the current folder
        folder = out.absolute() if out else None
        made_at = _instant(now)
        if check:
            from paygrade.pipeline.stale import check_published

            with results_apart():
                found = check_published(here, out=folder)
            _end_check(found, as_json=as_json)
        from paygrade.pipeline.publish import publish as conductor

        with results_apart():
            published = conductor(here, out=folder, made_at=made_at)
        _say_problems(published.problems)
        _say(published, as_json=as_json)


def _instant(text: str) -> str:
    """The time as it is written everywhere: UTC, to the microsecond.

    Raises:
        UsageError: it is no time, or has no offset from UTC.
    """
    import datetime as dt

    if not text:
        return ""
    try:
        given = dt.datetime.fromisoformat(text)
    except ValueError:
        given = None
    if given is None or given.utcoffset() is None:
        hint = "ISO 8601 with its offset from UTC, such as 2026-11-28T12:00:00Z"
        raise UsageError(f"--now {text!r} is not a time", hint=hint)
    return given.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _say_problems(problems: tuple[str, ...]) -> None:
    for problem in problems:
        note(f"left out of the store: {problem}")


def _say(published: Published, *, as_json: bool) -> None:
    from paygrade.reports.publishing import published_json, published_lines

    told = (
        published.folder,
        published.files,
        published.figures,
        published.masked,
        published.stored_masked,
    )
    if as_json:
        say_json(published_json(*told))
    else:
        for line in published_lines(*told):
            say(line)


def _end_check(found: Staleness, *, as_json: bool) -> None:
    """Say what is stale, and end.

    Raises:
        typer.Exit: always.
    """
    from paygrade.reports.figures import plural

    _say_problems(found.problems)
    count = len(found.differences)
    if as_json:
        say_json({"stale": list(found.differences), "checked": found.checked})
    elif not count:
        say(f"what was published is still so: {plural(found.checked, 'run')}")
    else:
        for each in found.differences:
            say(each)
    if count:
        end(
            ExitCode.MISTAKE,
            why=f"what was published is stale, {plural(count, 'difference')}: paygrade publish",
        )
    raise typer.Exit(int(ExitCode.OK))
