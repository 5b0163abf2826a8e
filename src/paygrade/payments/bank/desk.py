"""Takes orders under idempotency keys: money moves at the provider, and the bank books what moved.

The provider is `pytx.testing.Provider`, on the world's clock: what it answers under a key that it
knows, that it forgets keys and remembers errors is its own doing. What moves no money follows the
same rules in `keys`.
"""

from __future__ import annotations

import json
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paygrade.errors import ToolError
from paygrade.payments.bank.keys import Asked, Keys, asked
from paygrade.payments.bank.orders import Ids, Order, Orders
from paygrade.payments.bank.policies import broken_by
from pytx.testing import Fault as ProviderFault
from pytx.testing import Provider, ProviderError, ProviderTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from paygrade.payments.bank.books import Books
    from paygrade.payments.bank.world import Facts
    from paygrade.records.agent import Fault
    from paygrade.records.json_value import Json
    from pytx.testing.clock import Clock

    Struck = Mapping[str, Fault]

_PAID_BY_PROVIDER = ("create_refund", "create_payout", "retry_payout")
_SLOW_S = 40


class Desk:
    """One bank's."""

    def __init__(
        self,
        books: Books,
        facts: Facts,
        clock: Clock,
        ids: Ids,
        before_effect: Callable[[], None],
    ) -> None:
        """Nothing is on disk yet; a folder is made for the first payment, and goes with us."""
        self._before_effect = before_effect
        self._books = books
        self._facts = facts
        self._clock = clock
        self._orders = Orders(books, ids)
        self._keys = Keys(books, facts.profile)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._requests = 0
        self._moved = 0

    def close(self) -> None:
        """Remove what is on disk."""
        if self._folder is not None:
            self._folder.cleanup()

    def take(self, tool: str, args: Mapping[str, Any], struck: Struck, seq: int) -> Json:
        """Do it once for its key, as the profile has it. `seq` is the call's number in the audit.

        Raises:
            ToolError: refused, or no answer came: then it may be done.
        """
        request = asked(tool, args)
        at = self._clock()
        kept = None if "key_expired" in struck else self._keys.kept(request.key, at)
        if kept is None:
            order = self._orders.order(tool, args)
            broken = list(broken_by(self._books, self._facts, at, tool, args))
            refuse(self._facts, broken)
        else:
            self._keys.need_same(kept, request)
            order, broken = None, []
            if not (tool in _PAID_BY_PROVIDER and kept["tool"] in _PAID_BY_PROVIDER):
                return _again(kept)
        before = self._books.value("SELECT count(*) FROM effects")
        try:
            if tool in _PAID_BY_PROVIDER:
                return self._pay(request, args, order, struck, seq)
            assert order is not None  # noqa: S101 - only the provider answers without one
            return self._do(request, order, struck, seq)
        finally:
            if self._books.value("SELECT count(*) FROM effects") > before:
                for rule, reason in broken:
                    self._books.breach(rule, reason)

    def operation(self, key: str) -> Json:
        """What became of the calls under a key, whether its record is kept or not."""
        done = self._books.row("SELECT * FROM effects WHERE key = ? ORDER BY n", key)
        if done is not None:
            found: dict[str, Json] = {"status": "succeeded", "result": json.loads(done["result"])}
            if done["amount_minor"]:
                found |= {"amount_minor": done["amount_minor"], "currency": done["currency"]}
            return found
        kept = self._keys.kept(key, self._clock())
        if kept is not None and kept["status"] != "ok":
            return {"status": "failed", "code": kept["status"]}
        refused = self._books.value(
            "SELECT outcome FROM audit WHERE json_extract(args, '$.idempotency_key') = ?"
            " AND tool != 'get_operation' AND outcome NOT IN"
            " ('', 'ok', 'api_error', 'timeout', 'idempotency_mismatch') ORDER BY seq DESC",
            key,
        )
        return {"status": "failed", "code": refused} if refused else {"status": "not_found"}

    def _do(self, request: Asked, order: Order, struck: Struck, seq: int) -> Json:
        at = self._clock()
        failing = "error_500_before_commit" in struck or "error_500_after_commit" in struck
        result: Json = None
        if "error_500_before_commit" not in struck:
            result = self._book(order, request, "", seq)
        self._keys.keep(request, "api_error" if failing else "ok", result, at)
        if failing:
            raise ToolError("api_error", "something went wrong", retryable=True)
        if "slow_success" in struck:
            self._clock.advance(_slowness(struck["slow_success"]))
        return result

    def _pay(
        self,
        request: Asked,
        args: Mapping[str, Any],
        order: Order | None,
        struck: Struck,
        seq: int,
    ) -> Json:
        """Ask the provider, book what moved, and give what it answered."""
        at = self._clock()
        amount, currency = self._amount(args) if order is None else _money(order)
        provider = self._provider(struck)
        self._requests += 1
        status, answer = "ok", ""
        try:
            answer = str(provider.pay(request.key, amount, currency)["id"])
        except ProviderError as error:
            status = error.code
        except ProviderTimeout:
            status = "timeout"
        result = self._booked(provider, request, order, seq)
        if answer:
            result = self._books.value("SELECT result FROM effects WHERE provider_id = ?", answer)
            result = json.loads(result)
        if order is not None and (status != "timeout" or result is not None):
            self._keys.keep(request, "ok" if status == "timeout" else status, result, at)
        if status != "ok":
            what = "no answer came" if status == "timeout" else "something went wrong"
            raise ToolError(status, what, retryable=True)
        return result

    def _booked(self, provider: Provider, request: Asked, order: Order | None, seq: int) -> Json:
        """Book every payment that the provider made since, and give the result of the last."""
        result: Json = None
        moved = list(provider.effects())
        for effect in moved[self._moved :]:
            assert order is not None  # noqa: S101 - under a key that is kept nothing moves
            result = self._book(order, request, effect.id, seq)
        self._moved = len(moved)
        return result

    def _book(self, order: Order, request: Asked, provider_id: str, seq: int) -> Json:
        self._before_effect()
        object_id, result = order.book(self._clock())
        self._books.insert(
            "effects",
            tool=request.tool,
            key=request.key,
            intent=order.intent,
            subject=order.subject,
            object_id=object_id,
            amount_minor=order.amount_minor,
            currency=order.currency,
            result=json.dumps(result),
            provider_id=provider_id,
            audit_seq=seq,
        )
        return result

    def _amount(self, args: Mapping[str, Any]) -> tuple[int, str]:
        """What a call asks for that is answered from what the provider knows."""
        if "payout_id" in args:
            row = self._books.row("SELECT * FROM payouts WHERE id = ?", args["payout_id"])
            return (row["amount_minor"], row["currency"]) if row else (1, self._facts.currency)
        return args["amount_minor"], args.get("currency", args.get("account_currency", ""))

    def _provider(self, struck: Struck) -> Provider:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="paygrade-bank-")
            weakref.finalize(self, self._folder.cleanup)
        fault = _provider_fault(struck, self._requests + 1)
        return Provider(
            Path(self._folder.name) / "provider.jsonl",
            profile=self._facts.profile,
            clock=self._clock,
            sleep=self._clock.advance,
            faults=[] if fault is None else [fault],
        )


