"""The bench: order, identity, errors and negation, whatever the scorer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from paygrade.errors import ScorerError
from paygrade.records.check import CheckSpec, ParamProblem
from paygrade.scorers import build, missing

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.json_value import Json
    from paygrade.records.protocols import Bench
    from scorers.conftest import Judge, MakeSpec, MakeSubject


def fingerprint(
    folder: Path, *specs: CheckSpec, output_schema: dict[str, Json] | None = None
) -> str:
    """The fingerprint of a bench for `specs`."""
    return build(specs, folder=folder, output_schema=output_schema).fingerprint


def test_checks_come_in_the_order_of_their_specs(
    tmp_path: Path, spec: MakeSpec, subject: MakeSubject
) -> None:
    """One check for each spec, with the spec's id, scorer, severity and role."""
    one = replace(spec("equals", {"field": "a", "value": 1}), id="first", severity="critical")
    two = replace(spec("no-pan", {}), id="second", role="invariant")
    bench: Bench = build((one, two), folder=tmp_path, output_schema=None)
    checks = asyncio.run(bench.judge((two, one), subject({"a": 2})))
    assert [(each.id, each.scorer, each.severity, each.role, each.result) for each in checks] == [
        ("second", "no-pan", "major", "invariant", "pass"),
        ("first", "equals", "critical", "gating", "fail"),
    ]


def test_an_equal_spec_is_as_good_as_the_same_one(
    tmp_path: Path, spec: MakeSpec, subject: MakeSubject
) -> None:
    """A spec read from a journal is another object and still finds its check."""
    own = (
        spec("equals", {"field": "a", "value": 1}),
        spec("equals", {"field": "a", "value": 2}),
    )
    bench = build(own, folder=tmp_path, output_schema=None)
    again = tuple(replace(each) for each in own)
    checks = asyncio.run(bench.judge(again, subject({"a": 1})))
    assert [each.result for each in checks] == ["pass", "fail"]


def test_a_spec_that_was_not_built_is_an_error(
    tmp_path: Path, spec: MakeSpec, subject: MakeSubject
) -> None:
    """The bench never guesses: what it was not built for is an error of the check."""
    bench = build((spec("no-pan", {}),), folder=tmp_path, output_schema=None)
    [check] = asyncio.run(bench.judge((spec("is-json", {}),), subject("1")))
    assert (check.result, check.reason) == ("error", "the bench was not built for this check")


def test_an_error_is_never_turned_around(judge: Judge) -> None:
    """A check that could not be judged is an error with `not-` as well."""
    for entry in ("equals", "not-equals"):
        check = judge(entry, {"field": "a"}, {"a": 1}, {})
        assert (check.result, check.reason) == ("error", "expected has no 'a'")


@pytest.mark.parametrize(
    ("entry", "params", "answer", "reason"),
    [
        ("not-equals", {"field": "a"}, {"a": "x"}, "a: got 'x'"),
        ("not-equals", {"field": "b", "optional": True}, {}, "the answer has no 'b'"),
        ("not-contains", {"value": "sorry"}, "I am sorry", "the answer: has 'sorry' in it"),
        ("not-regex", {"value": "s.r+y"}, "I am sorry", "the answer: 'sorry' matches 's.r+y'"),
        ("not-is-json", {}, "{}", "the answer is JSON"),
        (
            "not-is-json",
            {"schema": {"type": "object"}},
            "{}",
            "the answer is JSON that fits the schema",
        ),
        ("not-no-pan", {}, "{}", "the answer held none of cvv, pan, track"),
        ("not-set:covers", {"field": "c"}, {"c": ["e1"]}, "c: got ['e1']"),
    ],
)
def test_a_negated_failure_says_what_was_found(
    judge: Judge, entry: str, params: dict[str, Json], answer: Json, reason: str
) -> None:
    """The reason of a failed `not-` is what the answer should not have held."""
    check = judge(entry, params, answer, {"a": "x", "c": ["e1"]})
    assert (check.result, check.reason) == ("fail", reason)


def test_a_negated_pass_keeps_the_reason_of_the_failure(judge: Judge) -> None:
    """An answer that is not even JSON passes a `not-`, and the check says so."""
    check = judge("not-equals", {"field": "a", "value": 1}, "refund")
    assert check.result == "pass"
    assert check.reason == "the answer is not JSON: expecting value at line 1, column 1"


