"""How reliable repeated tries are: all of k pass, or any of k passes."""

from __future__ import annotations

import math


def pass_all(successes: int, trials: int, k: int) -> float:
    """Estimate the probability that k tries all pass.

    pass^k = C(successes, k) / C(trials, k), unbiased (Yao et al. 2024, tau-bench, arXiv
    2406.12045).

    Raises:
        ValueError: unless 0 <= successes <= trials and 1 <= k <= trials.
    """
    _check(successes, trials, k)
    return math.comb(successes, k) / math.comb(trials, k)


def pass_any(successes: int, trials: int, k: int) -> float:
    """Estimate the probability that one of k tries passes.

    pass@k = 1 - C(failures, k) / C(trials, k), unbiased (Chen et al. 2021, "Evaluating Large
    Language Models Trained on Code", arXiv 2107.03374).

    Raises:
        ValueError: unless 0 <= successes <= trials and 1 <= k <= trials.
    """
    _check(successes, trials, k)
    ways = math.comb(trials, k)
    return (ways - math.comb(trials - successes, k)) / ways


def _check(successes: int, trials: int, k: int) -> None:
    if not 0 <= successes <= trials:
        raise ValueError(f"successes={successes} of trials={trials}")
    if not 1 <= k <= trials:
        raise ValueError(f"k={k} of trials={trials}")
