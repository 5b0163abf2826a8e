"""A suite as Python says it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paygrade.errors import UsageError, WorkspaceError
from paygrade.records.answer import Answer, Request
from paygrade.records.check import Score, Subject

if TYPE_CHECKING:
    from paygrade.records.check import GateRole, Severity
    from paygrade.records.sample import Exposure
    from paygrade.testing.ran import Ran

Reply = str | dict[str, Any] | list[Any] | Answer
"""What an answering function may return; a dict or a list is sent on as JSON text."""

Answering = Callable[[Request], Reply | Awaitable[Reply]]
Judging = Callable[[Subject], bool | float | Score | Awaitable[bool | float | Score]]
Entry = str | Mapping[str, object]
"""A built-in scorer, as a suite in YAML names it: `"no-pan"`, `{"equals": {"field": "action"}}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One golden sample. `input` is all that the answering function sees.

    `case` groups samples that belong together (default: the sample alone). `must_pass` makes every
    gating check an invariant. `checks` are added to the suite's, built-in ones alone.
    """

    id: str
    input: Mapping[str, object] | str
    expected: object
    case: str = ""
    slices: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    must_pass: bool = False
    exposure: Exposure | None = None
    checks: Sequence[Entry] = ()


@dataclass(frozen=True, slots=True)
class Scorer:
    """A function as a scorer, with how bad a miss is.

    `id` is the function's name by default, `role` follows from the severity. A number that the
    function returns passes from `threshold` on.
    """

    function: Judging
    _: KW_ONLY
    id: str = ""
    severity: Severity = "major"
    role: GateRole | None = None
    threshold: float = 1.0


@dataclass(frozen=True, slots=True)
class Suite:
    """Samples, what answers them, and what judges the answers.

    `answer` gets a `Request` and may be async; `request.input` is the sample's input. It is called
    `epochs` times for each sample, at most `concurrency` calls at once, each for at most
    `timeout_s` seconds. What it raises is an error, never a failure.
    """

    name: str
    _: KW_ONLY
    samples: Sequence[Sample]
    answer: Answering
    scorers: Sequence[Entry | Judging | Scorer]
    epochs: int = 1
    concurrency: int = 8
    timeout_s: float = 60.0

    def run(self, *, store: Path | None = None) -> Ran:
        """Ask, judge, and return the figures.

        The run is kept in the folder `store`, or nowhere: without one, its journal goes when it
        has been summed up.

        Raises:
            WorkspaceError: all that is wrong with the suite, each mistake with its place.
            UsageError: the name fits no file, what is given is not JSON, or this is called inside
                of a running event loop.
            NothingRanError: there is no sample, or no scorer.
            JournalError, StoreError: the disk refuses.
        """
        from paygrade.testing.folder import Folder  # noqa: PLC0415 - a test module that only names a suite stays light

        try:
            asyncio.get_running_loop()
        except RuntimeError:
            pass
        else:
            problem = f"Suite({self.name!r}).run() was called inside of a running event loop"
            raise UsageError(problem, hint="call it outside, or by asyncio.to_thread(suite.run)")
        with tempfile.TemporaryDirectory(prefix="paygrade-") as made:
            folder = Folder(self, Path(made).resolve())
            with folder.written(store):
                try:
                    return folder.run()
                except WorkspaceError as error:
                    raise folder.translated(error) from None
