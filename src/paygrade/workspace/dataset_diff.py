"""What changed between two versions of a dataset, sample by sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.records.dataset_change import DatasetChange, SampleChange
from paygrade.records.json_value import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.records.plan import Dataset
    from paygrade.records.sample import Sample


def dataset_diff(before: Dataset, after: Dataset) -> DatasetChange:
    """Compare by id; the order of lines and of keys is no change."""
    old = {each.id: each for each in before.samples}
    new = {each.id: each for each in after.samples}
    edited = tuple(
        SampleChange(id=name, keys=keys)
        for name in new
        if name in old and (keys := tuple(_keys(old[name], new[name])))
    )
    both = sum(name in old for name in new)
    return DatasetChange(
        before=before.reference,
        after=after.reference,
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        edited=edited,
        kept=both - len(edited),
    )


def _keys(old: Sample, new: Sample) -> Iterator[str]:
    if canonical(old.input) != canonical(new.input):
        yield "input"
    if canonical(old.expected) != canonical(new.expected):
        yield "expected"
    if old.checks != new.checks:
        yield "checks"
    if (old.case_class, old.quarantined_until, old.quarantined_why) != (
        new.case_class,
        new.quarantined_until,
        new.quarantined_why,
    ):
        yield "class"
    if old.case != new.case:
        yield "case"
    if dict(old.slices) != dict(new.slices):
        yield "slices"
    if old.exposure != new.exposure:
        yield "exposure"
    if canonical(old.world) != canonical(new.world):
        yield "world"
    if old.faults != new.faults:
        yield "faults"