def test_build_refuses_what_missing_lists(tmp_path: Path, spec: MakeSpec) -> None:
    """All that is missing is listed; `build` raises the first of it."""
    (tmp_path / "scorers.py").write_text("def fair(subject): return True\n")
    good = spec("no-pan", {})
    bad = (
        spec("is-json", {"schema": "output"}),
        spec("is-json", {"schema": "shape.json"}),
        spec("python", {"callable": "scorers.py:fare"}),
        spec("equls", {}),
        spec("number", {"field": 1, "tolerance": -1}),
    )
    found = missing((good, *bad), tmp_path, None)
    assert [(each.id, problem) for each, problem in found] == [
        (
            "is-json",
            ParamProblem(
                key="schema",
                problem="'schema' is 'output', but the prompt has no output_schema",
                hint="give the prompt one, or write the schema here",
            ),
        ),
        (
            "is-json",
            ParamProblem(
                key="schema", problem="shape.json is not a file in the suite's folder"
            ),
        ),
        (
            "python",
            ParamProblem(
                key="callable",
                problem="scorers.py has no function 'fare'",
                hint="did you mean 'fair'?",
            ),
        ),
        (
            "equls",
            ParamProblem(
                key="", problem="there is no scorer 'equls'", hint="did you mean 'equals'?"
            ),
        ),
        ("number", ParamProblem(key="field", problem="'field' should be a valid string, got 1")),
        (
            "number",
            ParamProblem(
                key="tolerance",
                problem="'tolerance' should be greater than or equal to 0, got -1",
            ),
        ),
    ]  # fmt: skip
    assert missing((good,), tmp_path, None) == ()
    with pytest.raises(ScorerError, match=r"^python: scorers.py has no function 'fare' \(did"):
        build((good, bad[2], bad[0]), folder=tmp_path, output_schema=None)


def test_the_fingerprint_does_not_hang_on_order(tmp_path: Path, spec: MakeSpec) -> None:
    """The same checks in another order, or one of them twice, are the same bench."""
    one, two = spec("no-pan", {}), spec("equals", {"field": "a", "value": 1})
    assert fingerprint(tmp_path, one, two) == fingerprint(tmp_path, two, one, replace(two))
    assert len(fingerprint(tmp_path)) == 64


def test_the_fingerprint_changes_with_all_that_decides(tmp_path: Path, spec: MakeSpec) -> None:
    """Id, scorer, negation, parameters, severity and role each make another fingerprint."""
    base = spec("contains", {"value": "1"})
    variants = [
        base,
        replace(base, id="other"),
        replace(base, scorer="icontains"),
        replace(base, negated=True),
        replace(base, params={"value": "1", "field": "a"}),
        replace(base, severity="minor"),
        replace(base, role="advisory"),
        replace(base, scorer="equals", params={"value": 1}),
        replace(base, scorer="equals", params={"value": 1.0}),
        replace(base, scorer="equals", params={"value": True}),
    ]
    assert len({fingerprint(tmp_path, each) for each in variants}) == len(variants)


def test_the_fingerprint_holds_what_is_beside_the_suite(tmp_path: Path, spec: MakeSpec) -> None:
    """A schema counts by its content, a Python file by its bytes, the output schema where used."""
    schema, code = tmp_path / "shape.json", tmp_path / "own.py"
    uses_file = spec("is-json", {"schema": "shape.json"})
    uses_output = spec("is-json", {"schema": "output"})
    uses_code = spec("python", {"callable": "own.py:f"})
    schema.write_text('{"type": "object", "title": "x"}')
    code.write_text("def f(subject): return True\n")
    first = fingerprint(tmp_path, uses_file)
    schema.write_text('{ "title": "x", "type": "object" }')
    assert fingerprint(tmp_path, uses_file) == first
    schema.write_text('{"type": "array"}')
    assert fingerprint(tmp_path, uses_file) != first

    first = fingerprint(tmp_path, uses_code)
    code.write_text("def f(subject): return None\n")
    assert fingerprint(tmp_path, uses_code) != first

    one = fingerprint(tmp_path, uses_output, output_schema={"type": "object"})
    assert fingerprint(tmp_path, uses_output, output_schema={"type": "array"}) != one
    assert fingerprint(tmp_path, spec("no-pan", {}), output_schema={"type": "array"}) == (
        fingerprint(tmp_path, spec("no-pan", {}))
    )
