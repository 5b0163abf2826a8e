"""What a template may do with data: look into it, filter it, print it, within a budget.

Every look-up finds keys and items alone, never a method of Python's, and every filter answers to
the budget of its rendering, so that neither time nor memory grows with what a template repeats.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2.runtime import LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jinja2.runtime import Context

MAX_CHARACTERS = 2_000_000
MAX_ROUNDS = 100_000
MAX_WORK = 3_000_000
BUDGET = " budget"
"""A name that no template can write."""

_FILTERS = (
    "upper", "lower", "trim", "length", "first", "last", "default", "sort", "unique",
    "items", "list", "string", "int", "abs", "sum", "min", "max", "reverse",
)  # fmt: skip
_TESTS = (
    "defined", "undefined", "none", "boolean", "true", "false", "integer", "float", "number",
    "string", "mapping", "sequence", "iterable", "lower", "upper", "even", "odd", "divisibleby",
    "in", "eq", "ne", "lt", "le", "gt", "ge", "==", "!=", "<", "<=", ">", ">=",
    "equalto", "lessthan", "greaterthan", "sameas",
)  # fmt: skip
_LOOP = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length", "depth"})
_PRINTABLE = (str, int, float, list, tuple, dict, type(None), Undefined)
_MAX_INDENT = 8


class RenderError(Exception):
    """A template could not be rendered; the text says why, `line` where (from 1)."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        """Keep the line beside the sentence."""
        super().__init__(problem)
        self.line = line


class Budget:
    """What one rendering may use up."""

    def __init__(self) -> None:
        """Nothing is used yet."""
        self._written = self._rounds = self._work = 0

    def write(self, characters: int) -> None:
        """Count output.

        Raises:
            RenderError: it is too much.
        """
        self._written += characters
        fits(self._written)

    def turn(self) -> None:
        """Count one round of a loop.

        Raises:
            RenderError: it is one too many.
        """
        self._rounds += 1
        if self._rounds > MAX_ROUNDS:
            raise RenderError(f"its 'for' loops go round more than {MAX_ROUNDS:,} times")

    def work(self, value: object) -> None:
        """Count the characters or items that a filter goes through.

        Raises:
            RenderError: it is too much.
        """
        self._work += len(value) if isinstance(value, str | list | tuple | dict) else 1
        if self._work > MAX_WORK:
            raise RenderError(f"its filters go through more than {MAX_WORK:,} characters or items")


def fits(size: int) -> None:
    """Refuse more text than a prompt can hold.

    Raises:
        RenderError: it is too much.
    """
    if size > MAX_CHARACTERS:
        raise RenderError(f"renders more than {MAX_CHARACTERS:,} characters")


class _Environment(ImmutableSandboxedEnvironment):
    """Looks up keys and items of JSON data, and the counters of a loop."""

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - Jinja's own signature
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:  # noqa: ANN401 - as above
        if isinstance(obj, dict) and isinstance(argument, str) and argument in obj:
            return obj[argument]
        if isinstance(obj, list | tuple | str) and type(argument) is int:
            if -len(obj) <= argument < len(obj):
                return obj[argument]
        elif isinstance(obj, LoopContext) and argument in _LOOP:
            return getattr(obj, argument)
        if isinstance(obj, Undefined):
            str(obj)  # raises: the sentence names what was missing first
        part = "key" if isinstance(argument, str) else "item"
        return self.undefined(f"{_kind(obj)} has no {part} {argument!r}")


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "the mapping"
    if isinstance(value, list | tuple):
        return "the list"
    return "the text" if isinstance(value, str) else f"the value {value!r}"[:60]


def _printed(value: Any) -> Any:  # noqa: ANN401 - whatever an expression gives
    if not isinstance(value, _PRINTABLE):
        raise RenderError("prints what is not data", None)
    return value


def _plain(value: object) -> object:
    """What `json` cannot write is nothing that a dataset holds: a missing key, above all."""
    if isinstance(value, Undefined):
        str(value)  # raises: the sentence names the key
    raise RenderError("tojson: this is not data")


def _tojson(value: object, indent: int = 0) -> str:
    if type(indent) is not int or not 0 <= indent <= _MAX_INDENT:
        raise RenderError(f"tojson: indent is a whole number from 0 to {_MAX_INDENT}")
    encoder = json.JSONEncoder(ensure_ascii=False, indent=indent or None, default=_plain)
    parts, size = [], 0
    for part in encoder.iterencode(value):
        size += len(part)
        fits(size)
        parts.append(part)
    return "".join(parts)


def _join(items: Iterable[Any], separator: str = "") -> str:
    if isinstance(items, str):
        raise RenderError("join: give it a list, not text")
    parts, size = [], 0
    for item in items:
        parts.append(str(item))
        size += len(parts[-1]) + len(separator)
        fits(size)
    return separator.join(parts)


def _replace(text: object, old: object, new: object) -> str:
    before, old, new = str(text), str(old), str(new)
    fits(len(before) + before.count(old) * len(new))
    return before.replace(old, new)


@pass_context
def _counted(context: Context, items: Iterable[Any]) -> Iterator[Any]:
    if isinstance(items, Undefined):
        str(items)  # raises
    if isinstance(items, str) or not hasattr(items, "__iter__"):
        raise RenderError(f"a 'for' over {_kind(items)}, not over a list")
    return _rounds(context[BUDGET], items)


def _rounds(budget: Budget, items: Iterable[Any]) -> Iterator[Any]:
    for item in items:
        budget.turn()
        yield item


def _charged(name: str, plain: Callable[..., Any]) -> Callable[..., Any]:
    """The filter `plain`, which answers to the budget and gives data, never an iterator."""
    needs = getattr(plain, "jinja_pass_arg", None)

    @pass_context
    def charged(context: Context, value: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any filter's
        if isinstance(value, Undefined) and name != "default":
            str(value)  # raises: the sentence names what is missing
        context[BUDGET].work(value)
        own: dict[str, list[Any]] = {
            "environment": [context.environment],
            "eval_context": [context.eval_ctx],
        }
        first = own.get(needs.name, [context]) if needs else []
        result = plain(*first, value, *args, **kwargs)
        if isinstance(result, str):
            fits(len(result))
        return result if isinstance(result, _PRINTABLE) else list(result)

    return charged


def _environment() -> _Environment:
    environment = _Environment(
        undefined=jinja2.StrictUndefined, autoescape=False, finalize=_printed
    )
    plain = {name: environment.filters[name] for name in _FILTERS}
    plain |= {"tojson": _tojson, "join": _join, "replace": _replace}
    environment.filters = {name: _charged(name, each) for name, each in plain.items()}
    environment.filters["_rounds"] = _counted
    environment.tests = {name: environment.tests[name] for name in _TESTS}
    environment.globals.clear()
    return environment


ENVIRONMENT = _environment()
