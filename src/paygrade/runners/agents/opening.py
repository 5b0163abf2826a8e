"""A new world from a suite's toolbox; and a stored one, played again."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paygrade import scripts
from paygrade.errors import RunnerError, UsageError
from paygrade.runners.agents.arguments import copied
from paygrade.runners.agents.hosting import Host, kinds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paygrade.records.agent import Delivery, Fault, Toolbox
    from paygrade.records.json_value import Json
    from paygrade.records.protocols import World


def open_world(toolbox: Toolbox, world: Json, faults: Sequence[Fault]) -> Host:
    """A new world, hosted in this process.

    It is made once to see which kinds of faults are its own, and anew with those of `faults` that
    are, as `world["faults"]`, where there are any.

    Raises:
        UsageError: the toolbox cannot be used, `world` is no object, or a fault cannot strike.
        RunnerError: `tool_crashed`: the world cannot be made; `connection`: its server is gone.
    """
    given = {} if world is None else world
    if not isinstance(given, Mapping):
        raise UsageError(f"a 'world' is an object, not {type(given).__name__}")
    if toolbox.url:
        from paygrade.runners.agents.remote import RemoteWorld  # noqa: PLC0415 - where one is used

        return Host(RemoteWorld(toolbox.url, given), faults)
    made = _made(toolbox, given)
    own = [_flat(each) for each in faults if each.kind in kinds_of(made)]
    return Host(_made(toolbox, {**given, "faults": own}) if own else made, faults)


def replay(
    toolbox: Toolbox, world: Json, faults: Sequence[Fault], deliveries: Sequence[Delivery]
) -> str:
    """Give `deliveries` to a fresh world: the hash of the snapshot that it ends with.

    Nothing is injected: they are what arrived. The world's own faults are a part of it.

    Raises:
        UsageError, RunnerError: as `open_world`.
    """
    host = open_world(toolbox, world, faults)
    for delivery in deliveries:
        host.deliver(delivery)
    return host.end().snapshot_hash


def function_of(file: Path, name: str) -> Callable[..., Any]:
    """A function of a user's file, which is run once in a process, and again once it was edited.

    Raises:
        UsageError: the file cannot be run, or has no such function.
    """
    file = file.resolve()
    with _lock:
        script = _scripts.get(file)
        try:
            if script is None or hashlib.sha256(file.read_bytes()).hexdigest() != script.sha256:
                script = _scripts[file] = scripts.load(file)
        except OSError as error:
            raise UsageError(f"{file}: cannot be read: {error.strerror or error}") from error
        except scripts.ScriptError as error:
            raise UsageError(f"{file}: {error}") from error
    function = getattr(script.module, name, None)
    if not callable(function):
        raise UsageError(f"{file}: has no function {name!r}")
    return function  # type: ignore[no-any-return]  # a user's module is untyped


_scripts: dict[Path, scripts.Script] = {}
_lock = threading.Lock()


def _made(toolbox: Toolbox, world: Mapping[str, Json]) -> World:
    path, _, name = toolbox.script.rpartition(":")
    make = function_of(Path(toolbox.folder) / path, name)
    try:
        made: World = make(copied(world))
    except BaseException as raised:
        problem = f"{toolbox.script} raised {scripts.said(raised)}"
        raise RunnerError(problem, kind="tool_crashed") from raised
    for method in ("tools", "call", "end"):
        if not callable(getattr(made, method, None)):
            raise UsageError(
                f"{toolbox.script} returned {type(made).__name__}, which has no {method}()",
                hint="it returns what acts as paygrade.records.protocols.World",
            )
    return made


def _flat(fault: Fault) -> dict[str, Json]:
    """A fault as a line of a dataset has it."""
    flat = asdict(fault)
    return {**flat.pop("options"), **flat}
