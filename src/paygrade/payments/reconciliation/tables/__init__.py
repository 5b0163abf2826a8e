"""The second oracle of reconciliation: every line becomes postings, and rows of tables judge them.

It shares no code with the first one: no group is walked through; sums over postings are looked up.
"""

from paygrade.payments.reconciliation.tables.breaks import label

__all__ = ["label"]
