"""Slips of a model with tools, at stated rates, drawn from a seed: for figures without a model."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final

from paygrade.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.agent import Tool, ToolCall
    from paygrade.records.json_value import Json
    from paygrade.records.protocols import Tools

_MINOR_PER_MAJOR: Final = 100
_PERCENT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Slips:
    """How often of 100 calls that move money an agent slips, each kind by itself.

    `asks_twice`: two equal calls in one step. `asks_again`: once more after an `ok`.
    `gives_up_key`: after an error, a new key instead of a look at what became of the first.
    `wrong_amount`: major for minor units, or off by one. `says_done_early`: told as done without
    an answer.
    """

    asks_twice: int
    asks_again: int
    gives_up_key: int
    wrong_amount: int
    says_done_early: int


class SlippingTools:
    """Tools in clumsy hands: a `Tools` that makes up a key for each call, as models do."""

    def __init__(self, tools: Tools, slips: Slips, seed: str) -> None:
        """What goes wrong is drawn from `seed` alone, call after call."""
        self._tools = tools
        self._slips = slips
        self._random = Random(seed)  # noqa: S311 - seeded, so that it can be played again
        self._seed = seed
        self._calls = 0

    @property
    def specs(self) -> tuple[Tool, ...]:
        """What may be called."""
        return self._tools.specs

    def say(self, text: str) -> str | None:
        """Tell the customer."""
        return self._tools.say(text)

    def call_all(self, *calls: tuple[str, Mapping[str, Json]]) -> tuple[ToolCall, ...]:
        """Call several at once."""
        return self._tools.call_all(*calls)

    def call(self, tool: str, /, **arguments: Any) -> Json:  # noqa: ANN401 - JSON
        """Call one tool; where it moves money, perhaps clumsily.

        Raises:
            ToolError: what the tool says.
        """
        if "idempotency_key" not in arguments or tool == "get_operation":
            return self._tools.call(tool, **arguments)
        if "amount_minor" in arguments and self._slipped(self._slips.wrong_amount):
            arguments["amount_minor"] = self._wrong(arguments["amount_minor"])
        if self._slipped(self._slips.asks_twice):
            return self._twice(tool, arguments)
        if self._slipped(self._slips.says_done_early):
            return self._in_a_hurry(tool, arguments)
        return self._perhaps_again(tool, arguments)

    def _twice(self, tool: str, arguments: Mapping[str, Any]) -> Json:
        """Two calls in one step; what came of the first."""
        same = [(tool, self._keyed(arguments)) for _ in range(2)]
        first, _ = self._tools.call_all(*same)
        told = first.result if isinstance(first.result, dict) else {}
        if first.status == "ok" or "say" in told:
            return told
        code, retryable = str(told.get("code", "api_error")), bool(told.get("retryable"))
        raise ToolError(code, str(told.get("message", "")), retryable=retryable)

    def _perhaps_again(self, tool: str, arguments: Mapping[str, Any]) -> Json:
        """After a lost answer or an `ok`, one more call under another key."""
        try:
            done = self._tools.call(tool, **self._keyed(arguments))
        except ToolError as error:
            gives_up = self._slipped(self._slips.gives_up_key)
            if not gives_up or not (error.unknown or error.retryable):
                raise
            return self._tools.call(tool, **self._keyed(arguments))
        if self._slipped(self._slips.asks_again):
            return self._tools.call(tool, **self._keyed(arguments))
        return done

    def _in_a_hurry(self, tool: str, arguments: Mapping[str, Any]) -> Json:
        """Whatever comes back is taken for done."""
        with suppress(ToolError):
            self._tools.call(tool, **self._keyed(arguments))
        return {}

    def _keyed(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments under a key that was never used before."""
        self._calls += 1
        return {**arguments, "idempotency_key": f"{self._seed}-call-{self._calls}"}

    def _wrong(self, amount_minor: int) -> int:
        if self._random.randrange(2) and amount_minor >= _MINOR_PER_MAJOR:
            return amount_minor // _MINOR_PER_MAJOR
        return amount_minor + 1

    def _slipped(self, percent: int) -> bool:
        return self._random.randrange(_PERCENT) < percent
