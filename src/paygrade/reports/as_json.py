"""Summaries, plans and verdicts as plain JSON values, for `--json`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paygrade.errors import ExitCode
    from paygrade.records.plan import Forecast
    from paygrade.records.run import RunSummary
    from paygrade.records.verdict import Calibration, Compared, GateReport


def summary_json(summary: RunSummary, code: ExitCode, reason: str) -> dict[str, Any]:
    """Every figure of a run, with the exit code it calls for.

    `checks` and `slices` are figures; what was declared is in `header`.
    """
    data = dataclasses.asdict(summary)
    names = {key: data["header"][key] for key in ("run_id", "suite", "runner", "prompt", "dataset")}
    return {**names, **data, "exit_code": int(code), "reason": reason}


def forecast_json(forecast: Forecast) -> dict[str, Any]:
    """A plan and what it may cost, before the first call."""
    plan, ceiling = forecast.plan, forecast.ceiling_usd
    return {
        "suite": plan.suite,
        "runner": plan.runner.name,
        "prompt": plan.prompt.reference,
        "dataset": plan.dataset.reference,
        "samples": len(plan.samples),
        "epochs": plan.epochs,
        "attempts": plan.attempts,
        "known": forecast.known,
        "ceiling_usd": None if ceiling is None else str(ceiling),
        "judge_calls": forecast.judge_calls,
        "warnings": list(plan.warnings),
    }


def gate_json(report: GateReport) -> dict[str, Any]:
    """Every figure of an invocation of the gate; the keys are the fields of the records.

    Rates, rises and p-values are fractions, money is in minor units.
    """
    data = dataclasses.asdict(report)
    del data["code"]
    return {**data, "exit_code": int(report.code)}


def compared_json(compared: Compared) -> dict[str, Any]:
    """Every figure of a comparison, as `gate_json` writes them."""
    return dataclasses.asdict(compared)


def calibration_json(found: Calibration) -> dict[str, Any]:
    """Every figure of a calibration, as `gate_json` writes them."""
    return dataclasses.asdict(found)
