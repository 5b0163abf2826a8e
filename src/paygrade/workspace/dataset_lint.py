"""What gives a label away, or makes a dataset say less than it seems to.

Mistakes are certain (an oracle's key in an input, one input with two labels). Notes are signals
that a person should look at: a label that a table over one slice predicts, an answer that always
stands first, a label that goes with the length of the input.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from paygrade.errors import Mistake
from paygrade.records.json_value import canonical

if TYPE_CHECKING:
    from paygrade.records.json_value import Json
    from paygrade.records.plan import Dataset
    from paygrade.records.sample import Sample

PREDICTABLE = 0.9
"""Above this share a label counts as predicted by something that is not its deciding fact."""

FEW = 30
"""With fewer samples no signal is looked for: chance alone would show some."""

_MOST_LABELS = 25
_SHORTEST_WORD = 4
_LABEL_KEYS = frozenset({"answer", "expected", "label", "labels", "oracle", "rationale"})
_WORDS = re.compile(r"[a-z]+")


def mistakes(dataset: Dataset) -> list[Mistake]:
    """What gives labels away for certain, and inputs that stand twice: every one, with its line."""
    found = [
        Mistake(path=dataset.path, line=sample.line, problem=problem, hint=hint)
        for sample in dataset.samples
        for problem, hint in (*_shown_labels(sample), *_told_by_ids(sample))
    ]
    return [*found, *_twice(dataset)]


def notes(dataset: Dataset) -> list[str]:
    """Signals that predict labels, and what is missing; one sentence each."""
    found = [] if dataset.canary else ["no canary line: a leak into training data would not show"]
    if len(dataset.samples) < FEW:
        return [*found, f"fewer than {FEW} samples: signals are not looked for"]
    labels = _labels(dataset.samples)
    for field, values in labels.items():
        found += _by_slices(dataset.samples, field, values)
        found += _by_length(dataset.samples, field, values)
    return [*found, *_by_order(dataset.samples)]


def _shown_labels(sample: Sample) -> Iterator[tuple[str, str]]:
    if isinstance(sample.input, Mapping):
        for key in sorted(_LABEL_KEYS & set(sample.input)):
            yield f"the input has the key {key!r}", "a model sees all of `input`: move it out"
    for key in sorted({key for key in _keys(sample.input) if key.startswith("_")}):
        yield f"the input has the oracle's key {key!r}", "keys with _ are for the oracle: strip it"


def _told_by_ids(sample: Sample) -> Iterator[tuple[str, str]]:
    """Ids that spell the sample's own label, where a model or a reader would see it."""
    expected = sample.expected if isinstance(sample.expected, Mapping) else {"": sample.expected}
    told = {
        value
        for value in expected.values()
        if isinstance(value, str) and len(value) >= _SHORTEST_WORD
    }
    for shown in sorted({sample.id, *_ids(sample.input)}):
        words = f" {' '.join(_WORDS.findall(shown.lower()))} "
        for label in sorted(told):
            spelled = " ".join(_WORDS.findall(label.lower()))
            if len(spelled) >= _SHORTEST_WORD and f" {spelled} " in words:
                yield f"the id {shown!r} spells the label {label!r}", "give it a neutral id"


def _twice(dataset: Dataset) -> Iterator[Mistake]:
    seen: dict[str, Sample] = {}
    for sample in dataset.samples:
        first = seen.setdefault(canonical(sample.input), sample)
        if first is sample:
            continue
        if canonical(first.expected) == canonical(sample.expected):
            problem, hint = f"has the input of line {first.line}", "one question counts once"
        else:
            problem = f"has the input of line {first.line} and another label"
            hint = "one of the two labels is wrong, or the deciding fact is missing"
        yield Mistake(path=dataset.path, line=sample.line, problem=problem, hint=hint)


def _labels(samples: Sequence[Sample]) -> dict[str, list[str]]:
    """Each field of the label that has few values: its value for every sample."""
    found: dict[str, list[str]] = {}
    names = {
        name
        for sample in samples
        if isinstance(sample.expected, Mapping)
        for name in sample.expected
    }
    for name in sorted(names):
        values = [
            canonical(sample.expected.get(name)) if isinstance(sample.expected, Mapping) else ""
            for sample in samples
        ]
        if 1 < len(set(values)) <= _MOST_LABELS:
            found[name] = values
    return found


def _by_slices(samples: Sequence[Sample], field: str, values: Sequence[str]) -> Iterator[str]:
    usual = Counter(values).most_common(1)[0][1] / len(values)
    for name in sorted({name for sample in samples for name in sample.slices}):
        if name == field:  # a slice that is the label by its name is meant to be
            continue
        rows = [
            (sample.slices.get(name, ()), value)
            for sample, value in zip(samples, values, strict=True)
        ]
        share = _table(rows)
        if share > max(PREDICTABLE, (1 + usual) / 2):
            yield (
                f"the slice {name!r} predicts {field!r} in {share:.0%} of samples "
                f"(always the usual answer: {usual:.0%})"
            )


def _by_length(samples: Sequence[Sample], field: str, values: Sequence[str]) -> Iterator[str]:
    lengths = [len(canonical(sample.input)) for sample in samples]
    fourths = sorted(lengths)
    bounds = [fourths[len(fourths) * part // 4] for part in (1, 2, 3)]
    rows = [
        ((str(sum(length >= bound for bound in bounds)),), value)
        for length, value in zip(lengths, values, strict=True)
    ]
    usual = Counter(values).most_common(1)[0][1] / len(values)
    share = _table(rows)
    if share > max(usual + 0.2, (1 + usual) / 2):
        yield (
            f"the length of the input predicts {field!r} in {share:.0%} of samples "
            f"(always the usual answer: {usual:.0%})"
        )


def _by_order(samples: Sequence[Sample]) -> Iterator[str]:
    """Lists of the input whose first item is named by the label more, or less, than the others."""
    first: Counter[str] = Counter()
    others: dict[str, list[float]] = defaultdict(list)
    for sample in samples:
        named = set(_texts(sample.expected))
        if not isinstance(sample.input, Mapping):
            continue
        for key, value in sample.input.items():
            ids = [each["id"] for each in _objects(value) if isinstance(each.get("id"), str)]
            hits = [each in named for each in ids]
            if len(ids) > 1 and any(hits) and not all(hits):
                first[key] += hits[0]
                others[key].append(sum(hits[1:]) / len(hits[1:]))
    for key, shares in sorted(others.items()):
        usual = sum(shares) / len(shares)
        seen = first[key] / len(shares)
        if len(shares) >= FEW and abs(seen - usual) > 0.2:  # noqa: PLR2004 - two in ten is no chance
            yield (
                f"the first of {key!r} is named by {seen:.0%} of labels, the others by "
                f"{usual:.0%}: shuffle them"
            )


def _table(rows: Sequence[tuple[tuple[str, ...], str]]) -> float:
    """The share that a majority table over the first part gets right, leaving each row out."""
    counted: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for key, value in rows:
        counted[key][value] += 1
    right = 0
    for key, value in rows:
        others = counted[key].copy()
        others[value] -= 1
        best = max(others.values())
        right += best > 0 and others[value] == best
    return right / len(rows)


def _keys(value: Json) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from value
        for item in value.values():
            yield from _keys(item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _keys(item)


def _ids(value: Json) -> Iterator[str]:
    for each in _objects(value):
        if isinstance(found := each.get("id"), str):
            yield found


def _objects(value: Json) -> Iterator[Mapping[str, Json]]:
    if isinstance(value, Mapping):
        yield value
        for item in value.values():
            yield from _objects(item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _objects(item)


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _texts(item)
