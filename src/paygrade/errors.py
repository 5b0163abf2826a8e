"""Every exception this package raises on purpose, with the exit code it ends the CLI with.

PaygradeError
├── WorkspaceError    exit 2: files in the workspace are wrong; carries every mistake found
├── UsageError        exit 2: a name or an option that fits nothing in the workspace
├── StoreError        exit 2: the store cannot be opened, is locked, or is from a newer version
├── JournalError      exit 2: a run's journal cannot be read or written
├── LeakRefusedError  exit 2: what was to be published holds what must not be, and is not masked
├── NothingRanError   exit 102: no attempt could be scored, so there is nothing to say
├── RunnerError       never ends the CLI: one attempt got no answer (an `Errored` outcome)
└── ScorerError       never ends the CLI: one check could not be judged

ToolError stands apart: a tool raises it, and an agent is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExitCode(IntEnum):
    """What the process tells its caller. The meanings are part of the public contract."""

    OK = 0
    INTERNAL = 1
    MISTAKE = 2
    REGRESSED = 100
    INCONCLUSIVE = 101
    INVALID = 102
    INCOMPLETE = 103

    @property
    def meaning(self) -> str:
        """One clause that a person reading a CI log understands."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.OK: "complete",
    ExitCode.INTERNAL: "internal error: this is a bug in paygrade",
    ExitCode.MISTAKE: "a mistake in the command or the workspace",
    ExitCode.REGRESSED: "regressed, a stated limit is exceeded, or an invariant failed",
    ExitCode.INCONCLUSIVE: "too little data to tell",
    ExitCode.INVALID: "invalid: nothing ran, or nothing can be compared",
    ExitCode.INCOMPLETE: "incomplete: the run did not finish",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing wrong in one file: where, what, and how to mend it."""

    path: str
    problem: str
    line: int | None = None
    hint: str = ""

    def __str__(self) -> str:
        """`path:line: problem (hint)`, as editors link it."""
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.problem}" + (f" ({self.hint})" if self.hint else "")


class PaygradeError(Exception):
    """Base of all: a person can act on its text."""

    exit_code = ExitCode.INTERNAL

    def __init__(self, problem: str, *, hint: str = "") -> None:
        """Keep `problem` and `hint` apart, so that each face shows them its own way."""
        super().__init__(f"{problem} ({hint})" if hint else problem)
        self.problem = problem
        self.hint = hint


class WorkspaceError(PaygradeError):
    """Files in the workspace are wrong. `mistakes` holds all of them, in file order."""

    exit_code = ExitCode.MISTAKE

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        """Keep all `mistakes` (at least one), sorted by file and line."""
        self.mistakes = tuple(sorted(mistakes, key=lambda each: (each.path, each.line or 0)))
        super().__init__("\n".join(str(each) for each in self.mistakes))


class UsageError(PaygradeError):
    """A name or an option fits nothing in this workspace."""

    exit_code = ExitCode.MISTAKE


class StoreError(PaygradeError):
    """The store cannot be opened, is locked, or is from a newer version."""

    exit_code = ExitCode.MISTAKE


class JournalError(PaygradeError):
    """A run's journal cannot be read or written."""

    exit_code = ExitCode.MISTAKE


class LeakRefusedError(PaygradeError):
    """What was to be published holds what must not be, and the workspace wants no masking."""

    exit_code = ExitCode.MISTAKE


class NothingRanError(PaygradeError):
    """No attempt could be scored: there is no rate to report."""

    exit_code = ExitCode.INVALID


class RunnerError(PaygradeError):
    """One attempt got no answer: infrastructure, never the model's fault.

    `kind` is a short stable class such as `timeout` or `not_recorded`; `retryable` says whether
    asking again can help, and `retry_after_s` when, in seconds, if the provider said so.
    `request_id` is the provider's own, for its support; empty when there was none.
    """

    def __init__(
        self,
        problem: str,
        *,
        kind: str,
        retryable: bool = False,
        retry_after_s: float | None = None,
        request_id: str = "",
    ) -> None:
        """Keep the class beside the sentence."""
        super().__init__(problem)
        self.kind = kind
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.request_id = request_id


class ScorerError(PaygradeError):
    """One check could not be judged: neither a pass nor a failure."""


class ToolError(Exception):
    """What an agent is told instead of a tool's result.

    `code` is one of the tool's own (`invalid_request`, `not_found`, `policy_denied`, …). `unknown`
    says whether the call may have been done all the same: true of `timeout`, `api_error` and
    `interrupted` unless told.
    """

    def __init__(
        self, code: str, message: str = "", *, retryable: bool = False, unknown: bool | None = None
    ) -> None:
        """Keep the code beside the sentence."""
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
        self.retryable = retryable
        self.unknown = code in _UNKNOWN if unknown is None else unknown


_UNKNOWN = frozenset({"timeout", "api_error", "interrupted"})
