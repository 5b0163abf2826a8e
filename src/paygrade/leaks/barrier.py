"""A policy that stands somewhere: before a journal, before a way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.leaks.detect import find
from paygrade.leaks.mask import mask
from paygrade.leaks.policy import DEFAULT, Policy
from paygrade.leaks.values import mask_value

if TYPE_CHECKING:
    from paygrade.leaks.finding import Finding, Masked


@dataclass(frozen=True, slots=True)
class Barrier:
    """Finds and masks by one policy."""

    policy: Policy = DEFAULT

    def find(self, text: str) -> tuple[Finding, ...]:
        """What is in a text, whether it is masked or only reported."""
        return find(text, self.policy.patterns)

    def mask(self, text: str) -> Masked:
        """The text without what the policy masks."""
        return mask(text, self.policy)

    def mask_value(self, value: object) -> tuple[object, tuple[Finding, ...]]:
        """A JSON-like value without what the policy masks; the same object where nothing is."""
        return mask_value(value, self.policy)
