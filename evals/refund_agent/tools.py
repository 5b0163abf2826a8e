"""What the agents of this suite may call: a simulated bank, made anew for each sample.

Yours would be made from `world` in the same way: anything with `tools()`, `call(tool, arguments)`
and `end()` will do (`paygrade.records.protocols.World`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.payments.bank import bank

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.json_value import Json
    from paygrade.records.protocols import World


def world(given: Mapping[str, Json]) -> World:
    """The bank in the state that a sample's `world` describes."""
    return bank(given)
