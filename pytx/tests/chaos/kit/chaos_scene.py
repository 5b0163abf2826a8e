"""A scenario seen from outside: its intents are counted, settled, and held against the ledger.

The invariants, by their numbers:

I1  money moved at most once for each intent;
I2  whoever got a result got the ledger's, for that intent;
I3  no intent vanished: succeeded with its effect, failed or released without one, or unknown and
    listed by `guard.open()`;
I4  after `guard.recover()` with an honest look-up nothing is unknown;
I5  what a cap counts as spent is what moved, and nothing is held any more.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg

import pytx
from chaos_place import CURRENCY, OPERATION, SCOPE, Place, result_of
from chaos_run import TALLY, TIMES
from chaos_workers import LEASE, SETTLE_AFTER, Job, asking, run
from pytx import canon
from pytx.model import Identity, Row

_CROWD = 30
_TABLES = "pytx_op, pytx_cap, pytx_outbox, pytx_inbox"


@dataclass(slots=True)
class Report:
    """What is wrong with a scenario, and with which intents."""

    wrong: dict[str, list[str]] = field(default_factory=dict)

    def add(self, key: str, what: str) -> None:
        """Something is wrong with an intent."""
        self.wrong.setdefault(key, []).append(what)


class Scene:
    """A place with empty tables and a cap for all."""

    def __init__(self, place: Place, *, empty: bool = True) -> None:
        """Make it; or take it as it is, if it is not to be `empty`."""
        self.place = place
        self.store = place.store()
        self.store.create_schema()
        if empty and place.server:
            with psycopg.connect(place.server) as connection:
                connection.execute(f"truncate {_TABLES}")
        self.events: list[str] = []
        self.guard = pytx.Guard(
            self.store, scope=SCOPE, on_event=lambda name, _: self.events.append(name)
        )
        self.guard.set_cap("all", CURRENCY, 10**12)
        self.guard.once(OPERATION, key=("learns how to look up",), recover=asking(place))

    def close(self) -> None:
        """Leave no connection behind; whoever goes on opens another."""
        self.store.close()

    def row(self, key: str) -> Row | None:
        """The intent as the store has it."""
        identity = Identity(scope=SCOPE, operation=OPERATION, key=canon.key_text((key,)))
        seen = self.store.read(identity)
        return None if seen is None else seen.row

    def effects(self) -> Counter[str]:
        """How often money moved, by the provider's key."""
        return Counter(each.key for each in self.place.provider().effects())

    def told(self, event: str) -> list[dict[str, Any]]:
        """What the trail has of an event, for all intents."""
        return [each for each in self.place.noted("trail") if each["event"] == event]

    def wait_for(self, keys: Iterable[str], event: str) -> None:
        """Until it happened to each intent."""
        wanted = {*keys}
        until(lambda: wanted <= {each["key"] for each in self.told(event)})

    def wait_for_open(self, count: int) -> None:
        """Until so many intents are unknown, and listed."""
        until(lambda: len(self.guard.open()) == count)

    def recover(self, within: float = 60 * TIMES) -> None:
        """Pass after pass, as cron would, until nothing is open."""
        end = time.monotonic() + within
        while self.guard.open():
            assert time.monotonic() < end, f"still open: {self.guard.open(5)}"
            self.guard.recover()
            time.sleep(0.1)

    def settle(self, keys: Iterable[str], lease: float = LEASE) -> None:
        """Let the leases end, recover, and call again under every key, as the caller would."""
        time.sleep(lease + SETTLE_AFTER)
        self.recover()
        assert run([Job(place=self.place, keys=tuple(keys), patience=20)]) == [0]

    def check(  # noqa: C901 - one branch for each invariant
        self,
        keys: Iterable[str],
        *,
        settled: bool = True,
        refused: Iterable[str] = (),
        cap: str | None = "all",
    ) -> None:
        """Check I1 to I5 over all intents; those `refused` for their cap have left no row.

        Without `settled` an intent may be unknown still (I4, I5 do not hold yet).
        """
        keys, none = list(keys), set(refused)
        ledger = {each.key: each.amount_minor for each in self.place.provider().effects()}
        effects, report = self.effects(), Report()
        trail: dict[str, list[dict[str, object]]] = {}
        for line in self.place.noted("trail"):
            trail.setdefault(str(line["key"]), []).append(line)
        listed = {row.identity.key for row in self.guard.open(len(keys) + 100)}
        for key in keys:
            row = self.row(key)
            first = canon.provider_key(SCOPE, OPERATION, canon.key_text((key,)), 1)
            moved = effects.pop(first, 0)
            true = result_of(first, ledger.get(first, -1))
            if moved > 1:
                TALLY.duplicates += moved - 1
                report.add(key, f"I1: money moved {moved} times")
            for answer in trail.get(key, ()):
                if answer["event"] == "answer" and answer["result"] != true:
                    TALLY.wrong_replays += 1
                    report.add(key, f"I2: got {answer['result']}")
            if not _is_kept(row, moved, listed=canon.key_text((key,)) in listed):
                if row is None and key in none and not moved:
                    continue
                TALLY.vanished += 1
                report.add(key, f"I3: {row.state if row else 'no row'}, {moved} effects")
            elif settled and row and row.is_unknown(self.store.now()):
                report.add(key, "I4: still unknown")
        TALLY.intents += len(keys)
        for key, wrong in report.wrong.items():
            wrong += [f"row: {self.row(key)}", *map(json.dumps, trail.get(key, ()))]
        assert not report.wrong, "\n".join(
            f"{key}:\n  " + "\n  ".join(wrong) for key, wrong in report.wrong.items()
        )
        assert not effects, f"money moved for no intent: {effects}"
        if settled and cap:
            self.balanced(cap)

    def balanced(self, subject: str) -> None:
        """I5: nothing is held any more, and what is spent is what moved."""
        cap = self.store.cap(SCOPE, subject, CURRENCY)
        assert cap is not None
        moved = sum(each.amount_minor for each in self.place.provider().effects())
        assert (cap.held, cap.spent) == (0, moved)


def _is_kept(row: Row | None, moved: int, *, listed: bool) -> bool:
    """I3 of one intent, whose money moved so often."""
    if row is None:
        return False
    if row.state == "succeeded":
        return moved >= 1
    if row.state in ("failed", "released"):
        return moved == 0
    return listed


def in_crowds(name: str, count: int) -> list[list[str]]:
    """So many keys, in crowds that may be alive at the same time."""
    keys = [f"{name} {number}" for number in range(count)]
    return [keys[place : place + _CROWD] for place in range(0, count, _CROWD)]


def until(condition: Callable[[], object], within: float = 60) -> None:
    """Wait for it, not for ever."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
