"""Lines of calls to a model, a run's own or one that judges, and what judges' lines come to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from paygrade.store import lines
from paygrade.store.entries import last_retries, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from paygrade.records.answer import StoredAnswer
    from paygrade.records.call import Call
    from paygrade.store.entries import Entry

Key = tuple[str, int]


class CallLog(ABC):
    """Writes calls: implements `paygrade.records.protocols.CallLog`."""

    @abstractmethod
    def _append(self, payload: Mapping[str, Any]) -> None:
        """Write one line.

        Raises:
            JournalError: the disk refuses.
        """

    def answer(self, answer: StoredAnswer) -> None:
        """Record a masked answer before it is scored.

        Raises:
            JournalError: the disk refuses.
        """
        self._append(lines.answer_line(answer))

    def sent(self, sample_id: str, epoch: int, ceiling_usd: Decimal) -> None:
        """Record, before a call under a budget leaves, the most that it can cost.

        Raises:
            JournalError: the disk refuses.
        """
        self._append(lines.sent_line(sample_id, epoch, ceiling_usd))

    def call(self, call: Call) -> None:
        """Record a call that gave no answer.

        Raises:
            JournalError: the disk refuses.
        """
        self._append(lines.call_line(call))


class JudgeLog(CallLog):
    """The calls to one judge about one rubric, in a run's journal."""

    def __init__(
        self, append: Callable[[Mapping[str, Any]], None], judge: str, rubric: str
    ) -> None:
        """Use `RunJournal.judging`."""
        self._write = append
        self._judge = judge
        self._rubric = rubric

    def _append(self, payload: Mapping[str, Any]) -> None:
        self._write(lines.judge_line(self._judge, self._rubric, payload))


class JudgeFold:
    """Folds a journal's lines about judges."""

    def __init__(self, folder: Path) -> None:
        """Nothing was said yet in the journal in `folder`."""
        self._folder = folder
        self._retries: Mapping[Key, int] | None = None
        self._in_flight: dict[tuple[str, str, Key], Decimal] = {}
        self.said: dict[str, StoredAnswer] = {}
        self.spent: dict[str, Decimal] = {}

    def take(self, entry: Entry) -> None:
        """One more line. A call counts with its ceiling until it is known what it cost."""
        data = entry.data
        judge = str(data.get("judge"))
        call = (judge, str(data.get("rubric")), entry.key)
        before = self._in_flight.pop(call, Decimal(0))
        known = self.spent.get(judge, Decimal(0))
        if data.get("of") == "sent":
            self._in_flight[call] = ceiling = Decimal(data["ceiling_usd"])
            self.spent[judge] = known + ceiling
            return
        self.spent[judge] = known - before + cost_of(data.get("cost_usd"), before)
        if data.get("of") == "answer" and not self._is_void(entry):
            answer = typed(self._folder, entry, lines.judge_answer_from)
            self.said[answer.digest] = answer

    def _is_void(self, entry: Entry) -> bool:
        """Whether the attempt was begun anew since: then its judges are asked anew as well."""
        if self._retries is None:
            self._retries = last_retries(self._folder)
        return entry.number < self._retries.get(entry.key, 0)


def cost_of(known: float | None, ceiling: Decimal) -> Decimal:
    """What a call counts with: its cost, or the most it could be. What is cached cost nothing."""
    return ceiling if known is None else Decimal(str(known))
