"""Statements by name, as they stand in the files beside this one."""

import functools
import pkgutil
import re

_NAME = re.compile(r"^-- (\w+) --\n", re.MULTILINE)


@functools.cache
def statements(name: str) -> dict[str, str]:
    """The named statements of `NAME.sql`."""
    text = pkgutil.get_data(__name__, f"{name}.sql")  # importlib.resources takes ten times as long
    assert text is not None  # noqa: S101 - it is part of the package
    parts = _NAME.split(text.decode())
    return dict(zip(parts[1::2], parts[2::2], strict=True))
