"""`reports/baselines/SUITE.jsonl`: what a person accepted, one reviewed file a suite.

Its first line holds the digest of all others, so that no outcome is changed by hand. Then come the
runners by name, each with one line of its own and one line a sample. Where a suite has very many
samples, their lines lie compressed beside it, in `SUITE.samples.jsonl.gz`.
"""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING, Any

from paygrade.errors import Mistake, UsageError, WorkspaceError
from paygrade.workspace.baseline_lines import FORMAT, joined, json_line, part_of, sha256_of
from paygrade.workspace.baseline_reader import (
    MAX_BASELINE_BYTES,
    SAMPLES_SUFFIX,
    SUFFIX,
    read_parts,
)
from paygrade.workspace.files import is_there, read_bytes, read_text, unwritable, write_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.leaks import Barrier
    from paygrade.records.baseline import Baseline
    from paygrade.workspace.baseline_lines import Part
    from paygrade.workspace.config import Layout

MOST_LINES = 2_000
"""Sample lines that people can still review; more of them are compressed."""


def baseline_file(layout: Layout, suite: str) -> Path:
    """Where the baselines of `suite` are."""
    return layout.reports / "baselines" / f"{suite}{SUFFIX}"


def samples_file(file: Path) -> Path:
    """Where the sample lines of the baseline `file` are, when there are very many."""
    return file.with_name(file.name.removesuffix(SUFFIX) + SAMPLES_SUFFIX)


def names(layout: Layout) -> list[str]:
    """All suites that have a baseline file."""
    folder = baseline_file(layout, "x").parent
    return sorted(file.name.removesuffix(SUFFIX) for file in folder.glob(f"*{SUFFIX}"))


def files(layout: Layout) -> set[Path]:
    """Every file that may be read here."""
    known = [baseline_file(layout, name) for name in names(layout)]
    return {*known, *map(samples_file, known)}


def read_baselines(layout: Layout, suite: str) -> tuple[Baseline, ...]:
    """The accepted outcomes of `suite` by runner; none when there is no file.

    Raises:
        WorkspaceError: every mistake in the file.
    """
    return tuple(baseline for _, baseline in _read_file(layout, suite))


def baselines_from_text(
    text: str, artefact: bytes | None, shown: str, *, suite: str = ""
) -> tuple[Baseline, ...]:
    """Read a baseline file of any commit: its `text`, and the compressed samples where there are.

    `shown` is its path in messages. With `suite` it must be that suite's own.

    Raises:
        WorkspaceError: every mistake in it.
    """
    return tuple(baseline for _, baseline in read_parts(text, artefact, shown, suite))


def baseline_text(layout: Layout, baseline: Baseline) -> str:
    """What the suite's file would hold after `write_baseline`.

    Raises:
        UsageError, WorkspaceError: as `write_baseline`.
    """
    return _composed(layout, baseline)[0].decode()


def write_baseline(layout: Layout, baseline: Baseline) -> Path:
    """Put `baseline` into its suite's file, in the place of the same runner's; return the file.

    The lines of other runners stay as they are, byte for byte. Nothing is written that could not
    be read again. A crash between the two files leaves a pair whose digests differ, which says so.

    Raises:
        UsageError: it holds what must not be stored.
        WorkspaceError: the file that is there is wrong, or it cannot be written.
    """
    text, samples = _composed(layout, baseline)
    file = baseline_file(layout, baseline.suite)
    beside = samples_file(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if samples is not None:
            write_bytes(beside, samples, layout.shown(beside))
        write_bytes(file, text, layout.shown(file))
        if samples is None:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(error, layout.shown(file)) from error
    return file


def _read_file(layout: Layout, suite: str) -> list[tuple[Part, Baseline]]:
    file = baseline_file(layout, suite)
    if not is_there(file):
        return []
    shown, beside = layout.shown(file), samples_file(file)
    text = read_text(file, shown, MAX_BASELINE_BYTES)
    artefact = None
    if is_there(beside):
        artefact = read_bytes(beside, layout.shown(beside), MAX_BASELINE_BYTES)
    return read_parts(text, artefact, shown, suite)


def _composed(layout: Layout, baseline: Baseline) -> tuple[bytes, bytes | None]:
    """The file's bytes with `baseline` in it, and those of the compressed samples if they go there.

    Raises:
        UsageError, WorkspaceError: as `write_baseline`.
    """
    _refuse(baseline, layout.barrier)
    shown = layout.shown(baseline_file(layout, baseline.suite))
    others = [
        part for part, _ in _read_file(layout, baseline.suite) if part.runner != baseline.runner
    ]
    parts = sorted([*others, part_of(baseline)], key=lambda part: part.runner)
    headers = [part.header for part in parts]
    first: dict[str, Any] = {"baseline": FORMAT, "suite": baseline.suite}
    apart = b""
    if sum(len(part.samples) for part in parts) > MOST_LINES:
        named = ((json_line({"runner": part.runner}), *part.samples) for part in parts)
        below = joined(headers)
        apart = joined([line for lines in named for line in lines])
        first |= {"sha256": sha256_of(below), "samples_sha256": sha256_of(apart)}
    else:
        below = joined([line for part in parts for line in (part.header, *part.samples)])
        first |= {"sha256": sha256_of(below)}
    raw = joined([json_line(first)]) + below
    if max(len(raw), len(apart)) > MAX_BASELINE_BYTES:
        problem = f"would be larger than {MAX_BASELINE_BYTES:,} bytes"
        raise WorkspaceError([Mistake(path=shown, problem=problem, hint="record fewer epochs")])
    samples = _compressed(apart) if apart else None
    read_parts(raw.decode("utf-8", "surrogatepass"), samples, shown, baseline.suite)
    return raw, samples


def _refuse(baseline: Baseline, barrier: Barrier) -> None:
    """A baseline is read in reviews and kept for ever in git.

    Raises:
        UsageError: masking would change what users wrote into it, or no file can hold it.
    """
    try:
        baseline.reason.encode()
    except UnicodeEncodeError as error:
        raise UsageError("the reason is not UTF-8", hint="type it again") from error
    ids = [text for each in baseline.samples for text in (each.sample_id, each.case)]
    written = {
        "the reason holds": baseline.reason,
        "the id of a sample or a case holds": ids,
        "the id of a check holds": [
            *(each.id for each in baseline.checks),
            *{name for each in baseline.samples for name in each.checks},
        ],
        "a parameter of the runner holds": dict(baseline.parameters),
        "the name of a model holds": list(baseline.models),
    }
    for what, value in written.items():
        if barrier.mask_value(value)[0] != value:
            hint = "a baseline is kept in git for ever: say it without"
            raise UsageError(f"{what} what must not be stored, such as a card number", hint=hint)


def _compressed(raw: bytes) -> bytes:
    """The same bytes each time: no clock, no file name, no system in them."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as stream:
        stream.write(raw)
    return buffer.getvalue()
