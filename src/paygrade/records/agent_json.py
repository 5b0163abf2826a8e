"""A trajectory, its tools and its turns as plain JSON and back, wherever they are kept or sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, get_args

from paygrade.records.agent import (
    CallStatus,
    Claim,
    Delivery,
    Effect,
    Ending,
    Fault,
    GuardName,
    Step,
    Struck,
    Tool,
    ToolCall,
    ToolIntent,
    Trajectory,
    Violation,
)

if TYPE_CHECKING:
    from paygrade.records.json_value import Json

T = TypeVar("T")

_STATUSES = get_args(CallStatus)
_GUARDS = get_args(GuardName)
_ROLES = ("agent", "customer")
_OPS = ("call", "hear", "restart")


def trajectory_to_json(trajectory: Trajectory) -> dict[str, Any]:
    """Each record an object of its fields, each tuple a list. Nothing below is copied."""
    return {each.name: plain(getattr(trajectory, each.name)) for each in fields(trajectory)}


def trajectory_from_json(data: object) -> Trajectory:
    """The trajectory back. Keys that stand at their default may be missing.

    Raises:
        ValueError: it is none, and what is wrong with it, in one clause.
    """
    fields_of = _Fields(data, "the trajectory")
    return Trajectory(
        guard=fields_of.word("guard", _GUARDS),
        steps=fields_of.many("steps", step_from_json),
        deliveries=fields_of.many("deliveries", _delivery),
        effects=fields_of.many("effects", _effect),
        claims=fields_of.many("claims", _claim),
        violations=fields_of.many("violations", _violation),
        snapshot=fields_of.json("snapshot"),
        snapshot_hash=fields_of.text("snapshot_hash"),
        faults=fields_of.many("faults", _struck),
        restarts=fields_of.whole("restarts", 0),
        turns=fields_of.whole("turns", 0),
    )


def plain(value: object) -> Any:  # noqa: ANN401 - any JSON
    """A record as an object of its fields, a tuple as a list; all else as it is."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    return value


def step_from_json(data: object) -> Step:
    """A step back."""
    fields_of = _Fields(data, "a step")
    return Step(
        role=fields_of.word("role", _ROLES),
        text=fields_of.text("text", ""),
        calls=fields_of.many("calls", call_from_json),
    )


def call_from_json(data: object) -> ToolCall:
    """A call back.

    Raises:
        ValueError: as `trajectory_from_json`; and so do the others.
    """
    fields_of = _Fields(data, "a call")
    return ToolCall(
        id=fields_of.text("id"),
        tool=fields_of.text("tool"),
        arguments=fields_of.json("arguments"),
        status=fields_of.word("status", _STATUSES, "ok"),
        result=fields_of.json("result", None),
        fault=fields_of.text("fault", ""),
        guard=fields_of.text("guard", ""),
    )


def ending_from_json(data: object) -> Ending:
    """How a world ended, back."""
    fields_of = _Fields(data, "the ending")
    return Ending(
        snapshot=fields_of.json("snapshot"),
        effects=fields_of.many("effects", _effect),
        claims=fields_of.many("claims", _claim),
        violations=fields_of.many("violations", _violation),
    )


def tool_from_json(data: object) -> Tool:
    """A tool back."""
    fields_of = _Fields(data, "a tool")
    intent = fields_of.json("intent", None)
    return Tool(
        name=fields_of.text("name"),
        description=fields_of.text("description"),
        parameters=fields_of.mapping("parameters"),
        intent=None if intent is None else _intent(intent),
    )


def _intent(data: object) -> ToolIntent:
    fields_of = _Fields(data, "an intent")
    money = fields_of.many("money", _name) if fields_of.json("money", None) is not None else None
    if money is not None and len(money) != 2:  # noqa: PLR2004 - amount and currency
        raise ValueError("the 'money' of an intent is not an amount and a currency")
    return ToolIntent(
        key=fields_of.many("key", _name),
        same=fields_of.many("same", _name),
        money=money and (money[0], money[1]),
        key_argument=fields_of.text("key_argument", "idempotency_key"),
        look_up=fields_of.text("look_up", ""),
    )


