"""What changed between two versions of a dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ChangeClass = Literal["none", "patch", "minor", "major"]
"""Patch: wording that no label depends on. Minor: samples came or went. Major: a label, a check,
a class or what an agent's tools are made of changed, so failure rates before and after are not
alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleChange:
    """One sample that both versions have, and the keys in which it differs."""

    id: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetChange:
    """Samples by id: only in the later version, only in the earlier one, in both but different."""

    before: str
    after: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    edited: tuple[SampleChange, ...]
    kept: int

    @property
    def change_class(self) -> ChangeClass:
        """How much the change means, by the worst of it."""
        keys = {key for each in self.edited for key in each.keys}
        if keys & {"expected", "checks", "class", "world", "faults"}:
            return "major"
        if self.added or self.removed:
            return "minor"
        return "patch" if keys else "none"
