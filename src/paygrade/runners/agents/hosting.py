"""Where a world lives: faults are injected here, and what reaches the world is written down."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Any, NoReturn

from paygrade import scripts
from paygrade.errors import RunnerError, ToolError
from paygrade.records.agent import Delivery, Ending, Struck, Tool, Trajectory
from paygrade.records.json_value import canonical
from paygrade.runners.agents import faults as injected
from paygrade.runners.agents.arguments import copied
from paygrade.runners.agents.hosted import Called

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from paygrade.records.agent import Fault
    from paygrade.records.json_value import Json
    from paygrade.records.protocols import World


class Host:
    """A world in this process: implements `hosted.Hosted`. Its calls come one after the other."""

    def __init__(self, world: World, faults: Sequence[Fault]) -> None:
        """Inject `faults`, but for those that the world declares as its own.

        Raises:
            UsageError: see `faults.check`.
            RunnerError: `tool_crashed`: the world's tools are none.
        """
        self._world = world
        self._lock = threading.RLock()
        self._deliveries: list[Delivery] = []
        self.tools = self._tools()
        own = kinds_of(world)
        for fault in faults:
            injected.check(fault, own=own, tools=[tool.name for tool in self.tools])
        self._own = [each for each in faults if each.kind in own]
        self._injected = [each for each in faults if each.kind in injected.OF_TRANSPORT]
        self._injected = [each for each in self._injected if each.kind not in own]
        self._strikes = injected.Strikes(self._injected)

    def call(self, tool: str, arguments: Mapping[str, Json]) -> Called:
        """See `Hosted.call`."""
        with self._lock:
            fault = self._strikes.meet(tool)
            if fault is None:
                return self._deliver(tool, arguments)
            if fault.kind == injected.DUPLICATE:
                first = self._deliver(tool, arguments)
                self._deliver(tool, arguments)
                return Called(result=first.result, error=first.error, fault=fault.kind)
            if fault.kind.endswith("_after_commit"):
                self._deliver(tool, arguments)
            return Called(error=injected.told(fault), fault=fault.kind)

    def hear(self, text: str) -> str | None:
        """See `Hosted.hear`."""
        with self._lock:
            self._deliveries.append(Delivery(op="hear", text=text))
            hear = getattr(self._world, "hear", None)
            if hear is None:
                return None
            reply: object = self._guarded("hear", lambda: hear(text))
            if reply is not None and not isinstance(reply, str):
                _crashed("hear", f"returned {type(reply).__name__}, not text or None")
            return reply

    def now(self) -> float | None:
        """See `Hosted.now`."""
        now = getattr(self._world, "now", None)
        return None if now is None else self._guarded("now", lambda: float(now()))

    def restart(self) -> None:
        """See `Hosted.restart`."""
        with self._lock:
            self._deliveries.append(Delivery(op="restart"))
            restarted = getattr(self._world, "restarted", None)
            if restarted is not None:
                self._guarded("restarted", restarted)

    def end(self) -> Trajectory:
        """See `Hosted.end`."""
        with self._lock:
            ending: object = self._guarded("end", self._world.end)
            if not isinstance(ending, Ending):
                _crashed("end", f"returned {type(ending).__name__}, not an Ending")
            snapshot = self._guarded("end", lambda: copied(ending.snapshot))
            lists = (ending.effects, ending.claims, ending.violations)  # not always tuples
            effects, claims, violations = self._guarded("end", lambda: tuple(map(tuple, lists)))
            return Trajectory(
                guard="none",
                steps=(),
                deliveries=tuple(self._deliveries),
                effects=effects,
                claims=claims,
                violations=violations,
                snapshot=snapshot,
                snapshot_hash=snapshot_hash(snapshot),
                faults=self._struck(),
            )

    def deliver(self, delivery: Delivery) -> None:
        """Give the world what once reached one like it, with no fault on the way."""
        if delivery.op == "call":
            with self._lock:
                self._deliver(delivery.tool, delivery.arguments)
        elif delivery.op == "hear":
            self.hear(delivery.text)
        else:
            self.restart()

    def _deliver(self, tool: str, arguments: Mapping[str, Json]) -> Called:
        """Call the world. What it gets and gives is copied: nobody changes it from outside."""
        self._deliveries.append(Delivery(op="call", tool=tool, arguments=copied(arguments)))
        before = self._own_counts()
        error: ToolError | None = None
        result: Json = None
        try:
            result = copied(self._world.call(tool, copied(arguments)))
        except ToolError as refused:
            error = refused
        except RunnerError:
            raise
        except BaseException as raised:  # noqa: BLE001 - a user's tool may raise anything
            _crashed(tool, f"raised {scripts.said(raised)}", raised)
        after = self._own_counts()
        risen = [each.kind for each, a, b in zip(self._own, before, after, strict=True) if b > a]
        return Called(result=result, error=error, fault=risen[0] if risen else "")

    def _own_counts(self) -> list[int]:
        """How often each of the world's own faults struck; zeros where it does not say."""
        struck = getattr(self._world, "struck", None)
        if struck is None or not self._own:
            return [0] * len(self._own)
        counts: list[int] = self._guarded("struck", lambda: [int(each) for each in struck()])
        if len(counts) != len(self._own):
            _crashed("struck", "did not return one number for each of world['faults']")
        return counts

    def _struck(self) -> tuple[Struck, ...]:
        counted = [
            *zip(self._injected, self._strikes.counts, strict=True),
            *zip(self._own, self._own_counts(), strict=True),
        ]
        return tuple(Struck(kind=each.kind, tool=each.tool, times=n) for each, n in counted)

    def _tools(self) -> tuple[Tool, ...]:
        tools: tuple[object, ...] = self._guarded("tools", lambda: tuple(self._world.tools()))
        found = tuple(tool for tool in tools if isinstance(tool, Tool))
        names = {tool.name for tool in found}
        if len(names) != len(tools):
            _crashed("tools", "did not return Tools, each with a name of its own")
        for tool in found:
            if tool.intent and tool.intent.look_up and tool.intent.look_up not in names:
                _crashed(tool.name, f"is looked up by {tool.intent.look_up!r}, which is not there")
        return found

    def _guarded(self, name: str, act: Callable[[], Any]) -> Any:  # noqa: ANN401 - a world's own
        try:
            return act()
        except RunnerError:
            raise
        except BaseException as raised:  # noqa: BLE001 - a user's world may raise anything
            _crashed(name, f"raised {scripts.said(raised)}", raised)


def snapshot_hash(snapshot: Json) -> str:
    """SHA-256 over the canonical JSON of a world's state, in hex."""
    return hashlib.sha256(canonical(snapshot).encode("utf-8", "surrogatepass")).hexdigest()


def kinds_of(world: World) -> frozenset[str]:
    """The kinds of faults that a world brings about by itself."""
    return frozenset(getattr(world, "FAULTS", ()))


def _crashed(name: str, what: str, cause: BaseException | None = None) -> NoReturn:
    raise RunnerError(f"the tool {name} {what}", kind="tool_crashed") from cause
