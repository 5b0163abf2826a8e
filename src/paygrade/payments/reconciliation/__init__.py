"""Reconciliation: cases with labels by construction, and two oracles that must agree on them.

`generate` draws the lines of a case so that they entail its breaks. `oracle` (step by step) and
`tables` (table-driven) each find the label again from the shown input alone, without shared code.
"""

from paygrade.payments.agreement import DisagreementError
from paygrade.payments.reconciliation.generator import GENERATOR_VERSION, generate

__all__ = ["GENERATOR_VERSION", "DisagreementError", "generate"]
