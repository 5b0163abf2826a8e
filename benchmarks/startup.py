"""CPU seconds of `paygrade --help`, beside a bare interpreter. Aim: 0.3 s."""

from __future__ import annotations

import statistics

from workload import measured

ROUNDS = 7
MOST_INTERPRETERS = 30.0
"""CI's pass mark: CPU of `--help` over CPU of `python -c pass`."""


def main() -> int:
    """Print the figures; 1 when the ratio is beyond its slack."""
    helps = [measured("-m", "paygrade", "--help").cpu_s for _ in range(ROUNDS)]
    bares = [measured("-c", "pass").cpu_s for _ in range(ROUNDS)]
    ratio = statistics.median(helps) / statistics.median(bares)
    print(f"paygrade --help, median of {ROUNDS}:")
    print(f"  CPU                          {statistics.median(helps):.2f} s   (aim 0.30)")
    print(f"  floor: python -c pass        {statistics.median(bares):.3f} s   ratio {ratio:.1f}")
    return int(ratio > MOST_INTERPRETERS * 1.25)


if __name__ == "__main__":
    raise SystemExit(main())
