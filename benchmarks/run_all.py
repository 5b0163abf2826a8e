"""Prints every published figure; ends with 1 when a counter or a ratio is out of its bounds.

`--short` leaves out what the slower tests try as well.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Each in a process of its own: what one imports is in no other's memory.
SCRIPTS = (
    ("startup.py",),
    ("throughput.py",),
    ("memory.py",),
    ("providers.py",),
    ("refund_agent.py",),
    ("publish_page.py",),
    ("publish.py",),
    ("gate/speed.py",),
    ("gate/rates.py", "--small"),
)


LONG = {
    "refund_agent.py",  # tests/content/test_refund_agent_run.py counts the same attempts
    "publish.py",  # a million attempts
}


def main() -> int:
    """Run all, even when one fails."""
    left_out = LONG if "--short" in sys.argv else set()
    print(
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}", flush=True
    )
    codes = [
        subprocess.run([sys.executable, HERE / name, *options], check=False).returncode
        for name, *options in SCRIPTS
        if name not in left_out
    ]
    return int(any(codes))


if __name__ == "__main__":
    raise SystemExit(main())
