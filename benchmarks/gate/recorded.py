"""Planted rises in the failure shares of 14 recorded models: found, and predicted to be found.

    python benchmarks/gate/recorded.py SHARED_DATA

The outcomes come from the shipped runner `recorded_share`, 200 invocations a line; the predicted
rate is the power that `calibrate` computes from the accepted baselines alone. SHARED_DATA is the
folder that holds `llm_complaint_predictions`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from analysis.recorded_shares import detection, shares_in

SEED = 1
SAMPLES = (700, 100)
RISES = (0.0, 0.01, 0.02, 0.05, 0.10)
SUITES, INVOCATIONS = 20, 10


def main(shared_data: Path) -> int:
    """Print the table as Markdown."""
    os.environ["PAYGRADE_DRAW"] = str(SEED)
    shares = shares_in(shared_data)
    print(f"{SUITES} suites, {INVOCATIONS} invocations each, seed {SEED}:\n")
    print("| samples | rise asked | rise planted | found | predicted | apart |")
    print("|---:|---:|---:|---:|---:|---:|")
    for samples in SAMPLES:
        for rise in RISES:
            seen = detection(shares[:samples], rise, suites=SUITES, invocations=INVOCATIONS)
            found, predicted = 100 * seen.found, 100 * seen.predicted
            print(
                f"| {samples} | {100 * rise:.0f} | {100 * seen.planted:.1f} | {found:.1f} % "
                f"| {predicted:.1f} % | {found - predicted:+.1f} points |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shared_data", type=Path, metavar="SHARED_DATA")
    chosen = parser.parse_args()
    began = time.process_time()
    main(chosen.shared_data)
    print(f"\n{time.process_time() - began:.0f} s of CPU")
