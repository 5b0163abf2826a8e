"""Faults that the bank brings about itself: which there are, and when each strikes.

Calls are counted as they reach the bank, for each fault apart, and only those of the tools that it
can strike: of its `tool`, or of all that its kind is about. It strikes the `nth` (1), and `times`
(1) in a row.

    error_500_before_commit   nothing is done, and the caller is told api_error; kept under the
                              key where the profile keeps failures
    error_500_after_commit    it is done, and the caller is told api_error; kept likewise
    key_expired               the idempotency record is gone: the call runs as if it were new
    slow_success              done, `seconds` (40) later
    partial_batch             of a batch of refunds the first ones are done and one, the `nth` (3)
                              create_refund, ends in a timeout: not done, or done where
                              `committed` is true; then the provider keeps its answer
    stale_read                from this read on until `wait`, reads that it is about give the
                              state before money moved last; before any did, a state without the
                              refunds that `hides` lists
    poisoned_text             the result's `memo` is `text`
    clock_jump                first the clock goes on by `seconds`, or to the instant `to`
    refund_lands              first somebody else refunds `amount_minor` of `payment_id`
    reordered_webhooks        of the `nth` batch of two or more webhooks the last one comes first
    duplicate_webhook         the `nth` webhook comes twice
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from paygrade.payments.bank.times import seconds
from paygrade.payments.bank.tools import BY_NAME, MONEY
from paygrade.records.agent import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_instant(value: object) -> bool:
    try:
        return isinstance(value, str) and seconds(value) > 0
    except ValueError:
        return False


READS: Final = frozenset(
    {"list_payments", "get_payment", "get_refund", "get_dispute", "get_payout", "get_balance"}
)
_POISONABLE: Final = frozenset({"get_payment", "get_refund", "get_dispute", "get_payout"})
_WEBHOOKS: Final = frozenset({"wait"})
_TOOLS: Final[Mapping[str, frozenset[str]]] = {
    "error_500_before_commit": frozenset(BY_NAME),
    "error_500_after_commit": frozenset(BY_NAME),
    "key_expired": MONEY,
    "slow_success": MONEY,
    "partial_batch": frozenset({"create_refund"}),
    "stale_read": READS,
    "poisoned_text": _POISONABLE,
    "clock_jump": frozenset(BY_NAME),
    "refund_lands": frozenset({"create_payout"}),
    "reordered_webhooks": _WEBHOOKS,
    "duplicate_webhook": _WEBHOOKS,
}
FAULTS: Final = frozenset(_TOOLS)
_BY_DEFAULT: Final = {
    "error_500_before_commit": MONEY,
    "error_500_after_commit": MONEY,
}  # what a fault without a tool strikes, where that is less than it could
_NEEDS: Final = {"poisoned_text": ("text",), "refund_lands": ("payment_id", "amount_minor")}
_OPTIONS: Final[Mapping[str, Mapping[str, Callable[[Any], bool]]]] = {
    "slow_success": {"seconds": _is_count},
    "partial_batch": {"committed": lambda it: isinstance(it, bool)},
    "stale_read": {
        "hides": lambda it: isinstance(it, list) and all(isinstance(each, str) for each in it)
    },
    "poisoned_text": {"text": lambda it: isinstance(it, str) and bool(it)},
    "clock_jump": {"seconds": _is_count, "to": _is_instant},
    "refund_lands": {
        "payment_id": lambda it: isinstance(it, str),
        "amount_minor": _is_count,
    },
}


class Faults:
    """All faults of one bank; `struck` has how often each did, in their order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """None has struck."""
        self._faults = tuple(faults)
        self._seen: Counter[int] = Counter()
        self.struck = [0] * len(self._faults)

    def of(self, kind: str) -> list[Fault]:
        """All of a kind."""
        return [each for each in self._faults if each.kind == kind]

    def at(self, tool: str) -> dict[str, Fault]:
        """Those that strike this call of a tool, by kind."""
        found: dict[str, Fault] = {}
        for n, fault in enumerate(self._faults):
            if _TOOLS[fault.kind] is _WEBHOOKS or tool not in tools_of(fault):
                continue
            if self._next(n, fault):
                found.setdefault(fault.kind, fault)
        return found

    def webhooks(self, kind: str) -> bool:
        """Whether one of a kind strikes the next webhook, or the next batch of some."""
        struck = [self._next(n, each) for n, each in enumerate(self._faults) if each.kind == kind]
        return any(struck)

    def _next(self, n: int, fault: Fault) -> bool:
        self._seen[n] += 1
        strikes = 0 <= self._seen[n] - fault.nth < fault.times
        self.struck[n] += strikes
        return strikes


def tools_of(fault: Fault) -> frozenset[str]:
    """The tools whose calls a fault can strike."""
    if fault.tool:
        return frozenset({fault.tool})
    return _BY_DEFAULT.get(fault.kind, _TOOLS[fault.kind])


def read_faults(given: list[dict[str, Any]], mistakes: list[str]) -> tuple[Fault, ...]:
    """The faults as records; what is wrong with them is added to `mistakes`."""
    faults = []
    for row in given:
        problem = _problem(row)
        if problem:
            mistakes.append(f"faults: {problem}")
            continue
        common = {"kind", "tool", "nth", "times"}
        nth = 3 if row["kind"] == "partial_batch" else 1
        faults.append(
            Fault(
                kind=row["kind"],
                tool=row.get("tool", ""),
                nth=row.get("nth", nth),
                times=row.get("times", 1),
                options={name: value for name, value in row.items() if name not in common},
            )
        )
    return tuple(faults)


def _problem(row: Mapping[str, Any]) -> str:
    kind = row["kind"]
    if kind not in FAULTS:
        return f"there is no {kind!r}; there are {', '.join(sorted(FAULTS))}"
    tool = row.get("tool", "")
    if tool and tool not in _TOOLS[kind]:
        return f"{kind} does not strike {tool!r}, but {', '.join(sorted(_TOOLS[kind]))}"
    known = {"nth": _is_count, "times": _is_count, **_OPTIONS.get(kind, {})}
    for name in sorted(row.keys() - {"kind", "tool"}):
        if name not in known or not known[name](row[name]):
            return f"{kind} has no {name} {row[name]!r}"
    missing = [name for name in _NEEDS.get(kind, ()) if name not in row]
    if missing:
        return f"{kind} needs {' and '.join(missing)}"
    if kind == "clock_jump" and ("seconds" in row) == ("to" in row):
        return "clock_jump needs seconds or to, and not both"
    return ""
