"""For tests of code that pays: a clock that a test sets, a provider with a real ledger.

`Provider` is a fake with real effects: each is one line, appended to a file by one write and put
on disk before the answer leaves. So an effect survives any kill of whoever asked for it, and tests
count money that moved, not calls that were made.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Clock:
    """Seconds since 1970, as a test says."""

    at: float = 1_800_000_000.0

    def __call__(self) -> float:
        """What time it is."""
        return self.at

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.at += seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Money that moved: under which key of the provider, how much (minor units), of what."""

    key: str
    amount_minor: int
    currency: str


class Provider:
    """A payment provider whose ledger is a file.

    With `honours_keys` a second request under a key moves nothing and gets the first one's answer;
    without, every request moves money, as with a provider that ignores idempotency keys.
    """

    def __init__(self, ledger: str | os.PathLike[str], *, honours_keys: bool = False) -> None:
        """Keep the ledger's path; any number of processes may share it."""
        self._ledger = Path(ledger)
        self._honours_keys = honours_keys

    def pay(self, key: str, amount_minor: int, currency: str) -> dict[str, object]:
        """Move money, durably, then answer."""
        known = self.find(key) if self._honours_keys else None
        if known is None:
            line = json.dumps({"key": key, "minor": amount_minor, "currency": currency}) + "\n"
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            descriptor = os.open(self._ledger, flags, 0o600)
            try:
                os.write(descriptor, line.encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            known = Effect(key=key, amount_minor=amount_minor, currency=currency)
        return {"id": f"pay_{known.key[:8]}", "amount_minor": known.amount_minor}

    def find(self, key: str) -> Effect | None:
        """The first effect under a key, as a look-up would find it."""
        return next((each for each in self.effects() if each.key == key), None)

    def effects(self) -> Iterator[Effect]:
        """All money that moved, in order."""
        if not self._ledger.exists():
            return
        for line in self._ledger.read_text(encoding="utf-8").splitlines():
            data = json.loads(line)
            yield Effect(key=data["key"], amount_minor=data["minor"], currency=data["currency"])
