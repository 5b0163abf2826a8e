"""Statements by name, as they stand in the files beside this one."""

import functools
import re
from importlib import resources

_NAME = re.compile(r"^-- (\w+) --\n", re.MULTILINE)


@functools.cache
def statements(name: str) -> dict[str, str]:
    """The named statements of `NAME.sql`."""
    text = resources.files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
