"""`paygrade gate`, `accept`, `compare` and `calibrate`."""

from __future__ import annotations

import contextlib
import os
import sys
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paygrade.cli.options import AsJson, Concurrency, Quiet, Workspace
from paygrade.cli.output import (
    barrier,
    cleaned,
    end,
    ending_well,
    note,
    note_masked,
    say,
    say_json,
    write,
)
from paygrade.cli.run import absolute, running
from paygrade.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.pipeline.accept import Outcome, Proposal
    from paygrade.pipeline.gate import Gated
    from paygrade.pipeline.recording import Refused
    from paygrade.records.plan import Selection
    from paygrade.records.verdict import Calibration, GateReport

Suites = Annotated[list[str] | None, typer.Argument(metavar="SUITE", help="Suites (default: all).")]
Runners = Annotated[
    list[str] | None,
    typer.Option("--runner", "-r", metavar="R", help="Instead of the suite's. Repeatable."),
]
Prompt = Annotated[
    str, typer.Option(metavar="NAME@vN", help="Instead of the suite's prompt version.")
]


class ConfirmMode(StrEnum):
    """How a suspicion is confirmed."""

    BOTH = "both"
    STORED = "stored"
    OFF = "off"


class Inconclusive(StrEnum):
    """What an inconclusive verdict does to the exit code."""

    WARN = "warn"
    FAIL = "fail"


def gate(
    suites: Suites = None,
    runner: Runners = None,
    baseline: Annotated[
        str,
        typer.Option(
            metavar="WHERE",
            help="A file or folder of baselines, a git commit (its baselines), or a stored run. "
            "Default: reports/baselines.",
        ),
    ] = "",
    prompt: Prompt = "",
    epochs: Annotated[
        int | None,
        typer.Option(min=1, max=1000, help="Of the candidate. Default: the suite's, else 3."),
    ] = None,
    run: Annotated[
        str, typer.Option("--run", metavar="RUN", help="Judge this stored run instead of asking.")
    ] = "",
    confirm: Annotated[
        ConfirmMode | None, typer.Option(help="Instead of the suite's gate.confirm.")
    ] = None,
    on_inconclusive: Annotated[
        Inconclusive | None, typer.Option(help="Instead of the suite's gate.on_inconclusive.")
    ] = None,
    concurrency: Concurrency = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and stop.")] = False,
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "--output", "-o", metavar="FILE",
            help="Write the verdict too: .json, .md, .junit.xml, .svg or .badge.json. Repeatable.",
        ),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    workspace: Workspace = None,
) -> None:  # fmt: skip
    """Judge whether a change made the failure rate worse than the accepted baseline's.

    What looks worse is asked again, of both versions, before it is called a regression. Ends with
    0 (pass, improved, or inconclusive under `warn`), 100 (regressed or violated), 101
    (inconclusive under `fail`), 102 (invalid: nothing can be compared) or 103 (not finished).
    """
    with ending_well(workspace):
        from paygrade.cli.progress import watcher
        from paygrade.pipeline import gate as conductor
        from paygrade.pipeline import gate_files
        from paygrade.reports.gate_text import gate_view

        files = absolute(output)
        gate_files.check_targets(tuple(each for _, each in files))
        here = (workspace or Path.cwd()).absolute()
        options = conductor.GateOptions(
            baseline=baseline,
            epochs=epochs,
            confirm=confirm.value if confirm else None,
            on_inconclusive=on_inconclusive.value if on_inconclusive else None,
            run=run,
            concurrency=concurrency,
            dry_run=dry_run,
        )
        shown = watcher(quiet=quiet or as_json, steps=True)
        with running(shown):
            gated = conductor.gate(
                here, tuple(suites or ()), tuple(runner or ()), _wanted(prompt), options, shown
            )
        for problem in gated.problems:
            note(f"left out of the store: {problem}")
        if gated.report is None:
            end(ExitCode.OK, quiet=quiet)
            return
        report = cleaned(gated.report)
        if as_json:
            from paygrade.reports.as_json import gate_json

            say_json(gate_json(report))
        else:
            say(gate_view(report))
        _tell_github(gated, report, {each.name: str(each) for each, _ in files})
        outlet = gate_files.write(here, gated, tuple(each for _, each in files), _run_url())
        for each, _ in files:
            note(f"wrote {each}")
        note_masked(outlet)
        end(report.code, quiet=quiet, why=report.reason)


def _wanted(prompt: str) -> Selection:
    from paygrade.records.plan import Selection

    return Selection(suite="", runner="", prompt=prompt)


