"""Calls that a trajectory should have, and how one of them compares with a call that was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, TypeGuard

from pydantic import AfterValidator, Field, JsonValue, WithJsonSchema

from paygrade.scorers.acted import WIDE, objects
from paygrade.scorers.equality import identical
from paygrade.scorers.params import UnfitError
from paygrade.scorers.show import clip, one_line, show
from paygrade.scorers.target import parse_path, without

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.records.agent import ToolCall
    from paygrade.records.json_value import Json

_LIST = 240  # characters of a list of calls in a reason
_KEYS = ("tool", "arguments")


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedCall:
    """A call of a tool. Without `arguments`, any will do; a call that was made always has some."""

    tool: str
    arguments: Json = None

    def without(self, ignored: Iterable[str]) -> WantedCall:
        """The same without the arguments that are not compared."""
        arguments = self.arguments
        for path in ignored:
            arguments = without(arguments, parse_path(path))
        return replace(self, arguments=arguments)


def wanted_calls(value: Json) -> list[WantedCall]:
    """Read a list of tools, each a name or `{tool, arguments}`.

    Raises:
        UnfitError: it is something else; the text is a clause on the value.
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise UnfitError(f"should be a list of calls, got {show(value)}")
    named = [{"tool": each} if isinstance(each, str) else each for each in value]
    return [_call(each) for each in objects(named, "call", _KEYS, ("tool",))]


def _call(value: Mapping[str, Json]) -> WantedCall:
    tool = value["tool"]
    if not isinstance(tool, str) or not tool:
        raise UnfitError(f"should name tools in text, got {show(tool)}")
    if "arguments" not in value:
        return WantedCall(tool=tool)
    if not isinstance(value["arguments"], Mapping):
        raise UnfitError(f"should have objects as arguments, got {show(value['arguments'])}")
    return WantedCall(tool=tool, arguments=value["arguments"])


def called(calls: Iterable[ToolCall], ignored: Iterable[str]) -> list[WantedCall]:
    """Bring calls that were made into the form that is compared."""
    made = (WantedCall(tool=each.tool, arguments=each.arguments) for each in calls)
    return [each.without(ignored) for each in made]


def difference(wanted: WantedCall, made: WantedCall, *, some_more: bool = False) -> str:
    """What keeps a call from being the wanted one, or ""; `some_more` arguments may be allowed."""
    if made.tool != wanted.tool:
        return f"got {one_line(made.tool, WIDE)}, wanted {one_line(wanted.tool, WIDE)}"
    if wanted.arguments is None:
        return ""
    return _unequal("", made.arguments, wanted.arguments, some_more=some_more)


def _unequal(at: str, got: Json, wanted: Json, *, some_more: bool) -> str:
    """Say what differs, at the first place where something does."""
    if isinstance(got, Mapping) and isinstance(wanted, Mapping):
        for key in dict.fromkeys([*wanted, *got]):
            inner = f"{at}.{one_line(key, WIDE)}".removeprefix(".")
            if key not in got:
                return f"{inner}: got nothing, wanted {show(wanted[key])}"
            if key in wanted:
                fault = _unequal(inner, got[key], wanted[key], some_more=some_more)
            else:
                fault = "" if some_more else f"{inner}: got {show(got[key])}, wanted nothing there"
            if fault:
                return fault
        return ""
    if _is_list(got) and _is_list(wanted) and len(got) == len(wanted):
        pairs = enumerate(zip(got, wanted, strict=True))
        faults = (_unequal(f"{at}.{n}", a, b, some_more=some_more) for n, (a, b) in pairs)
        return next(filter(None, faults), "")
    if identical(got, wanted):
        return ""
    return f"{at or 'arguments'}: got {show(got)}, wanted {show(wanted)}"


def _is_list(value: Json) -> TypeGuard[Sequence[Json]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def shown(call: WantedCall) -> str:
    """Write a call for people."""
    arguments = "" if call.arguments is None else f" {show(call.arguments)}"
    return f"{one_line(call.tool, WIDE)}{arguments}"


def listed(calls: Iterable[WantedCall]) -> str:
    """Write calls for people, in bounded length."""
    return clip(", ".join(map(shown, calls)), _LIST) or "nothing"


def _steps(value: list[Any]) -> list[Any]:
    wanted_calls(value)
    return value


Steps = Annotated[
    list[JsonValue],
    AfterValidator(_steps),
    WithJsonSchema(
        {
            "type": "array",
            "items": {
                "anyOf": [
                    {"type": "string"},
                    {
                        "type": "object",
                        "properties": {
                            "tool": {"type": "string"},
                            "arguments": {"type": "object"},
                        },
                        "required": ["tool"],
                        "additionalProperties": False,
                    },
                ]
            },
        }
    ),
]
"""Calls as they are written in a suite."""


def _paths(value: list[str]) -> list[str]:
    for each in value:
        parse_path(each)
    return value


Ignored = Annotated[
    list[str],
    AfterValidator(_paths),
    Field(description="Dotted paths of arguments that are not compared, such as idempotency_key"),
]
