"""pytx: payment safety for Python. This version holds exact money."""

from pytx.money import Money, MoneyError, exponent, format_minor, major, minor, parse

__all__ = [
    "Money",
    "MoneyError",
    "__version__",
    "exponent",
    "format_minor",
    "major",
    "minor",
    "parse",
]

__version__ = "0.1.0"
