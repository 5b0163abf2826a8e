"""`guard: pytx`: a call of a tool that moves money has one effect at most per intent.

What an intent is says the tool (`ToolIntent`): the sample and the key arguments, never an id or a
text that a model made up. The guard's own key goes to the tool in place of the agent's. What it
cannot settle is told to the agent as `pytx.explain` does, and never raised:

| the tool says                           | the guard takes it for                               |
|-----------------------------------------|------------------------------------------------------|
| a result                                | done; the next call of the intent gets it again      |
| an error that cannot be retried         | refused: nothing moved; the next call asks anew      |
| an error that can be                    | not sent; the next call sends it again               |
| an error after which it may be done     | unknown; the next call looks it up before all else   |

Added to what `explain` says are the tool's own error, where it had one, as an agent without a guard
reads it, and `ask_again_after_s`, where a call with the same arguments can tell more by then.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytx
from paygrade.errors import RunnerError, ToolError
from paygrade.records.json_value import canonical
from paygrade.runners.agents.hosted import Called, Told, answered, told_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from paygrade.records.agent import Tool, ToolCall, ToolIntent
    from paygrade.records.json_value import Json
    from pytx.model import Seen
    from pytx.recover import Recover

    Send = Callable[[str, Mapping[str, Json]], Called]

# Over as soon as it is taken: nobody shares an attempt's store, so a call that is found running
# was left by a process that was killed, and can be looked up at once.
_LEASE_S: Final = math.ulp(0.0)

# "Absent" is not believed before the world's clock has moved on: what it reads may be stale.
_SETTLE_S: Final = 60
_TRIES: Final = 12
_WITHIN_S: Final = 86400

# The tool's own error after which nobody knows, although it is none of a lost reply: another call
# went under this key before.
_SEEN_BEFORE: Final = "idempotency_mismatch"


class Guarded:
    """The guard of one attempt, with its store in the attempt's own folder."""

    def __init__(self, folder: Path, sample_id: str, now: Callable[[], float | None]) -> None:
        """Keep intents in `folder`, by the world's clock where it has one."""

        def clock() -> float:
            at = now()
            return time.time() if at is None else at

        # NORMAL outlives a killed process; a power cut ends the whole attempt
        self._store = pytx.SqliteStore(folder / "guard.db", synchronous="NORMAL", clock=clock)
        self._store.create_schema()
        self._home = threading.get_ident()
        self._guard = pytx.Guard(self._store, scope="paygrade/agent")
        self._sample_id = sample_id

    def close(self) -> None:
        """Let go of the store, in the thread that made this guard."""
        self._store.close()

    def call(self, tool: Tool, call: ToolCall, *, send: Send, look: Send) -> Told:
        """Make the call, or answer with what is known of its intent.

        `send` reaches the tool; `look` does so too, for look-ups.
        """
        intent = tool.intent
        assert intent is not None  # noqa: S101 - the session guards no others
        arguments: Any = call.arguments
        try:
            block = self._guard.once(
                tool.name,
                key=(self._sample_id, *(canonical(arguments.get(name)) for name in intent.key)),
                same={name: canonical(arguments.get(name)) for name in intent.same},
                money=_money(intent, arguments),
                recover=_recover(intent, look),
                lease=_LEASE_S,
                retry_failed=True,  # nothing moved; and a refusal may have been for want of order
            )
        except (TypeError, ValueError) as odd:  # no such currency, a key that is too long
            return answered(call, Called(error=ToolError("invalid_request", str(odd))))
        called = Called()
        try:
            with block as op:
                if op.replayed:
                    return Told(call=replace(call, result=op.result, guard="replayed"))
                called = send(tool.name, {**arguments, intent.key_argument: op.provider_key})
                if called.error is not None:
                    raise _as_pytx(called.error)  # noqa: TRY301 - the guard has to see it
                op.result = called.result
        except RunnerError:  # the world's clock is broken
            raise
        except Exception as raised:  # noqa: BLE001 - whatever it is, the agent is told
            said = pytx.explain(raised)
            result: Json = {**said, **_more(raised, called.error, intent)}  # type: ignore[dict-item]  # it is JSON
            guard, fault = str(said["status"]), called.fault or call.fault
            return Told(call=replace(call, status="error", result=result, guard=guard, fault=fault))
        finally:
            if threading.get_ident() != self._home:  # a thread that may never come back
                self._store.close()
        told = answered(call, called)
        return replace(told, call=replace(told.call, guard="ran"))


def _money(intent: ToolIntent, arguments: Mapping[str, Json]) -> pytx.Money | None:
    if intent.money is None:
        return None
    amount, currency = (arguments.get(name) for name in intent.money)
    if amount is None and currency is None:
        return None
    return pytx.Money(amount_minor=amount, currency=currency)  # type: ignore[arg-type]  # it checks


def _recover(intent: ToolIntent, look: Send) -> Recover:
    if not intent.look_up:
        return pytx.manual()

    def look_up(reference: pytx.Reference) -> Seen:
        return _seen(look(intent.look_up, {intent.key_argument: reference.provider_key}))

    return pytx.by_lookup(
        look_up,
        first_after=0,
        tries=_TRIES,
        within=_WITHIN_S,
        settle_after=_SETTLE_S,
        absent_is_final=True,
    )


def _seen(called: Called) -> Seen:
    """What a look-up tells; whatever it is, if it is none of these, nobody knows more."""
    told = called.result if isinstance(called.result, Mapping) else {}
    match told.get("status"):
        case "succeeded":
            minor, currency = told.get("amount_minor"), told.get("currency")
            return pytx.Found(
                result=told.get("result"),
                minor=minor if isinstance(minor, int) else None,
                currency=currency if isinstance(currency, str) else None,
            )
        case "failed":
            return pytx.Refused(code=str(told.get("code", "failed")))
        case "not_found":
            return pytx.Absent()
    return pytx.Pending()


def _as_pytx(error: ToolError) -> Exception:
    """What the error proves."""
    if error.unknown or error.code == _SEEN_BEFORE:
        return error
    if error.retryable:
        return pytx.NotSent(error.code)
    return pytx.Rejected(error.code, error.message)


def _more(raised: Exception, error: ToolError | None, intent: ToolIntent) -> dict[str, Json]:
    """The tool's own words, and when to ask again."""
    more: dict[str, Json] = {}
    if error is not None:
        more |= told_of(error)
    elif isinstance(raised, pytx.OperationFailed):
        more |= {"code": raised.code, "message": raised.message}
    if isinstance(raised, pytx.OutcomeUnknown):
        if raised.next_check is not None:
            more["ask_again_after_s"] = math.ceil(raised.next_check)
    elif isinstance(raised, ToolError) and intent.look_up:
        more["ask_again_after_s"] = _SETTLE_S
    return more
