"""The first oracle, imperative: `label` finds the expected answer from the input alone."""

from paygrade.payments.dispute.oracle.decision import label

__all__ = ["label"]
