"""One schema, two vendors: what is enforced, what is told, what cannot be asked for."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.runners.structured import ANTHROPIC, OPENAI, Dialect, adapt, restored

REFUND: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["action"],
    "properties": {
        "action": {"enum": ["refund", "refuse"], "description": "What to do."},
        "amount_minor": {"type": "integer", "minimum": 0},
        "note": {"type": ["string", "null"], "maxLength": 80},
        "day": {"type": "string", "format": "date", "default": "2026-01-01"},
    },
}


def openai(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """The strict form, which must exist."""
    adapted = adapt(schema, OPENAI)
    assert adapted.schema is not None, adapted.why
    return adapted.schema


def anthropic(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """As `openai`."""
    adapted = adapt(schema, ANTHROPIC)
    assert adapted.schema is not None, adapted.why
    return adapted.schema


def test_openai_requires_all_and_makes_the_optional_nullable() -> None:
    """What strict mode asks for, with the constraints that it enforces."""
    assert openai(REFUND) == {
        "type": "object",
        "required": ["action", "amount_minor", "note", "day"],
        "additionalProperties": False,
        "properties": {
            "action": {
                "enum": ["refund", "refuse"],
                "type": "string",
                "description": "What to do.",
            },
            "amount_minor": {"type": ["integer", "null"], "minimum": 0},
            "note": {"type": ["string", "null"], "description": "{maxLength: 80}"},
            "day": {"type": ["string", "null"], "format": "date"},
        },
    }


def test_anthropic_keeps_the_optional_and_tells_the_constraints() -> None:
    """As its own SDK does it."""
    assert anthropic(REFUND) == {
        "type": "object",
        "required": ["action"],
        "additionalProperties": False,
        "properties": {
            "action": {
                "enum": ["refund", "refuse"],
                "type": "string",
                "description": "What to do.",
            },
            "amount_minor": {"type": "integer", "description": "{minimum: 0}"},
            "note": {"type": ["string", "null"], "description": "{maxLength: 80}"},
            "day": {"type": "string", "format": "date"},
        },
    }


def test_each_change_is_noted() -> None:
    """So that a run can say what its models were asked for."""
    assert adapt(REFUND, OPENAI).notes == (
        "amount_minor: required, and null when it is absent",
        "note: told, not enforced: maxLength",
        "note: required",
        "day: required, and null when it is absent",
    )


@pytest.mark.parametrize("dialect", [OPENAI, ANTHROPIC])
@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "array", "items": {"type": "string"}}, "the root is not an object"),
        ({"anyOf": [{"type": "object"}]}, "the root is not an object"),
        ({}, "the root allows any value"),
        ({"type": "object"}, "the root is an object of any keys"),
        ({"properties": {"a": True}}, "a allows any value"),
        ({"properties": {"a": {"type": "array"}}}, r"a\[\] allows any value"),
        ({"properties": {"a": {"type": "array", "prefixItems": []}}}, "a uses 'prefixItems'"),
        ({"properties": {"a": {"const": 1}}, "additionalProperties": True}, "any further key"),
        ({"properties": {"a": {"allOf": [{}, {}]}}}, "a uses 'allOf'"),
        ({"properties": {"a": {"$ref": "https://example.org/x"}}}, "a refers to"),
        ({"properties": {"a": {"enum": [{"b": 1}]}}}, "a names whole objects"),
        ({"properties": {"a": {"anyOf": [{"type": "null"}], "minimum": 1}}}, "beside alternatives"),
    ],
)
def test_a_shape_that_no_vendor_enforces_is_told_by_its_place(
    schema: dict[str, Any], why: str, dialect: Dialect
) -> None:
    """Rather than sent as something else."""
    adapted = adapt(schema, dialect)
    assert adapted.schema is None
    assert re.search(why, adapted.why)


def test_recursion_is_for_openai_alone() -> None:
    """The other vendor refuses a schema that refers to itself."""
    schema: dict[str, Any] = {
        "properties": {"tree": {"$ref": "#/$defs/node"}},
        "$defs": {
            "node": {
                "properties": {"next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}
            }
        },
    }
    assert openai(schema)["$defs"]["node"]["required"] == ["next"]
    assert adapt(schema, ANTHROPIC).why == "$defs.node.next|0 refers to itself"


def test_limits_are_the_vendors() -> None:
    """Anthropic takes 24 optional properties in all; OpenAI ten levels."""
    many: dict[str, Any] = {"properties": {f"p{n}": {"type": "string"} for n in range(25)}}
    assert "25 optional properties" in adapt(many, ANTHROPIC).why
    assert openai(many)
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(12):
        deep = {"properties": {"a": deep}, "required": ["a"]}
    assert "deeper than 10" in adapt(deep, OPENAI).why
    assert anthropic(deep)


def test_the_schema_itself_is_left_alone() -> None:
    """It is the one that scorers check."""
    before = copy.deepcopy(REFUND)
    adapt(REFUND, OPENAI)
    adapt(REFUND, ANTHROPIC)
    assert before == REFUND


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ('{"action": "refund", "amount_minor": null}', '{"action": "refund"}'),
        ('{"action": "refund", "note": null}', '{"action": "refund", "note": null}'),
        ('{"action": null}', '{"action": null}'),
        ('{"extra": null}', '{"extra": null}'),
        ('{"day": null, "amount_minor": 10.00}', '{"amount_minor": 10.00}'),
        ('{"day": null, "day": null}', '{"day": null, "day": null}'),
        ("Sorry, null", "Sorry, null"),
        ('[{"day": null}]', '[{"day": null}]'),
    ],
)
def test_only_our_own_nulls_are_taken_out(said: str, kept: str) -> None:
    """A null that the canonical schema allows, or that breaks it, is the model's own."""
    assert restored(said, REFUND) == kept


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=5),
    "integer": st.integers(),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
}


