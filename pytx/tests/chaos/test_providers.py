"""Providers that answer badly: what becomes of the intent, and how often money moved."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

import pytx
from chaos_place import CURRENCY, OPERATION, SCOPE, Place, amount_of
from chaos_run import TALLY
from pytx.model import Seen, State
from pytx.recover import Recover
from pytx.testing import Clock

KEY: Final = "p1"
MONEY: Final = pytx.Money(amount_minor=amount_of(KEY), currency=CURRENCY)
HOUR: Final = 3600.0
FOUND: Final = pytx.Found(result={"id": "found"}, minor=MONEY.amount_minor, currency=CURRENCY)


class ServerError(Exception):
    """500."""


class KeyInUse(Exception):  # noqa: N818 - as providers name it
    """409."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a provider says, and what has to become of one intent in 20 calls.

    `sends` are its answers to requests, in order, `True` for a good one; `moves` says which of them
    moved money. The last of `asked` is said for ever. Between two calls `step` seconds pass.
    """

    sends: tuple[type[Exception] | bool, ...]
    moves: tuple[bool, ...]
    asked: tuple[Seen, ...] = (pytx.Pending(),)
    window: float | None = None
    absent_is_final: bool = True
    step: float = 600
    state: State
    effects: int
    event: str = "claimed"
    most_asked: int = 5


SCRIPTS = {
    "500, replayed for ever, inside the window and after it": Script(
        sends=(ServerError,) * 20, moves=(True,), asked=(FOUND,), window=HOUR,
        state="succeeded", effects=1, event="recovered",
    ),
    "500 for ever, and it never says": Script(
        sends=(ServerError,) * 20, moves=(True,), window=HOUR, state="unknown", effects=1,
    ),
    "409, the key is in use, then the answer": Script(
        sends=(KeyInUse, KeyInUse, True), moves=(True,), window=HOUR,
        state="succeeded", effects=1,
    ),
    "absent at first, then found": Script(
        sends=(ServerError,), moves=(True,), asked=(pytx.Absent(), FOUND), absent_is_final=False,
        state="succeeded", effects=1, event="recovered",
    ),
    "absent before it may be believed, then found": Script(
        sends=(ServerError,), moves=(True,), asked=(pytx.Absent(), FOUND), step=60,
        state="succeeded", effects=1, event="recovered",
    ),
    "absent for ever, and that is final": Script(
        sends=(ServerError, True), moves=(False, True), asked=(pytx.Absent(),),
        state="succeeded", effects=1, event="recovered",
    ),
    "absent for ever, and that is never final": Script(
        sends=(ServerError,), moves=(False,), asked=(pytx.Absent(),), absent_is_final=False,
        state="unknown", effects=0, event="checked",
    ),
    "pending for ever": Script(
        sends=(ServerError,), moves=(True,), state="unknown", effects=1, event="checked",
    ),
    "found, with another amount": Script(
        sends=(ServerError,), moves=(True,), asked=(pytx.Found(minor=1, currency=CURRENCY),),
        state="unknown", effects=1, event="contradiction",
    ),
    "found, in another currency": Script(
        sends=(ServerError,), moves=(True,),
        asked=(pytx.Found(minor=MONEY.amount_minor, currency="USD"),),
        state="unknown", effects=1, event="contradiction",
    ),
    "refused, as it turns out": Script(
        sends=(ServerError,), moves=(False,), asked=(pytx.Pending(), pytx.Refused(code="51")),
        state="failed", effects=0, event="recovered",
    ),
}  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder."""
    return Place(folder=tmp_path)


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_c18_a_provider_that_answers_badly(place: Place, script: Script) -> None:
    """Whatever it says, money moves once at most, and is looked up so often at most."""
    clock = Clock()
    store = pytx.SqliteStore(place.folder / "pytx.db", clock=clock)
    store.create_schema()
    events: list[str] = []
    guard = pytx.Guard(store, scope=SCOPE, on_event=lambda name, _: events.append(name))
    provider = place.deduping_provider() if script.window else place.provider()
    sends, moves, asked = iter(script.sends), iter(script.moves), iter(script.asked)
    last: list[Seen] = []

    def find(_: pytx.Reference) -> Seen:
        last.append(next(asked, script.asked[-1]))
        return last[-1]

    def call() -> object:
        with guard.once(OPERATION, key=(KEY,), money=MONEY, recover=recovery(script, find)) as op:
            if not op.replayed:
                op.timeout(20)
                answer = next(sends)
                if next(moves, script.moves[-1]):
                    op.result = provider.pay(op.provider_key, MONEY.amount_minor, CURRENCY)
                if isinstance(answer, type):
                    raise answer
        return op.result

    for _ in range(20):
        try:
            call()
        except (pytx.PytxError, ServerError, KeyInUse):
            clock.advance(script.step)
    [row] = guard.intents(OPERATION, since=0)
    assert row.state == script.state
    assert len(list(provider.effects())) == script.effects
    assert script.event in events
    assert len(last) <= script.most_asked
    assert len(guard.open()) == (script.state == "unknown")
    store.close()
    TALLY.intents += 1


def recovery(script: Script, find: Callable[[pytx.Reference], Seen]) -> Recover:
    """How the script's provider may be asked."""
    look_up = pytx.by_lookup(find, absent_is_final=script.absent_is_final, within=10 * HOUR)
    return look_up if script.window is None else pytx.by_key(script.window) | look_up


@pytest.mark.parametrize(
    ("spelled", "again"), [("10", "10.00"), ("10.0", "10"), ("10.00", "10.0")], ids=str
)
def test_c19_one_amount_is_one_however_it_is_spelled(
    place: Place, spelled: str, again: str
) -> None:
    """A replay; another operation or another scope under the same key is an intent of its own."""
    store = pytx.SqliteStore(place.folder / "pytx.db")
    store.create_schema()
    provider = place.provider()
    for scope in (SCOPE, "other/test"):
        for operation in (OPERATION, "capture.create"):

            @pytx.Guard(store, scope=scope).effect(
                operation, key=("payment",), money=("amount", "currency"), recover=pytx.manual()
            )
            def pay(payment: str, amount: str, currency: str, *, op: pytx.Op) -> object:
                del payment
                return provider.pay(op.provider_key, pytx.minor(amount, currency), currency)

            assert pay(KEY, spelled, CURRENCY) == pay(KEY, again, CURRENCY)
            with pytest.raises(pytx.Mismatch):
                pay(KEY, "999.00", CURRENCY)
    assert [each.amount_minor for each in provider.effects()] == [1000] * 4
    store.close()
    TALLY.intents += 4
