"""Outputs of a step of GitHub Actions, as lines of the file that `GITHUB_OUTPUT` names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.reports.gate_words import leads, telling
from paygrade.reports.plain import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.verdict import GateReport


def github_outputs(report: GateReport, files: Mapping[str, str]) -> str:
    """`verdict`, `exit_code`, `rise_points`, `p_value`, `headline`, and each name of `files`.

    The figures are those of the worst suite, empty where nothing was compared: `rise_points` is
    signed, `p_value` the corrected one if there is one.
    """
    first = leads(report)[0]
    found = telling(first.suite) if first.suite else None
    p = None if found is None else found.p_more if found.p_adjusted is None else found.p_adjusted
    values = {
        "verdict": report.verdict,
        "exit_code": str(int(report.code)),
        "rise_points": "" if found is None else f"{found.judged.rise * 100:.4g}",
        "p_value": "" if p is None else f"{p:.6g}",
        "headline": first.headline,
        **files,
    }
    return "".join(_output(name, plain(value)) for name, value in values.items())


def _output(name: str, value: str) -> str:
    """Between two marks that do not occur in the value, so that it cannot end itself early."""
    mark, number = "END", 0
    while mark in value:
        number += 1
        mark = f"END_{number}"
    return f"{name}<<{mark}\n{value}\n{mark}\n"
