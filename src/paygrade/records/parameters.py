"""The parameters of a model that prompts and profiles name, whatever a vendor calls them."""

from __future__ import annotations

PARAMETERS = (
    "max_output_tokens",
    "reasoning_effort",
    "verbosity",
    "temperature",
    "top_p",
    "seed",
    "stop",
    "service_tier",
)
"""A runner of a vendor sends each under the vendor's own name, where its model takes it."""
