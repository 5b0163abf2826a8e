"""Reading a baseline file: every line checked, every mistake told, nothing edited by hand."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from paygrade.errors import Mistake, WorkspaceError
from paygrade.workspace.baseline_lines import (
    FORMAT,
    FirstLine,
    Part,
    RunnerLine,
    SampleLine,
    baseline_of,
    misfits,
    sha256_of,
)
from paygrade.workspace.files import not_utf8
from paygrade.workspace.jsonl_reader import parse_line
from paygrade.workspace.validate import explain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paygrade.records.baseline import Baseline
    from paygrade.records.json_value import Json

MAX_BASELINE_BYTES = 100_000_000

SUFFIX = ".jsonl"
SAMPLES_SUFFIX = ".samples.jsonl.gz"

_RESTORE = "restore it from git, or delete it and `paygrade accept` again"
_ONE_SIDE = "take one side whole (git checkout --ours or --theirs), then `paygrade accept` again"
_MERGE = ("<<<<<<< ", ">>>>>>> ", "||||||| ")

M = TypeVar("M", bound=BaseModel)


def read_parts(
    text: str, artefact: bytes | None, shown: str, suite: str
) -> list[tuple[Part, Baseline]]:
    """Every runner's lines with the record they hold. `shown` is the file's path in messages.

    `artefact` is the compressed file beside it, where there is one; `suite` whose baseline it must
    be, or empty.

    Raises:
        WorkspaceError: every mistake.
    """
    return _Reader(shown).read(text, artefact, suite)


class _Row(NamedTuple):
    """One line, read."""

    path: str
    number: int
    raw: str
    data: dict[str, Json]


class _Group(NamedTuple):
    """One runner's line, and its samples; no model where the line is wrong."""

    row: _Row
    model: RunnerLine | None
    samples: list[_Row]