def _run_url() -> str:
    """The page of the CI run, where GitHub says what it is."""
    parts = [
        os.environ.get(f"GITHUB_{each}", "") for each in ("SERVER_URL", "REPOSITORY", "RUN_ID")
    ]
    return f"{parts[0]}/{parts[1]}/actions/runs/{parts[2]}" if all(parts) else ""


def _tell_github(gated: Gated, report: GateReport, files: dict[str, str]) -> None:
    """The step summary, the annotations and the outputs, inside a GitHub workflow."""
    from paygrade.reports.annotations import workflow_commands
    from paygrade.reports.gate_markdown import step_summary
    from paygrade.reports.outputs import github_outputs

    texts = {
        "GITHUB_STEP_SUMMARY": partial(step_summary, report),
        "GITHUB_OUTPUT": partial(github_outputs, report, files),
    }
    for variable, text in texts.items():
        target = os.environ.get(variable)
        if target:
            with Path(target).open("a", encoding="utf-8") as stream:
                stream.write(barrier().mask(text()).text)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in workflow_commands(report, gated.places):
            sys.stderr.write(f"{barrier().mask(line).text}\n")


def accept(
    suites: Suites = None,
    runner: Runners = None,
    prompt: Prompt = "",
    epochs: Annotated[
        int | None,
        typer.Option(min=1, max=1000, help="Epochs of each session. Default: the suite's, else 5."),
    ] = None,
    sessions: Annotated[
        int, typer.Option(min=1, max=2, help="Sessions to record. With one there is no A/A check.")
    ] = 2,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why this baseline replaces the one that is there.")
    ] = "",
    now: Annotated[
        bool, typer.Option("--now", help="Record both sessions at once, not an hour apart.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write it without asking.")] = False,
    concurrency: Concurrency = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and stop.")] = False,
    quiet: Quiet = False,
    workspace: Workspace = None,
) -> None:  # fmt: skip
    """Record a baseline in two sessions, check it, show what it changes, and write it.

    The second session is recorded when the command is given again, an hour later or more. Ends
    with 103 while it is missing, with 2 when nothing was confirmed, and with 102 when what was
    recorded can be no baseline.
    """
    with ending_well(workspace):
        from paygrade.cli.progress import watcher
        from paygrade.pipeline import accept as conductor

        here = (workspace or Path.cwd()).absolute()
        options = conductor.AcceptOptions(
            epochs=epochs,
            sessions=sessions,
            reason=reason,
            at_once=now,
            concurrency=concurrency,
            dry_run=dry_run,
        )
        shown = watcher(quiet=quiet, steps=True)
        with running(shown), _going_on("accept"):
            found = conductor.propose(
                here, tuple(suites or ()), tuple(runner or ()), _wanted(prompt), options, shown
            )
        if dry_run:
            end(ExitCode.OK, quiet=quiet)
        _end_acceptance(here, found, yes=yes, quiet=quiet)


@contextlib.contextmanager
def _going_on(command: str) -> Iterator[None]:
    """After Ctrl-C: what was recorded is kept."""
    try:
        yield
    except KeyboardInterrupt:
        note(f"interrupted: paygrade {command} again goes on where it stopped")
        raise


def _end_acceptance(here: Path, found: list[Outcome], *, yes: bool, quiet: bool) -> None:
    """Show what came of it, write what is confirmed, and end with the worst."""
    from paygrade.analysis.judge_run import Ending, worst
    from paygrade.pipeline import accept as conductor
    from paygrade.pipeline.recording import Refused

    endings = []
    for each in found:
        if isinstance(each, conductor.Proposal):
            continue
        note(str(each))
        if isinstance(each, conductor.Waiting):
            endings.append(Ending(code=ExitCode.INCOMPLETE, reason="a second session is missing"))
        elif isinstance(each, Refused):
            endings.append(Ending(code=each.code, reason=each.problem))
    ready = [each for each in found if isinstance(each, conductor.Proposal)]
    refusal = _write(here, ready, yes=yes)
    if refusal:
        endings.append(Ending(code=ExitCode.MISTAKE, reason=refusal))
    if not ready and not endings:
        endings.append(Ending(code=ExitCode.MISTAKE, reason="there is nothing new to accept"))
    code = worst(endings)
    reasons = dict.fromkeys(each.reason for each in endings if each.code is code)
    end(code, quiet=quiet, why="; ".join(reasons))


