"""The second oracle, table-driven: `label` finds the expected answer from the input alone."""

from paygrade.payments.dispute.tables.order import label

__all__ = ["label"]
