"""Arithmetic without any of our types: numbers in, numbers out."""

from paygrade.stats.interval import clustered_wilson, wilson

__all__ = ["clustered_wilson", "wilson"]
