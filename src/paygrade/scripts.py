"""A user's own Python file: run from its source, so that what runs is exactly what was hashed.

No bytecode cache is read or written: content folders stay clean, and an edit within the same
second counts. A file stands for itself: what it shares with others lives in an installed package.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Script:
    """One file: what it defines, and the SHA-256 of exactly those bytes, in hex."""

    module: ModuleType
    sha256: str


class ScriptError(Exception):
    """A file cannot be used. The text is a clause on its name: `cannot be read: …`."""


def load(path: Path) -> Script:
    """Run the file at `path` as a module of its own.

    Raises:
        ScriptError: it cannot be read, or raises while it is run (its `__cause__`).
    """
    try:
        source = path.read_bytes()
    except OSError as error:
        raise ScriptError(f"cannot be read: {error.strerror or error}") from error
    sha256 = hashlib.sha256(source).hexdigest()
    place = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    name = f"_paygrade_{place[:12]}_{sha256[:12]}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # dataclasses and pickle look a class's module up here
    try:
        code = compile(source, str(path), "exec", dont_inherit=True)
        exec(code, vars(module))  # noqa: S102 - the user's own code, run as its author wants
    except (Exception, SystemExit) as error:
        sys.modules.pop(name, None)
        raise ScriptError(f"cannot be run: {said(error)}") from error
    return Script(module=module, sha256=sha256)


def said(error: BaseException) -> str:
    """What was raised: its class and its message, on one line."""
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - even a broken exception has a class to be named
        message = ""
    return " ".join(f"{type(error).__name__}: {message}".split()).rstrip(": ")
