"""Judges one answer: deterministic scorers, and a suite's own.

`CATALOGUE` knows every scorer and its parameters; `build` compiles a suite's checks into what
judges answers, `missing` lists what keeps it from doing so; `parse_output` reads text as strict
JSON, `read_output` an answer as the scorers expect it. `judges_named` lists the models that
checks ask, `RUBRICS` what they can be asked, and `examine` asks one about a labelled explanation.
"""

from paygrade.scorers.bench import SuiteBench, build, missing
from paygrade.scorers.catalogue import CATALOGUE, ScorerCatalogue
from paygrade.scorers.examine import examine
from paygrade.scorers.llm_rubric import judges_named
from paygrade.scorers.parse import parse_output
from paygrade.scorers.repair import read_output
from paygrade.scorers.rubric import RUBRICS, Rubric

__all__ = [
    "CATALOGUE",
    "RUBRICS",
    "Rubric",
    "ScorerCatalogue",
    "SuiteBench",
    "build",
    "examine",
    "judges_named",
    "missing",
    "parse_output",
    "read_output",
]
