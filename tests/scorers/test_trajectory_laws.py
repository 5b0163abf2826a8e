"""How the ways to compare trajectories stand to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from scorers.agents import call, did

if TYPE_CHECKING:
    from random import Random

    from paygrade.records.agent import ToolCall
    from scorers.conftest import Judge

LIST = ("exact", "in_order", "any_order", "subset", "superset")
CALLS = st.lists(
    st.builds(call, st.sampled_from("ab"), st.sampled_from([{}, {"n": 1}, {"n": 2}])), max_size=4
)
STEPS: Any = st.lists(
    st.sampled_from(["a", "b"])
    | st.fixed_dictionaries(
        {"tool": st.sampled_from("ab"), "arguments": st.sampled_from([{}, {"n": 1}, {"n": True}])}
    ),
    max_size=4,
)


def _passing(judge: Judge, calls: list[ToolCall], steps: list[Any]) -> set[str]:
    label: Any = {"trajectory": steps}
    results = {
        mode: judge(f"trajectory:{mode}", {}, "", label, trajectory=did(*calls)).result
        for mode in LIST
    }
    assert "error" not in results.values()
    return {mode for mode, result in results.items() if result == "pass"}


@given(CALLS, STEPS)
def test_what_is_stricter_passes_less(
    judge: Judge, calls: list[ToolCall], steps: list[Any]
) -> None:
    """Exact is in order, in order is any order; any order is the superset's other name."""
    passing = _passing(judge, calls, steps)
    if "exact" in passing:
        assert passing == set(LIST)
    if "in_order" in passing:
        assert "any_order" in passing
    assert ("any_order" in passing) == ("superset" in passing)
    if passing >= {"subset", "superset"}:
        assert len(calls) == len(steps)


@given(CALLS, STEPS, st.randoms())
def test_without_an_order_none_matters(
    judge: Judge, calls: list[ToolCall], steps: list[Any], random: Random
) -> None:
    """Neither that of the calls nor that of the wanted ones."""
    free = {"any_order", "subset", "superset"}
    one = _passing(judge, calls, steps) & free
    calls, steps = random.sample(calls, len(calls)), random.sample(steps, len(steps))
    assert _passing(judge, calls, steps) & free == one


@given(CALLS, st.data())
def test_calls_that_were_made_are_what_they_are(
    judge: Judge, calls: list[ToolCall], data: st.DataObject
) -> None:
    """Written down as the label they pass all; with one left out they are too many."""
    label: Any = [{"tool": each.tool, "arguments": each.arguments} for each in calls]
    assert _passing(judge, calls, label) == set(LIST)
    if label:
        del label[data.draw(st.integers(0, len(label) - 1))]
        assert _passing(judge, calls, label) == {"in_order", "any_order", "superset"}


@given(CALLS, STEPS, CALLS)
def test_more_calls_never_take_away_what_was_wanted(
    judge: Judge, calls: list[ToolCall], steps: list[Any], more: list[ToolCall]
) -> None:
    """Where other calls are allowed, a further one cannot fail the check."""
    open_ended = {"in_order", "any_order", "superset"}
    before = _passing(judge, calls, steps) & open_ended
    assert before <= _passing(judge, [*calls, *more], steps)
