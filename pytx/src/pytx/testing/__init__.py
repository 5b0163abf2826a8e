"""For tests of code that pays: a clock that a test sets, a provider with a real ledger, faults.

`Provider` is a fake with real effects: each is one line, appended to a file by one write and put
on disk before the answer leaves. So an effect survives any kill of whoever asked for it, and tests
count money that moved, not calls that were made. `ProviderServer` is the same in a process of its
own, over HTTP; `HttpProvider` asks it. `crashing` makes a store die at a named point.

The provider needs a POSIX system, for the lock of its file; names are loaded when they are first
asked for, so the clock does not.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytx.testing.client import HttpProvider, ProviderServer
    from pytx.testing.clock import Clock
    from pytx.testing.crash import SimulatedCrash, crashing
    from pytx.testing.errors import (
        Declined,
        ProviderError,
        ProviderTimeout,
        ProviderUnreachable,
    )
    from pytx.testing.faults import Fault
    from pytx.testing.ledger import Effect
    from pytx.testing.provider import PROFILES, RULES, Profile, Provider, Rules

__all__ = [
    "PROFILES",
    "RULES",
    "Clock",
    "Declined",
    "Effect",
    "Fault",
    "HttpProvider",
    "Profile",
    "Provider",
    "ProviderError",
    "ProviderServer",
    "ProviderTimeout",
    "ProviderUnreachable",
    "Rules",
    "SimulatedCrash",
    "crashing",
]

_HOMES = {
    "client": ("HttpProvider", "ProviderServer"),
    "clock": ("Clock",),
    "crash": ("SimulatedCrash", "crashing"),
    "errors": ("Declined", "ProviderError", "ProviderTimeout", "ProviderUnreachable"),
    "faults": ("Fault",),
    "ledger": ("Effect",),
    "provider": ("PROFILES", "RULES", "Profile", "Provider", "Rules"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a name when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"pytx.testing.{_HOME[name]}"), name)
    globals()[name] = value
    return value
