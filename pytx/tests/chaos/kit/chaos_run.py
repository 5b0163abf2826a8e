"""How large a run is, its seed, and what it counted: one of each for a whole session.

`PYTX_CHAOS` is "ci", "nightly" or a number: how many times the size of "ci". `PYTX_CHAOS_SEED`
repeats a run.
"""

import os
import random
from dataclasses import dataclass, field

_SIZES = {"ci": 1, "nightly": 20}
_wanted = os.environ.get("PYTX_CHAOS", "ci")
TIMES: int = _SIZES.get(_wanted) or int(_wanted)
SEED: int = int(os.environ.get("PYTX_CHAOS_SEED") or random.randrange(10**6))


def per(intents: int) -> int:
    """How many intents (or messages) a point gets, for so many in CI."""
    return intents * TIMES


def chance(name: str) -> random.Random:
    """The randomness of one scenario, the same again under the same seed."""
    return random.Random(f"{SEED} {name}")


@dataclass(slots=True)
class Tally:
    """What the scenarios of a session tried, and what they found."""

    intents: int = 0
    messages: int = 0
    duplicates: int = 0
    wrong_replays: int = 0
    vanished: int = 0
    order_violations: int = 0
    lost: int = 0
    points: set[str] = field(default_factory=set)

    def line(self) -> str:
        """All of it, on one line."""
        return (
            f"pytx chaos, seed {SEED}: {self.intents} intents, {self.messages} messages; "
            f"{self.duplicates} duplicates, {self.wrong_replays} wrong replays, "
            f"{self.vanished} vanished, {self.order_violations} order violations, "
            f"{self.lost} lost"
        )


TALLY = Tally()
