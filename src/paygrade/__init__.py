"""paygrade: evals for AI that touches money.

Public names are loaded when they are first asked for (PEP 562), so that importing the package,
which the pytest plugin does in every pytest of every user, costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paygrade.errors import PaygradeError, RunnerError, ToolError, WorkspaceError
    from paygrade.pipeline.api import run_suite
    from paygrade.records.agent import Claim, Effect, Ending, Tool, ToolIntent, Violation
    from paygrade.records.answer import Answer, Request, Usage
    from paygrade.records.check import Score, Subject
    from paygrade.records.run import Rate, RunSummary

__all__ = [
    "Answer",
    "Claim",
    "Effect",
    "Ending",
    "PaygradeError",
    "Rate",
    "Request",
    "RunSummary",
    "RunnerError",
    "Score",
    "Subject",
    "Tool",
    "ToolError",
    "ToolIntent",
    "Usage",
    "Violation",
    "WorkspaceError",
    "run_suite",
]

_HOMES = {
    "Answer": "paygrade.records.answer",
    "Claim": "paygrade.records.agent",
    "Effect": "paygrade.records.agent",
    "Ending": "paygrade.records.agent",
    "PaygradeError": "paygrade.errors",
    "Rate": "paygrade.records.run",
    "Request": "paygrade.records.answer",
    "RunSummary": "paygrade.records.run",
    "RunnerError": "paygrade.errors",
    "Score": "paygrade.records.check",
    "Subject": "paygrade.records.check",
    "Tool": "paygrade.records.agent",
    "ToolError": "paygrade.errors",
    "ToolIntent": "paygrade.records.agent",
    "Usage": "paygrade.records.answer",
    "Violation": "paygrade.records.agent",
    "WorkspaceError": "paygrade.errors",
    "run_suite": "paygrade.pipeline.api",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'paygrade' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
