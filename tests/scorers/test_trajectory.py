"""`trajectory:*`: which tools were called, in what order, with what arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from paygrade.scorers import CATALOGUE
from scorers.agents import call, did

if TYPE_CHECKING:
    from paygrade.records.json_value import Json
    from scorers.conftest import Judge

LOOK = call("get_payment", {"payment": "pay_1"})
REFUND = call(
    "create_refund",
    {"payment": "pay_1", "amount_minor": 4200, "idempotency_key": "k-17", "meta": {"try": 1}},
)
REFUSED = call("create_refund", {"payment": "pay_1", "amount_minor": 9}, "error")
BROKEN = call("create_refund", {"payment": 1}, "malformed_arguments")
INVENTED = call("undo", {}, "unknown_tool")
LIST = ("exact", "in_order", "any_order", "subset", "superset")


@pytest.mark.parametrize(
    ("entry", "params", "reason"),
    [
        ("trajectory:tool-used", {"tool": "get_payment"}, ""),
        ("trajectory:tool-used", {"tool": "create_refund", "min": 2, "max": 2}, ""),
        ("trajectory:tool-used", {"tool": "undo", "min": 0, "max": 0}, ""),
        (
            "trajectory:tool-used",
            {"tool": "create_refund", "max": 1},
            "create_refund was called 2 times, wanted exactly 1",
        ),
        (
            "trajectory:tool-used",
            {"tool": "create_refund", "min": 3},
            "create_refund was called 2 times, wanted at least 3",
        ),
        (
            "trajectory:tool-used",
            {"tool": "undo", "max": 4},
            "undo was called 0 times, wanted 1 to 4",
        ),
        ("not-trajectory:tool-used", {"tool": "undo"}, ""),
        (
            "not-trajectory:tool-used",
            {"tool": "create_refund"},
            "create_refund was called 2 times",
        ),
    ],
)
def test_a_tool_was_used_so_often(
    judge: Judge, entry: str, params: dict[str, Json], reason: str
) -> None:
    """A call that gave an error counts, one that no tool could take does not."""
    check = judge(entry, params, "", trajectory=did(LOOK, REFUSED, BROKEN, INVENTED, REFUND))
    assert check.result == ("fail" if reason else "pass")
    assert check.reason == reason or check.result == "pass"


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({}, "missing key 'tool'"),
        ({"tool": "a", "max": 0}, "'max' is below 'min'"),
        ({"tool": "a", "min": 3, "max": 2}, "'max' is below 'min'"),
        ({"tool": "a", "min": 0}, "'min: 0' without 'max' fits every number of calls"),
        ({"tool": "a", "min": -1}, "'min' should be greater than or equal to 0, got -1"),
    ],
)
def test_bounds_that_cannot_decide_are_a_mistake(params: dict[str, Json], problem: str) -> None:
    """Told before anything runs."""
    [found] = CATALOGUE.problems("trajectory:tool-used", params)
    assert found.problem == problem


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"steps": ["get_payment", "create_refund"]}, ""),
        ({"steps": ["create_refund", "create_refund"]}, ""),
        ({}, ""),
        ({"steps": ["get_payment", "create_refund", "create_refund"], "mode": "exact"}, ""),
        (
            {"steps": ["create_refund", "get_payment"]},
            (
                "get_payment was not called after create_refund; "
                "called: get_payment, create_refund, create_refund"
            ),
        ),
        (
            {"steps": ["get_payment", "create_refund"], "mode": "exact"},
            "call 3: got create_refund, wanted no more",
        ),
        (
            {"steps": ["undo"]},
            "undo was not called; called: get_payment, create_refund, create_refund",
        ),
    ],
)
def test_tools_are_called_in_sequence(judge: Judge, params: dict[str, Json], reason: str) -> None:
    """Their names alone count; the label's trajectory is read for its names."""
    label: Any = {"trajectory": ["get_payment", {"tool": "create_refund", "arguments": {"x": 1}}]}
    agent = did(LOOK, REFUSED, INVENTED, REFUND)
    check = judge("trajectory:tool-sequence", params, "", label, trajectory=agent)
    assert check.result == ("fail" if reason else "pass")
    assert check.reason == reason


def _refund(**arguments: Json) -> dict[str, Json]:
    return {"tool": "create_refund", "arguments": arguments}


