"""What is known of a judge: how it did on labels, and what it may therefore decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from paygrade.stats.agreement import Agreement

LabelOrigin = Literal["human", "by construction"]
"""Who says what is defective: the user's own people, or the way the example was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One labelled explanation and what the judge called it; None where it gave no answer.

    `number_planted` says that its defect is a number that was changed on purpose.
    """

    id: str
    defective: bool
    number_planted: bool = False
    called_defective: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """How one judge did with one rubric. Bound to both: it says nothing of any other.

    `faults` are the reasons why the judge is not usable, in words; `usable` means there are none.
    """

    model: str
    rubric: str
    rubric_sha256: str
    origin: LabelOrigin
    agreement: Agreement
    numbers_planted: int
    numbers_found: int
    faults: tuple[str, ...]

    @property
    def usable(self) -> bool:
        """Whether the judge did well enough on these labels."""
        return not self.faults
