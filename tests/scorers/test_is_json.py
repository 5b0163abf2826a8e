"""`is-json`: strict JSON, and a schema that is compiled once and fetches nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from paygrade.scorers import CATALOGUE, missing

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.json_value import Json
    from scorers.conftest import Judge, MakeSpec

SCHEMA: dict[str, Json] = {
    "type": "object",
    "required": ["action"],
    "properties": {
        "action": {"enum": ["accept", "contest"]},
        "deadlines": {"type": "object", "additionalProperties": {"format": "date"}},
        "cite": {"type": "array", "items": {"type": "string"}},
    },
    "additionalProperties": False,
}


def test_without_a_schema_any_json_will_do(judge: Judge) -> None:
    """A scalar is JSON; prose is not, and the reason says where it stops being."""
    assert judge("is-json", {}, "3").result == "pass"
    check = judge("is-json", {}, "I accept.")
    assert (check.result, check.reason) == (
        "fail",
        "the answer is not JSON: expecting value at line 1, column 1",
    )


def test_an_answer_fits_its_schema(judge: Judge) -> None:
    """The prompt's schema, the same one written here and the same one in a file agree."""
    good: Json = {"action": "accept", "cite": ["e1"], "deadlines": {"by": "2026-12-04"}}
    assert judge("is-json", {"schema": SCHEMA}, good).result == "pass"
    assert judge("is-json", {"schema": "output"}, good, output_schema=SCHEMA).result == "pass"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ([], 'the answer: [] is not of type "object"'),
        ({}, 'the answer: "action" is a required property'),
        ({"action": "pay"}, 'action: "pay" is not one of "accept" or "contest"'),
        ({"action": "accept", "cite": ["e1", 2]}, 'cite.1: 2 is not of type "string"'),
        (
            {"action": "accept", "deadlines": {"by": "2026-02-30"}},
            'deadlines.by: "2026-02-30" is not a "date"',
        ),
        (
            {"action": "accept", "extra": 1},
            "the answer: Additional properties are not allowed ('extra' was unexpected)",
        ),
        (
            {"action": 1, "cite": [1, 2, 3]},
            (
                'action: 1 is not one of "accept" or "contest"; '
                'cite.0: 1 is not of type "string"; cite.1: 2 is not of type "string"; and 1 more'
            ),
        ),
    ],
)
def test_violations_are_listed_with_their_place(judge: Judge, answer: Json, reason: str) -> None:
    """The first three violations, each with its path, and how many more there are."""
    check = judge("is-json", {"schema": SCHEMA}, answer)
    assert (check.result, check.reason) == ("fail", reason)


def test_a_key_too_many_is_named_as_such(judge: Judge) -> None:
    """A schema that allows no key at all gives a sentence that a person understands."""
    schema: dict[str, Json] = {"type": "object", "required": ["a"], "additionalProperties": False}
    check = judge("is-json", {"schema": schema}, {"a": None})
    assert check.reason == "the answer: has a key that is not allowed, with the value null"
    check = judge("is-json", {"schema": {"properties": {"in": schema}}}, {"in": {"a": 1, "b": 2}})
    assert check.reason == "in: has a key that is not allowed, with the value 1"


def test_a_long_violation_is_cut(judge: Judge) -> None:
    """What a model wrote does not flood the report, nor does it break lines."""
    check = judge("is-json", {"schema": {"type": "object"}}, json.dumps("x\u2028\u202e" * 500))
    assert len(check.reason) == 160
    assert check.reason.isprintable()


def test_huge_integers_are_judged(judge: Judge) -> None:
    """An integer beyond 64 bits is compared like any other."""
    schema: dict[str, Json] = {"type": "integer", "maximum": 5}
    assert judge("is-json", {"schema": schema}, "9" * 500).result == "fail"
    assert judge("is-json", {"schema": {"type": "integer"}}, "9" * 500).result == "pass"


