"""`set:equals`, `set:covers` and `set:excludes`: what a list holds, in whatever order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from paygrade.records.check import ParamProblem, Score, Subject
from paygrade.scorers.kind import Bound, Kind, Place, fails
from paygrade.scorers.params import UnfitError, plain
from paygrade.scorers.show import kind, show
from paygrade.scorers.target import WHOLE, TargetParams, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from paygrade.records.json_value import Json

Items = Mapping[Hashable, "Json"]
"""A set of JSON values, by keys that tell 1, 1.0 and true apart."""


class SetParams(TargetParams):
    """Elements compare by type and value. Figures beside the check never move its result.

    precision: share of the answer's elements that are wanted; recall: share of the wanted that
    the answer has; for `set:excludes`, shares of those that are as they should be (the answer's
    elements that are not excluded, the excluded that are left out). A share of nothing is 1.
    """

    @classmethod
    def fits(cls, value: JsonValue) -> None:
        """Want a list."""
        _wanted(value)


class PartOfSetParams(SetParams):
    """As for every set; an empty list that is written down would be a check of nothing."""

    @classmethod
    def conflicts(cls, params: Mapping[str, Json]) -> Iterator[ParamProblem]:
        """Name a literal that no answer could fail."""
        yield from super().conflicts(params)
        if params.get("value") == []:
            yield ParamProblem(key="value", problem="'value' is empty: no answer could fail this")


def _wanted(value: Json) -> Items:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise UnfitError(f"should be a list, got {show(value)}")
    return {_key(item): item for item in value}


def _key(item: Json) -> Hashable:
    if isinstance(item, str):
        return item
    if isinstance(item, Mapping | Sequence):
        return list, json.dumps(plain(item), sort_keys=True)
    return type(item), item


Faults = Callable[[Sequence["Json"], Items, Items], tuple[str, ...]]
"""What is wrong with an answer's list and its elements, beside the wanted ones."""


def _of_equals(listed: Sequence[Json], got: Items, wanted: Items) -> tuple[str, ...]:
    return _duplicates(listed, got), _missing(got, wanted), _surplus(got, wanted)


def _of_covers(_listed: Sequence[Json], got: Items, wanted: Items) -> tuple[str, ...]:
    return (_missing(got, wanted),)


def _of_excludes(_listed: Sequence[Json], got: Items, wanted: Items) -> tuple[str, ...]:
    return (_named("excluded", [item for key, item in got.items() if key in wanted]),)


def _missing(got: Items, wanted: Items) -> str:
    return _named("missing", [item for key, item in wanted.items() if key not in got])


def _surplus(got: Items, wanted: Items) -> str:
    return _named("not wanted", [item for key, item in got.items() if key not in wanted])


def _duplicates(listed: Sequence[Json], got: Items) -> str:
    if len(listed) == len(got):
        return ""
    times = Counter(map(_key, listed))
    return _named("duplicate", [item for key, item in got.items() if times[key] > 1])


_NAMED = 5  # elements that a reason names of each fault


def _named(what: str, items: Sequence[Json]) -> str:
    if not items:
        return ""
    return f"{what} {', '.join(map(show, items[:_NAMED]))}{', …' * (len(items) > _NAMED)}"


def _build(params: SetParams, _place: Place, *, faults: Faults, avoid: bool = False) -> Bound:
    label = params.field or WHOLE
    aim = "wanted none of" if avoid else "wanted"

    def compare(_subject: Subject, got: Json, wanted: Items) -> Score:
        if isinstance(got, str) or not isinstance(got, Sequence):
            return fails(f"{label}: {show(got)} is {kind(got)}, {aim} {_shown(wanted)}")
        items = {_key(item): item for item in got}
        partial_figures = _figures(items, wanted, avoid=avoid)
        wrong = "; ".join(filter(None, faults(got, items, wanted)))
        if not wrong:
            return Score(passed=True, partial=partial_figures)
        reason = f"{label}: {wrong} (got {show(got)}, {aim} {_shown(wanted)})"
        return Score(passed=False, reason=reason, partial=partial_figures)

    return judged(params, _wanted, compare)


def _shown(wanted: Items) -> str:
    return show(list(wanted.values()))


def _figures(got: Items, wanted: Items, *, avoid: bool) -> dict[str, float]:
    common = sum(key in wanted for key in got)
    of_got, of_wanted = (len(got) - common, len(wanted) - common) if avoid else (common, common)
    precision = of_got / len(got) if got else 1.0
    recall = of_wanted / len(wanted) if wanted else 1.0
    both = precision + recall
    f1 = min(1.0, 2 * precision * recall / both) if both else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}


SET_EQUALS = Kind(
    name="set:equals", version="2", params=SetParams, build=partial(_build, faults=_of_equals)
)
SET_COVERS = Kind(
    name="set:covers",
    version="2",
    params=PartOfSetParams,
    build=partial(_build, faults=_of_covers),
)
SET_EXCLUDES = Kind(
    name="set:excludes",
    version="2",
    params=PartOfSetParams,
    build=partial(_build, faults=_of_excludes, avoid=True),
)