WHOLE = _refund(payment="pay_1", amount_minor=4200, idempotency_key="k-17", meta={"try": 1})


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        (_refund(payment="pay_1", amount_minor=4200), ""),
        (_refund(meta={}), ""),
        (_refund(), ""),
        ({**WHOLE, "mode": "exact"}, ""),
        (
            {
                **_refund(payment="pay_1", amount_minor=4200, meta={}),
                "mode": "exact",
                "ignore": ["idempotency_key", "meta.try"],
            },
            "",
        ),
        (
            {**_refund(payment="pay_1", amount_minor=4200, meta={}), "mode": "exact"},
            (
                "create_refund: no call as wanted, the last had meta.try: got 1, "
                "wanted nothing there"
            ),
        ),
        (
            _refund(amount_minor=4300),
            ("create_refund: no call as wanted, the last had amount_minor: got 4200, wanted 4300"),
        ),
        (
            _refund(amount_minor=4200.0),
            (
                "create_refund: no call as wanted, the last had amount_minor: got 4200, "
                "wanted 4200.0"
            ),
        ),
        (
            _refund(meta={"try": True}),
            "create_refund: no call as wanted, the last had meta.try: got 1, wanted true",
        ),
        (
            _refund(reason="late"),
            "create_refund: no call as wanted, the last had reason: got nothing, wanted 'late'",
        ),
        ({"tool": "undo", "arguments": {}}, "undo: never called"),
    ],
)
def test_some_call_has_the_wanted_arguments(
    judge: Judge, params: dict[str, Json], reason: str
) -> None:
    """By type and value; `partial` allows more, `ignore` leaves out on both sides."""
    agent = did(LOOK, REFUSED, INVENTED, REFUND)
    check = judge("trajectory:args-match", params, "", trajectory=agent)
    assert check.result == ("fail" if reason else "pass")
    assert check.reason == reason


def test_each_labelled_call_has_its_arguments(judge: Judge) -> None:
    """Names without arguments are no matter of this scorer; one that fits none is named."""
    label: Any = {"trajectory": ["undo", {"tool": "get_payment", "arguments": {}}, WHOLE]}
    check = judge("trajectory:args-match", {}, "", label, trajectory=did(LOOK, REFUND))
    assert check.result == "pass"
    check = judge("trajectory:args-match", {}, "", label, trajectory=did(LOOK, REFUSED))
    assert check.reason == (
        "create_refund: no call as wanted, the last had amount_minor: got 9, wanted 4200"
    )


def test_lists_in_arguments_compare_element_by_element(judge: Judge) -> None:
    """Also where more is allowed, a list has exactly its elements."""
    agent = did(call("batch", {"items": [{"id": "a", "n": 1}, {"id": "b", "n": 2}]}))

    def result(*items: Json, **more: Json) -> str:
        params = {"tool": "batch", "arguments": {"items": list(items)}, **more}
        return judge("trajectory:args-match", params, "", trajectory=agent).result

    assert result({"id": "a"}, {"id": "b"}) == "pass"
    assert result({"id": "a"}) == "fail"
    assert result({"id": "b"}, {"id": "a"}) == "fail"
    assert result({"id": "a"}, {"id": "b"}, mode="exact") == "fail"
    assert result({"id": "a"}, {"id": "b"}, mode="exact", ignore=["items.0.n", "items.1.n"]) == (
        "pass"
    )


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"tool": "a"}, "'tool' and 'arguments' are wanted together"),
        ({"tool": "a", "arguments": None}, "'tool' and 'arguments' are wanted together"),
        ({"arguments": {}}, "'tool' and 'arguments' are wanted together"),
        ({"ignore": ["a..b"]}, "'ignore' should be keys joined by dots, got 'a..b'"),
        ({"mode": "subset"}, "'mode' should be 'partial' or 'exact', got 'subset'"),
    ],
)
def test_half_a_wanted_call_is_a_mistake(params: dict[str, Json], problem: str) -> None:
    """Told before anything runs."""
    [found] = CATALOGUE.problems("trajectory:args-match", params)
    assert found.problem == problem


TWICE = "create_refund {'payment': 'pay_1', 'amount_minor': 9}"


@pytest.mark.parametrize(
    ("mode", "steps", "reason"),
    [
        ("exact", ["get_payment", "create_refund", WHOLE], ""),
        (
            "exact",
            ["get_payment", WHOLE, "create_refund"],
            "call 2: amount_minor: got 9, wanted 4200",
        ),
        (
            "exact",
            ["get_payment", "get_payment", WHOLE],
            "call 2: got create_refund, wanted get_payment",
        ),
        (
            "exact",
            ["get_payment", "create_refund", WHOLE, "undo"],
            "call 4: got none, wanted undo",
        ),
        (
            "exact",
            [],
            "call 1: got get_payment {'payment': 'pay_1'}, wanted no more",
        ),
        ("in_order", ["get_payment", WHOLE], ""),
        ("in_order", [_refund(payment="pay_1", amount_minor=9), "create_refund"], ""),
        ("any_order", [WHOLE, "get_payment"], ""),
        ("any_order", ["create_refund", WHOLE], ""),
        ("superset", [WHOLE, "create_refund"], ""),
        ("subset", ["create_refund", WHOLE, "undo", "get_payment"], ""),
        ("subset", [WHOLE, "get_payment"], f"called, but not wanted: {TWICE}"),
    ],
)
def test_calls_compare_with_the_wanted_ones(
    judge: Judge,
    mode: str,
    steps: Any,  # noqa: ANN401 - calls as a suite has them
    reason: str,
) -> None:
    """Names fit any arguments; a call of the wanted list is used up by one that was made."""
    agent = did(LOOK, BROKEN, REFUSED, INVENTED, REFUND)
    of_suite = judge(f"trajectory:{mode}", {"steps": steps}, "", trajectory=agent)
    of_label = judge(f"trajectory:{mode}", {}, "", {"trajectory": steps}, trajectory=agent)
    assert (of_suite.result, of_suite.reason) == ("fail" if reason else "pass", reason)
    assert (of_label.result, of_label.reason) == (of_suite.result, of_suite.reason)


