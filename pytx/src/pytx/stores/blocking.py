"""The blocking face of a store."""

import copy
from typing import Any, Self

from pytx.driving import blocking
from pytx.stores.sql_store import SqlStore


class BlockingStore:
    """Implements `pytx.stores.base.Store` and `pytx.mail.Mailroom` by steps that never wait."""

    def __init__(self, steps: SqlStore[Any]) -> None:
        """Run these steps."""
        self.steps = steps

    create_schema = blocking(SqlStore.create_schema)
    claim = blocking(SqlStore.claim)
    reclaim = blocking(SqlStore.reclaim)
    finish = blocking(SqlStore.finish)
    settle = blocking(SqlStore.settle)
    take_check = blocking(SqlStore.take_check)
    put_off = blocking(SqlStore.put_off)
    keep_late = blocking(SqlStore.keep_late)
    read = blocking(SqlStore.read)
    by_provider_key = blocking(SqlStore.by_provider_key)
    open_rows = blocking(SqlStore.open_rows)
    rows_since = blocking(SqlStore.rows_since)
    purge = blocking(SqlStore.purge)
    set_cap = blocking(SqlStore.set_cap)
    cap = blocking(SqlStore.cap)
    now = blocking(SqlStore.now)
    close = blocking(SqlStore.close)
    enqueue = blocking(SqlStore.enqueue)
    take_messages = blocking(SqlStore.take_messages)
    delivered = blocking(SqlStore.delivered)
    undelivered = blocking(SqlStore.undelivered)
    bury = blocking(SqlStore.bury)
    dead_messages = blocking(SqlStore.dead_messages)
    revive = blocking(SqlStore.revive)
    drop = blocking(SqlStore.drop)
    announce = blocking(SqlStore.announce)
    listen = blocking(SqlStore.listen)
    doze = blocking(SqlStore.doze)
    poke = blocking(SqlStore.poke)

    def inside(self, connection: Any) -> Self:  # noqa: ANN401 - the store's own kind
        """See `Store.inside`."""
        view = copy.copy(self)
        view.steps = self.steps.inside(connection)
        return view

    def statement(self, name: str) -> str:
        """See `Mailroom.statement`."""
        return self.steps.statement(name)
