"""Laws that hold for every scorer: negation, determinism, errors that stay errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from paygrade.records.json_value import Json
    from scorers.conftest import Judge

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.5, 1.0])
    | st.sampled_from(["", "e1", "e2", "2026-12-04", "2026-12-05T10:00:00Z", "42.00", "EUR"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES)
ANSWERS = OBJECTS.map(json.dumps) | VALUES.map(json.dumps) | st.text(max_size=8)
ENTRIES: list[tuple[str, dict[str, Json]]] = [
    ("equals", {}),
    ("equals", {"field": "a"}),
    ("equals", {"field": "a.b", "optional": True}),
    ("contains", {"field": "a"}),
    ("icontains", {"value": "E1"}),
    ("regex", {"value": "e[0-9]"}),
    ("is-json", {}),
    ("is-json", {"schema": {"type": "object", "required": ["a"]}}),
    ("number", {"field": "a"}),
    ("number", {"field": "a", "value": 1, "tolerance": 0.5}),
    ("date", {"field": "a", "tolerance_days": 1}),
    ("set:equals", {"field": "a"}),
    ("set:covers", {"field": "a", "value": ["e1"]}),
    ("set:excludes", {"field": "a", "optional": True}),
    ("money:equals", {"field": "a", "currency_field": "c"}),
    ("money:equals", {"field": "a", "currency_field": "c", "unit": "major"}),
    ("no-pan", {}),
]
LABELS: dict[str, Json] = {
    "contains": "e1", "number": 1, "date": "2026-12-04", "money:equals": 42,
}  # fmt: skip


@given(entry=st.sampled_from(ENTRIES), answer=ANSWERS, expected=OBJECTS)
def test_not_is_the_exact_opposite(
    judge: Judge, entry: tuple[str, dict[str, Json]], answer: str, expected: Json
) -> None:
    """Without an error `not-x` passes exactly if x fails; an error stays the same error."""
    name, params = entry
    plain = judge(name, params, answer, expected)
    negated = judge(f"not-{name}", params, answer, expected)
    opposite = {"pass": "fail", "fail": "pass", "error": "error"}
    assert negated.result == opposite[plain.result]
    assert negated.reason or plain.result == "error"
    assert negated.partial == plain.partial


@given(entry=st.sampled_from(ENTRIES), answer=ANSWERS, expected=OBJECTS)
def test_every_verdict_has_its_reason(
    judge: Judge, entry: tuple[str, dict[str, Json]], answer: str, expected: Json
) -> None:
    """A failure or an error says why on one line of bounded length, the same each time."""
    name, params = entry
    check = judge(name, params, answer, expected)
    assert check == judge(name, params, answer, expected)
    assert bool(check.reason) == (check.result != "pass")
    assert len(check.reason) < 600
    assert "\n" not in check.reason


@given(entry=st.sampled_from(ENTRIES), answer=ANSWERS)
def test_an_error_never_hangs_on_the_answer(
    judge: Judge, entry: tuple[str, dict[str, Json]], answer: str
) -> None:
    """With a good label no answer can make a check an error: a model cannot dodge its failure."""
    name, params = entry
    label = LABELS.get(name, ["e1"])
    expected: Json = {"a": {"b": label} if params.get("field") == "a.b" else label, "c": "EUR"}
    assert judge(name, params, answer, expected).result != "error"
