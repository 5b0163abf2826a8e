"""Whole invocations of a gate, as far as they are arithmetic: tests and intervals."""

from __future__ import annotations

from typing import Any

import pytest

from paygrade.stats.case_test import case_differences, case_test
from paygrade.stats.permutation import Tails, run_permutation
from paygrade.stats.rise import rise

Vectors = dict[str, list[dict[str, Any]]]
Sample = tuple[list[int], list[int]]
"""Outcomes of one sample, in the baseline and in the candidate."""

P_NAMES = ("p_reg", "p_imp", "p_reg_exact")


def test_the_screen_is_the_published_one(vectors: Vectors) -> None:
    """Both tests and the interval of every suite are those of the reference implementation."""
    assert vectors["gate_end_to_end"]
    for each in vectors["gate_end_to_end"]:
        expected = each["expected"]["hypotheses"]["suite"]
        cases = screened(each["input"])
        by_runs, by_cases = permuted(cases), case_test(case_differences(list(cases.values())))
        assert by_cases.more == pytest.approx(expected["p_cases"], rel=1e-7), each["id"]
        used = by_cases if each["input"]["config"].get("inference") == "cases" else by_runs
        assert [used.more, used.fewer, used.at_least] == pytest.approx(
            [expected[name] for name in P_NAMES], rel=1e-7
        ), each["id"]
        assert used.informative == expected["informative"], each["id"]
        ours = rise(*totals(cases), expected["n"])
        assert [ours.delta, ours.low, ours.high] == pytest.approx(
            [expected[name] for name in ("delta", "lo", "hi")], rel=1e-7, abs=1e-12
        ), each["id"]


def test_the_confirmation_is_the_published_one(vectors: Vectors) -> None:
    """The fresh runs of the samples that differed give the published p-value."""
    confirmed = 0
    for each in vectors["gate_end_to_end"]:
        expected = each["expected"]["hypotheses"]["suite"]
        if "p2" not in expected:
            continue
        cases = confirmed_cases(each["input"])
        used = permuted(cases)
        if each["input"]["config"].get("inference") == "cases":
            used = case_test(case_differences(list(cases.values())))
        assert used.more == pytest.approx(expected["p2"], rel=1e-7), each["id"]
        confirmed += 1
    assert confirmed


def outcomes(runs: str) -> list[int]:
    """Failures and passes; errors of the infrastructure are no outcome."""
    return [int(run in "FX") for run in runs if run != "E"]


def screened(invocation: dict[str, Any]) -> dict[str, list[Sample]]:
    """The usable samples by case: unchanged, and with an outcome in both arms."""
    cases: dict[str, list[Sample]] = {}
    for name, sample in invocation["baseline"].items():
        other = invocation["candidate"].get(name)
        if other is None or other["hash"] != sample["hash"]:
            continue
        both = outcomes(sample["runs"]), outcomes(other["runs"])
        if all(both):
            cases.setdefault(sample["cluster"] or name, []).append(both)
    return cases


def confirmed_cases(invocation: dict[str, Any]) -> dict[str, list[Sample]]:
    """The same of the fresh runs, of the samples that differed."""
    cases: dict[str, list[Sample]] = {}
    for name, sample in invocation["baseline"].items():
        stored = outcomes(sample["runs"])
        played = outcomes(invocation["candidate"].get(name, {"runs": ""})["runs"])
        if sum(stored) * len(played) == sum(played) * len(stored):
            continue
        fresh = invocation["fresh"]
        both = outcomes(fresh["baseline"][name]), outcomes(fresh["candidate"][name])
        cases.setdefault(sample["cluster"] or name, []).append(both)
    return cases


def totals(cases: dict[str, list[Sample]]) -> tuple[list[list[int]], list[list[int]]]:
    """Repeat totals of each case, as far as all its samples have the repeat."""
    base = [added([base for base, _ in samples]) for samples in cases.values()]
    cand = [added([cand for _, cand in samples]) for samples in cases.values()]
    return base, cand


def added(runs: list[list[int]]) -> list[int]:
    """For each repeat that all samples have, how many of them failed."""
    return [sum(repeat) for repeat in zip(*runs, strict=False)]


def permuted(cases: dict[str, list[Sample]]) -> Tails:
    """The run permutation test of `cases`."""
    return run_permutation(*totals(cases))
