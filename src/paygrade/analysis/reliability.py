"""How reliable repeated tries are: pass^k and pass@k over the samples of a run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from paygrade.records.effects import Reliability, Tries
from paygrade.stats.passes import pass_all, pass_any

if TYPE_CHECKING:
    from collections.abc import Iterable


def reliability(epochs: int, samples: Iterable[tuple[int, int]]) -> Reliability | None:
    """Average over samples, each `(scored, failed)`; nothing where each was asked once.

    A sample that lacks an epoch is left out: with fewer tries than the others it would not count
    for every k, and the figures of two k would be of different samples.
    """
    if epochs == 1:
        return None
    left_out = 0
    passes: Counter[int] = Counter()
    for scored, failed in samples:
        if scored == epochs:
            passes[scored - failed] += 1
        else:
            left_out += 1
    whole = passes.total()
    return Reliability(
        epochs=epochs,
        samples=whole,
        left_out=left_out,
        tries=tuple(_tries(epochs, k, passes) for k in range(1, epochs + 1)) if whole else (),
    )


def _tries(epochs: int, k: int, passes: Counter[int]) -> Tries:
    whole = passes.total()
    ordered = sorted(passes.items())  # the sum of floats is the same in whatever order they came
    return Tries(
        k=k,
        all_pass=sum(many * pass_all(good, epochs, k) for good, many in ordered) / whole,
        any_passes=sum(many * pass_any(good, epochs, k) for good, many in ordered) / whole,
    )
