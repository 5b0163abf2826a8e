"""Dispute triage: cases with labels by construction, and two oracles that must agree on them.

`generate` draws the facts of a case so that they entail an outcome. `oracle` (imperative) and
`tables` (table-driven) each find the label again from the shown input alone, without shared code.
"""

from paygrade.payments.agreement import DisagreementError
from paygrade.payments.dispute.generator import GENERATOR_VERSION, generate

__all__ = ["GENERATOR_VERSION", "DisagreementError", "generate"]
