"""`paygrade replay`: what reached the world once, given to a fresh one: does it end the same?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from paygrade import scorers
from paygrade.errors import ExitCode, RunnerError, UsageError
from paygrade.leaks import MASKED_KINDS
from paygrade.pipeline.runs import find_run
from paygrade.pipeline.wiring import layout_at, today
from paygrade.store import journal
from paygrade.workspace.bind import bind_suite

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from paygrade.records.agent import Toolbox
    from paygrade.records.answer import StoredAnswer
    from paygrade.records.sample import Sample

Ended = Literal["same", "differs", "not replayed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """One attempt, replayed or not: `why` says what differs, or why it could not be."""

    sample_id: str
    epoch: int
    ended: Ended
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """All attempts that were asked for. `notes` say what a reader must know of them."""

    run_id: str
    attempts: tuple[Again, ...]
    notes: tuple[str, ...]

    @property
    def code(self) -> ExitCode:
        """What is not known to be the same is never counted as the same."""
        ends = {each.ended for each in self.attempts}
        if "differs" in ends:
            return ExitCode.REGRESSED
        if "same" not in ends:
            return ExitCode.INVALID
        return ExitCode.OK if ends == {"same"} else ExitCode.INCONCLUSIVE


def replay(folder: Path | None, reference: str, sample_ids: tuple[str, ...]) -> Replayed:
    """Give the stored deliveries of each attempt of a run, or of some samples, to fresh worlds.

    Raises:
        UsageError: no such run or sample, or the suite has no tools.
        WorkspaceError, NothingRanError, JournalError.
    """
    layout = layout_at(folder)
    run_folder = find_run(layout.store, reference)
    header = journal.read_header(run_folder)
    selection = header.selection
    bound = bind_suite(layout, selection.suite, scorers.CATALOGUE, today(), prompt=selection.prompt)
    toolbox = bound.suite.toolbox
    if toolbox is None or not header.identity.tools:
        problem = f"run {header.run_id} has no tools, so there is nothing to replay"
        raise UsageError(problem, hint="only agents act on a world")
    then = {row.sample_id: row.content_hash for row in journal.read_samples(run_folder)}
    for name in sample_ids:
        if name not in then:
            raise UsageError(f"run {header.run_id} has no sample {name!r}")
    samples = {each.id: each for each in bound.dataset.samples}
    answers = {(each.sample_id, each.epoch): each for each in journal.read_answers(run_folder)}
    notes: tuple[str, ...] = ()
    if toolbox.content_hash != header.identity.tools:
        notes = ("the tools changed since that run: what differs may be their doing",)
    return Replayed(
        run_id=header.run_id,
        attempts=tuple(
            _again(toolbox, answers[key], samples.get(key[0]), then.get(key[0], ""))
            for key in _chosen(answers, sample_ids)
        ),
        notes=notes,
    )


def _chosen(
    answers: Iterable[tuple[str, int]], sample_ids: tuple[str, ...]
) -> list[tuple[str, int]]:
    """In an order of their own: answers are journaled as they land."""
    return sorted(key for key in answers if not sample_ids or key[0] in sample_ids)


def _again(toolbox: Toolbox, answer: StoredAnswer, sample: Sample | None, then: str) -> Again:
    from paygrade.runners import agents  # noqa: PLC0415 - only suites with tools need it

    ended: Ended = "not replayed"
    why = _barred(answer, sample, then)
    if not why and answer.trajectory is not None and sample is not None:
        known = answer.trajectory.snapshot_hash
        try:
            found = agents.replay(
                toolbox, sample.world, sample.faults, answer.trajectory.deliveries
            )
        except (RunnerError, UsageError) as error:
            why = error.problem
        else:
            ended = "same" if found == known else "differs"
            why = "" if found == known else f"{known[:12]} then, {found[:12]} now"
    return Again(sample_id=answer.sample_id, epoch=answer.epoch, ended=ended, why=why)


def _barred(answer: StoredAnswer, sample: Sample | None, then: str) -> str:
    """Why an attempt cannot be replayed; empty when it can."""
    if answer.trajectory is None:
        return "the agent left no trajectory"
    told = str(answer.trajectory.deliveries)
    if any(
        each.place.startswith("/trajectory/deliveries/")
        and (each.kind in MASKED_KINDS or f"[{each.kind}]" in told)
        for each in answer.findings
    ):
        return "masked, cannot be replayed"
    if sample is None:
        return "the dataset has no such sample any more"
    return "" if sample.content_hash == then else "the sample was edited since"
