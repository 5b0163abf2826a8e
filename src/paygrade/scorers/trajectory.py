"""`trajectory:*`: which tools an agent called, in what order, with what arguments.

`tool-used`, `tool-sequence` and `args-match` mean what promptfoo means by them; `exact`,
`in_order` and `any_order` what Google's ADK, `subset` and `superset` what LangChain's agentevals
means. Compared are calls that reached a tool.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

from pydantic import Field, JsonValue

from paygrade.errors import ScorerError
from paygrade.records.check import ParamProblem, Score, Subject
from paygrade.scorers.acted import REASON, WIDE, labelled, some, used
from paygrade.scorers.kind import PASS, Bound, Kind, Place, fails
from paygrade.scorers.params import ScorerParams
from paygrade.scorers.show import clip, one_line
from paygrade.scorers.wanted_calls import (
    Ignored,
    Steps,
    WantedCall,
    called,
    difference,
    listed,
    shown,
    wanted_calls,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from paygrade.records.json_value import Json


class ToolUsedParams(ScorerParams):
    """`tool` was called, at least `min` and at most `max` times."""

    tool: str = Field(min_length=1, description="Name of the tool")
    min: int = Field(default=1, ge=0, description="Calls of it, at least")
    max: int | None = Field(default=None, ge=0, description="Calls of it, at most")

    @classmethod
    def conflicts(cls, params: Mapping[str, Json]) -> Iterator[ParamProblem]:
        """Name bounds that nothing or everything fits."""
        yield from super().conflicts(params)
        least, most = params.get("min", 1), params.get("max")
        if isinstance(least, int) and isinstance(most, int) and most < least:
            hint = "'min' is 1 unless it is said"
            yield ParamProblem(key="max", problem="'max' is below 'min'", hint=hint)
        if least == 0 and most is None:
            problem = "'min: 0' without 'max' fits every number of calls"
            yield ParamProblem(key="min", problem=problem)


class ToolSequenceParams(ScorerParams):
    """The tools named in `steps` were called in this order; arguments are not compared."""

    steps: list[str] | None = Field(
        default=None, min_length=1, description="Tools; by default those of expected.trajectory"
    )
    mode: Literal["in_order", "exact"] = Field(
        default="in_order", description="in_order: other calls may stand between; exact: none"
    )


class ArgsMatchParams(ScorerParams):
    """Some call of `tool` has these `arguments`.

    Without both, each call of `expected.trajectory` that names arguments is wanted.
    """

    tool: str = Field(default="", description="Name of the tool")
    arguments: dict[str, JsonValue] | None = Field(default=None, description="What it was given")
    mode: Literal["partial", "exact"] = Field(
        default="partial", description="partial: more arguments may be given; exact: none"
    )
    ignore: Ignored = Field(default_factory=list)

    @classmethod
    def conflicts(cls, params: Mapping[str, Json]) -> Iterator[ParamProblem]:
        """Name a tool without arguments, or arguments of no tool."""
        yield from super().conflicts(params)
        if bool(params.get("tool")) != (params.get("arguments") is not None):
            problem = "'tool' and 'arguments' are wanted together"
            hint = "without both, calls are wanted as in expected.trajectory"
            yield ParamProblem(key="arguments", problem=problem, hint=hint)


class TrajectoryParams(ScorerParams):
    """The calls are compared with those of `steps`, or of the sample's `expected.trajectory`.

    Each is the name of a tool (any arguments), or `{tool, arguments}`, compared by type and value.
    """

    steps: Steps | None = Field(
        default=None, description="Wanted calls; by default those of expected.trajectory"
    )
    ignore: Ignored = Field(default_factory=list)


class PartialTrajectoryParams(TrajectoryParams):
    """As for every trajectory; an empty list that is written down would be a check of nothing."""

    @classmethod
    def conflicts(cls, params: Mapping[str, Json]) -> Iterator[ParamProblem]:
        """Name a literal that no agent could fail."""
        yield from super().conflicts(params)
        if params.get("steps") == []:
            yield ParamProblem(key="steps", problem="'steps' is empty: no agent could fail this")


def _tool_used(params: ToolUsedParams, _place: Place) -> Bound:
    def count(subject: Subject) -> int:
        return sum(each.tool == params.tool for each in used(subject))

    if params.max is None:
        wanted = f"at least {params.min}"
    elif params.max == params.min:
        wanted = f"exactly {params.min}"
    else:
        wanted = f"{params.min} to {params.max}"

    def judge(subject: Subject) -> Score:
        times = count(subject)
        if params.min <= times and (params.max is None or times <= params.max):
            return PASS
        return fails(f"{params.tool} was called {times} times, wanted {wanted}")

    def found(subject: Subject) -> str:
        return f"{params.tool} was called {count(subject)} times"

    return Bound(judge=judge, found=found)


def _args_match(params: ArgsMatchParams, _place: Place) -> Bound:
    some_more = params.mode == "partial"

    def wanted(subject: Subject) -> list[WantedCall]:
        if params.arguments is not None:
            return [WantedCall(tool=params.tool, arguments=params.arguments)]
        calls = labelled(subject, "trajectory", wanted_calls)
        found = [each for each in calls if each.arguments is not None]
        if not found:
            raise ScorerError("expected 'trajectory' has no call with arguments")
        return found

    def judge(subject: Subject) -> Score:
        calls = called(used(subject), params.ignore)
        faults = []
        for each in wanted(subject):
            goal = each.without(params.ignore)
            wrong = [difference(goal, call, some_more=some_more) for call in calls]
            if "" not in wrong:
                same = [
                    fault
                    for fault, call in zip(wrong, calls, strict=True)
                    if call.tool == each.tool
                ]
                name = one_line(each.tool, WIDE)
                nearest = f"no call as wanted, the last had {same[-1]}" if same else "never called"
                faults.append(f"{name}: {nearest}")
        return fails(some(faults)) if faults else PASS

    def found(subject: Subject) -> str:
        return f"called as wanted: {listed(wanted(subject))}"

    return Bound(judge=judge, found=found)


Comparison = Callable[[Sequence[WantedCall], Sequence[WantedCall]], str]
"""What is wrong with the calls (first) beside the wanted ones, or ""."""


def _exact(calls: Sequence[WantedCall], wanted: Sequence[WantedCall]) -> str:
    for place, (call, each) in enumerate(zip(calls, wanted, strict=False), start=1):
        if fault := difference(each, call):
            return f"call {place}: {fault}"
    if len(calls) > len(wanted):
        extra = shown(calls[len(wanted)])
        return f"call {len(wanted) + 1}: got {extra}, wanted no more"
    if len(calls) < len(wanted):
        missing = shown(wanted[len(calls)])
        return f"call {len(calls) + 1}: got none, wanted {missing}"
    return ""


def _in_order(calls: Sequence[WantedCall], wanted: Sequence[WantedCall]) -> str:
    left = iter(calls)
    before = ""
    for each in wanted:
        if not any(not difference(each, call) for call in left):
            place = f" after {before}" if before else ""
            return f"{shown(each)} was not called{place}; called: {listed(calls)}"
        before = shown(each)
    return ""


def _any_order(calls: Sequence[WantedCall], wanted: Sequence[WantedCall]) -> str:
    _, missing = _paired(calls, wanted)
    return f"not called: {listed(missing)}; called: {listed(calls)}" if missing else ""


def _subset(calls: Sequence[WantedCall], wanted: Sequence[WantedCall]) -> str:
    extra, _ = _paired(calls, wanted)
    return f"called, but not wanted: {listed(extra)}" if extra else ""


def _paired(
    calls: Sequence[WantedCall], wanted: Sequence[WantedCall]
) -> tuple[list[WantedCall], list[WantedCall]]:
    """Pair each wanted call with one that was made; return what is left of both.

    Those that name arguments choose first: whatever fits them fits a bare name too.
    """
    left, missing = list(calls), []
    for each in sorted(wanted, key=lambda one: one.arguments is None):
        place = next((at for at, call in enumerate(left) if not difference(each, call)), None)
        if place is None:
            missing.append(each)
        else:
            del left[place]
    return left, missing


def _build(params: TrajectoryParams, _place: Place, *, compare: Comparison) -> Bound:
    given = None if params.steps is None else wanted_calls(params.steps)

    def wanted(subject: Subject) -> list[WantedCall]:
        calls = labelled(subject, "trajectory", wanted_calls) if given is None else given
        return [each.without(params.ignore) for each in calls]

    return _bound(compare, lambda subject: called(used(subject), params.ignore), wanted)


def _tool_sequence(params: ToolSequenceParams, _place: Place) -> Bound:
    def names(subject: Subject) -> list[WantedCall]:
        if params.steps is not None:
            return [WantedCall(tool=each) for each in params.steps]
        calls = labelled(subject, "trajectory", wanted_calls)
        return [WantedCall(tool=each.tool) for each in calls]

    return _bound(
        _exact if params.mode == "exact" else _in_order,
        lambda subject: [WantedCall(tool=each.tool) for each in used(subject)],
        names,
    )


def _bound(
    compare: Comparison,
    made: Callable[[Subject], Sequence[WantedCall]],
    wanted: Callable[[Subject], Sequence[WantedCall]],
) -> Bound:
    def judge(subject: Subject) -> Score:
        fault = compare(made(subject), wanted(subject))
        return fails(clip(fault, REASON)) if fault else PASS

    return Bound(judge=judge, found=lambda subject: f"called: {listed(made(subject))}")


TOOL_USED = Kind(name="trajectory:tool-used", version="1", params=ToolUsedParams, build=_tool_used)
TOOL_SEQUENCE = Kind(
    name="trajectory:tool-sequence", version="1", params=ToolSequenceParams, build=_tool_sequence
)
ARGS_MATCH = Kind(
    name="trajectory:args-match", version="1", params=ArgsMatchParams, build=_args_match
)
EXACT = Kind(
    name="trajectory:exact",
    version="1",
    params=TrajectoryParams,
    build=partial(_build, compare=_exact),
)
IN_ORDER = Kind(
    name="trajectory:in_order",
    version="1",
    params=PartialTrajectoryParams,
    build=partial(_build, compare=_in_order),
)
ANY_ORDER = Kind(
    name="trajectory:any_order",
    version="1",
    params=PartialTrajectoryParams,
    build=partial(_build, compare=_any_order),
)
SUBSET = Kind(
    name="trajectory:subset",
    version="1",
    params=TrajectoryParams,
    build=partial(_build, compare=_subset),
)
SUPERSET = Kind(
    name="trajectory:superset",
    version="1",
    params=PartialTrajectoryParams,
    build=partial(_build, compare=_any_order),
)
