"""`effect:end-state`: the world ended as it should, whatever way led there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from paygrade.records.check import Score, Subject
from paygrade.scorers.acted import WIDE, acted, labelled, objects, some
from paygrade.scorers.equality import identical
from paygrade.scorers.identity import is_amount
from paygrade.scorers.kind import Bound, Kind, Place
from paygrade.scorers.params import ScorerParams, UnfitError
from paygrade.scorers.show import clip, kind, one_line, show
from paygrade.scorers.target import ABSENT, find, parse_path

if TYPE_CHECKING:
    from paygrade.records.json_value import Json
    from paygrade.scorers.target import Path

Assertion = Callable[["Json"], str]
"""What does not hold of a snapshot, or ""."""

_FORMS = ("equals", "absent", "count", "any_of")
_KEYS = ("at", *_FORMS, "where")
_BRANCH = 160  # characters of one alternative's faults


class EndStateParams(ScorerParams):
    """All assertions in `expected.end_state` hold of the world's last snapshot.

    Each is `{at, equals}`, `{at, absent: true}`, `{at, count, where}`, or `{any_of: [[…], […]]}`,
    of which one list holds. Figures: held, of.
    """


def _build(_params: EndStateParams, _place: Place) -> Bound:
    def judge(subject: Subject) -> Score:
        snapshot = acted(subject).snapshot
        asserted = labelled(subject, "end_state", _assertions)
        faults = [fault for each in asserted if (fault := each(snapshot))]
        return Score(
            passed=not faults,
            reason=some(faults),
            partial={"held": len(asserted) - len(faults), "of": len(asserted)},
        )

    def found(subject: Subject) -> str:
        held = len(labelled(subject, "end_state", _assertions))
        return f"the world ended as wanted ({held} of {held} assertions hold)"

    return Bound(judge=judge, found=found)


def _assertions(value: Json) -> list[Assertion]:
    found = [_assertion(each) for each in objects(value, "assertion", _KEYS)]
    if not found:
        raise UnfitError("has no assertion: no world could fail it")
    return found


def _assertion(value: Mapping[str, Json]) -> Assertion:
    forms = [key for key in _FORMS if key in value]
    if len(forms) != 1 or ("at" in value) == ("any_of" in value):
        wanted = "'at' with one of 'equals', 'absent' and 'count', or 'any_of' alone"
        raise UnfitError(f"should have assertions of {wanted}, got {show(value)}")
    if "where" in value and "count" not in value:
        raise UnfitError(f"has 'where' without 'count': {show(value)}")
    match forms[0]:
        case "any_of":
            return _any_of(value["any_of"])
        case "count":
            return _count(_at(value), value["count"], value.get("where", {}))
        case "absent":
            return _absent(_at(value), value["absent"])
    return _equals(_at(value), value["equals"])


def _at(value: Mapping[str, Json]) -> str:
    at = value["at"]
    if not isinstance(at, str):
        raise UnfitError(f"should have paths in 'at', got {show(at)}")
    return at


def _path(at: str) -> Path:
    try:
        return parse_path(at)
    except UnfitError as error:
        raise UnfitError(f"has a path that {error}") from None


def _equals(at: str, wanted: Json) -> Assertion:
    path, name = _path(at), one_line(at, WIDE)

    def fault(snapshot: Json) -> str:
        got = find(snapshot, path)
        if got is not ABSENT and identical(got, wanted):
            return ""
        return f"{name}: got {'nothing' if got is ABSENT else show(got)}, wanted {show(wanted)}"

    return fault


def _absent(at: str, wanted: Json) -> Assertion:
    if wanted is not True:
        raise UnfitError(f"should have only true for 'absent', got {show(wanted)}")
    path, name = _path(at), one_line(at, WIDE)

    def fault(snapshot: Json) -> str:
        got = find(snapshot, path)
        return "" if got is ABSENT else f"{name}: got {show(got)}, wanted nothing there"

    return fault


def _count(at: str, wanted: Json, where: Json) -> Assertion:
    if not is_amount(wanted) or wanted < 0:
        raise UnfitError(f"should have integers from 0 as 'count', got {show(wanted)}")
    if not isinstance(where, Mapping):
        raise UnfitError(f"should have objects as 'where', got {show(where)}")
    path, name = _path(at), one_line(at, WIDE)
    conditions = [(_path(key), value) for key, value in where.items()]

    def holds(item: Json) -> bool:
        got = [(find(item, inner), value) for inner, value in conditions]
        return all(one is not ABSENT and identical(one, value) for one, value in got)

    def fault(snapshot: Json) -> str:
        got = find(snapshot, path)
        if got is ABSENT:  # an empty list counts as 0, a path that leads nowhere does not
            return f"{name}: got nothing, wanted {show(wanted)} to count there"
        if isinstance(got, Mapping):
            items: Sequence[Json] = list(got.values())
        elif isinstance(got, Sequence) and not isinstance(got, str):
            items = got
        else:
            return f"{name}: {show(got)} is {kind(got)}, wanted a list or object to count in"
        count = sum(map(holds, items))
        if count == wanted:
            return ""
        which = f" with {show(where)}" if where else ""
        return f"{name}: counted {count}{which}, wanted {show(wanted)}"

    return fault


def _any_of(value: Json) -> Assertion:
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise UnfitError(f"should have lists of assertions in 'any_of', got {show(value)}")
    branches = [_assertions(each) for each in value]

    def fault(snapshot: Json) -> str:
        wrong = [some([said for each in one if (said := each(snapshot))]) for one in branches]
        if "" in wrong:
            return ""
        listed = " or ".join(f"[{clip(each, _BRANCH)}]" for each in wrong)
        return f"none of {len(wrong)} ways holds: {one_line(listed, WIDE * 4)}"

    return fault


END_STATE = Kind(
    name="effect:end-state",
    version="1",
    params=EndStateParams,
    build=_build,
    severity="critical",
)
