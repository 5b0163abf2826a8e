"""The catalogue: names, schemas for editors, and every mistake of an entry at once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest

from paygrade.records.check import ParamProblem
from paygrade.scorers import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.json_value import Json
    from paygrade.records.protocols import Catalogue


def said(name: str, params: Mapping[str, Json]) -> list[str]:
    """Each problem as a person reads it."""
    return [
        f"{each.problem} ({each.hint})" if each.hint else each.problem
        for each in CATALOGUE.problems(name, params)
    ]


def test_the_names_are_known_and_sorted() -> None:
    """A suite may name these scorers."""
    catalogue: Catalogue = CATALOGUE
    assert catalogue.names() == (
        "breaks:amounts", "breaks:components", "breaks:field", "breaks:match", "call_budget",
        "canary", "contains", "cost", "date", "effect:at-most-once", "effect:end-state",
        "effect:false-done", "effect:invariants", "effect:lost", "effect:over-refund",
        "effect:policy", "equals", "icontains", "ids-exist", "in-set", "is-json", "latency",
        "llm-rubric", "max-count", "money:components", "money:equals", "money:identity", "no-pan",
        "no-pii", "number", "python", "regex", "set:covers", "set:equals", "set:excludes",
        "strict-json", "trajectory:any_order", "trajectory:args-match", "trajectory:exact",
        "trajectory:in_order", "trajectory:subset", "trajectory:superset",
        "trajectory:tool-sequence", "trajectory:tool-used",
    )  # fmt: skip


def test_a_misspelt_key_gets_a_hint() -> None:
    """An unknown key is refused, with the key that was probably meant."""
    assert CATALOGUE.problems("equals", {"filed": "action"}) == (
        ParamProblem(key="filed", problem="unknown key 'filed'", hint="did you mean 'field'?"),
    )
    assert said("equals", {"field": "a", "severty": "minor"}) == [
        "unknown key 'severty' (did you mean 'severity'?)"
    ]
    assert said("no-pan", {"qwxz": 1}) == [
        "unknown key 'qwxz' (known here: kinds, id, severity, role)"
    ]


def test_all_mistakes_come_at_once() -> None:
    """A wrong type, an unknown key, a negative tolerance and a contradiction are four problems."""
    params: dict[str, Json] = {
        "field": 3, "valeu": 1, "tolerance": -1, "value": 1, "expected": "a",
    }  # fmt: skip
    assert said("number", params) == [
        "'field' should be a valid string, got 3",
        "'tolerance' should be greater than or equal to 0, got -1",
        "unknown key 'valeu' (did you mean 'value'?)",
        "'value' and 'expected' both say what is wanted (keep one of them)",
    ]


@pytest.mark.parametrize(
    ("name", "params", "problem"),
    [
        ("equals", {"field": ""}, "'field' should be keys joined by dots, got ''"),
        ("equals", {"field": "a..b"}, "'field' should be keys joined by dots, got 'a..b'"),
        ("equals", {"field": "a.*"}, "'field' cannot have a wildcard, got 'a.*'"),
        ("equals", {"field": None}, "'field' should be a valid string, got null"),
        ("equals", {"trim": 1}, "'trim' should be a valid boolean, got 1"),
        (
            "equals",
            {"field": "a", "value": float("nan")},
            "'value' has a number that is not finite",
        ),
        ("equals", {"value": {"a": [float("inf")]}}, "'value' has a number that is not finite"),
        (
            "equals",
            {"field": "a", "ignore_case": True},
            "'ignore_case' is about a whole answer and has no meaning with 'field'",
        ),
        ("equals", {"optional": True}, "'optional' needs a 'field' that may be absent"),
        (
            "equals",
            {"field": "a", "value": 1, "optional": True},
            "'optional' has no meaning with 'value', which is always there",
        ),
        ("contains", {"value": ""}, "'value' should be text to look for, got ''"),
        ("icontains", {"value": 42}, "'value' should be text to look for, got 42"),
        ("regex", {}, "missing key 'value'"),
        (
            "regex",
            {"value": "(a"},
            "'value' is not a regular expression: missing ), unterminated subpattern at position 0",
        ),
        (
            "regex",
            {"value": "[[a]"},
            "'value' is not a regular expression: Possible nested set at position 1",
        ),
        ("regex", {"value": ""}, "'value' is empty and would match every answer"),
        ("number", {"value": True}, "'value' should be a finite number, got true"),
        ("number", {"value": "42"}, "'value' should be a finite number, got '42'"),
        (
            "date",
            {"value": "2026-02-30"},
            "'value' should be a date or an instant: '2026-02-30' is not in the calendar",
        ),
        (
            "date",
            {"tolerance_days": -1},
            "'tolerance_days' should be greater than or equal to 0, got -1",
        ),
        ("date", {"tolerance_days": 0.5}, "'tolerance_days' should be a valid integer, got 0.5"),
        ("set:equals", {"value": "e1"}, "'value' should be a list, got 'e1'"),
        ("set:covers", {"value": []}, "'value' is empty: no answer could fail this"),
        ("set:excludes", {"value": []}, "'value' is empty: no answer could fail this"),
        ("money:equals", {"value": 42.0}, "'value' should be an integer of minor units, got 42.0"),
        ("money:equals", {"value": True}, "'value' should be an integer of minor units, got true"),
        ("money:equals", {"value": "42"}, "'value' should be an integer of minor units, got text"),
        (
            "money:equals",
            {"unit": "major"},
            (
                "'unit: major' needs a currency "
                "(name its path: 'currency_field' or 'currency_expected')"
            ),
        ),
        ("money:equals", {"unit": "cents"}, "'unit' should be 'minor' or 'major', got 'cents'"),
        ("no-pan", {"kinds": []}, "'kinds' should have at least 1, got none"),
        ("python", {}, "missing key 'callable'"),
        (
            "python",
            {"callable": "scorers:f"},
            "'callable' should be FILE.py:FUNCTION, got 'scorers:f'",
        ),
        (
            "python",
            {"callable": "s.py:f", "threshold": 2},
            "'threshold' should be less than or equal to 1, got 2",
        ),
        (
            "python",
            {"callable": "s.py:f", "threshold": 0.0},
            "'threshold' should be greater than 0, got 0.0",
        ),
        (
            "is-json",
            {"schema": "shape"},
            "'schema' should be 'output', a schema or FILE.json, got 'shape'",
        ),
        ("is-json", {"schema": None}, "'schema' should be 'output', a schema or FILE.json"),
    ],
)
def test_a_mistake_is_found_before_anything_runs(
    name: str, params: dict[str, Json], problem: str
) -> None:
    """Each mistake has one sentence."""
    assert said(name, params) == [problem]


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("equals", {"field": "action"}),
        ("equals", {"field": "a.0.b", "value": None}),
        ("equals", {"value": {"a": [1]}, "trim": False}),
        ("regex", {"value": "^e[0-9]+$", "field": "cite.0"}),
        ("is-json", {}),
        ("is-json", {"schema": "output"}),
        ("is-json", {"schema": "shape.json"}),
        ("is-json", {"schema": {"type": "object"}}),
        ("number", {"field": "days_left", "tolerance": 1}),
        ("date", {"field": "by", "tolerance_days": 1, "optional": True}),
        ("set:covers", {"field": "cite", "expected": "must_cite"}),
        ("money:equals", {"field": "a", "unit": "major", "currency_field": "c"}),
        ("no-pan", {"kinds": ["pan", "iban"]}),
        ("python", {"callable": "scorers.py:f", "params": {"limit": 3}, "threshold": 0.8}),
    ],
)
def test_what_is_right_has_no_problem(name: str, params: dict[str, Json]) -> None:
    """Files are not looked at here: `missing` does so."""
    assert CATALOGUE.problems(name, params) == ()


def test_an_unknown_scorer_is_a_problem() -> None:
    """A name that nobody has gets a hint as well."""
    assert said("equal", {}) == ["there is no scorer 'equal' (did you mean 'equals'?)"]


@pytest.mark.parametrize("name", CATALOGUE.names())
def test_editors_get_a_schema(name: str) -> None:
    """Each scorer's parameters have a valid JSON schema that refuses unknown keys."""
    schema = CATALOGUE.params_schema(name)
    jsonschema_rs.meta.validate(dict(schema))
    assert schema["additionalProperties"] is False
    validator = jsonschema_rs.validator_for(dict(schema))
    assert not validator.is_valid({"filed": 1})


def test_nothing_heavy_is_imported() -> None:
    """Importing the room loads neither the schema validator nor the store nor the statistics."""
    code = (
        "import sys, paygrade.scorers;"
        "print([name for name in ('jsonschema_rs', 'duckdb', 'scipy', 'numpy')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
