"""The `recorded_share` runner: no model, and yet it fails as often as models were seen to fail.

It is there to try a gate: accept a baseline, plant a rise, see whether it is found. The input of
each sample holds `failure_share`, the share of recorded answers that were wrong, 0 to 1. The
runner answers `wrong` that often and `right` otherwise, so `right` is what a sample expects.

Parameters, of this profile or of the prompt version that is the candidate:

* `rise`: how much the mean failure rate is to rise, as a fraction; 0.05 is five points. Samples
  are hit at random, and in those that are hit four of five passes turn into failures.
* `mean_share`: the dataset's mean of `failure_share`, needed for a rise.
* `seed`: which samples are hit.

Each run draws anew. Set PAYGRADE_DRAW to a whole number for the same draws again: the first run
of a process takes that number, and each later one the next.
"""

from __future__ import annotations

import os
import secrets
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from paygrade.records.answer import Request

GIVEN: Final = os.environ.get("PAYGRADE_DRAW")
DRAW: Final = GIVEN or secrets.token_hex()
"""This file is loaded once a run, so this is the run's own."""
if GIVEN:
    os.environ["PAYGRADE_DRAW"] = str(int(GIVEN) + 1)

HIT: Final = 0.8
"""The share of its passes that a sample loses when it is hit."""


def answer(request: Request) -> str:
    """`wrong` as often as `failure_rate` says, else `right`."""
    drawn = _uniform("draw", DRAW, request.sample_id, request.epoch)
    return "wrong" if drawn < failure_rate(request) else "right"


def failure_rate(request: Request) -> float:
    """The probability that this sample fails, after the planted rise."""
    share: float = request.input["failure_share"]
    rise = request.parameters.get("rise", 0)
    if rise:
        hit = rise / (HIT * (1 - request.parameters["mean_share"]))
        if _uniform("hit", request.parameters.get("seed", 0), request.sample_id) < hit:
            return share + HIT * (1 - share)
    return share


def _uniform(*key: object) -> float:
    """A number in 0..1 that looks random and is the same for the same key."""
    return int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest()) / 2**64
