"""Every exception of pytx, and the two that user code may raise.

PytxError
├── Mismatch           the key was used before with something else
├── InProgress         another call holds the key
├── OutcomeUnknown     the effect may have happened, and nobody knows yet
├── OperationFailed    the provider refused it for good, now or before
├── ReplayUnavailable  it happened, and its result is not kept
├── LateResult         it happened, after the key had been given to another call
├── CapExceeded        the amount does not fit below the cap
├── CapMissing         no cap is set for the subject
├── StoreUnavailable   the store cannot be used, so nothing ran
├── InTransaction      a connection is inside a transaction where there must be none
├── NoTransaction      a connection is inside no transaction where there must be one
├── Poison             raised by user code: no retry can deliver this message
├── Rejected           raised by user code: refused for good, nothing moved
└── NotSent            raised by user code: provably nothing left this process
    └── LeaseSpent     too little of the lease is left to send anything
"""

UNPROVEN = "pytx: whether the effect happened is not known; the intent is kept as unknown"
"""The note on what a guarded block raised when it does not prove that nothing happened."""


class PytxError(Exception):
    """Base of all. `sentence` is what is wrong, and how to go on."""

    def __init__(self, sentence: str) -> None:
        """Keep the sentence."""
        super().__init__(sentence)
        self.sentence = sentence


class Mismatch(PytxError):  # noqa: N818 - the name says what it is; so do the others
    """The key was used before with another amount or another field that must be the same."""


class InProgress(PytxError):  # noqa: N818
    """Another call holds the key. `retry_after` is in seconds: when its lease ends."""

    def __init__(self, sentence: str, retry_after: float) -> None:
        """Keep when to ask again."""
        super().__init__(sentence)
        self.retry_after = retry_after


class OutcomeUnknown(PytxError):  # noqa: N818
    """The effect may have happened. Do not send it again under another key.

    `next_check` is in seconds: when the provider may be asked next; `None` where a person or a
    statement has to tell.
    """

    def __init__(self, sentence: str, next_check: float | None) -> None:
        """Keep when it may be known."""
        super().__init__(sentence)
        self.next_check = next_check


class OperationFailed(PytxError):  # noqa: N818
    """The provider refused for good: nothing moved. `code` and `message` are those of then."""

    def __init__(self, code: str, message: str) -> None:
        """Keep what the provider said."""
        super().__init__(f"refused for good: {code}{': ' if message else ''}{message}")
        self.code = code
        self.message = message


class ReplayUnavailable(PytxError):  # noqa: N818
    """It happened, once, and its result is not kept: it could not be stored, or was purged."""


class LateResult(PytxError):  # noqa: N818
    """It happened, after the key had gone to another call: a suspected duplicate.

    `result` is what this call's effect returned; it is kept in the store as well.
    """

    def __init__(self, sentence: str, result: object) -> None:
        """Keep the result."""
        super().__init__(sentence)
        self.result = result


class CapExceeded(PytxError):  # noqa: N818
    """The amount does not fit below the cap. `remaining` is in minor units."""

    def __init__(self, sentence: str, remaining: int) -> None:
        """Keep what is left."""
        super().__init__(sentence)
        self.remaining = remaining


class CapMissing(PytxError):  # noqa: N818
    """No cap is set for the subject, and an effect without its cap does not run."""


class StoreUnavailable(PytxError):  # noqa: N818
    """The store cannot be used. At the claim this means that the effect did not run."""


class InTransaction(PytxError):  # noqa: N818
    """A connection is inside a transaction where there must be none."""


class NoTransaction(PytxError):  # noqa: N818
    """A connection is inside no transaction where there must be one."""


class Poison(PytxError):  # noqa: N818
    """Raise it in a handler of messages where no retry can help: the message is dead at once."""


class Rejected(PytxError):  # noqa: N818
    """Raise it where the provider refused this very key for good: nothing moved under it.

    It is believed even after an earlier call whose outcome nobody knows; a class that is named in
    `rejected=` is not, because the provider may have turned this call away before it looked.
    """

    def __init__(self, code: str, message: str = "") -> None:
        """Keep what the provider said."""
        super().__init__(f"{code}{': ' if message else ''}{message}")
        self.code = code
        self.message = message


class NotSent(PytxError):  # noqa: N818
    """Raise it where provably nothing left this process: the next call runs again."""

    def __init__(self, sentence: str = "nothing was sent") -> None:
        """Say why."""
        super().__init__(sentence)


class LeaseSpent(NotSent):
    """Too little of the lease is left to send anything."""
