"""The same generator in another process: another hash seed, zone, locale, encoding and folder."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROGRAM = """
import hashlib, json, sys
from importlib import import_module
lines = import_module(sys.argv[1]).generate(int(sys.argv[2]), 5)
print(hashlib.sha256(json.dumps(lines).encode()).hexdigest())
"""
IN_OTHER_PLACES = pytest.mark.parametrize(
    ("changes", "below"),
    [
        ({"PYTHONHASHSEED": "1"}, False),
        ({"PYTHONHASHSEED": "2", "TZ": "Asia/Kolkata"}, False),
        ({"LC_ALL": "C", "TZ": "America/New_York", "PYTHONUTF8": "0"}, True),
    ],
)


def same_bytes(module: str, n: int, changes: Mapping[str, str], folder: Path | None) -> bool:
    """Whether `n` lines of `module` are the same there as here, the order of keys too."""
    lines = import_module(module).generate(n, 5)
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, module, str(n)],
        env={**os.environ, **changes},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout.strip() == hashlib.sha256(json.dumps(lines).encode()).hexdigest()