@st.composite
def _schema_and_value(draw: st.DrawFn, depth: int = 0) -> tuple[dict[str, Any], Any]:
    """A schema of ours, and a value that is valid under it."""
    kinds = [*VALUES] if depth > 2 else [*VALUES, "object", "array"]
    kind = "object" if depth == 0 else draw(st.sampled_from(kinds))
    if kind in VALUES:
        return {"type": kind}, draw(VALUES[kind])
    if kind == "array":
        schema, value = draw(_schema_and_value(depth + 1))
        return {"type": "array", "items": schema}, [value] * draw(st.integers(0, 2))
    names = draw(st.lists(st.sampled_from("abcd"), min_size=1, unique=True))
    below = {name: draw(_schema_and_value(depth + 1)) for name in names}
    required = draw(st.lists(st.sampled_from(names), unique=True))
    absent = {name for name in names if name not in required and draw(st.booleans())}
    return (
        {
            "type": "object",
            "properties": {name: schema for name, (schema, _) in below.items()},
            "required": required,
        },
        {name: value for name, (_, value) in below.items() if name not in absent},
    )


def _with_nulls(schema: Any, value: Any) -> Any:  # noqa: ANN401 - JSON
    """What a strict answer looks like: null for every absent property."""
    if isinstance(value, dict):
        return {
            name: _with_nulls(each, value[name]) if name in value else None
            for name, each in schema["properties"].items()
        }
    return (
        [_with_nulls(schema["items"], each) for each in value] if isinstance(value, list) else value
    )


@given(_schema_and_value())
def test_a_strict_answer_is_valid_and_comes_back_as_it_was_meant(
    case: tuple[dict[str, Any], Any],
) -> None:
    """The adapted schema accepts the answer with nulls; restored, it is the value itself."""
    schema, value = case
    strict = _with_nulls(schema, value)
    jsonschema_rs.validate(openai(schema), strict)
    back = json.loads(restored(json.dumps(strict), schema))
    assert back == value
    jsonschema_rs.validate(schema, back)
