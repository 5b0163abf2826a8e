"""A payment provider with real effects: it forgets keys, fails and is slow as a test says."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from pytx.model import Absent, Found, Pending, Refused
from pytx.money import Money
from pytx.testing.errors import Declined, ProviderError, ProviderTimeout
from pytx.testing.faults import LOOK_UP, TRANSPORT, Count, Fault
from pytx.testing.ledger import Effect, Entry, Ledger

Profile = Literal[
    "replay_all_24h", "replay_success_24h", "replay_30min_body_ignored", "none"
]  # fmt: skip

_DECLINED: Final = 402
_MOST_KEY: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a profile remembers of a key: for how many seconds, failures too, and the parameters."""

    window: float
    keeps_failures: bool
    compares: bool


RULES: Final[dict[str, Rules]] = {
    "replay_all_24h": Rules(window=86400, keeps_failures=True, compares=True),
    "replay_success_24h": Rules(window=86400, keeps_failures=False, compares=True),
    "replay_30min_body_ignored": Rules(window=1800, keeps_failures=True, compares=False),
    "none": Rules(window=0, keeps_failures=False, compares=False),
}
PROFILES: Final = tuple(RULES)

_REFUSED_FIRST: Final = {
    "fail_n_then_ok": (503, "api_error"),
    "rate_limited": (429, "rate_limited"),
    "in_use": (409, "in_use"),
}  # at the door: nothing runs, so nothing is kept under the key
_FAILURES: Final = {
    "declined": (_DECLINED, "card_declined"),
    "error_500_before": (500, "api_error"),
    "error_500_after": (500, "api_error"),
}


