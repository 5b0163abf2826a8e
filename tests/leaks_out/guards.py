"""What keeps words from doing something on a way out, and how it is taken away."""

from __future__ import annotations

import contextlib
import functools
import json
import sys
import types
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.reports import markup, plain, rows
from paygrade.reports.site import shell
from paygrade.store import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import jinja2


def _as_it_is(text: str, *_: object) -> str:
    return text


def _everywhere(patch: pytest.MonkeyPatch, *functions: Callable[..., object]) -> None:
    """Where modules have taken a function by name, too."""
    for module in [each for name, each in sys.modules.items() if name.startswith("paygrade")]:
        for function in functions:
            if vars(module).get(function.__name__) is function:
                patch.setattr(module, function.__name__, _as_it_is)


def _naive(value: Any, *_: object, **__: object) -> str:  # noqa: ANN401 - any JSON value
    """JSON as one writes it who thinks that text is text."""
    if isinstance(value, dict):
        return "{" + ",".join(f'"{name}":{_naive(each)}' for name, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_naive, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else json.dumps(value, default=str)


@contextlib.contextmanager
def no_json() -> Iterator[None]:
    """Text in JSON is not escaped."""
    naive = types.SimpleNamespace(dumps=_naive, loads=json.loads)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "json", naive)
        patch.setattr("paygrade.pipeline.gate_files.json", naive)
        patch.setattr(lines, "_WRITER", types.SimpleNamespace(encode=_naive))
        yield


@contextlib.contextmanager
def no_plain() -> Iterator[None]:
    """A terminal is told to do what it is told."""
    with pytest.MonkeyPatch.context() as patch:
        _everywhere(patch, plain.plain, plain.one_line)
        yield


@contextlib.contextmanager
def no_escapes() -> Iterator[None]:
    """JSON is printed with characters that a terminal obeys."""
    with pytest.MonkeyPatch.context() as patch:
        _everywhere(patch, plain.escaped)
        yield


@contextlib.contextmanager
def no_formula_guard() -> Iterator[None]:
    """A cell may begin as it likes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "_FORMULA", ())
        yield


@contextlib.contextmanager
def no_xml() -> Iterator[None]:
    """Text in XML is not escaped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ET, "_escape_cdata", _as_it_is)
        patch.setattr(ET, "_escape_attrib", _as_it_is)
        yield


@contextlib.contextmanager
def no_markdown() -> Iterator[None]:
    """Words are Markdown."""
    with pytest.MonkeyPatch.context() as patch:
        _everywhere(patch, markup.prose, markup.code, markup.block)
        yield


@contextlib.contextmanager
def no_annotation_guard() -> Iterator[None]:
    """A message may have lines."""
    with pytest.MonkeyPatch.context() as patch:
        _everywhere(patch, plain.one_line)
        patch.setattr("paygrade.reports.annotations._data", _as_it_is)
        yield


@contextlib.contextmanager
def no_autoescape() -> Iterator[None]:
    """A page takes words as they are."""
    made = shell._environment.__wrapped__  # noqa: SLF001 - without what is remembered

    @functools.cache
    def bare() -> jinja2.Environment:
        environment: jinja2.Environment = made()
        environment.autoescape = False
        return environment

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shell, "_environment", bare)
        yield