def _write(here: Path, ready: list[Proposal], *, yes: bool) -> str:
    """Write what is confirmed; why nothing was written, where nothing was."""
    from paygrade.pipeline import accept as conductor
    from paygrade.reports.gate_text import baseline_view

    if not ready:
        return ""
    for each in ready:
        say(baseline_view(cleaned(each.before), cleaned(each.after)))
        for text in each.notes:
            note(f"note: {text}")
    names = ", ".join(dict.fromkeys(each.file for each in ready))
    if not yes:
        if not sys.stdin.isatty():
            return f"nothing was written: confirm {names} with --yes; what is recorded is kept"
        try:
            confirmed = typer.confirm(f"write {names}?", err=True)
        except typer.Abort:  # Ctrl-C or Ctrl-D instead of an answer
            confirmed = False
        if not confirmed:
            return "nothing was written; what is recorded is kept"
    for file in conductor.write(here, ready):
        note(f"wrote {file}: commit it, so that a person reviews it")
    return ""


def compare(
    before: Annotated[
        str, typer.Argument(metavar="A", help="A run, or a runner or prompt version that ran.")
    ],
    after: Annotated[str, typer.Argument(metavar="B", help="The same, to compare with A.")],
    suite: Annotated[
        str, typer.Option(metavar="SUITE", help="Look at runs of this suite alone.")
    ] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE.md", help="Write it as Markdown.")
    ] = None,
    as_json: AsJson = False,
    workspace: Workspace = None,
) -> None:
    """Compare two stored runs, runners or prompt versions: what changed, with intervals.

    Nobody is asked, and no verdict is given: that is what `gate` is for.
    """
    with ending_well(workspace):
        from paygrade.pipeline import compare as conductor
        from paygrade.reports.as_json import compared_json
        from paygrade.reports.gate_markdown import compare_markdown
        from paygrade.reports.gate_text import compare_view

        compared = cleaned(conductor.compare(workspace, before, after, suite=suite))
        if output:
            write(output, compared, compare_markdown, shown=output)
        if as_json:
            say_json(compared_json(compared))
        else:
            say(compare_view(compared))


def calibrate(
    suites: Suites = None,
    runner: Runners = None,
    prompt: Prompt = "",
    invocations: Annotated[
        int, typer.Option(min=20, max=10_000, help="A/A invocations of the gate to play.")
    ] = 400,
    fresh: Annotated[
        int, typer.Option(min=0, max=1000, help="Record so many more epochs first.")
    ] = 0,
    concurrency: Concurrency = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and stop.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE.md", help="Write it as Markdown.")
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    workspace: Workspace = None,
) -> None:
    """Measure the gate on your own suite: its false alarms, and the smallest rise that it finds.

    Plays the gate on stored repeats of one version, where nothing changed. Ends with 101 when the
    suite cannot see what its `gate.must_detect` promises, and with 102 when too little is stored.
    """
    with ending_well(workspace):
        from paygrade.cli.progress import watcher
        from paygrade.pipeline import calibrate as conductor
        from paygrade.records.verdict import Calibration
        from paygrade.reports.as_json import calibration_json
        from paygrade.reports.gate_markdown import calibrations_markdown
        from paygrade.reports.gate_text import calibration_view

        here = (workspace or Path.cwd()).absolute()
        target = output and output.absolute()
        options = conductor.CalibrateOptions(
            invocations=invocations, fresh=fresh, concurrency=concurrency, dry_run=dry_run
        )
        shown = watcher(quiet=quiet or as_json, steps=True)
        with running(shown), _going_on("calibrate"):
            ended = conductor.calibrate(
                here, tuple(suites or ()), tuple(runner or ()), _wanted(prompt), options, shown
            )
        found = cleaned(tuple(each for each in ended if isinstance(each, Calibration)))
        if target and output and found:
            write(target, found, calibrations_markdown, shown=output)
        if as_json and not dry_run:
            say_json(list(map(calibration_json, found)))
        for each in () if as_json or dry_run else found:
            say(calibration_view(each))
        _end_calibration(ended, quiet=quiet or as_json)


def _end_calibration(ended: list[Calibration | Refused], *, quiet: bool) -> None:
    """Say what could not be measured and what is not kept, and end with the worst."""
    from paygrade.analysis.judge_run import Ending, worst
    from paygrade.records.verdict import Calibration

    endings = []
    for each in ended:
        if not isinstance(each, Calibration):
            note(str(each))
            endings.append(Ending(code=each.code, reason=each.problem))
        elif each.kept is False:
            name = f"{each.suite} · {each.runner}"
            reason = f"{name} cannot see the rise that gate.must_detect promises"
            endings.append(Ending(code=ExitCode.INCONCLUSIVE, reason=reason))
    code = worst(endings)
    reasons = dict.fromkeys(each.reason for each in endings if each.code is code)
    end(code, quiet=quiet, why="; ".join(reasons))
