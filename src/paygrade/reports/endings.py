"""What a run that is not fine ended with, in a word."""

from __future__ import annotations

from paygrade.errors import ExitCode

_WORDS = {ExitCode.REGRESSED: "FAILED", ExitCode.INVALID: "INVALID"}


def ending_line(code: ExitCode, reason: str) -> str:
    """`FAILED: an invariant failed once`; empty where all is well."""
    return "" if code is ExitCode.OK else f"{_WORDS.get(code, 'INCOMPLETE')}: {reason}"
