"""Our books against the provider's statement: every intent and every line in exactly one class.

The caller turns the provider's file into lines: fees and net settlement stay outside.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from pytx.model import Row, State

MATCHED = "matched"
RESOLVED = "resolved"
ABSENT = "absent"
MISSING = "missing"
TOO_RECENT = "too_recent"
UNMOVED = "unmoved"
AMOUNT = "amount"
CURRENCY = "currency"
CONTRADICTED = "contradicted"
DUPLICATE = "duplicate"
ORPHAN = "orphan"

_MOVED: tuple[State, ...] = ("succeeded",)
_OPEN: tuple[State, ...] = ("unknown", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What our store says of one intent. `updated_at` is in seconds since 1970.

    Of one that is running it is the end of its lease: until then it may send what no line shows.
    `late` says that a second result came in: a suspected duplicate.
    """

    provider_key: str
    minor: int
    currency: str
    state: State
    updated_at: float
    late: bool = False

    @classmethod
    def of(cls, row: Row) -> "Intent":
        """The intent of a row that has an amount.

        Raises:
            ValueError: it was guarded without `money`, so there is nothing to compare.
        """
        if row.minor is None or row.currency is None:
            raise ValueError(f"the intent {row.provider_key} has no amount; guard it with money")
        return cls(
            provider_key=row.provider_key,
            minor=row.minor,
            currency=row.currency,
            state=row.state,
            updated_at=row.silent_since,
            late=row.late is not None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One movement on the provider's statement; `ref` is the key that we sent with it."""

    ref: str
    minor: int
    currency: str
    provider_id: str
    at: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One intent, one line, or both."""

    intent: Intent | None = None
    line: Line | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """One currency of a report, in minor units: the statement, and what the classes account for."""

    statement: int
    accounted: int


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, by class.

    - `matched`: both say so, with the same amount.
    - `resolved`: nobody knew, and the statement has it.
    - `absent`: nobody knew, and a statement that is final for its time does not have it.
    - `missing`: we say that it succeeded, and such a statement does not have it.
    - `too_recent`: no line, and too young for one.
    - `unmoved`: refused or never sent, and no line: as it should be.
    - `amount`, `currency`: the line has another one.
    - `contradicted`: we say that nothing moved, and the line is there.
    - `duplicate`: the second and later lines of one intent, and intents with a late result.
    - `orphan`: a line of no intent of ours.
    """

    classes: dict[str, list[Match]] = field(default_factory=lambda: defaultdict(list))
    suspected: list[Intent] = field(default_factory=list)

    def of(self, name: str) -> list[Match]:
        """Everything in one class."""
        return list(self.classes.get(name, ()))

    @property
    def sums(self) -> dict[str, Sums]:
        """By currency: what the statement comes to, and what the classes come to."""
        statement: dict[str, int] = defaultdict(int)
        accounted: dict[str, int] = defaultdict(int)
        for name, matches in self.classes.items():
            for match in matches:
                if match.line is None:
                    continue
                statement[match.line.currency] += match.line.minor
                agreed = name in (MATCHED, RESOLVED) and match.intent is not None
                told = match.intent if agreed else match.line
                assert told is not None  # noqa: S101 - one of both is there
                accounted[told.currency] += told.minor
        return {
            currency: Sums(statement=statement[currency], accounted=accounted[currency])
            for currency in sorted({*statement, *accounted})
        }


def reconcile(intents: Iterable[Intent], lines: Iterable[Line], *, cutoff: float) -> Report:
    """Put every intent and every line into its class.

    Args:
        intents: Ours, each provider key once.
        lines: The statement's, in its order: the first of a reference counts, others are doubles.
        cutoff: The statement is final for what is older than this, in seconds since 1970.

    Raises:
        ValueError: two intents have one provider key.
    """
    report = Report()
    ours: dict[str, Intent] = {}
    for intent in intents:
        if intent.provider_key in ours:
            raise ValueError(f"the provider key {intent.provider_key} stands for two intents")
        ours[intent.provider_key] = intent
        if intent.late:
            report.suspected.append(intent)
    seen: set[str] = set()
    for line in lines:
        known = ours.get(line.ref)
        if known is None:
            report.classes[ORPHAN].append(Match(line=line))
        elif line.ref in seen:
            report.classes[DUPLICATE].append(Match(line=line))
        else:
            seen.add(line.ref)
            report.classes[_with_line(known, line)].append(Match(intent=known, line=line))
    for key, intent in ours.items():
        if key not in seen:
            report.classes[_without_line(intent, cutoff)].append(Match(intent=intent))
    return report


def _with_line(intent: Intent, line: Line) -> str:
    if intent.state not in _MOVED + _OPEN:
        return CONTRADICTED
    if intent.currency != line.currency:
        return CURRENCY
    if intent.minor != line.minor:
        return AMOUNT
    return MATCHED if intent.state in _MOVED else RESOLVED


def _without_line(intent: Intent, cutoff: float) -> str:
    if intent.state not in _MOVED + _OPEN:
        return UNMOVED
    if intent.updated_at >= cutoff:
        return TOO_RECENT
    return MISSING if intent.state in _MOVED else ABSENT
