"""The tasks whose samples can be generated, by the name of their dataset."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    Generate = Callable[[int, int], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A dataset that a generator can write: its name, and where the generator stands."""

    name: str
    module: str

    def generate(self, samples: int, seed: int) -> list[dict[str, Any]]:
        """The lines of `samples` samples: the same for the same seed, byte for byte, everywhere."""
        generate = cast("Generate", import_module(self.module).generate)
        return generate(samples, seed)


TASKS = {
    each.name: each
    for each in (
        Task(name="dispute_triage", module="paygrade.payments.dispute"),
        Task(name="leak_probes", module="paygrade.payments.leak_texts"),
        Task(name="payment_routing", module="paygrade.payments.routing"),
        Task(name="recon_explanation", module="paygrade.payments.reconciliation"),
        Task(name="refund_agent", module="paygrade.payments.refund_agent"),
    )
}