class _Reader:
    """Turns the lines of one file into parts and records, and keeps all that is wrong with them."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._beside = shown.removesuffix(SUFFIX) + SAMPLES_SUFFIX
        self._mistakes: list[Mistake] = []

    def read(self, text: str, artefact: bytes | None, suite: str) -> list[tuple[Part, Baseline]]:
        head, _, rest = text.partition("\n")
        self._refuse_merge(text)
        first = self._first(head, rest, suite)
        rows = self._rows(_lines(rest), self._shown, 2)
        if first.samples_sha256 is None:
            groups = self._together(rows)
        else:
            unpacked = self._unpacked(first.samples_sha256, artefact)
            groups = self._apart(rows, self._rows(_lines(unpacked), self._beside, 1))
        if not groups:
            self._add(self._shown, 1, "holds no runner's baseline")
        found = [self._built(first.suite, group) for group in groups]
        if self._mistakes:
            raise WorkspaceError(self._mistakes)
        return [each for each in found if each]

    def _add(self, path: str, number: int, problem: str, hint: str = _RESTORE) -> None:
        self._mistakes.append(Mistake(path=path, line=number, problem=problem, hint=hint))

    def _stop(self, path: str, problem: str, hint: str = _RESTORE) -> NoReturn:
        line = 1 if path == self._shown else None
        raise WorkspaceError([Mistake(path=path, line=line, problem=problem, hint=hint)])

    def _refuse_merge(self, text: str) -> None:
        """Two branches that both accepted something meet in the first line at the latest."""
        for number, line in enumerate(text.split("\n"), 1):
            if line.startswith(_MERGE):
                self._add(self._shown, number, "holds a merge that was not finished", _ONE_SIDE)
                raise WorkspaceError(self._mistakes)

    def _first(self, head: str, rest: str, suite: str) -> FirstLine:
        row = next(self._rows([head], self._shown, 1), None)
        version = row.data.get("baseline") if row else None
        if isinstance(version, int) and version > FORMAT:
            problem = f"baseline format {version} is newer than this paygrade reads"
            self._stop(self._shown, problem, "upgrade paygrade")
        first = self._validated(FirstLine, row) if row else None
        if first is None:
            raise WorkspaceError(self._mistakes)
        if first.sha256 != sha256_of(_raw(rest)):
            self._stop(self._shown, "was edited by hand: its digest differs")
        if suite and first.suite != suite:
            problem = f"is the baseline of the suite {first.suite!r}, not of {suite!r}"
            self._stop(self._shown, problem, "a baseline is accepted, not copied or renamed")
        return first

    def _unpacked(self, digest: str, artefact: bytes | None) -> str:
        """The sample lines of the compressed file."""
        if artefact is None:
            self._stop(self._beside, f"is missing: it holds the samples of {self._shown}")
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)  # of gzip, and no other
        try:
            raw = unpacker.decompress(artefact, MAX_BASELINE_BYTES + 1)
        except zlib.error as error:
            self._stop(self._beside, f"cannot be unpacked: {error}")
        if len(raw) > MAX_BASELINE_BYTES:
            self._stop(self._beside, f"is larger than {MAX_BASELINE_BYTES:,} bytes once unpacked")
        if not unpacker.eof or unpacker.unused_data:
            self._stop(self._beside, "cannot be unpacked: it ends too early or too late")
        if sha256_of(raw) != digest:
            self._stop(self._beside, f"has another digest than {self._shown} says")
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            raise WorkspaceError([not_utf8(error, self._beside, line)]) from error

    def _rows(self, lines: list[str], path: str, start: int) -> Iterator[_Row]:
        for number, raw in enumerate(lines, start):
            line = parse_line(_raw(raw), path, number, money=False)
            self._mistakes += line.mistakes
            if isinstance(line.data, dict):
                yield _Row(path, number, raw, line.data)
            elif not line.mistakes:
                self._add(path, number, "is not a JSON object")

    def _validated(self, model: type[M], row: _Row) -> M | None:
        try:
            return model.model_validate(row.data)
        except ValidationError as error:
            for _, problem, hint in explain(error, model):
                self._add(row.path, row.number, problem, hint)
            return None

    def _together(self, rows: Iterator[_Row]) -> list[_Group]:
        """Each runner's line stands above its samples."""
        groups: list[_Group] = []
        for row in rows:
            if "runner" in row.data:
                groups.append(self._group(row, groups))
            elif groups:
                groups[-1].samples.append(row)
            else:
                self._add(row.path, row.number, "is no runner's line, and stands above all of them")
        return groups

    def _apart(self, rows: Iterator[_Row], apart: Iterator[_Row]) -> list[_Group]:
        """The samples are in the compressed file, below a line with their runner's name."""
        groups: list[_Group] = []
        for row in rows:
            groups.append(self._group(row, groups))
        homes = {group.model.runner: group for group in groups if group.model}
        home: _Group | None = None
        for row in apart:
            if "runner" in row.data:
                home = homes.pop(str(row.data["runner"]), None)
            if home is None:
                self._add(row.path, row.number, f"is of no runner in {self._shown}")
            elif "runner" not in row.data:
                home.samples.append(row)
        for name in homes:
            self._add(self._beside, 1, f"holds no samples of the runner {name!r}")
        return groups

    def _group(self, row: _Row, above: Sequence[_Group]) -> _Group:
        model = self._validated(RunnerLine, row)
        if model and any(each.model and each.model.runner == model.runner for each in above):
            self._add(row.path, row.number, f"holds the runner {model.runner!r} twice")
        return _Group(row, model, [])

    def _built(self, suite: str, group: _Group) -> tuple[Part, Baseline] | None:
        header = group.model
        if header is None:
            return None
        samples: list[SampleLine] = []
        seen: set[str] = set()
        for row in group.samples:
            sample = self._validated(SampleLine, row)
            if sample is None:
                continue
            for problem in misfits(sample, header):
                self._add(row.path, row.number, problem)
            if sample.id in seen:
                self._add(row.path, row.number, f"holds the sample {sample.id!r} twice")
            seen.add(sample.id)
            samples.append(sample)
        part = Part(
            runner=header.runner,
            header=group.row.raw,
            samples=tuple(row.raw for row in group.samples),
        )
        return part, baseline_of(suite, header, samples, part.digest, self._shown)


def _lines(text: str) -> list[str]:
    """By line feeds alone: other ends of lines may stand in an id."""
    return text.removesuffix("\n").split("\n") if text else []


def _raw(text: str) -> bytes:
    """Its bytes; half of a surrogate pair becomes what is not UTF-8, and is told so."""
    return text.encode("utf-8", "surrogatepass")
