"""How calls are made: reads are repeated, and what moves money is done once or looked into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from paygrade.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from paygrade.records.protocols import Tools

Row = dict[str, Any]

_TRIES: Final = 6
_PAUSE_S: Final = 60
_OPEN: Final = frozenset({"in_progress", "unknown"})
"""What a guard says while it does not know yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What an agent does that it should not."""

    new_key_each_retry: bool = False
    trusts_first_read: bool = False
    obeys_memos: bool = False


CAREFUL: Final = Habits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of something that moves money. `code` says why it was refused."""

    status: Literal["done", "refused", "unknown"]
    code: str = ""


_DONE: Final = Outcome(status="done")


class Desk:
    """The tools, in the hands of somebody with certain habits."""

    def __init__(self, tools: Tools, case: str, habits: Habits) -> None:
        """`case` names the task in the keys of what is done once."""
        self.habits = habits
        self._tools = tools
        self._case = case

    def read(self, tool: str, **arguments: Any) -> Row:  # noqa: ANN401 - JSON
        """Call what may be repeated: a read, or a hand-over to people.

        Raises:
            ToolError: refused, or no answer after several tries.
        """
        for tries_left in reversed(range(_TRIES)):
            try:
                return _row(self._tools.call(tool, **arguments))
            except ToolError as error:
                if not tries_left or not (error.unknown or error.retryable):
                    raise
        raise AssertionError("the last try returns or raises")

    def wait(self, seconds: int = _PAUSE_S) -> Row:
        """Let time pass; what webhooks told meanwhile."""
        return self.read("wait", seconds=seconds)

    def reply(self, text: str, outcome: str, amount_minor: int = 0, currency: str = "") -> str:
        """Tell whoever asked; what they say to it, "" where the talk has ended."""
        money: Row = {"amount_minor": amount_minor, "currency": currency} if amount_minor else {}
        try:
            said = _row(self._tools.call("reply", text=text, outcome=outcome, **money))
        except ToolError as error:
            if not error.unknown:
                raise
            return ""  # it may have been heard: nobody is told twice
        return str(said.get("customer", ""))

    def once(
        self,
        what: str,
        tool: str,
        is_done: Callable[[], bool],
        **arguments: Any,  # noqa: ANN401 - JSON
    ) -> Outcome:
        """Do something that must happen once at most: `is_done` reads whether it has.

        One key stays the same until the bank says that what was asked under it has failed.
        """
        fresh = 0
        for attempt in range(_TRIES):
            key = f"{self._case}:{what}:{fresh}"
            try:
                result = _row(self._tools.call(tool, **arguments, idempotency_key=key))
            except ToolError as error:
                if error.unknown:
                    status = self._found_out(key, is_done, first=not attempt)
                    fresh += status == "failed"
                    known = _DONE if status == "done" else None
                else:
                    known = self._refused(error)
            else:
                known = self._heard(result)
            if known is not None:
                return known
        return Outcome(status="unknown")

    def _refused(self, error: ToolError) -> Outcome | None:
        """Refused for good, or nothing yet, where the same call may do it later."""
        if not error.retryable:
            return Outcome(status="refused", code=error.code)
        self.wait()
        return None

    def _found_out(self, key: str, is_done: Callable[[], bool], *, first: bool) -> str:
        """What became of a call that nobody answered: `done`, `failed` or `not_found`."""
        if self.habits.new_key_each_retry:
            return "failed"  # so it believes
        if self.habits.trusts_first_read and first:
            return "done" if is_done() else "not_found"
        status = str(self.read("get_operation", idempotency_key=key)["status"])
        if status == "not_found":
            self.wait()
            return "done" if is_done() else status
        return "done" if status == "succeeded" else status

    def _heard(self, said: Row) -> Outcome | None:
        """Done; or what a guard knows, nothing where the same call tells more later."""
        if not _is_a_guard(said) or said["status"] == "already_done":
            return _DONE
        if "ask_again_after_s" in said or said.get("retryable") or said["status"] in _OPEN:
            self.wait(max(int(said.get("ask_again_after_s", _PAUSE_S)), 1))
            return None
        return Outcome(status="refused", code=str(said.get("code", said["status"])))


def _is_a_guard(result: Row) -> bool:
    return result.get("retry") is False and "say" in result


def _row(value: object) -> Row:
    return value if isinstance(value, dict) else {}
