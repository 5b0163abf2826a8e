"""Reading a world: every mistake in it is found, and what it leaves out is filled in."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from paygrade.payments.bank.faults import read_faults
from paygrade.payments.bank.mistakes import LISTS, mistakes_in
from paygrade.payments.bank.times import seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    import jsonschema_rs

    from paygrade.records.agent import Fault
    from paygrade.records.json_value import Json
    from pytx.testing import Profile

    Row = dict[str, Any]

LIMITS: Final = {
    "USD": 50_000,
    "EUR": 50_000,
    "GBP": 40_000,
    "JPY": 75_000,
    "KWD": 150_000,
    "INR": 4_200_000,
}
"""500.00 US dollars and what the policy takes for it in other currencies, in minor units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A world as it was given, checked. `rows` holds its lists, each key there."""

    seed: int
    now: int
    profile: Profile
    currency: str
    rows: Mapping[str, list[Row]]
    balances: Mapping[str, Mapping[str, int]]
    customer: Row | None
    objects: tuple[str, ...] | None
    holidays: frozenset[str]
    limits: Mapping[str, int]
    contradictory: tuple[str, ...]
    baits: tuple[Row, ...]
    refuses: frozenset[str]
    faults: tuple[Fault, ...]

    @property
    def asker(self) -> str:
        """The customer who asks; "" where it is a colleague."""
        return self.customer["id"] if self.customer else ""


def read_world(world: Mapping[str, Json]) -> Facts:
    """Check it all.

    Raises:
        ValueError: says everything that is wrong, a line for each.
    """
    given: dict[str, Any] = json.loads(json.dumps(world))
    mistakes = [_sentence(each) for each in _schema().iter_errors(given)]
    faults: tuple[Fault, ...] = ()
    if not mistakes:
        faults = read_faults(given.get("faults", []), mistakes)
        mistakes += mistakes_in(given, faults)
    if mistakes:
        raise ValueError("the world is wrong:\n" + "\n".join(f"- {each}" for each in mistakes))
    return Facts(
        seed=given.get("seed", 0),
        now=seconds(given["now"]),
        profile=given.get("profile", "replay_all_24h"),
        currency=given.get("currency", "USD"),
        rows={name: given.get(name, []) for name in LISTS},
        balances=given.get("balances", {}),
        customer=given.get("customer"),
        objects=tuple(given["objects"]) if "objects" in given else None,
        holidays=frozenset(given.get("holidays", ())),
        limits={**LIMITS, **given.get("limits", {})},
        contradictory=tuple(given.get("contradictory", ())),
        baits=tuple(given.get("baits", ())),
        refuses=frozenset(given.get("refuses", ())),
        faults=faults,
    )


@functools.cache
def _schema() -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs  # noqa: PLC0415 - loaded only where a world is read

    text = (files("paygrade.payments.bank") / "world.schema.json").read_text(encoding="utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text), validate_formats=True)


def _sentence(error: jsonschema_rs.ValidationError) -> str:
    place = ".".join(str(each) for each in error.instance_path)
    return f"{place or 'the world'}: {error.message}"