class Provider:
    """A payment provider whose ledger is a file. Effects, keys and counts survive any kill.

    Profiles, by how a second request under a key is answered:

    - `replay_all_24h`: with the first answer, errors too; other parameters are refused with the
      code idempotency_mismatch; after 24 hours the key is gone.
    - `replay_success_24h`: the same, but only a success is kept. What failed runs again, also where
      it moved money before it failed.
    - `replay_30min_body_ignored`: with the first answer, errors too, whatever the parameters; after
      30 minutes the key is gone.
    - `none`: every request moves money.
    """

    def __init__(
        self,
        ledger: str | os.PathLike[str],
        *,
        profile: Profile = "none",
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        faults: Iterable[Fault] = (),
    ) -> None:
        """Keep the ledger's path; any number of processes may share it.

        Args:
            ledger: The file; it is made by the first request.
            profile: How keys are honoured.
            clock: Seconds since 1970, by which keys are forgotten.
            sleep: How `slow` passes its time: `clock.advance` of a `Clock`, for example.
            faults: What goes wrong. Of several that strike one request the first one counts.

        Raises:
            ValueError: there is no such profile.
        """
        if profile not in RULES:
            raise ValueError(f"there is no profile {profile!r}; there are {', '.join(PROFILES)}")
        self._ledger = Ledger(ledger)
        self._rules = RULES[profile]
        self._clock = clock
        self._sleep = sleep
        self._faults = tuple(faults)

    def pay(
        self, key: str, amount_minor: int, currency: str, *, timeout: float | None = None
    ) -> dict[str, object]:
        """Move money, durably, then answer; or answer as before, where the profile keeps the key.

        Args:
            key: The idempotency key: 1 to 255 printable ASCII characters.
            amount_minor: How much, in minor units.
            currency: Of what.
            timeout: How many seconds the caller waits for an answer.

        Raises:
            Declined: refused for good.
            ProviderError: an answer that is no success.
            ProviderTimeout: no answer came.
            ValueError: the key, the amount or the currency is none.
        """
        need_payment(key, amount_minor, currency)
        with self._ledger.held():
            fault = self._fault(self._ledger.count("payment", key), TRANSPORT)
            kind = fault.kind if fault else None
            if kind == "request_lost":
                raise ProviderTimeout
            if fault and kind in _REFUSED_FIRST:
                raise ProviderError(*_REFUSED_FIRST[fault.kind], retry_after=fault.retry_after)
            kept = self._kept(key) if kind != "key_expired" else None
            if kept is None:
                entry = self._run(key, amount_minor, currency, kind or "")
            else:
                entry = self._again(kept, amount_minor, currency)
        if kind == "reply_lost":
            raise ProviderTimeout
        if fault and fault.seconds is not None:
            self._wait(fault.seconds, timeout)
        return _answer(entry)

    def look_up(self, key: str) -> Found | Refused | Pending | Absent:
        """What became of the first payment under a key, as `pytx.by_lookup` wants it.

        Raises:
            ProviderError: the fault look_up_error.
        """
        with self._ledger.held():
            fault = self._fault(self._ledger.count("look-up", key), LOOK_UP)
            entries = self._ledger.entries(key)
        kind = fault.kind if fault else None
        if kind == "look_up_error":
            raise ProviderError(500, "api_error")
        if kind == "pending_for_ever":
            return Pending()
        if kind == "stale":
            return Absent()
        moved = next((each.effect for each in entries if each.effect), None)
        if moved is not None:
            amount = moved.amount_minor
            if fault and kind == "other_amount":
                amount = fault.amount_minor or amount + 1
            result = {"id": moved.id, "amount_minor": amount}
            return Found(result=result, minor=amount, currency=moved.currency)
        declined = next((each for each in entries if each.status == _DECLINED), None)
        return Refused(code=declined.code) if declined else Absent()

    def find(self, key: str) -> Effect | None:
        """The first effect under a key. No fault hides it: this is the test's own eye."""
        return next((each.effect for each in self._ledger.entries(key) if each.effect), None)

    def effects(self) -> Iterator[Effect]:
        """All money that moved, in order. No fault hides any."""
        return iter([each.effect for each in self._ledger.entries() if each.effect])

    def _fault(self, count: Count, kinds: tuple[str, ...]) -> Fault | None:
        struck = (each for each in self._faults if each.kind in kinds and each.strikes(count))
        return next(struck, None)

    def _kept(self, key: str) -> Entry | None:
        """What the profile remembers of a key."""
        now, rules = self._clock(), self._rules
        kept = [
            each
            for each in self._ledger.entries(key)
            if now < each.at + rules.window and (rules.keeps_failures or not each.code)
        ]
        return kept[-1] if kept else None  # an older one was forgotten when this one ran

    def _again(self, kept: Entry, amount_minor: int, currency: str) -> Entry:
        """What answers a request under a key that is remembered."""
        same = (kept.amount_minor, kept.currency) == (amount_minor, currency)
        if same or not self._rules.compares:
            return kept
        return replace(kept, id=None, status=422, code="idempotency_mismatch")

    def _run(self, key: str, amount_minor: int, currency: str, kind: str) -> Entry:
        status, code = _FAILURES.get(kind, (200, ""))
        moves = kind not in ("declined", "error_500_before")
        entry = Entry(
            key=key,
            amount_minor=amount_minor,
            currency=currency,
            at=self._clock(),
            id=self._ledger.new_id(key) if moves else None,
            status=status,
            code=code,
        )
        self._ledger.add(entry)
        return entry

    def _wait(self, seconds: float, timeout: float | None) -> None:
        if timeout is not None and timeout < seconds:
            self._sleep(timeout)
            raise ProviderTimeout
        self._sleep(seconds)


def need_payment(key: str, amount_minor: int, currency: str) -> None:
    """Refuse what no provider would take.

    Raises:
        ValueError: the key, the amount or the currency is none.
    """
    if not key or not key.isascii() or not key.isprintable() or key != key.strip():
        raise ValueError(f"the key {key!r} is none: it is printable ASCII, without outer spaces")
    if len(key) > _MOST_KEY:
        raise ValueError(f"the key has {len(key)} characters; at most {_MOST_KEY} are kept")
    if Money(amount_minor=amount_minor, currency=currency).amount_minor <= 0:
        raise ValueError(f"the amount is {amount_minor}; a payment moves 1 minor unit at least")


def _answer(entry: Entry) -> dict[str, object]:
    if entry.status == _DECLINED:
        raise Declined(entry.code)
    if entry.code:
        raise ProviderError(entry.status, entry.code)
    return {"id": entry.id, "amount_minor": entry.amount_minor}
