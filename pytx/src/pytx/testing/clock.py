"""A clock that a test sets."""

from dataclasses import dataclass


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
