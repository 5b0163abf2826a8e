"""Explanations that are good or wrong by construction, to try a judge on.

`calibration_sets/RUBRIC.jsonl` holds 60 for each rubric: 20 good, 20 with one planted defect, 20
fluent and wrong. They are CC0-1.0, in words of our own, about cases of the shipped datasets.
"""

from __future__ import annotations

from importlib.resources import files


def calibration_set(rubric: str) -> bytes:
    """The lines of the set for `rubric`.

    Raises:
        KeyError: none ships for it.
    """
    name = f"{rubric.replace('/', '-')}.jsonl"
    file = files(__package__).joinpath("calibration_sets", name)
    if not file.is_file():
        raise KeyError(rubric)
    return file.read_bytes()
