"""Prints every published figure; ends with 1 when a counter or a ratio is out of its bounds."""

from __future__ import annotations

import platform

import memory
import providers
import startup
import throughput
from gate import rates, speed


def main() -> int:
    """Run all, even when one fails."""
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    return max(
        [
            startup.main(),
            throughput.main(),
            memory.main(),
            providers.main(),
            speed.main(),
            rates.main(),
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
