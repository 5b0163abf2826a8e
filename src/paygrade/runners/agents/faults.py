"""Faults of the way to a tool, in either direction, injected around `World.call`.

| kind                      | the world  | the agent is told                                     |
|---------------------------|------------|-------------------------------------------------------|
| `timeout_before_commit`   | not called | `timeout`: it may have been done                      |
| `timeout_after_commit`    | called     | the same                                              |
| `error_500_before_commit` | not called | `api_error`: it may have been done                    |
| `error_500_after_commit`  | called     | the same                                              |
| `fail_n_then_ok`          | not called | `unavailable`: nothing was done, `times` times        |
| `rate_limited`            | not called | `rate_limited`, for `retry_after` seconds (option; 30)|
| `duplicate_delivery`      | twice      | the reply to the first of the two                     |

A world may bring about others by itself: its `FAULTS`. Those that kill the agent's process strike
in its journal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paygrade.errors import ToolError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from paygrade.records.agent import Fault

DUPLICATE: Final = "duplicate_delivery"
OF_TRANSPORT: Final = {
    "timeout_before_commit": (),
    "timeout_after_commit": (),
    "error_500_before_commit": (),
    "error_500_after_commit": (),
    "fail_n_then_ok": (),
    "rate_limited": ("retry_after",),
    DUPLICATE: (),
}
"""Kinds that are injected, each with the options that it takes."""

CRASHES: Final = ("crash_before_call", "crash_after_commit", "crash_before_record")
"""Kinds that kill the agent's process."""

_RETRY_AFTER_S: Final = 30
_UNSURE: Final = "it may have been done all the same"


def crashes_of(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Those that kill the agent's process."""
    return tuple(each for each in faults if each.kind in CRASHES)


def check(fault: Fault, *, own: Collection[str], tools: Collection[str]) -> None:
    """Refuse a fault that cannot strike as it is meant. `own` are the world's own kinds.

    Raises:
        UsageError: its kind is not known, it names a tool that is not there, it has an option that
            its kind does not take, or it would kill more than once.
    """
    known = sorted({*OF_TRANSPORT, *CRASHES, *own})
    if fault.kind not in known:
        raise UsageError(f"no fault is known by the kind {fault.kind!r}; known: {', '.join(known)}")
    if fault.tool and fault.tool not in tools:
        raise UsageError(
            f"the fault {fault.kind} is to strike the tool {fault.tool!r}, which is not there; "
            f"there are: {', '.join(tools)}"
        )
    if fault.kind in own:
        return
    taken = OF_TRANSPORT.get(fault.kind, ())
    if odd := next((name for name in fault.options if name not in taken), None):
        raise UsageError(f"the fault {fault.kind} takes no option {odd!r}")
    if fault.kind in CRASHES and fault.times != 1:
        raise UsageError(
            f"the fault {fault.kind} strikes once, not {fault.times} times",
            hint="write it once more with another 'nth'",
        )


class Strikes:
    """Which call meets which fault: by its tool, and by how many calls of it came before."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Nothing has struck."""
        self._faults = faults
        self._met = [0] * len(faults)
        self.counts = [0] * len(faults)

    def meet(self, tool: str) -> Fault | None:
        """The fault that strikes this call: the first one, where several would."""
        found = None
        for number, fault in enumerate(self._faults):
            if fault.tool not in ("", tool):
                continue
            self._met[number] += 1
            if found is None and 0 <= self._met[number] - fault.nth < fault.times:
                self.counts[number] += 1
                found = fault
        return found


def told(fault: Fault) -> ToolError:
    """What the agent is told of a call that this fault struck."""
    if fault.kind.startswith("timeout"):
        return ToolError("timeout", f"no reply came in time; {_UNSURE}", retryable=True)
    if fault.kind.startswith("error_500"):
        return ToolError("api_error", f"internal error (500); {_UNSURE}", retryable=True)
    if fault.kind == "rate_limited":
        seconds = fault.options.get("retry_after", _RETRY_AFTER_S)
        said = f"too many requests, nothing was done; try again in {seconds} seconds"
        return ToolError("rate_limited", said, retryable=True)
    return ToolError("unavailable", "busy, nothing was done; try again", retryable=True)
