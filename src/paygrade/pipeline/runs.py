"""Finding a run by what a person types, and summing it up."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from paygrade.analysis.bill import bill
from paygrade.analysis.effects import judges_effects
from paygrade.analysis.summarize import summarize
from paygrade.errors import JournalError, UsageError
from paygrade.store import journal
from paygrade.store.fill import run_folders

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from paygrade.records.run import RunHeader, RunSummary

_SHOWN = 5
_PARTS = ("confirm", "repeat")
WHOLE = ("run", "baseline", "gate")
"""Purposes of runs that ask a whole suite, unless they were narrowed."""

BILLED = ("openai", "anthropic", "command")
"""Providers whose answers are counted and priced."""


def find_run(store: Path, reference: str) -> Path:
    """The folder of the run `reference`: its id, a unique start or end of it, or `latest`.

    `latest` is the newest run of a whole suite: one that asks chosen samples again is not it.

    Raises:
        UsageError: none fits, or several do.
    """
    folders = run_folders(store)
    if not folders:
        raise UsageError("there is no run in this workspace yet", hint="paygrade run")
    if reference == "latest":
        whole = (each for each in reversed(folders) if _purpose(each) not in _PARTS)
        return next(whole, folders[-1])
    exact = [folder for folder in folders if folder.name == reference]
    fitting = exact or [
        folder
        for folder in folders
        if folder.name.startswith(reference) or folder.name.endswith(reference)
    ]
    if len(fitting) == 1:
        return fitting[0]
    some = ", ".join(folder.name for folder in (fitting or folders)[-_SHOWN:])
    if fitting:
        raise UsageError(f"{reference!r} fits {len(fitting)} runs", hint=f"such as {some}")
    raise UsageError(f"there is no run {reference!r}", hint=f"the newest are {some}, or `latest`")


def _purpose(folder: Path) -> str:
    """Why a run was made; unknown where its journal cannot be read, which its reader says."""
    with contextlib.suppress(JournalError):
        return journal.read_header(folder).purpose
    return ""


def readable(store: Path) -> Iterator[tuple[Path, RunHeader]]:
    """Runs whose journal begins well, newest first."""
    for folder in reversed(run_folders(store)):
        try:
            yield folder, journal.read_header(folder)
        except JournalError:
            continue


def narrowed(header: RunHeader) -> bool:
    """The run was made of some of the samples of its dataset alone."""
    chosen = header.selection
    plain = replace(chosen, prompt="", epochs=None)
    return plain != type(chosen)(suite=chosen.suite, runner=chosen.runner)


def summary_of(folder: Path) -> RunSummary:
    """Summarise the run in `folder` from its journal.

    Raises:
        JournalError: it cannot be read.
    """
    header = journal.read_header(folder)
    billed = None
    judges = any(each.get("provider") in BILLED for each in header.judges)
    if header.provider in BILLED or judges:
        judged = journal.judge_answers(folder) if judges else ()
        lost = journal.lost_turns(folder) if header.identity.tools else ()
        failed = journal.failed_calls(folder)
        billed = bill(journal.read_answers(folder), failed, judged, lost)
    samples, outcomes = journal.read_samples(folder), journal.read_outcomes(folder)
    return summarize(header, samples, outcomes, billed, guards=guards_of(folder, header))


def guards_of(folder: Path, header: RunHeader) -> tuple[str, ...]:
    """How tools reached the agents, as their answers say it; none where that is not judged.

    Raises:
        JournalError: the journal cannot be read.
    """
    if not judges_effects(header):
        return ()
    answers = journal.read_answers(folder)
    return tuple(sorted({each.trajectory.guard for each in answers if each.trajectory}))