def test_a_pattern_that_gives_up_is_an_error(judge: Judge) -> None:
    """A pattern whose matching is cut off has judged nothing."""
    schema: dict[str, Json] = {"pattern": "^(a|a|b?)*\\1$"}
    for entry in ("is-json", "not-is-json"):
        check = judge(entry, {"schema": schema}, json.dumps("a" * 40 + "c"))
        assert check.result == "error"
        assert check.reason.startswith("the schema's pattern could not be tried")


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"type": "objekt"}, "'schema' is not a JSON schema: \"objekt\" is not valid under any"),
        ({"pattern": "("}, '\'schema\' is not a JSON schema: "(" is not a "regex"'),
        (
            {"$ref": "https://example.com/a.json"},
            "'schema' refers to 'https://example.com/a.json': nothing outside a schema is fetched",
        ),
        (
            {"allOf": [{"properties": {"a": {"$dynamicRef": "other.json#x"}}}]},
            "'schema' refers to 'other.json#x': nothing outside a schema is fetched",
        ),
        (
            {"properties": {"default": {"$ref": "https://example.com/a.json"}}},
            "'schema' is not a JSON schema: Resource 'https://example.com/a.json' is not present",
        ),
        ({"$ref": "#/$defs/a"}, "'schema' is not a JSON schema: Pointer '/$defs/a' does not"),
        (
            {"$schema": "http://json-schema.org/draft-07/schema#"},
            "'schema' should be of draft 2020-12, but its '$schema' is 'http://json-schema.org/dr",
        ),
    ],
)
def test_a_bad_schema_is_found_while_it_is_written(schema: Json, problem: str) -> None:
    """What is no schema, or reaches outside itself, is a problem of the entry."""
    [found] = CATALOGUE.problems("is-json", {"schema": schema})
    assert found.problem.startswith(problem)


def test_local_references_are_followed(judge: Judge) -> None:
    """A schema may refer to itself, and may hold data that looks like a reference."""
    schema: dict[str, Json] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "properties": {"next": {"$ref": "#"}, "id": {"$ref": "#/$defs/id"}},
        "$defs": {"id": {"enum": [{"$ref": "https://example.com/"}, "a"]}},
        "additionalProperties": False,
    }
    assert judge("is-json", {"schema": schema}, {"next": {"next": {"id": "a"}}}).result == "pass"
    assert judge("is-json", {"schema": schema}, {"next": {"next": {"id": "b"}}}).result == "fail"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"type": "object"', "shape.json is not JSON: expecting ',' delimiter at line 1"),
        (b'{"type": 1}', "shape.json is not a JSON schema: 1 is not valid under any"),
        (b"[]", "shape.json should hold a schema as an object, got []"),
        (b"\xff", "shape.json is not UTF-8"),
    ],
)
def test_a_bad_schema_file_is_a_problem(
    tmp_path: Path, spec: MakeSpec, content: bytes, problem: str
) -> None:
    """A file beside the suite is held to the same rules."""
    (tmp_path / "shape.json").write_bytes(content)
    [(_, found)] = missing((spec("is-json", {"schema": "shape.json"}),), tmp_path, None)
    assert found.key == "schema"
    assert found.problem.startswith(problem)


def test_a_schema_file_is_used(judge: Judge, tmp_path: Path) -> None:
    """A file beside the suite judges like a schema in it."""
    (tmp_path / "shape.json").write_text(json.dumps(SCHEMA))
    params: dict[str, Json] = {"schema": "shape.json"}
    assert judge("is-json", params, {"action": "accept"}, folder=tmp_path).result == "pass"
    assert judge("is-json", params, {"action": "pay"}, folder=tmp_path).result == "fail"


def test_a_schema_file_that_cannot_be_read_is_a_problem(
    tmp_path: Path, spec: MakeSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file without permission is a mistake with the system's word for it."""
    (tmp_path / "shape.json").write_text("{}")

    def refuse(_path: Path, encoding: str) -> str:
        raise PermissionError(13, "Permission denied", encoding)

    monkeypatch.setattr("pathlib.Path.read_text", refuse)
    [(_, found)] = missing((spec("is-json", {"schema": "shape.json"}),), tmp_path, None)
    assert found.problem == "shape.json cannot be read: Permission denied"


def test_a_bad_output_schema_is_a_problem(tmp_path: Path, spec: MakeSpec) -> None:
    """The prompt's own schema is held to the same rules, and named as what it is."""
    own = (spec("is-json", {"schema": "output"}),)
    [(_, found)] = missing(own, tmp_path, {"type": 1})
    assert found.problem.startswith("the prompt's output_schema is not a JSON schema: 1 is not")
