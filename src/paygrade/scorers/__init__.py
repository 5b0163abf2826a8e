"""Judges one answer: deterministic scorers, and a suite's own.

`CATALOGUE` knows every scorer and its parameters; `build` compiles a suite's checks into what
judges answers, `missing` lists what keeps it from doing so; `parse_output` reads text as strict
JSON, `read_output` an answer as the scorers expect it.
"""

from paygrade.scorers.bench import SuiteBench, build, missing
from paygrade.scorers.catalogue import CATALOGUE, ScorerCatalogue
from paygrade.scorers.parse import parse_output
from paygrade.scorers.repair import read_output

__all__ = [
    "CATALOGUE",
    "ScorerCatalogue",
    "SuiteBench",
    "build",
    "missing",
    "parse_output",
    "read_output",
]