def _name(data: object) -> str:
    if not isinstance(data, str):
        raise ValueError("a name of an argument is not text")  # noqa: TRY004 - of JSON, as below
    return data


def fault_from_json(data: object) -> Fault:
    """A fault back."""
    fields_of = _Fields(data, "a fault")
    return Fault(
        kind=fields_of.text("kind"),
        tool=fields_of.text("tool", ""),
        nth=fields_of.whole("nth", 1),
        times=fields_of.whole("times", 1),
        options=fields_of.mapping("options"),
    )


def _delivery(data: object) -> Delivery:
    fields_of = _Fields(data, "a delivery")
    return Delivery(
        op=fields_of.word("op", _OPS),
        tool=fields_of.text("tool", ""),
        arguments=fields_of.mapping("arguments"),
        text=fields_of.text("text", ""),
    )


def _effect(data: object) -> Effect:
    fields_of = _Fields(data, "an effect")
    return Effect(
        intent=fields_of.text("intent"),
        id=fields_of.text("id"),
        amount_minor=fields_of.whole("amount_minor", 0),
        currency=fields_of.text("currency", ""),
        subject=fields_of.text("subject", ""),
    )


def _claim(data: object) -> Claim:
    fields_of = _Fields(data, "a claim")
    return Claim(
        text=fields_of.text("text"),
        done=fields_of.truth("done"),
        holds=fields_of.truth("holds"),
        reason=fields_of.text("reason", ""),
    )


def _violation(data: object) -> Violation:
    fields_of = _Fields(data, "a violation")
    return Violation(rule=fields_of.text("rule"), reason=fields_of.text("reason"))


def _struck(data: object) -> Struck:
    fields_of = _Fields(data, "a fault")
    return Struck(
        kind=fields_of.text("kind"), tool=fields_of.text("tool"), times=fields_of.whole("times")
    )


_NEEDED = object()
_MOST = 2**63


class _Fields:
    """One object's values, each of the type that it must have."""

    def __init__(self, data: object, what: str) -> None:
        if not isinstance(data, Mapping):
            raise ValueError(f"{what} is no object")  # noqa: TRY004 - of JSON: its value is wrong
        self._data = data
        self._what = what

    def json(self, key: str, default: object = _NEEDED) -> Json:
        value: Json = self._get(key, default)
        return value

    def text(self, key: str, default: object = _NEEDED) -> str:
        value = self._get(key, default)
        return value if isinstance(value, str) else self._wrong(key, "text")

    def whole(self, key: str, default: object = _NEEDED) -> int:
        value = self._get(key, default)
        whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MOST
        return int(value) if whole else self._wrong(key, "a whole number of 64 bits")

    def truth(self, key: str) -> bool:
        value = self._get(key, _NEEDED)
        return value if isinstance(value, bool) else self._wrong(key, "true or false")

    def word(self, key: str, words: tuple[str, ...], default: object = _NEEDED) -> Any:  # noqa: ANN401 - one of `words`
        value = self._get(key, default)
        known = isinstance(value, str) and value in words
        return value if known else self._wrong(key, f"one of {', '.join(words)}")

    def mapping(self, key: str) -> Mapping[str, Json]:
        value = self._get(key, {})
        return value if isinstance(value, Mapping) else self._wrong(key, "an object")

    def many(self, key: str, read: Callable[[object], T]) -> tuple[T, ...]:
        value = self._get(key, ())
        if isinstance(value, str) or not isinstance(value, Sequence):
            self._wrong(key, "a list")
        return tuple(read(each) for each in value)

    def _get(self, key: str, default: object) -> Any:  # noqa: ANN401 - any JSON
        value = self._data.get(key, default)
        if value is _NEEDED:
            raise ValueError(f"{self._what} has no '{key}'")
        return value

    def _wrong(self, key: str, wanted: str) -> NoReturn:
        raise ValueError(f"the '{key}' of {self._what} is not {wanted}")
