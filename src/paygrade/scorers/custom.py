"""`python`: a suite's own function, loaded by path from beside the suite."""

from __future__ import annotations

import copy
import inspect
import math
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, TypeGuard

from pydantic import AfterValidator, Field, JsonValue

from paygrade import scripts
from paygrade.errors import ScorerError
from paygrade.records.check import Score, Subject
from paygrade.scorers.kind import PASS, Bound, Kind, Place, fails
from paygrade.scorers.params import ScorerParams, UnfitError, did_you_mean, plain, refused
from paygrade.scorers.show import one_line, show

if TYPE_CHECKING:
    from types import ModuleType

_CALLABLE = re.compile(r"[^:]+\.py:[^\W\d]\w*")
_REASON = 500  # characters of a function's own reason


def _reference(text: str) -> str:
    if _CALLABLE.fullmatch(text) is None:
        raise UnfitError(f"should be FILE.py:FUNCTION, got {show(text)}")
    return text


class PythonParams(ScorerParams):
    """`python` calls a function as f(subject, **params) and reads a bool, a number or a `Score`."""

    callable_: Annotated[str, AfterValidator(_reference)] = Field(
        alias="callable", description="FILE.py:FUNCTION, the file beside the suite"
    )
    params: dict[str, JsonValue] = Field(
        default_factory=dict, description="Keyword arguments for the function"
    )
    threshold: float = Field(
        default=1.0, gt=0, le=1, allow_inf_nan=False, description="A number from here on passes"
    )


def sentence(error: BaseException) -> str:
    """Say what was raised: its class and its message, on one line."""
    return one_line(scripts.said(error), _REASON)


def _build(params: PythonParams, place: Place) -> Bound:
    file, _, name = params.callable_.partition(":")
    try:
        path = place.file(file)
    except UnfitError as error:
        raise refused("callable", f"{file} {error}") from None
    if path not in place.scripts:
        try:
            place.scripts[path] = scripts.load(path)
        except scripts.ScriptError as error:
            problem = one_line(f"{path.name} {error}", _REASON)
            raise refused("callable", problem) from error
    script = place.scripts[path]
    function = _function(script.module, name, file)
    _accepts(function, params.params, name)

    def judge(subject: Subject) -> Score | Awaitable[Score]:
        # copies of its own: a function that sorts or pops must not change what others judge
        own = replace(
            subject,
            input=plain(subject.input),
            expected=plain(subject.expected),
            output=plain(subject.output),
        )
        result = function(own, **copy.deepcopy(params.params))
        if inspect.isawaitable(result):
            return _later(result, params.threshold)
        return _score(result, params.threshold)

    return Bound(
        judge=judge, found=lambda _: f"{params.callable_} passed it", identity=script.sha256
    )


def _function(module: ModuleType, name: str, file: str) -> Callable[..., Any]:
    function = getattr(module, name, None)
    if function is None:
        known = [each for each, value in vars(module).items() if inspect.isfunction(value)]
        raise refused("callable", f"{file} has no function {name!r}", did_you_mean(name, known))
    if not callable(function):
        raise refused("callable", f"{name!r} in {file} is not a function")
    return function  # type: ignore[no-any-return]  # code from a file has no static type


def _accepts(function: Callable[..., Any], params: Mapping[str, JsonValue], name: str) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return  # something in C that does not tell: its first call will
    try:
        signature.bind(None, **params)
    except TypeError as error:
        problem = f"{name} cannot be called with the subject and these params: {error}"
        raise refused("params", problem) from None


async def _later(result: Awaitable[object], threshold: float) -> Score:
    return _score(await result, threshold)


def _score(result: object, threshold: float) -> Score:
    """Read what a function returned.

    Raises:
        ScorerError: it is not a bool, a number in 0..1, or a `Score` of such parts.
    """
    if isinstance(result, bool):
        return PASS if result else fails("the function returned False")
    if isinstance(result, int | float):
        value = _share("the function returned", result)
        passed = value >= threshold
        reason = "" if passed else f"got {show(value)}, wanted at least {show(threshold)}"
        return Score(passed=passed, value=value, reason=reason)
    if not isinstance(result, Score):
        what = type(result).__name__
        problem = f"the function returned {what}, not a bool, a number in 0..1 or a Score"
        raise ScorerError(problem)
    return _checked(result)


def _checked(score: Score) -> Score:
    """Hold a function's `Score` to the types it states, which nothing else does at run time."""
    passed, reason, partial = _untyped(score)
    if score.value is not None:
        _share("the Score's 'value' is", score.value)
    if not isinstance(passed, bool):
        raise ScorerError("the Score's 'passed' is not a bool")
    if not isinstance(reason, str):
        raise ScorerError("the Score's 'reason' is not text")
    if not isinstance(partial, Mapping):
        raise ScorerError("the Score's 'partial' is not a mapping of names to numbers")
    for name, figure in partial.items():
        if not isinstance(name, str) or not _is_finite(figure):
            raise ScorerError(f"the Score's 'partial' has {name!r} without a finite number")
    return replace(score, reason=one_line(reason, _REASON), partial=dict(partial))


def _untyped(score: Score) -> tuple[object, object, object]:
    return score.passed, score.reason, score.partial


def _share(what: str, value: object) -> float:
    if not _is_finite(value) or not 0 <= value <= 1:
        shown = repr(value) if isinstance(value, int | float) else type(value).__name__
        raise ScorerError(f"{what} {one_line(shown, 40)}, which is not in 0..1")
    return float(value)


def _is_finite(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


PYTHON = Kind(name="python", version="2", params=PythonParams, build=_build)
