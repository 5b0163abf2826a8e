"""Faults of a provider: declared beforehand, so that a test meets the same ones each time."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

Transport = Literal[
    "request_lost", "reply_lost", "error_500_before", "error_500_after", "fail_n_then_ok",
    "rate_limited", "in_use", "declined", "slow", "key_expired",
]  # fmt: skip
LookUp = Literal["stale", "pending_for_ever", "other_amount", "look_up_error"]
Kind = Transport | LookUp

TRANSPORT: Final[tuple[str, ...]] = get_args(Transport)
LOOK_UP: Final[tuple[str, ...]] = get_args(LookUp)
_BELONGS = {"seconds": "slow", "retry_after": "rate_limited", "amount_minor": "other_amount"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Which request it is, from 1: of all that the provider got, and of those under its key."""

    key: str
    of_all: int
    of_key: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault, and where it strikes.

    Payments and look-ups are counted apart, over all processes that share the ledger.

    Attributes:
        kind: For payments request_lost, reply_lost, error_500_before, error_500_after,
            fail_n_then_ok, rate_limited, in_use, declined, slow or key_expired; for look-ups
            stale, pending_for_ever, other_amount or look_up_error.
        nth: The first request that it strikes, from 1: of all, or of those under `key`.
        key: Only requests under this key of the provider are counted, and struck.
        times: How many requests in a row it strikes; pending_for_ever has no end.
        seconds: After how long `slow` answers.
        retry_after: What `rate_limited` tells, in seconds.
        amount_minor: What `other_amount` says that moved; 1 more than the truth if left out.
    """

    kind: Kind
    nth: int | None = None
    key: str | None = None
    times: int = 1
    seconds: float | None = None
    retry_after: float | None = None
    amount_minor: int | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense.

        Raises:
            ValueError: says what, and what would do.
        """
        if self.kind not in (*TRANSPORT, *LOOK_UP):
            known = ", ".join((*TRANSPORT, *LOOK_UP))
            raise ValueError(f"there is no fault {self.kind!r}; there are {known}")
        if self.key == "":
            raise ValueError(f"the key of {self.kind} is empty; no request has such a key")
        if self.nth is None and self.key is None:
            raise ValueError(f"say where {self.kind} strikes: by nth, by key, or by both")
        if self.times < 1 or (self.nth is not None and self.nth < 1):
            raise ValueError(f"nth and times of {self.kind} count from 1")
        for name, kind in _BELONGS.items():
            value = getattr(self, name)
            if value is not None and (self.kind != kind or not 0 < value < float("inf")):
                raise ValueError(f"{name} is of {kind} alone, and more than 0")
        if self.kind == "slow" and self.seconds is None:
            raise ValueError("say after how many seconds slow answers")

    def strikes(self, count: Count) -> bool:
        """Whether this request is one of those."""
        if self.key not in (None, count.key):
            return False
        place = (count.of_all if self.key is None else count.of_key) - (self.nth or 1)
        return place >= 0 and (self.kind == "pending_for_ever" or place < self.times)

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Read "KIND:NTH", "KIND:name=value,name=value" or "KIND:NTH:name=value"; a key comes last.

        Raises:
            ValueError: says what is wrong.
        """
        kind, _, rest = text.partition(":")
        values: dict[str, object] = {}
        options, has_key, key = rest.partition("key=")
        if has_key:
            values["key"] = key
            options = options.removesuffix(",")
        first, _, others = options.partition(":")
        if "=" not in first:
            options = others
            if first:
                values["nth"] = _number(text, "nth", first)
        for part in options.split(",") if options else ():
            name, _, value = part.partition("=")
            if name not in _NUMBERS or name in values:
                known = ", ".join((*_NUMBERS, "key"))
                raise ValueError(f"{text!r} is no fault: {part!r} is not one of {known}")
            values[name] = _number(text, name, value)
        return cls(kind=kind, **values)  # type: ignore[arg-type]  # __post_init__ checks them

    def __str__(self) -> str:
        """As `parse` reads it."""
        said = [(name, getattr(self, name)) for name in (*_NUMBERS, "key")]
        return f"{self.kind}:" + ",".join(f"{name}={value}" for name, value in said if value)


_NUMBERS: Final[dict[str, type[int] | type[float]]] = {
    "nth": int, "times": int, "seconds": float, "retry_after": float, "amount_minor": int,
}  # fmt: skip


def _number(text: str, name: str, value: str) -> float:
    try:
        return _NUMBERS[name](value)
    except ValueError:
        raise ValueError(f"{text!r} is no fault: {name} is {value!r}, no number") from None
