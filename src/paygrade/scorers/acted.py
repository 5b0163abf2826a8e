"""What scorers of agents share: the trajectory, the calls in it, amounts as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from paygrade.errors import ScorerError
from paygrade.scorers.params import UnfitError, did_you_mean
from paygrade.scorers.show import clip, one_line, show
from paygrade.scorers.target import ABSENT, find
from pytx.money import MoneyError, format_minor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from paygrade.records.agent import ToolCall, Trajectory
    from paygrade.records.check import Subject
    from paygrade.records.json_value import Json

W = TypeVar("W")

REASON = 500
"""Characters of a whole reason."""

WIDE = 80
"""Characters of a name that the agent or its world made up."""

_NAMED = 3  # faults that a reason names


def acted(subject: Subject) -> Trajectory:
    """Return what the agent did.

    Raises:
        ScorerError: nobody called tools, so there is nothing to judge.
    """
    if subject.trajectory is None:
        raise ScorerError("this answer has no trajectory (the suite needs 'tools')")
    return subject.trajectory


def every_call(subject: Subject) -> list[ToolCall]:
    """Return all calls in order, also those that no tool could take."""
    return [call for step in acted(subject).steps for call in step.calls]


def used(subject: Subject) -> list[ToolCall]:
    """Return the calls that reached a tool, in order, whether it gave a result or an error."""
    return [call for call in every_call(subject) if call.status in {"ok", "error"}]


def labelled(subject: Subject, name: str, prepare: Callable[[Json], W]) -> W:
    """Return what the sample's `expected` has under `name`, as `prepare` reads it.

    Raises:
        ScorerError: nothing is there, or `prepare` refuses it (`UnfitError`).
    """
    value = find(subject.expected, ((name, -1),))
    if value is ABSENT:
        raise ScorerError(f"expected has no {name!r}")
    try:
        return prepare(value)
    except UnfitError as error:
        raise ScorerError(f"expected {name!r} {error}") from error


def objects(
    value: Json, what: str, known: Sequence[str], needed: Sequence[str] = ()
) -> Iterator[Mapping[str, Json]]:
    """Read a list of objects of a label: a key that is not known is a typing error.

    Raises:
        UnfitError: it is something else; the text is a clause on the value.
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise UnfitError(f"should be a list of {what}s, got {show(value)}")
    for each in value:
        if not isinstance(each, Mapping):
            raise UnfitError(f"should hold objects, got {show(each)}")
        for key in each:
            if key not in known:
                hint = did_you_mean(key, known)
                raise UnfitError(f"has {what} with an unknown key {one_line(key, WIDE)!r} ({hint})")
        for key in needed:
            if key not in each:
                raise UnfitError(f"has {what} without {key!r}: {show(each)}")
        yield each


def money(amount_minor: int, currency: str) -> str:
    """Write an amount for people, in whatever currency the agent's world books it."""
    try:
        return format_minor(amount_minor, currency)
    except MoneyError:
        return f"{show(amount_minor)} minor units of {one_line(currency, WIDE) or 'no currency'}"


def some(faults: Sequence[str]) -> str:
    """Join faults into a reason of bounded length."""
    return clip(f"{'; '.join(faults[:_NAMED])}{'; …' * (len(faults) > _NAMED)}", REASON)
