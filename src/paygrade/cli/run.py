"""`paygrade run` and `paygrade resume`."""

from __future__ import annotations

import contextlib
import os
import signal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paygrade.cli.options import AsJson, Concurrency, Output, Quiet, Workspace
from paygrade.cli.output import (
    cleaned,
    end,
    ending_well,
    note,
    note_masked,
    results_apart,
    say,
    say_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.cli.progress import Quietly
    from paygrade.pipeline.session import Finished


_NEXT = (
    'next: paygrade show latest · paygrade report · paygrade sql "FROM failure_rate" · '
    "paygrade export latest -o run.csv"
)


class SampleClass(StrEnum):
    """The classes that a sample can have."""

    STATISTICAL = "statistical"
    MUST_PASS = "must_pass"  # noqa: S105 - not a password
    QUARANTINED = "quarantined"


def run(
    suites: Annotated[
        list[str] | None, typer.Argument(metavar="SUITE", help="Suites (default: all).")
    ] = None,
    runner: Annotated[
        list[str] | None,
        typer.Option("--runner", "-r", metavar="R", help="Instead of the suite's. Repeatable."),
    ] = None,
    prompt: Annotated[
        str, typer.Option(metavar="NAME@vN", help="Instead of the suite's prompt version.")
    ] = "",
    epochs: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Ask each sample so many times.")
    ] = None,
    filter_id: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Only samples whose id fits. Repeatable: all must."),
    ] = None,
    filter_slice: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Only samples of this slice. Repeatable: all."),
    ] = None,
    filter_class: Annotated[
        SampleClass | None, typer.Option(help="Only samples of this class.")
    ] = None,
    filter_failing: Annotated[
        str, typer.Option(metavar="RUN", help="Only samples that failed or errored in RUN.")
    ] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N samples.")] = None,
    concurrency: Concurrency = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Ask again what earlier runs know the answer to.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and stop.")] = False,
    output: Output = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    workspace: Workspace = None,
) -> None:
    """Run suites, store every outcome, show the failure rates.

    Ends with 0 when complete, whatever the rate, unless an invariant fails or the whole interval
    lies above the suite's max_failure_rate (100); 102 when nothing could be scored; 103 when
    attempts were not done.
    """
    with ending_well(workspace):
        from paygrade.cli.progress import watcher
        from paygrade.pipeline import export, show
        from paygrade.pipeline import run as conductor
        from paygrade.records.plan import Selection

        export.check_targets(tuple(output or ()))
        only = show.failing_samples(workspace, filter_failing) if filter_failing else ()
        wanted = Selection(
            suite="",
            runner="",
            prompt=prompt,
            epochs=epochs,
            limit=limit,
            filter_id=tuple(filter_id or ()),
            filter_slice=tuple(filter_slice or ()),
            filter_class=filter_class.value if filter_class else "",
            only_samples=only,
        )
        here = (workspace or Path.cwd()).absolute()  # users' code may change the current folder
        files = absolute(output)
        shown = watcher(quiet=quiet or as_json)
        with running(shown):
            finished = conductor.run(
                here,
                tuple(suites or ()),
                tuple(runner or ()),
                wanted,
                shown,
                concurrency=concurrency,
                use_cache=not no_cache,
                dry_run=dry_run,
            )
        _close(finished, here, files, quiet=quiet, as_json=as_json)


def resume(
    run_id: Annotated[
        str, typer.Argument(metavar="RUN", help="Its id, a unique start or end of it, or `latest`.")
    ] = "latest",
    retry_errors: Annotated[
        bool, typer.Option("--retry-errors", help="Do attempts that ended in an error again.")
    ] = False,
    concurrency: Concurrency = None,
    output: Output = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    workspace: Workspace = None,
) -> None:
    """Finish a run that was stopped: what was answered is not asked again."""
    with ending_well(workspace):
        from paygrade.cli.progress import watcher
        from paygrade.pipeline import export
        from paygrade.pipeline import run as conductor

        export.check_targets(tuple(output or ()))
        here = (workspace or Path.cwd()).absolute()
        files = absolute(output)
        shown = watcher(quiet=quiet or as_json)
        with running(shown):
            finished = conductor.resume(
                here, run_id, shown, concurrency=concurrency, retry_errors=retry_errors
            )
        _close(finished, here, files, quiet=quiet, as_json=as_json)


def score(
    run_id: Annotated[
        str, typer.Argument(metavar="RUN", help="Its id, a unique start or end of it, or `latest`.")
    ] = "latest",
    output: Output = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    workspace: Workspace = None,
) -> None:
    """Score a run's stored answers again, with today's scorers and labels, as a new run.

    Nobody is asked and nothing is paid.
    """
    with ending_well(workspace):
        from paygrade.cli.progress import watcher
        from paygrade.pipeline import export
        from paygrade.pipeline import run as conductor

        export.check_targets(tuple(output or ()))
        here = (workspace or Path.cwd()).absolute()
        files = absolute(output)
        shown = watcher(quiet=quiet or as_json)
        with running(shown):
            finished = conductor.score(here, run_id, shown)
        _close(finished, here, files, quiet=quiet, as_json=as_json)


@contextlib.contextmanager
def running(shown: Quietly) -> Iterator[None]:
    """While users' code runs: results stay apart, SIGTERM ends as Ctrl-C does, the bar closes."""
    before = signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    try:
        with results_apart():
            yield
    finally:
        shown.close()
        signal.signal(signal.SIGTERM, before)


def absolute(output: list[Path] | None) -> list[tuple[Path, Path]]:
    """Each file as it was written on the command line, and where it is."""
    return [(each, each.absolute()) for each in output or ()]


def _say_errors(finished: Finished) -> None:
    """What errored is in no rate: it is said however quiet a run is."""
    from paygrade.reports.figures import plural

    for each in finished.summaries:
        if each.overall.errored:
            name = f"{each.header.suite} · {each.header.runner}"
            note(f"{name}: {plural(each.overall.errored, 'attempt')} errored, in no rate")


def _close(
    finished: Finished,
    workspace: Path,
    output: list[tuple[Path, Path]],
    *,
    quiet: bool,
    as_json: bool,
) -> None:
    from paygrade.pipeline import export
    from paygrade.reports.as_json import forecast_json, summary_json
    from paygrade.reports.text import beside_view

    run_ids = tuple(each.header.run_id for each in finished.summaries)
    for problem in finished.problems:
        note(f"left out of the store: {problem}")
    if run_ids and output:
        outlet = export.export(workspace, run_ids, tuple(file for _, file in output))
        for shown, _ in output:
            note(f"wrote {shown}")
        note_masked(outlet)
    if quiet:
        _say_errors(finished)
    if as_json and finished.forecasts:
        say_json([forecast_json(each) for each in finished.forecasts])
    elif as_json:
        ended = zip(cleaned(tuple(finished.summaries)), finished.endings, strict=True)
        say_json([summary_json(each, end_.code, end_.reason) for each, end_ in ended])
    elif run_ids and not quiet:
        for suite, runs in finished.beside.items():
            say(beside_view(suite, cleaned(runs)))
        last = run_ids[-1]
        if finished.interrupted:
            note(f"interrupted. Go on with: paygrade resume {last}")
        note(f"stored as {', '.join(run_ids)}")
        note(_NEXT)
    end(finished.code, quiet=quiet, why="; ".join(dict.fromkeys(finished.reasons)))
