"""From the outcomes of a baseline to its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.analysis.tally import tally_of
from paygrade.records.accepted import Accepted, AcceptedSample

if TYPE_CHECKING:
    from paygrade.records.baseline import ArmSample, Baseline


def accepted_of(baseline: Baseline, *, current: bool) -> Accepted:
    """The figures of `baseline`, counted as a run is; the samples of the `current` one alone."""
    tally = tally_of(baseline.samples)
    return Accepted(
        suite=baseline.suite,
        runner=baseline.runner,
        digest=baseline.digest,
        accepted_at=baseline.accepted_at,
        reason=baseline.reason,
        prompt=baseline.prompt,
        dataset=baseline.dataset,
        commit=baseline.commit,
        identity=baseline.identity,
        epochs=sum(each.epochs for each in baseline.sessions),
        source=baseline.source,
        current=current,
        rate=tally.rate(),
        cases=len(tally.cases),
        power=baseline.power,
        samples=tuple(map(_sample, baseline.samples)) if current else (),
    )


def _sample(sample: ArmSample) -> AcceptedSample:
    marks = "".join(sample.sessions)
    return AcceptedSample(
        sample_id=sample.sample_id,
        content_hash=sample.content_hash,
        case=sample.case,
        case_class=sample.case_class,
        scored=marks.count("P") + marks.count("F"),
        failed=marks.count("F"),
        errored=marks.count("E"),
    )
