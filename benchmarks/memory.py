"""Peak memory of a run of 1,000 and of 10,000 samples. Aim: within 60 MB of each other."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from workload import measured, write_workspace

ROUNDS = 3
MOST_GROWTH_MB = 60.0


def main() -> int:
    """Print the figures; 1 when the growth is beyond its slack."""
    peaks: dict[int, float] = {}
    for samples in (1_000, 10_000):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_workspace(folder, samples)
            command = ("-m", "paygrade", "run", "-q", "-w", str(folder))
            peaks[samples] = statistics.median(measured(*command).peak_mb for _ in range(ROUNDS))
    growth = peaks[10_000] - peaks[1_000]
    print(f"peak memory of a run, median of {ROUNDS}:")
    for samples, peak in peaks.items():
        print(f"  {samples:6,} samples               {peak:,.0f} MB")
    print(f"  growth                       {growth:,.0f} MB   (aim: within 60)")
    return int(growth > MOST_GROWTH_MB * 1.25)


if __name__ == "__main__":
    raise SystemExit(main())
