"""Arguments as an agent sends them: read, made plain, checked against the tool's JSON Schema."""

from __future__ import annotations

import json
import math
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

from paygrade import leaks
from paygrade.errors import RunnerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paygrade.records.agent import Tool
    from paygrade.records.json_value import Json

_SHOWN = 3  # violations that a sentence lists
_LINE = 200  # characters of one
_READ = 2000


class MalformedError(Exception):
    """Arguments that no tool could take; the text is for the agent."""


def as_object(sent: object) -> dict[str, Json]:
    """The JSON object that was sent, as text or as a mapping.

    A number that is whole becomes an `int`, as JSON has one kind of number: `42.0` minor units are
    42. Half a surrogate pair, which cannot be stored, becomes `?`.

    Raises:
        MalformedError: it is no JSON object.
    """
    try:
        text = sent if isinstance(sent, str) else json.dumps(sent, allow_nan=False)
        value = _plain(json.loads(text, parse_constant=_no_number))
    except (ValueError, TypeError, RecursionError) as odd:
        raise MalformedError(_short(f"the arguments are not JSON: {odd}")) from None
    if not isinstance(value, dict):
        raise MalformedError("the arguments are not a JSON object")
    return value


def kept(sent: object) -> Json:
    """What was sent, as it can be kept: the object, or its text."""
    try:
        return as_object(sent)
    except MalformedError:
        return storable(sent if isinstance(sent, str) else repr(sent))


def storable(text: str) -> str:
    """`text` without halves of surrogate pairs, which no file takes."""
    return text.encode("utf-8", "replace").decode()


def copied(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The same JSON, sharing nothing.

    Raises:
        ValueError, TypeError, RecursionError: it is no JSON.
    """
    return json.loads(json.dumps(value, allow_nan=False))


class Schemas:
    """The tools' schemas, each compiled when its tool is first called."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        """Nothing is compiled yet."""
        self._parameters = {tool.name: tool.parameters for tool in tools}
        self._compiled: dict[str, Any] = {}

    def check(self, tool: str, arguments: Mapping[str, Json]) -> None:
        """Refuse arguments that break the tool's schema.

        Raises:
            MalformedError: they do; it says where.
            RunnerError: `tool_crashed`: the tool's schema is none.
        """
        if tool not in self._compiled:
            self._compiled[tool] = self._compile(tool)
        validator = self._compiled[tool]
        if validator.is_valid(arguments):
            return
        found = [
            _short(f"{'.'.join(map(str, error.instance_path)) or 'the arguments'}: {error.message}")
            for error in islice(validator.iter_errors(arguments), _SHOWN)
        ]
        raise MalformedError("; ".join(found))

    def _compile(self, tool: str) -> Any:  # noqa: ANN401 - the library's
        import jsonschema_rs  # noqa: PLC0415 - loaded only where a tool is called

        try:
            return jsonschema_rs.Draft202012Validator(
                copied(self._parameters[tool]), validate_formats=True, offline=True
            )
        except ValueError as error:
            problem = f"the parameters of the tool {tool} are no JSON schema: {error}"
            raise RunnerError(problem, kind="tool_crashed") from error


def _short(text: str) -> str:
    """The start of it, masked: half a card number would not be seen to be one."""
    return leaks.mask(storable(text[:_READ])).text[:_LINE]


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {storable(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a number is too large")
        return int(value) if value.is_integer() else value
    return value
