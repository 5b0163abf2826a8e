"""The package as a user gets it: its names, its version, its documents."""

import doctest
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pytx
import pytx.money

PROJECT = Path(__file__).parents[1]


def test_every_public_name_is_there() -> None:
    """The names that are promised are sorted, exist and are documented."""
    assert pytx.__all__ == [
        "Absent",
        "AsyncGuard",
        "AsyncOutbox",
        "AsyncPgStore",
        "AsyncRelay",
        "CapExceeded",
        "CapMissing",
        "Found",
        "Guard",
        "InProgress",
        "InTransaction",
        "Intent",
        "LateResult",
        "LeaseSpent",
        "Line",
        "Message",
        "Mismatch",
        "Money",
        "MoneyError",
        "NoTransaction",
        "NotSent",
        "Op",
        "OperationFailed",
        "Outbox",
        "OutcomeUnknown",
        "Pending",
        "PgStore",
        "Poison",
        "PytxError",
        "Reference",
        "Refused",
        "Rejected",
        "Relay",
        "ReplayUnavailable",
        "Report",
        "SqliteStore",
        "StoreUnavailable",
        "__version__",
        "by_key",
        "by_lookup",
        "explain",
        "exponent",
        "forget_received",
        "format_minor",
        "inbox",
        "major",
        "manual",
        "minor",
        "parse",
        "reconcile",
    ]
    assert pytx.__all__ == sorted(pytx.__all__)
    assert all(getattr(pytx, name).__doc__ for name in pytx.__all__)


def test_the_version_is_that_of_the_distribution() -> None:
    """The module, the installed distribution and the change log agree on the version."""
    assert pytx.__version__ == importlib.metadata.version("paygrade-pytx")
    assert f"## [{pytx.__version__}]" in (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_standard_library_is_enough() -> None:
    """Nothing else is declared, and the import works where no other package can be found."""
    requires = importlib.metadata.requires("paygrade-pytx") or []
    assert [each for each in requires if "extra ==" not in each] == []
    source = Path(pytx.__file__).parents[1]
    program = (
        f"import sys; sys.path.append({str(source)!r}); import pytx; print(pytx.minor(10, 'INR'))"
    )
    alone = [sys.executable, "-I", "-S", "-c", program]  # -S: without site-packages
    assert subprocess.run(alone, capture_output=True, text=True, check=True).stdout == "1000\n"


def test_the_examples_of_the_docstrings_run() -> None:
    """What a docstring shows is what happens."""
    results = doctest.testmod(pytx.money)
    assert results.attempted >= 5
    assert results.failed == 0


def test_the_examples_of_the_readme_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ten lines that protect a refund as they stand, and what happens then."""
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"^```python\n(.*?)^```$", readme, flags=re.DOTALL | re.MULTILINE)
    assert found is not None
    assert len([line for line in found[1].splitlines() if line.strip()]) <= 10
    (tmp_path / "refunds.py").write_text(found[1])
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    blocks = re.findall(r"^```pycon\n(.*?)^```$", readme, flags=re.DOTALL | re.MULTILINE)
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "README", None, None)
    results = doctest.DocTestRunner().run(examples)
    assert results.attempted >= 5
    assert results.failed == 0, capsys.readouterr().out


@pytest.mark.parametrize("name", ["PgStore", "AsyncPgStore", "AsyncGuard", "AsyncRelay"])
def test_a_server_without_psycopg_says_what_to_install(name: str) -> None:
    """Only then is it missed."""
    program = f"import sys; sys.modules['psycopg'] = None; import pytx; pytx.{name}"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "pip install 'paygrade-pytx[postgres]'" in done.stderr.splitlines()[-1]


def test_exact_money_does_not_wait_for_the_guard() -> None:
    """A name is loaded when it is asked for; psycopg only for a `PgStore`."""
    program = (
        "import sys, pytx; before = set(sys.modules); pytx.Guard; pytx.SqliteStore; "
        "print('pytx.guard' in before, 'pytx.guard' in sys.modules, 'psycopg' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False True False\n"
