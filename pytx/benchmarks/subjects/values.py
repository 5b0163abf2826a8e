"""What pytx costs before any store: fingerprints, provider keys, its import, its size."""

from __future__ import annotations

import ast
import datetime as dt
import io
import os
import statistics
import subprocess
import sys
import tempfile
import timeit
import tokenize
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytx
from measuring import Figure, seconds
from pytx import canon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REPEATS: Final = 7
CALLS: Final = 2_000
STARTS: Final = 9
KEY: Final = '["pay_9f2c","case_7"]'
FIELDS: Final = {
    "amount": Decimal("10.50"),
    "currency": "EUR",
    "reason": "late parcel",
    "day": dt.date(2026, 11, 28),
    "lines": 3,
}
_NO_CODE: Final = (
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENCODING, tokenize.ENDMARKER,
)  # fmt: skip
_APART: Final = ("testing", "__main__.py")


def memory() -> list[Figure]:
    """Microseconds, milliseconds and lines."""
    return [
        _micro("fingerprint of 5 fields", lambda: canon.fingerprint(KEY, FIELDS), bound=20),
        _micro(
            "provider key", lambda: canon.provider_key("acme/live", "refund", KEY, 1), bound=5
        ),
        _import("import pytx", "import pytx", bound=50),
        _import("import pytx; pytx.Guard", "import pytx; pytx.Guard", bound=50),
        Figure(
            subject="lines of code, without testing and __main__", kind="goal", unit="lines",
            ours=_lines(), bound=2_000,
        ),
    ]  # fmt: skip


def _micro(subject: str, call: Callable[[], object], *, bound: float) -> Figure:
    spent = statistics.median(timeit.repeat(call, number=CALLS, repeat=REPEATS)) / CALLS
    return Figure(subject=subject, kind="time", unit="µs", ours=spent * 1e6, bound=bound)


def _import(subject: str, code: str, *, bound: float) -> Figure:
    """Beside a bare interpreter, in turn; what is told is the difference."""
    bare, ours = [], []
    with tempfile.TemporaryDirectory() as folder:  # compiled once, as an installed package is
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for _ in range(1 + STARTS):
            bare.append(seconds(lambda: _python("pass", environment)))
            ours.append(seconds(lambda: _python(code, environment)))
    floor = statistics.median(bare[1:]) * 1e3
    return Figure(
        subject=f"{subject}; floor: python -c pass, taken off", kind="time", unit="ms",
        ours=statistics.median(ours[1:]) * 1e3 - floor, floor=floor, bound=bound,
    )  # fmt: skip


def _python(code: str, environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def _lines() -> int:
    """Lines that hold code: no blank one, no comment, no docstring."""
    package = Path(pytx.__file__).parent
    return sum(
        len(set(_code_lines(file.read_text(encoding="utf-8"))))
        for file in package.rglob("*.py")
        if not set(file.relative_to(package).parts) & set(_APART)
    )


def _code_lines(text: str) -> Iterator[int]:
    told = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _NO_CODE:
            yield from (
                line for line in range(token.start[0], token.end[0] + 1) if line not in told
            )
