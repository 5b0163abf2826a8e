"""What is known of a judge: how it did on labels, and what it may therefore decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.json_value import Json
    from paygrade.stats.agreement import Agreement

LabelOrigin = Literal["human", "by construction"]
"""Who says what is defective: the user's own people, or the way the example was made."""

Label = Literal["good", "defective"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledExplanation:
    """One explanation that somebody read, or made to be what it is.

    `given` is what its writer could see, `decided` what the writer decided. `defect` is the key of
    the rubric's question that the defect was planted against, "" where it is another. `by` says
    who labelled it, "" where it was made.
    """

    id: str
    given: Json
    decided: Json
    explanation: str
    label: Label
    defect: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """A set of labelled explanations of one origin; `sha256` is over all of them, in hex."""

    explanations: tuple[LabelledExplanation, ...]
    origin: LabelOrigin
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One labelled explanation and what the judge called it; None where it gave no answer.

    `number_planted` says that its defect is a number that was changed on purpose, `by_code` that
    its numbers alone decided: no model was asked. `swapped` and `padded` are what the judge called
    it with its questions in the opposite order, and with words around it that say nothing.
    """

    id: str
    defective: bool
    number_planted: bool = False
    called_defective: bool | None
    by_code: bool = False
    swapped: bool | None = None
    padded: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """How many verdicts of those that a model gave changed where nothing of substance did."""

    asked: int
    swapped_changed: int
    padded_changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeIdentity:
    """What a certificate is bound to: a judge and the wording it was asked with.

    `profile_sha256` is over provider, model, address, parameters and code of the judge's profile,
    `rubric_sha256` over all that it is told. `model` is for people.
    """

    model: str
    profile_sha256: str
    rubric: str
    rubric_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """How one judge did with one rubric. Bound to both: it says nothing of any other.

    `faults` are the reasons why the judge is not usable, in words; `usable` means there are none.
    """

    judge: JudgeIdentity
    origin: LabelOrigin
    labels_sha256: str
    agreement: Agreement
    numbers_planted: int
    numbers_found: int
    stability: Stability
    faults: tuple[str, ...]

    @property
    def usable(self) -> bool:
        """Whether the judge did well enough on these labels."""
        return not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A certificate with what a person wants to know beside it.

    `by_code` explanations were decided by their numbers alone. `why_advisory` is one clause, or
    "" where the judge may gate. `usd` is what the judge cost, `None` where nobody knows.
    """

    certificate: Certificate
    runner: str
    answered_by: tuple[str, ...]
    calls: int
    by_code: int
    usd: float | None
    why_advisory: str
    path: str

    @property
    def facts(self) -> Mapping[str, Json]:
        """What the certificate's own file does not say."""
        return {
            "runner": self.runner,
            "answered_by": list(self.answered_by),
            "calls": self.calls,
            "by_code": self.by_code,
            "usd": self.usd,
            "why_advisory": self.why_advisory,
            "path": self.path,
        }
