"""Suites written in Python: samples, answers and scorers stand in the test.

They go through the same engine, leak barrier, journal and scorers as suites in YAML.
"""

from __future__ import annotations

from paygrade.records.sample import Exposure
from paygrade.testing.ran import Miss, Ran
from paygrade.testing.rates import assert_failure_rate
from paygrade.testing.suite import Sample, Scorer, Suite

__all__ = ["Exposure", "Miss", "Ran", "Sample", "Scorer", "Suite", "assert_failure_rate"]
