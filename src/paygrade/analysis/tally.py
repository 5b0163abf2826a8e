"""Attempts counted by case, and the rate and interval that they come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from paygrade.records.effects import Share
from paygrade.records.run import Rate
from paygrade.stats import clustered_wilson
from paygrade.stats.interval import zero_upper

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paygrade.records.baseline import ArmSample


@dataclass(slots=True)
class Tally:
    """Attempts by case: `[judged, found]` each, and errors apart."""

    cases: dict[str, list[int]] = field(default_factory=dict)
    errored: int = 0

    def count(self, case: str, *, found: bool) -> None:
        """One more attempt of `case`; what is counted was found in it, or not."""
        counts = self.cases.setdefault(case, [0, 0])
        counts[0] += 1
        counts[1] += found

    def rate(self) -> Rate:
        """What was found are failures."""
        share = self.share()
        return Rate(
            scored=share.judged,
            failed=share.found,
            errored=share.errored,
            rate=share.rate,
            low=share.low,
            high=share.high,
        )

    def share(self) -> Share:
        """What was found, of what was judged.

        Attempts of one case tell no more than one where all of them are alike, so that the bound
        is by cases, as the interval is.
        """
        judged = sum(n for n, _ in self.cases.values())
        found = sum(x for _, x in self.cases.values())
        low, high = clustered_wilson(
            [x for _, x in self.cases.values()], [n for n, _ in self.cases.values()]
        )
        bound = None
        if judged and found in (0, judged):
            most = zero_upper(len(self.cases))
            bound = most if found == 0 else 1 - most
        return Share(
            found=found,
            judged=judged,
            errored=self.errored,
            cases=len(self.cases),
            rate=found / judged if judged else None,
            low=low,
            high=high,
            bound=bound,
        )


def tally_of(samples: Iterable[ArmSample]) -> Tally:
    """All sessions of an accepted version together. Quarantined samples are in no rate."""
    found = Tally()
    for sample in samples:
        if sample.case_class != "quarantined":
            for mark in "".join(sample.sessions):
                if mark == "E":
                    found.errored += 1
                elif mark in "PF":
                    found.count(sample.case, found=mark == "F")
    return found
