"""What a tool tells a model instead of raising: an exception is what makes frameworks retry."""

from typing import Final

from pytx.errors import (
    UNPROVEN,
    CapExceeded,
    CapMissing,
    InProgress,
    InTransaction,
    LateResult,
    Mismatch,
    NoTransaction,
    NotSent,
    OperationFailed,
    Rejected,
    ReplayUnavailable,
    StoreUnavailable,
)

_STATUSES: Final[tuple[tuple[tuple[type[BaseException], ...], str, str], ...]] = (
    (
        (ReplayUnavailable, LateResult),
        "already_done",
        "This was done before. Do not do it again.",
    ),
    (
        (InProgress,),
        "in_progress",
        "This is under way. Do not start it again; its outcome will be known later.",
    ),
    (
        (OperationFailed, Rejected),
        "declined",
        "The payment provider refused this for good. Nothing was moved. Do not try it again.",
    ),
    (
        (Mismatch, CapExceeded, CapMissing),
        "needs_approval",
        "This differs from what was approved, or is more. This call moved nothing. Ask a person.",
    ),
    (
        (StoreUnavailable, InTransaction, NoTransaction, NotSent),
        "unavailable",
        "This cannot be done now, and this call moved nothing. Say so; do not try another way.",
    ),
)

_UNKNOWN: Final = (
    "It is not known whether this was done; it will be found out. Do not do it again, or say that "
    "it was done or failed."
)


def explain(error: BaseException) -> dict[str, object]:
    """What the tool returns for what a guarded call raised.

    Whatever is not known to mean that nothing happened is `unknown`. No text of the error itself
    is repeated: it may hold what a model must not see.

    Returns:
        `status` (`already_done`, `in_progress`, `declined`, `needs_approval`, `unavailable` or
        `unknown`), `retry` (always false) and `say`, one or two sentences for the model.

    >>> explain(TimeoutError("the reply was lost"))["status"]
    'unknown'
    """
    if UNPROVEN not in getattr(error, "__notes__", ()):
        for kinds, status, say in _STATUSES:
            if isinstance(error, kinds):
                return {"status": status, "retry": False, "say": say}
    return {"status": "unknown", "retry": False, "say": _UNKNOWN}