def refuse(facts: Facts, broken: list[tuple[str, str]]) -> None:
    """Where the backend itself enforces a rule, do not let it be broken.

    Raises:
        ToolError: it does, and it would be.
    """
    for rule, reason in broken:
        if rule in facts.refuses:
            raise ToolError("not_verified" if rule == "P1" else "policy_denied", reason)


def _again(kept: Mapping[str, Any]) -> Json:
    if kept["status"] != "ok":
        raise ToolError(kept["status"], "something went wrong", retryable=True)
    result: Json = json.loads(kept["response"])
    return result


def _money(order: Order) -> tuple[int, str]:
    return order.amount_minor, order.currency


def _slowness(fault: Fault) -> int:
    seconds = fault.options.get("seconds", _SLOW_S)
    assert isinstance(seconds, int)  # noqa: S101 - read_faults has checked it
    return seconds


def _provider_fault(struck: Struck, nth: int) -> ProviderFault | None:
    if "error_500_before_commit" in struck:
        return ProviderFault(kind="error_500_before", nth=nth)
    if "error_500_after_commit" in struck:
        return ProviderFault(kind="error_500_after", nth=nth)
    if "partial_batch" in struck:
        committed = struck["partial_batch"].options.get("committed", False)
        return ProviderFault(kind="reply_lost" if committed else "request_lost", nth=nth)
    if "key_expired" in struck:
        return ProviderFault(kind="key_expired", nth=nth)
    if "slow_success" in struck:
        return ProviderFault(kind="slow", nth=nth, seconds=_slowness(struck["slow_success"]))
    return None
