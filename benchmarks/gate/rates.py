"""How often the gate is red when nothing changed, and when something did, beside other rules.

Every rule judges the same outcomes of the same made-up suites: 5 stored runs of the baseline, and
for the gate 5 fresh ones of both versions where it asks again.

    python benchmarks/gate/rates.py           a failure rate of 10 %: a minute
    python benchmarks/gate/rates.py --full    2, 10 and 30 %, twice as many invocations
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from analysis.made_up import arms_of, play, risen
from gate.rules import RULES

SEED = 1
SAMPLES = (50, 200, 1000)
EPOCHS = (1, 3)
RISES = (0.0, 0.01, 0.02, 0.05, 0.10)
MOST_FALSE_ALARMS, LEAST_FOUND = 0.03, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """So many invocations of one design: the share in which each rule was red, and the attempts."""

    red: dict[str, float]
    attempts: float


def cell(  # noqa: PLR0913 - one argument for each side of the design
    *, samples: int, rate: float, epochs: int, rise: float, invocations: int, seed: int = SEED
) -> Cell:
    """Play one design. Each has a generator of its own, so it comes out the same alone."""
    key = [seed, samples, round(rate * 100), epochs, round(rise * 100)]
    random = np.random.Generator(np.random.PCG64(key))
    red = dict.fromkeys(RULES, 0)
    asked = 0
    for _ in range(invocations):
        played = play(arms_of(risen(samples, rate, rise, random), random), epochs)
        asked += samples * epochs + played.asked.asked_again
        for name, rule in RULES.items():
            red[name] += rule(played)
    return Cell(
        red={name: count / invocations for name, count in red.items()},
        attempts=asked / invocations,
    )


def row(samples: int, rate: float, epochs: int, invocations: int) -> str:
    """One line of the table: for each rule the share of red ones, by the size of the rise."""
    cells = [
        cell(samples=samples, rate=rate, epochs=epochs, rise=rise, invocations=invocations)
        for rise in RISES
    ]
    found = [" / ".join(percent(each.red[name]) for each in cells) for name in RULES]
    asked = f"{samples * epochs:,} → {cells[0].attempts:,.0f} → {cells[3].attempts:,.0f}"
    return " | ".join([f"| {samples:,}", f"{100 * rate:.0f} %", str(epochs), *found, asked]) + " |"


def percent(share: float) -> str:
    """Per cent without the sign; with a digit more where it matters."""
    points = 100 * share
    near_an_end = 0 < points < 10 or 99 < points < 100  # noqa: PLR2004 - where a digit says more
    return f"{points:.1f}" if near_an_end else f"{points:.0f}"


def table(rates: tuple[float, ...], invocations: int) -> None:
    """Print all of it as Markdown."""
    print("Per cent red at a rise of 0 / +1 / +2 / +5 / +10 points, ", end="")
    print(f"{invocations} invocations each, seed {SEED}:\n")
    print(" | ".join(["| samples", "rate", "epochs", *RULES, "attempts: one run → 0 → +5"]) + " |")
    print("|---:" * (len(RULES) + 4) + "|")
    for samples in SAMPLES:
        for rate in rates:
            for epochs in EPOCHS:
                print(row(samples, rate, epochs, invocations), flush=True)


def main() -> int:
    """The small version: 1 when the gate errs more often than it says."""
    false_alarms, found = (
        cell(samples=200, rate=0.10, epochs=3, rise=rise, invocations=invocations).red
        for rise, invocations in ((0.0, 300), (0.05, 100))
    )
    print("gate, 200 samples that fail in 10 % of their runs, 3 epochs, rates of red:")
    for name in RULES:
        print(
            f"  {name:<28} {false_alarms[name]:6.1%} of 300 unchanged suites, "
            f"{found[name]:4.0%} of 100 that are 5 points worse"
        )
    return int(false_alarms["paygrade"] > MOST_FALSE_ALARMS or found["paygrade"] < LEAST_FOUND)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="what `make bench` prints")
    parser.add_argument("--full", action="store_true", help="all three failure rates")
    chosen = parser.parse_args()
    if chosen.small:
        raise SystemExit(main())
    began = time.process_time()
    table((0.02, 0.10, 0.30) if chosen.full else (0.10,), 400 if chosen.full else 200)
    print(f"{time.process_time() - began:.0f} s of CPU")
