"""One scenario with one peer, in a process of its own: prints what the retry got, as JSON.

Money is counted in the ledger of a provider that ignores idempotency keys: a file, appended and
put on disk before an answer leaves. So whatever is counted there has moved.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib
import json
import os
import signal
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from place import Declined, Place
from pytx.testing import Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from types import ModuleType

PATIENCE_S = 20
CALLS = 200
WARM = 10


class Bench:
    """One peer, one ledger, and the effects that go wrong."""

    def __init__(self, adapter: ModuleType, place: Place) -> None:
        """Nothing is opened yet: a store that is down is found by the first call."""
        self.adapter = adapter
        self.place = place
        self.provider = Provider(Path(place.folder) / "ledger.jsonl")
        self.is_async = not hasattr(adapter, "made")

    @functools.cached_property
    def pay(self) -> Any:  # noqa: ANN401 - sync or async, as the peer is
        """The peer's guard."""
        made = self.adapter.made_async if self.is_async else self.adapter.made
        return made(self.place)

    def call(self, effect: Callable[[str], object], operation: str, minor: int = 1000) -> str:
        """Pay once, and tell how it ended."""
        try:
            if self.is_async:
                paying = self.pay(operation, "case_7", minor, _as_async(effect))
                return self.loop.run_until_complete(_patiently(paying))
            self.pay(operation, "case_7", minor, effect)
        except (ImportError, AttributeError, TypeError, NameError):
            raise  # no answer: the adapter does not fit this release
        except Exception as error:  # noqa: BLE001 - whatever a peer raises is its answer
            return str(error) if type(error).__name__ == "NotDone" else type(error).__name__
        return "returned"

    @functools.cached_property
    def loop(self) -> asyncio.AbstractEventLoop:
        """One loop for all calls, as a server has."""
        return asyncio.new_event_loop()

    def paid(self, key: str, minor: int = 1000) -> object:
        """The money moves, and the answer comes."""
        return self.provider.pay(key, minor, "EUR")

    def lost(self, key: str) -> object:
        """The money moves, and the answer is lost."""
        self.paid(key)
        raise TimeoutError("no answer from the provider")

    def killed(self, key: str) -> object:
        """The money moves, and the process is gone."""
        self.paid(key)
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    def declined(self, _: str) -> object:
        """Nothing moves."""
        raise Declined("insufficient funds")


def reply_lost(bench: Bench) -> str:
    """The first answer is lost; then again."""
    bench.call(bench.lost, "refund")
    return bench.call(bench.paid, "refund")


def killed(bench: Bench) -> str:
    """The first half of a kill: nothing comes after it."""
    return bench.call(bench.killed, "refund")


def retried(bench: Bench) -> str:
    """The second half of it, in another process, after the lease."""
    return bench.call(bench.paid, "refund")


def other_amount(bench: Bench) -> str:
    """10.00, then 999.00 under the same key."""
    bench.call(bench.paid, "refund")
    return bench.call(lambda key: bench.paid(key, 99_900), "refund", 99_900)


def other_operation(bench: Bench) -> str:
    """A capture, then a refund under the same key: both are wanted."""
    bench.call(bench.paid, "capture")
    return bench.call(bench.paid, "refund")


def refused(bench: Bench) -> str:
    """The provider refuses; then the same key again."""
    bench.call(bench.declined, "refund")
    return bench.call(bench.paid, "refund")


def store_down(bench: Bench) -> str:
    """Nothing answers where the store should be."""
    return bench.call(bench.paid, "refund")


def cancelled(bench: Bench) -> str:
    """The task is cancelled after the money moved; then again."""
    adapter, store = bench.adapter, bench.place.store
    if not hasattr(adapter, "made_async") or store in getattr(adapter, "SYNC_ONLY", ()):
        return "sync only"
    bench.is_async = True
    loop = bench.loop
    pay = bench.pay

    async def cancel() -> None:
        moved = asyncio.Event()

        async def effect(key: str) -> object:
            bench.paid(key)
            moved.set()
            await asyncio.sleep(PATIENCE_S * 3)
            return {}

        task = asyncio.ensure_future(pay("refund", "case_7", 1000, effect))
        await moved.wait()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await asyncio.wait_for(task, PATIENCE_S)

    loop.run_until_complete(cancel())
    return bench.call(bench.paid, "refund")


def latency(bench: Bench) -> str:
    """Median microseconds of a first call and of a replay, with an effect that does nothing."""
    first = statistics.median(_timed(bench))
    replay = statistics.median(_timed(bench))
    return f"{first * 1e6:,.0f} / {replay * 1e6:,.0f} µs"


def _timed(bench: Bench) -> list[float]:
    if bench.is_async:
        return bench.loop.run_until_complete(_timed_async(bench))
    spent = []
    for number in range(WARM + CALLS):
        started = time.perf_counter()
        bench.pay("refund", f"k{number}", 1000, _nothing)
        spent.append(time.perf_counter() - started)
    return spent[WARM:]


async def _patiently(paying: Coroutine[Any, Any, object]) -> str:
    task = asyncio.ensure_future(paying)
    done, _ = await asyncio.wait({task}, timeout=PATIENCE_S)
    if not done:
        return f"hung for {PATIENCE_S} s"
    task.result()
    return "returned"


async def _timed_async(bench: Bench) -> list[float]:
    spent = []
    for number in range(WARM + CALLS):
        started = time.perf_counter()
        await bench.pay("refund", f"k{number}", 1000, _as_async(_nothing))
        spent.append(time.perf_counter() - started)
    return spent[WARM:]


def _nothing(_: str) -> object:
    return {"id": "re_1"}


def _as_async(effect: Callable[[str], object]) -> Callable[[str], Any]:
    async def run(key: str) -> object:
        return effect(key)

    return run


SCENARIOS: dict[str, Callable[[Bench], str]] = {
    each.__name__: each
    for each in (
        reply_lost, cancelled, killed, retried, other_amount, other_operation, refused,
        store_down, latency,
    )
}  # fmt: skip


def main(adapter: str, scenario: str, place: Place) -> None:
    """Run, and tell."""
    bench = Bench(importlib.import_module(f"with_{adapter}"), place)
    outcome = SCENARIOS[scenario](bench)
    told: Iterator[object] = bench.provider.effects()
    print(json.dumps({"outcome": outcome, "effects": len(list(told))}), flush=True)
    os._exit(0)  # threads that a peer left behind must not keep it


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Place(**json.loads(sys.argv[3])))