def test_what_is_missing_is_named_beside_what_was_called(judge: Judge) -> None:
    """A person sees at once what went another way."""
    steps: Any = ["create_refund", "get_payment", "get_payment"]
    agent = did(call("get_payment"), call("create_refund"))
    check = judge("trajectory:any_order", {"steps": steps}, "", trajectory=agent)
    assert check.reason == "not called: get_payment; called: get_payment {}, create_refund {}"
    check = judge("trajectory:in_order", {"steps": steps}, "", trajectory=agent)
    assert check.reason == (
        "get_payment was not called after create_refund; called: get_payment {}, create_refund {}"
    )


@pytest.mark.parametrize("mode", LIST)
def test_ignored_arguments_are_compared_on_neither_side(judge: Judge, mode: str) -> None:
    """A key that the agent makes up differs each time."""
    steps: Any = [_refund(payment="pay_1", amount_minor=4200, idempotency_key="other", meta={})]
    params: Any = {"steps": steps}
    strict = judge(f"trajectory:{mode}", params, "", trajectory=did(REFUND))
    params = {**params, "ignore": ["idempotency_key", "meta.try"]}
    lenient = judge(f"trajectory:{mode}", params, "", trajectory=did(REFUND))
    assert (strict.result, lenient.result) == ("fail", "pass")


def test_a_negated_trajectory_says_what_was_called(judge: Judge) -> None:
    """The other way round."""
    check = judge("not-trajectory:exact", {"steps": ["a"]}, "", trajectory=did(call("a")))
    assert (check.result, check.reason) == ("fail", "called: a {}")


@pytest.mark.parametrize("mode", ["in_order", "any_order", "superset"])
def test_a_list_that_wants_nothing_is_a_mistake(mode: str) -> None:
    """No agent could fail it."""
    [problem] = CATALOGUE.problems(f"trajectory:{mode}", {"steps": []})
    assert problem.problem == "'steps' is empty: no agent could fail this"


@pytest.mark.parametrize(
    ("steps", "clause"),
    [
        ("a", "should be a list of calls, got 'a'"),
        ([1], "should hold objects, got 1"),
        ([{"arguments": {}}], "has call without 'tool': {'arguments': {}}"),
        ([{"tool": ""}], "should name tools in text, got ''"),
        ([""], "should name tools in text, got ''"),
        ([{"tool": "a", "arguments": "b"}], "should have objects as arguments, got 'b'"),
        (
            [{"tool": "a", "args": {}}],
            "has call with an unknown key 'args' (did you mean 'arguments'?)",
        ),
    ],
)
@pytest.mark.parametrize("mode", [*LIST, "tool-sequence", "args-match"])
def test_a_label_that_is_no_list_of_calls_is_an_error(
    judge: Judge,
    mode: str,
    steps: Any,  # noqa: ANN401 - whatever a label says
    clause: str,
) -> None:
    """One clear sentence, in the label as in a suite."""
    check = judge(f"trajectory:{mode}", {}, "", {"trajectory": steps}, trajectory=did(LOOK))
    assert (check.result, check.reason) == ("error", f"expected 'trajectory' {clause}")
    if mode in LIST and steps != "a":
        [problem] = CATALOGUE.problems(f"trajectory:{mode}", {"steps": steps})
        assert problem.problem == f"'steps' {clause}"


@pytest.mark.parametrize("mode", [*LIST, "tool-sequence", "args-match"])
def test_a_missing_label_is_an_error(judge: Judge, mode: str) -> None:
    """Nothing to compare with is no agreement."""
    check = judge(f"trajectory:{mode}", {}, "", {}, trajectory=did(LOOK))
    assert (check.result, check.reason) == ("error", "expected has no 'trajectory'")


def test_a_label_without_arguments_gives_nothing_to_match(judge: Judge) -> None:
    """Names alone say nothing about arguments."""
    check = judge("trajectory:args-match", {}, "", {"trajectory": ["a"]}, trajectory=did(LOOK))
    assert check.reason == "expected 'trajectory' has no call with arguments"
    assert check.result == "error"
