"""What a provider of `pytx.testing` raises. Only two of them say that no money moved.

ProviderTimeout      no answer came: it may have moved money, or not
ProviderError        an answer that is no success: it may have moved money, or not
Declined             refused for good: nothing moved (for `rejected=`)
ProviderUnreachable  no connection: nothing was sent (for `not_sent=`)
"""


class ProviderTimeout(TimeoutError):  # noqa: N818 - named as what it is, like TimeoutError's kin
    """No answer came. A lost request and a lost answer look alike."""

    def __init__(self) -> None:
        """Say the same whatever was lost."""
        super().__init__("no answer came; money may have moved, or not")


class ProviderError(Exception):
    """An answer that is no success. `status` is HTTP's, `retry_after` is in seconds."""

    def __init__(self, status: int, code: str, retry_after: float | None = None) -> None:
        """Keep what was answered."""
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.retry_after = retry_after


class Declined(Exception):  # noqa: N818 - the name says what it is
    """Refused for good: nothing moved, and the same request gets the same answer."""

    def __init__(self, code: str, message: str = "") -> None:
        """Keep what was answered."""
        super().__init__(f"{code}{': ' if message else ''}{message}")
        self.code = code
        self.message = message


class ProviderUnreachable(ConnectionRefusedError):  # noqa: N818 - the name says what it is
    """No connection was made, so nothing was sent."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("the provider refused the connection; nothing was sent")
