"""A process that pays once, and dies where it is told to: run by `test_simulated_crash.py`."""

import os
import signal
import sys
from pathlib import Path

import pytx
from pytx.stores.base import Store
from pytx.testing import Provider


def die(here: str, point: str) -> None:
    """End as a power cut would, if this is the place."""
    if here == point:
        os.kill(os.getpid(), signal.SIGKILL)


def opened(folder: Path) -> Store:
    """The store that the folder speaks of: a server, or a file beside."""
    server = folder / "server"
    if server.exists():
        return pytx.PgStore(server.read_text())
    return pytx.SqliteStore(folder / "pytx.db")


def main(folder: Path, key: str, point: str, lease: float) -> None:
    """Pay under `key`; `point` says where to die."""
    store = opened(folder)
    provider = Provider(folder / "ledger.jsonl")
    guard = pytx.Guard(
        store,
        scope="acme/test",
        on_event=lambda name, _: die(f"after {name}", point),
    )

    def find(reference: pytx.Reference) -> pytx.Found | pytx.Absent:
        effect = provider.find(reference.provider_key)
        if effect is None:
            return pytx.Absent()
        return pytx.Found(result={"id": effect.key}, minor=effect.amount_minor, currency="EUR")

    recover = pytx.by_lookup(find, first_after=0, tries=50, settle_after=0.2, absent_is_final=True)
    die("before the claim", point)
    money = pytx.Money(amount_minor=1000, currency="EUR")
    with guard.once(
        "refund.create", key=(key,), money=money, recover=recover, lease=lease, cap="all"
    ) as op:
        if not op.replayed:
            die("before the effect", point)
            op.timeout(20)
            provider.pay(op.provider_key, 1000, "EUR")
            die("after the effect", point)
            op.result = {"id": op.provider_key}
    die("after the finish", point)
    store.close()
    sys.stdout.write(op.result["id"])


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4]))
    except pytx.PytxError as error:
        sys.exit(f"{type(error).__name__}: {error}")
