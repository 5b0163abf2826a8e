"""kill -9 while a site is written: what is there is the old site or the new one."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kit import Paygrade, WorkspaceFolder

pytestmark = pytest.mark.real  # processes that are killed

_KILLS = 4
_MEASURED = 3
_PUBLISHES = """\
import sys, time
from pathlib import Path
from paygrade.pipeline.publish import publish

for number in range(1000):
    made_at = f"2026-11-28T12:{number // 60 % 60:02}:{number % 60:02}.000000Z"
    publish(Path(sys.argv[1]), made_at=made_at)
    print(number, flush=True)
"""


def _whole(folder: Path) -> None:
    """What is there is of one moment, and nothing is missing."""
    made = json.loads((folder / "published.json").read_text("utf-8"))["made_at"]
    pages = {each.name: each.read_text("utf-8") for each in folder.glob("*.html")}
    assert pages.keys() >= {"index.html", "suite-refunds.html", "about.html"}
    assert [name for name, text in pages.items() if made not in text] == []
    listed = (folder / ".made-by-paygrade").read_text("utf-8").splitlines()
    assert [name for name in listed if not (folder / name).is_file()] == []


@contextlib.contextmanager
def _publishing(script: Path, root: Path) -> Iterator[Iterator[str]]:
    """Publish again and again, and be killed: what is printed after the first time."""
    process = subprocess.Popen([sys.executable, script, root], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "0\n"  # it is warm, and goes on
        yield iter(process.stdout.readline, "")
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def test_a_kill_leaves_a_whole_site(
    workspace: WorkspaceFolder, paygrade: Paygrade, tmp_path: Path
) -> None:
    """At any moment, again and again; the next one goes on, and clears away what was left."""
    assert paygrade("run", "-q", cwd=workspace.root).code == 0
    assert paygrade("publish").code == 0
    folder = workspace.root / "reports" / "published"
    script = tmp_path / "publishes.py"
    script.write_text(_PUBLISHES, encoding="utf-8")
    chance = random.Random(8)
    with _publishing(script, workspace.root) as lines:
        begun = time.monotonic()
        assert [next(lines) for _ in range(_MEASURED)][-1] == f"{_MEASURED}\n"
        took = (time.monotonic() - begun) / _MEASURED
    for _ in range(_KILLS):
        with _publishing(script, workspace.root):
            time.sleep(chance.random() * 1.1 * took)  # before, in and after the swap
        _whole(folder)
    assert paygrade("publish").code == 0
    assert [each.name for each in (workspace.root / "reports").iterdir()] == ["published"]
