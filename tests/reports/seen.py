"""What a reader sees: a view on a terminal, a document in CI."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, fromstring

from rich.console import Console

if TYPE_CHECKING:
    from rich.console import RenderableType


def shown(view: RenderableType, width: int = 100) -> str:
    """The view on a terminal of this width, without colour and trailing blanks."""
    stream = io.StringIO()
    Console(file=stream, width=width, highlight=False, markup=False, color_system=None).print(view)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def parsed(document: str) -> Element:
    """The document as a CI reads it: UTF-8."""
    return fromstring(document.encode())  # noqa: S314 - it is our own document
