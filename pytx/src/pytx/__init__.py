"""pytx: at most one effect per intent, and no intent whose state is lost."""

from typing import TYPE_CHECKING

from pytx.errors import (
    CapExceeded,
    CapMissing,
    InProgress,
    InTransaction,
    LateResult,
    LeaseSpent,
    Mismatch,
    NotSent,
    OperationFailed,
    OutcomeUnknown,
    PytxError,
    Rejected,
    ReplayUnavailable,
    StoreUnavailable,
)
from pytx.explaining import explain
from pytx.guard import Guard, Op
from pytx.model import Absent, Found, Pending, Reference, Refused
from pytx.money import Money, MoneyError, exponent, format_minor, major, minor, parse
from pytx.recover import by_key, by_lookup, manual

if TYPE_CHECKING:
    from pytx.stores.postgres import PgStore
    from pytx.stores.sqlite import SqliteStore

__all__ = [
    "Absent",
    "CapExceeded",
    "CapMissing",
    "Found",
    "Guard",
    "InProgress",
    "InTransaction",
    "LateResult",
    "LeaseSpent",
    "Mismatch",
    "Money",
    "MoneyError",
    "NotSent",
    "Op",
    "OperationFailed",
    "OutcomeUnknown",
    "Pending",
    "PgStore",
    "PytxError",
    "Reference",
    "Refused",
    "Rejected",
    "ReplayUnavailable",
    "SqliteStore",
    "StoreUnavailable",
    "__version__",
    "by_key",
    "by_lookup",
    "explain",
    "exponent",
    "format_minor",
    "major",
    "manual",
    "minor",
    "parse",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Load a store when it is first asked for (PEP 562)."""
    if name == "SqliteStore":
        from pytx.stores.sqlite import SqliteStore  # noqa: PLC0415 - on demand, see above

        return SqliteStore
    if name == "PgStore":
        from pytx.stores.postgres import PgStore  # noqa: PLC0415 - on demand, see above

        return PgStore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
