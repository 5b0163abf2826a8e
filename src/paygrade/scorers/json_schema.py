"""`is-json`: the answer is strict JSON and fits a schema (draft 2020-12, nothing fetched)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from paygrade.errors import ScorerError
from paygrade.scorers.kind import PASS, Bound, Judge, Kind, Place, fails
from paygrade.scorers.params import ScorerParams, UnfitError, plain_object, refused
from paygrade.scorers.parse import parse_output
from paygrade.scorers.show import one_line, show
from paygrade.scorers.target import WHOLE

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

    from paygrade.records.check import Score, Subject
    from paygrade.records.json_value import Json

OUTPUT = "output"
"""The `schema` that stands for the prompt's own output schema."""

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_SHOWN = 3  # violations that a reason lists
_LINE = 160  # characters of one violation
_MOST = 1_000  # violations that are counted
_DATA = frozenset({"const", "enum", "default", "examples"})  # their values are no schemas
_GAVE_UP = frozenset({"BacktrackLimitExceeded", "RegexEngineFailure"})
_REFERENCES = ("$ref", "$dynamicRef")


def _schema(value: object) -> object:
    if isinstance(value, str):
        if value != OUTPUT and not value.endswith(".json"):
            raise UnfitError(f"should be '{OUTPUT}', a schema or FILE.json, got {show(value)}")
    elif isinstance(value, dict):
        _compiled(value)
    else:
        raise UnfitError(f"should be '{OUTPUT}', a schema or FILE.json")
    return value


class IsJsonParams(ScorerParams):
    """`is-json` without a schema only asks for strict JSON. Formats such as `date` are checked."""

    schema_: Annotated[
        Any,
        BeforeValidator(_schema),
        WithJsonSchema({"type": ["string", "object"]}),
    ] = Field(
        default=None,
        alias="schema",
        description="'output' (the prompt's own), a schema, or FILE.json beside the suite",
    )


Violations = Callable[["Json"], list[str]]
"""Lists in what a value breaks a schema, as sentences."""


def _compiled(schema: Mapping[str, Json]) -> Violations:
    """Compile `schema`.

    Raises:
        UnfitError: it is no schema of draft 2020-12, or refers to something outside itself; the
            text is a clause on the schema.
    """
    import jsonschema_rs  # noqa: PLC0415 - loaded only where a schema is used

    stated = schema.get("$schema", _DRAFT)
    if not isinstance(stated, str) or stated.rstrip("#") != _DRAFT:
        raise UnfitError(f"should be of draft 2020-12, but its '$schema' is {show(stated)}")
    for reference in _references(schema):
        if not reference.startswith("#"):
            raise UnfitError(f"refers to {show(reference)}: nothing outside a schema is fetched")
    try:
        validator = jsonschema_rs.Draft202012Validator(
            plain_object(schema), validate_formats=True, offline=True
        )
    except ValueError as error:
        message = str(getattr(error, "message", error))
        raise UnfitError(f"is not a JSON schema: {one_line(message, _LINE)}") from None

    def violations(value: Json) -> list[str]:
        if validator.is_valid(value):
            return []
        return [_sentence(each) for each in islice(validator.iter_errors(value), _MOST)]

    return violations


def _references(schema: Json) -> Iterator[str]:
    """Yield every reference of a schema, but not of the plain data inside it."""
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            if key in _REFERENCES and isinstance(value, str):
                yield value
            elif key not in _DATA:
                yield from _references(value)
    elif isinstance(schema, Sequence) and not isinstance(schema, str):
        for each in schema:
            yield from _references(each)


def _sentence(error: ValidationError) -> str:
    fault = type(error.kind).__name__
    if fault in _GAVE_UP:
        raise ScorerError(f"the schema's pattern could not be tried: {error.message}")
    at = ".".join(map(str, error.instance_path)) or WHOLE
    message = error.message
    if fault == "FalseSchema" and error.schema_path[-1:] == ["additionalProperties"]:
        message = f"has a key that is not allowed, with the value {_shown(error.instance)}"
    return one_line(f"{at}: {message}", _LINE)


def _shown(instance: object) -> str:
    return show(instance) if isinstance(instance, str | int | float | list | dict) else "null"


def _build(params: IsJsonParams, place: Place) -> Bound:
    schema, name = _resolved(params.schema_, place)
    if schema is None:
        return Bound(judge=_judge(lambda _value: []), found=lambda _: "the answer is JSON")
    try:
        violations = _compiled(schema)
    except UnfitError as error:
        raise refused("schema", f"{name} {error}") from None
    return Bound(
        judge=_judge(violations),
        found=lambda _: "the answer is JSON that fits the schema",
        identity=schema,
    )


def _judge(violations: Violations) -> Judge:
    def judge(subject: Subject) -> Score:
        if subject.output_error:
            return fails(f"the answer is not JSON: {subject.output_error}")
        found = violations(subject.output)
        if not found:
            return PASS
        more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        return fails("; ".join(found[:_SHOWN]) + more)

    return judge


def _resolved(
    schema: str | Mapping[str, Json] | None, place: Place
) -> tuple[Mapping[str, Json] | None, str]:
    """Return the schema that is meant, if any, and how a problem names it."""
    if schema is None or isinstance(schema, Mapping):
        return schema, "'schema'"
    if schema == OUTPUT:
        if place.output_schema is None:
            problem = "'schema' is 'output', but the prompt has no output_schema"
            raise refused("schema", problem, "give the prompt one, or write the schema here")
        return place.output_schema, "the prompt's output_schema"
    try:
        text = place.file(schema).read_text(encoding="utf-8")
    except OSError as error:
        raise refused("schema", f"{schema} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise refused("schema", f"{schema} is not UTF-8") from None
    except UnfitError as error:
        raise refused("schema", f"{schema} {error}") from None
    value, problem = parse_output(text)
    if problem:
        raise refused("schema", f"{schema} is not JSON: {problem}")
    if not isinstance(value, Mapping):
        raise refused("schema", f"{schema} should hold a schema as an object, got {show(value)}")
    return value, schema


IS_JSON = Kind(name="is-json", version="2", params=IsJsonParams, build=_build)
