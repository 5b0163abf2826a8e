"""What a tool tells a model: never to try again, never more than is known."""

import doctest

import pytest

from pytx import (
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
    explain,
    explaining,
)
from pytx.errors import UNPROVEN

NUMBER = "4111111111111111"
ERRORS: list[tuple[BaseException, str]] = [
    (ReplayUnavailable(NUMBER), "already_done"),
    (LateResult(NUMBER, None), "already_done"),
    (InProgress(NUMBER, 1), "in_progress"),
    (OperationFailed(NUMBER, NUMBER), "declined"),
    (Rejected(NUMBER), "declined"),
    (Mismatch(NUMBER), "needs_approval"),
    (CapExceeded(NUMBER, 0), "needs_approval"),
    (CapMissing(NUMBER), "needs_approval"),
    (StoreUnavailable(NUMBER), "unavailable"),
    (InTransaction(NUMBER), "unavailable"),
    (NoTransaction(NUMBER), "unavailable"),
    (NotSent(NUMBER), "unavailable"),
    (LeaseSpent(NUMBER), "unavailable"),
    (OutcomeUnknown(NUMBER, None), "unknown"),
    (Poison(NUMBER), "unknown"),
    (TimeoutError(NUMBER), "unknown"),
    (KeyboardInterrupt(NUMBER), "unknown"),
    (ValueError(NUMBER), "unknown"),
]


@pytest.mark.parametrize(("error", "status"), ERRORS, ids=lambda each: type(each).__name__)
def test_every_error_has_its_status(error: BaseException, status: str) -> None:
    """With `retry` false, and nothing of the error's own text."""
    told = explain(error)
    assert (told["status"], told["retry"]) == (status, False)
    assert NUMBER not in str(told)


def test_what_a_guard_noted_counts_for_more_than_the_class() -> None:
    """A refusal that proves nothing is no refusal."""
    error = Rejected("51")
    error.add_note(UNPROVEN)
    assert explain(error)["status"] == "unknown"


def test_no_error_is_forgotten() -> None:
    """Each that pytx raises is above."""
    known = {type(error) for error, _ in ERRORS}
    waiting = list(PytxError.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        assert kind in known


def test_the_examples_of_the_docstrings_run() -> None:
    """What a docstring shows is what happens."""
    assert doctest.testmod(explaining).failed == 0
