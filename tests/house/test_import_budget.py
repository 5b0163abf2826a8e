"""What is not needed is not imported: `--help` and every user's pytest must cost nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = (
    "openai",
    "anthropic",
    "duckdb",
    "scipy",
    "numpy",
    "jsonschema_rs",
    "genai_prices",
    "lxml",
)

STARTS = {
    "import paygrade": "import paygrade",
    "paygrade --help": """
import contextlib, io, sys
sys.argv = ["paygrade", "--help"]
from paygrade.cli.app import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()
""",
    "a pytest start with the plugin": """
import contextlib, io, pytest
with contextlib.redirect_stdout(io.StringIO()) as out:
    pytest.main(["--fixtures", "-q", "-p", "no:cacheprovider", "."])
assert "paygrade_run" in out.getvalue(), "the plugin was not loaded"
""",
}


@pytest.mark.parametrize("start", STARTS)
def test_a_start_loads_nothing_heavy(start: str, tmp_path: Path) -> None:
    """Neither SDKs nor the database nor numeric libraries are loaded by it."""
    code = f"{STARTS[start]}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not loaded & set(HEAVY)


def test_the_plugin_alone_imports_nothing_of_ours(tmp_path: Path) -> None:
    """Registering the fixture costs one module."""
    code = (
        "import sys, paygrade.pytest_plugin\n"
        "print(sorted(name for name in sys.modules if name.startswith('paygrade')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.strip() == "['paygrade', 'paygrade.pytest_plugin']"
