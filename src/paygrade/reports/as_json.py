"""Summaries as plain JSON values, for `--json`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paygrade.errors import ExitCode
    from paygrade.records.run import RunSummary


def summary_json(summary: RunSummary, code: ExitCode, reason: str) -> dict[str, Any]:
    """Every figure of a run, with the exit code it calls for."""
    data = dataclasses.asdict(summary)
    return {**data.pop("header"), **data, "exit_code": int(code), "reason": reason}
