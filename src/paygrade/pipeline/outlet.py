"""The last barrier: before every way out, whatever a store holds and whoever wrote it there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from paygrade.errors import LeakRefusedError
from paygrade.store.lines import is_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paygrade.leaks import Barrier, Finding

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedThere:
    """So many findings of one kind were masked on one way out."""

    where: str
    kind: str
    count: int

    def __str__(self) -> str:
        """As notes say it: `2 x iban in run.csv`."""
        return f"{self.count} x {self.kind} in {self.where}"


class Outlet:
    """What leaves goes through here: masked, or refused, and counted."""

    def __init__(self, barrier: Barrier, *, refuse: bool = False) -> None:
        """With `refuse`, what would be masked raises."""
        self._barrier = barrier
        self._refuse = refuse
        self._counts: Counter[tuple[str, str]] = Counter()

    @property
    def masked(self) -> tuple[MaskedThere, ...]:
        """What was masked so far, in order of place and kind."""
        return tuple(
            MaskedThere(where=where, kind=kind, count=count)
            for (where, kind), count in sorted(self._counts.items())
        )

    @property
    def note(self) -> str:
        """One line about all that was masked; empty where nothing was."""
        said = ", ".join(map(str, self.masked))
        return f"masked on the way out: {said}" if said else ""

    def text(self, where: str, text: str) -> str:
        """The text as it may leave by `where`, such as the name of a file.

        Raises:
            LeakRefusedError: it holds what must not leave, and nothing is to be masked.
        """
        masked = self._barrier.mask(text)
        self._count(where, masked.findings)
        return masked.text

    def value(self, where: str, value: Any) -> Any:  # noqa: ANN401 - any JSON-like value
        """The value as it may leave; the same object where nothing leaks.

        Raises:
            LeakRefusedError: as `text`.
        """
        masked, findings = self._barrier.mask_value(value)
        self._count(where, findings)
        return masked

    def record(self, where: str, record: T) -> T:
        """A record, or a tuple of records, as it may be drawn: each text beside its field's name.

        Once it is drawn, a table may have folded a text, or a sentence cut it: half an address is
        not seen to be one. Figures stay what they are, and so do hashes that paygrade made.

        Raises:
            LeakRefusedError: as `text`.
        """
        found: T = self._part(where, "", record)
        return found

    def _part(self, where: str, name: str, part: Any) -> Any:  # noqa: ANN401 - of any record
        if is_dataclass(part) and not isinstance(part, type):
            before = {each.name: getattr(part, each.name) for each in fields(part) if each.init}
            after = {each: self._part(where, each, value) for each, value in before.items()}
            changed = {each: value for each, value in after.items() if value is not before[each]}
            return replace(part, **changed) if changed else part
        if isinstance(part, tuple | list) and (isinstance(part, tuple) or _holds_records(part)):
            return type(part)([self._part(where, name, each) for each in part])
        if isinstance(part, dict) and (_holds_records(part.values()) or _is_counts(part)):
            names = self.value(where, dict.fromkeys(part))  # those that become equal stay apart
            return {
                key: self._part(where, name, each)
                for key, each in zip(names, part.values(), strict=True)
            }
        return part if isinstance(part, Enum) else self._cell(where, name, part)

    def rows(
        self, where: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> list[tuple[Any, ...]]:
        """Rows of a table: each text beside the name of its column, which may say what it is.

        Hashes that paygrade made stay as they are, as everywhere: one in a thousand reads as a card
        number.

        Raises:
            LeakRefusedError: as `text`.
        """
        return [
            tuple(self._cell(where, name, cell) for name, cell in zip(columns, row, strict=True))
            for row in rows
        ]

    def _cell(self, where: str, name: str, cell: Any) -> Any:  # noqa: ANN401 - a database's value
        if not isinstance(cell, str | dict | list | tuple):
            return cell
        if is_digest(cell):
            return cell
        return next(iter(self.value(where, {name: cell}).values()))

    def _count(self, where: str, findings: Iterable[Finding]) -> None:
        kinds = [each.kind for each in findings if self._barrier.policy.masks(each.kind)]
        if kinds and self._refuse:
            told = ", ".join(f"{count} x {kind}" for kind, count in sorted(Counter(kinds).items()))
            raise LeakRefusedError(
                f"{where}: holds what must not be published: {told}; nothing was published",
                hint="the workspace says on_leak: refuse; find it, or say on_leak: mask",
            )
        self._counts.update((where, kind) for kind in kinds)


def _holds_records(values: Iterable[object]) -> bool:
    return any(map(is_dataclass, values))


def _is_counts(part: dict[Any, object]) -> bool:
    return all(isinstance(each, int | float | None) for each in part.values())
