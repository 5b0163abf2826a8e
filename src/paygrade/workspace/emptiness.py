"""The mistakes that leave nothing to judge, and when they are all there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.errors import Mistake, NothingRanError, WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToRun(Mistake):
    """No sample, or no scorer: `check` lists it as a mistake, a run ends as invalid."""


def refusal(mistakes: Sequence[Mistake]) -> NothingRanError | WorkspaceError:
    """What a run ends with: 102 when `mistakes` only leave nothing to run, else 2."""
    if all(isinstance(each, NothingToRun) for each in mistakes):
        return NothingRanError("\n".join(map(str, mistakes)))
    return WorkspaceError(mistakes)
