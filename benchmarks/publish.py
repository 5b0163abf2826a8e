"""Publishing a large store: how long, and how much memory.

Aims: a million attempts within 60 s and 1 GB. The store is made by `publish_big.py`, without
journals, so that the step which would compare it with them is left out: on a store that is up to
date it reads their sizes alone.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import publish_big
from paygrade.pipeline import publish
from paygrade.store import fill

AIMED = 1_000_000
MOST_MB = 1_000.0
_SUITE = """\
suite: big
prompt: big@v1
dataset: big@v1
runners: [first, second]
scorers:
  - equals: {field: action, severity: critical}
"""


def published(folder: Path) -> None:
    """Publish the workspace in `folder`, and say what that took."""
    setattr(fill, "sync", lambda _: fill.Synced(filled=(), problems=()))  # noqa: B010 - no journals
    began = time.monotonic()
    done = publish.publish(folder)
    seconds = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
    page = done.files["suite-big.html"] / 1_000
    print(
        f"published in {seconds:.1f} s, peak memory {peak:,.0f} MB, its page {page:,.0f} kB, "
        f"{len(done.files)} files of {sum(done.files.values()) / 1e6:,.1f} MB"
    )
    raise SystemExit(peak > MOST_MB)


def main() -> int:
    """Make a store and publish it, in a process of its own; 1 when it takes too much memory."""
    attempts = int(sys.argv[1]) if len(sys.argv) > 1 else AIMED
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "evals" / "big").mkdir(parents=True)
        (folder / "evals" / "big" / "suite.yaml").write_text(_SUITE, encoding="utf-8")
        publish_big.make(folder / ".paygrade", attempts)
        print(f"{attempts:9,} attempts: ", end="", flush=True)
        return subprocess.run([sys.executable, __file__, "--in", name], check=False).returncode


if __name__ == "__main__":
    if sys.argv[1:2] == ["--in"]:
        published(Path(sys.argv[2]))
    raise SystemExit(main())
