"""pytx: at most one effect per intent, and no intent whose state is lost.

Names are loaded when they are first asked for (PEP 562): whoever wants exact money alone does not
wait for the guard, and nobody needs psycopg but for a `PgStore`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from pytx.money import Money, MoneyError, exponent, format_minor, major, minor, parse

if TYPE_CHECKING:
    from pytx.async_guard import AsyncGuard
    from pytx.async_outbox import AsyncOutbox, AsyncRelay
    from pytx.errors import (
        CapExceeded,
        CapMissing,
        InProgress,
        InTransaction,
        LateResult,
        LeaseSpent,
        Mismatch,
        NoTransaction,
        NotSent,
        OperationFailed,
        OutcomeUnknown,
        Poison,
        PytxError,
        Rejected,
        ReplayUnavailable,
        StoreUnavailable,
    )
    from pytx.explaining import explain
    from pytx.guard import Guard
    from pytx.mail import Message
    from pytx.model import Absent, Found, Pending, Reference, Refused
    from pytx.outbox import Outbox
    from pytx.receiving import forget_received, inbox
    from pytx.reconciling import Intent, Line, Report, reconcile
    from pytx.recover import by_key, by_lookup, manual
    from pytx.relaying import Relay
    from pytx.running import Op
    from pytx.stores.async_postgres import AsyncPgStore
    from pytx.stores.postgres import PgStore
    from pytx.stores.sqlite import SqliteStore

__all__ = [
    "Absent",
    "AsyncGuard",
    "AsyncOutbox",
    "AsyncPgStore",
    "AsyncRelay",
    "CapExceeded",
    "CapMissing",
    "Found",
    "Guard",
    "InProgress",
    "InTransaction",
    "Intent",
    "LateResult",
    "LeaseSpent",
    "Line",
    "Message",
    "Mismatch",
    "Money",
    "MoneyError",
    "NoTransaction",
    "NotSent",
    "Op",
    "OperationFailed",
    "Outbox",
    "OutcomeUnknown",
    "Pending",
    "PgStore",
    "Poison",
    "PytxError",
    "Reference",
    "Refused",
    "Rejected",
    "Relay",
    "ReplayUnavailable",
    "Report",
    "SqliteStore",
    "StoreUnavailable",
    "__version__",
    "by_key",
    "by_lookup",
    "explain",
    "exponent",
    "forget_received",
    "format_minor",
    "inbox",
    "major",
    "manual",
    "minor",
    "parse",
    "reconcile",
]

__version__ = "0.1.0"

_HOMES = {
    "async_guard": ("AsyncGuard",),
    "async_outbox": ("AsyncOutbox", "AsyncRelay"),
    "errors": (
        "CapExceeded", "CapMissing", "InProgress", "InTransaction", "LateResult", "LeaseSpent",
        "Mismatch", "NoTransaction", "NotSent", "OperationFailed", "OutcomeUnknown", "Poison",
        "PytxError", "Rejected", "ReplayUnavailable", "StoreUnavailable",
    ),
    "explaining": ("explain",),
    "guard": ("Guard",),
    "model": ("Absent", "Found", "Pending", "Reference", "Refused"),
    "mail": ("Message",),
    "outbox": ("Outbox",),
    "receiving": ("forget_received", "inbox"),
    "reconciling": ("Intent", "Line", "Report", "reconcile"),
    "recover": ("by_key", "by_lookup", "manual"),
    "relaying": ("Relay",),
    "running": ("Op",),
    "stores.async_postgres": ("AsyncPgStore",),
    "stores.postgres": ("PgStore",),
    "stores.sqlite": ("SqliteStore",),
}  # fmt: skip
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a name when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"pytx.{_HOME[name]}"), name)
    globals()[name] = value
    return value
