"""The first oracle of reconciliation: step by step, as a person would go through the lines."""

from paygrade.payments.reconciliation.oracle.labels import label

__all__ = ["label"]
