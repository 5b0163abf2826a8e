"""One canonical JSON schema, adapted to what each vendor can enforce.

A prompt states its `output_schema` once, in JSON Schema 2020-12, and that schema is what scorers
check. Each vendor enforces a subset, and refuses the whole request for a keyword outside it:

* OpenAI, "Structured Outputs: supported schemas": the root is an object; every object is closed
  and requires all of its properties, so an optional one becomes nullable; `allOf`, `not`, `if` and
  their like are refused; at most 5,000 properties, 10 levels and 1,000 enum values.
* Anthropic, "Structured outputs: JSON Schema limitations" and `transform_schema` of its SDK: every
  object is closed; optional properties stay (at most 24), unions too (at most 16); no recursion;
  of the constraints only string formats and `minItems` of 0 or 1.

What only narrows an answer (`minimum`, `minLength`, `not` …) and cannot be enforced is told to the
model in the description instead. What changes the answer's shape (free keys, tuples, a value of
any type) cannot be dropped: then the schema is not enforced at all, and the reason is kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from paygrade.records.json_value import Json

Schema = dict[str, Any]

_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
)
_ANNOTATIONS = frozenset(
    {
        "$schema",
        "$id",
        "$comment",
        "$anchor",
        "$vocabulary",
        "default",
        "deprecated",
        "examples",
        "readOnly",
        "writeOnly",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
    }
)
_SHAPE = frozenset(
    {
        "patternProperties",
        "prefixItems",
        "allOf",
        "$dynamicRef",
        "$dynamicAnchor",
        "additionalItems",
        "unevaluatedProperties",
        "unevaluatedItems",
    }
)
"""Keywords that can open a schema to shapes that the others do not describe."""

_TYPES = frozenset({"object", "array", "string", "integer", "number", "boolean", "null"})
_DEFINITIONS = ("$defs", "definitions")
_LOOK_AROUND = ("(?", "\\b", "\\B", "\\1")


class _Inexpressible(Exception):  # noqa: N818 - control flow of this module, never seen outside
    """The vendor has no way to enforce this schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What one vendor can enforce."""

    formats: frozenset[str]
    constraints: frozenset[str]
    all_required: bool
    recursion: bool
    max_properties: int
    max_depth: int
    max_enum: int
    max_optional: int
    max_unions: int


OPENAI = Dialect(
    formats=_FORMATS,
    constraints=frozenset(
        {
            "pattern",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
            "minItems",
            "maxItems",
        }
    ),
    all_required=True,
    recursion=True,
    max_properties=5000,
    max_depth=10,
    max_enum=1000,
    max_optional=5000,
    max_unions=5000,
)
ANTHROPIC = Dialect(
    formats=_FORMATS | {"uri"},
    constraints=frozenset(),
    all_required=False,
    recursion=False,
    max_properties=5000,
    max_depth=50,
    max_enum=5000,
    max_optional=24,
    max_unions=16,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted:
    """A schema as one vendor takes it.

    `schema` is `None` when it cannot be enforced, and `why` says so in a clause. `notes` tell, in
    order, what was changed and where.
    """

    schema: Schema | None
    why: str = ""
    notes: tuple[str, ...] = ()


def adapt(schema: Mapping[str, Json], dialect: Dialect) -> Adapted:
    """`schema` as `dialect` takes it. The argument is left as it is."""
    walk = _Walk(dict(schema), dialect)
    try:
        root = walk.node(dict(schema), "", 0)
        if root.get("type") != "object":
            raise _Inexpressible("the root is not an object")  # noqa: TRY301 - one way out for all
        walk.check_limits()
    except _Inexpressible as reason:
        return Adapted(schema=None, why=str(reason))
    except RecursionError:
        return Adapted(schema=None, why="it is nested too deep")
    return Adapted(schema=root, notes=tuple(walk.notes))


def plain(schema: Mapping[str, Json]) -> Schema:
    """`schema` without `$schema` and `$id`, for a vendor that reads it as a hint only."""
    return {key: value for key, value in schema.items() if key not in {"$schema", "$id"}}


@dataclass(slots=True)
class _Walk:
    root: Schema
    dialect: Dialect
    notes: list[str] = field(default_factory=list)
    properties: int = 0
    enums: int = 0
    optional: int = 0
    unions: int = 0
    following: list[str] = field(default_factory=list)

    def check_limits(self) -> None:
        for name, used, most in (
            ("properties", self.properties, self.dialect.max_properties),
            ("enum values", self.enums, self.dialect.max_enum),
            ("optional properties", self.optional, self.dialect.max_optional),
            ("unions", self.unions, self.dialect.max_unions),
        ):
            if used > most:
                raise _Inexpressible(f"it has {used} {name}, the vendor takes {most}")

    def node(self, schema: object, path: str, depth: int) -> Schema:
        if not isinstance(schema, dict):
            raise _Inexpressible(f"{path or 'the root'} allows any value")
        if depth > self.dialect.max_depth:
            raise _Inexpressible(f"it is nested deeper than {self.dialect.max_depth} levels")
        rest = {key: value for key, value in schema.items() if key not in _ANNOTATIONS}
        rest = self._one_of_all(rest, path)
        done = self._definitions(rest, depth)
        if "$ref" in rest:
            return done | self._reference(rest, path)
        done |= {key: rest.pop(key) for key in ("title", "description") if key in rest}
        shape = sorted(_SHAPE & rest.keys())
        if shape:
            raise _Inexpressible(f"{path or 'the root'} uses {shape[0]!r}")
        for key in ("anyOf", "oneOf"):
            if key in rest:
                return done | self._union(key, rest, path, depth)
        types = self._types(rest, path)
        self.unions += len(types) > 1
        self._values(done, rest, path)
        if "enum" not in done and "const" not in done:
            self._containers(done, rest, types, path, depth)
        done["type"] = types[0] if len(types) == 1 else types
        self._constraints(done, rest, types, path)
        return done

    def _definitions(self, rest: Schema, depth: int) -> Schema:
        return {
            name: {
                key: self.node(each, f"{name}.{key}", depth) for key, each in rest.pop(name).items()
            }
            for name in _DEFINITIONS
            if name in rest
        }

    @staticmethod
    def _one_of_all(rest: Schema, path: str) -> Schema:
        """`allOf` with one entry says the same as that entry."""
        parts = rest.get("allOf")
        if not isinstance(parts, list) or len(parts) != 1 or not isinstance(parts[0], dict):
            return rest
        others = {key: value for key, value in rest.items() if key != "allOf"}
        part = {key: value for key, value in parts[0].items() if key not in _ANNOTATIONS}
        if others.keys() & part.keys() - {"title", "description"}:
            raise _Inexpressible(f"{path or 'the root'} uses 'allOf'")
        return part | others

    def _reference(self, rest: Schema, path: str) -> Schema:
        reference = rest.pop("$ref")
        target = _resolved(self.root, reference)
        if target is None:
            raise _Inexpressible(f"{path or 'the root'} refers to {reference!r}")
        constraining = rest.keys() - {"title", "description"}
        if constraining:
            raise _Inexpressible(f"{path or 'the root'} adds {min(constraining)!r} to a $ref")
        if not self.dialect.recursion and _is_recursive(self.root, reference):
            raise _Inexpressible(f"{path or 'the root'} refers to itself")
        return {"$ref": reference}

    def _union(self, key: str, rest: Schema, path: str, depth: int) -> Schema:
        union = rest.pop(key)
        if key == "oneOf":
            self.notes.append(f"{path}: oneOf became anyOf")
        if not isinstance(union, list) or not union:
            raise _Inexpressible(f"{path or 'the root'} has no alternatives")
        if not path:
            raise _Inexpressible("the root is not an object")
        beside = rest.keys() - {"type"}
        if beside:
            raise _Inexpressible(f"{path} has {min(beside)!r} beside alternatives")
        self.unions += 1
        return {"anyOf": [self.node(each, f"{path}|{i}", depth) for i, each in enumerate(union)]}

    @staticmethod
    def _types(rest: Schema, path: str) -> list[str]:
        stated = rest.pop("type", None)
        types = [stated] if isinstance(stated, str) else stated
        if types is None:
            values = [rest["const"]] if "const" in rest else rest.get("enum")
            if isinstance(values, list) and values:
                types = list(dict.fromkeys(_type_of(value) for value in values))
            elif "properties" in rest:
                types = ["object"]
        if not isinstance(types, list) or not types or not set(types) <= _TYPES:
            raise _Inexpressible(f"{path or 'the root'} allows any value")
        return types

    def _values(self, done: Schema, rest: Schema, path: str) -> None:
        values = rest.get("enum", [rest["const"]] if "const" in rest else [])
        if any(isinstance(value, dict | list) for value in values):
            raise _Inexpressible(f"{path or 'the root'} names whole objects or lists as values")
        if rest.get("enum"):
            self.enums += len(values)
            done["enum"] = list(rest.pop("enum"))
        elif "const" in rest:
            done["const"] = rest.pop("const")

    def _containers(
        self, done: Schema, rest: Schema, types: list[str], path: str, depth: int
    ) -> None:
        if "object" in types:
            done |= self._object(rest, path, depth)
        if "array" in types:
            done["items"] = self.node(rest.pop("items", True), f"{path}[]", depth)

    def _object(self, rest: Schema, path: str, depth: int) -> Schema:
        properties = rest.pop("properties", None)
        if rest.pop("additionalProperties", False) is not False:
            raise _Inexpressible(f"{path or 'the root'} allows any further key")
        if not isinstance(properties, dict) or not properties:
            raise _Inexpressible(f"{path or 'the root'} is an object of any keys")
        required = rest.pop("required", None)
        stated = [key for key in required if key in properties] if required else []
        self.properties += len(properties)
        done: Schema = {}
        for key, each in properties.items():
            place = f"{path}.{key}" if path else key
            done[key] = self.node(each, place, depth + 1)
            if key in stated:
                continue
            self.optional += 1
            if self.dialect.all_required:
                done[key] = self._nullable(done[key], place)
        if self.dialect.all_required:
            stated = list(properties)
        return {"properties": done, "required": stated, "additionalProperties": False}

    def _nullable(self, schema: Schema, path: str) -> Schema:
        """The strict way to say "optional"."""
        if _admits_null(schema, self.root):
            self.notes.append(f"{path}: required")
            return schema
        self.notes.append(f"{path}: required, and null when it is absent")
        if "anyOf" in schema:
            return schema | {"anyOf": [*schema["anyOf"], {"type": "null"}]}
        if "$ref" in schema:
            return {"anyOf": [schema, {"type": "null"}]}
        types = schema["type"]
        wider = schema | {"type": [*([types] if isinstance(types, str) else types), "null"]}
        if "const" in wider:
            wider["enum"] = [wider.pop("const")]
        if "enum" in wider:
            wider["enum"] = [*wider["enum"], None]
        return wider

    def _constraints(self, done: Schema, rest: Schema, types: list[str], path: str) -> None:
        """Keep what the vendor enforces; tell the rest to the model in words."""
        for key in sorted(rest):
            if self._is_enforced(key, rest[key], types):
                done[key] = rest.pop(key)
        if not rest:
            return
        told = ", ".join(f"{key}: {json.dumps(rest[key])}" for key in sorted(rest))
        before = f"{done['description']}\n\n" if done.get("description") else ""
        done["description"] = f"{before}{{{told}}}"
        self.notes.append(f"{path or 'the root'}: told, not enforced: {', '.join(sorted(rest))}")

    def _is_enforced(self, key: str, value: object, types: list[str]) -> bool:
        if key == "format":
            return "string" in types and any(value == each for each in self.dialect.formats)
        if key == "minItems" and value in (0, 1):
            return "array" in types
        if key == "pattern" and any(mark in str(value) for mark in _LOOK_AROUND):
            return False
        return key in self.dialect.constraints


def restored(text: str, schema: Mapping[str, Json]) -> str:
    """`text` without the nulls that only `Adapted.notes` asked the model for.

    Where the canonical `schema` has an optional property that may not be null, a strict answer
    says null for "absent". Such a null is taken out, and nothing else is touched: numbers keep
    their digits. Text that is not one JSON value, or says a key twice, comes back as it is.
    """
    try:
        value = json.loads(
            text, parse_float=_Digits, parse_int=_Digits, object_pairs_hook=_distinct
        )
        root = dict(schema)
        if not _drop_nulls(value, [root], root):
            return text
        return _written(value)
    except (ValueError, RecursionError):
        return text


class _Digits(str):
    """A number as it was written."""

    __slots__ = ()


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key is said twice")
    return dict(pairs)


def _drop_nulls(value: object, schemas: list[Schema], root: Schema) -> bool:
    changed = False
    flat = [each for schema in schemas for each in _alternatives(schema, root, 0)]
    if isinstance(value, dict):
        for key in list(value):
            known = [each for each in flat if key in each.get("properties", {})]
            below = [each["properties"][key] for each in known]
            is_ours = bool(known) and not any(
                key in each.get("required", ()) or _admits_null(each["properties"][key], root)
                for each in known
            )
            if value[key] is None and is_ours:
                del value[key]
                changed = True
            elif key in value:
                changed |= _drop_nulls(value[key], below, root)
    elif isinstance(value, list):
        below = [each["items"] for each in flat if "items" in each]
        for item in value:
            changed |= _drop_nulls(item, below, root)
    return changed


def _alternatives(schema: object, root: Schema, depth: int) -> Iterator[Schema]:
    if not isinstance(schema, dict) or depth > 20:  # noqa: PLR2004 - a cycle of references
        return
    yield schema
    for key in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(key, ()):
            yield from _alternatives(each, root, depth + 1)
    if "$ref" in schema:
        yield from _alternatives(_resolved(root, schema["$ref"]), root, depth + 1)


def _admits_null(schema: object, root: Schema) -> bool:
    for each in _alternatives(schema, root, 0):
        types = each.get("type")
        if types == "null" or (isinstance(types, list) and "null" in types):
            return True
        if types is None and not each.keys() & {"anyOf", "oneOf", "allOf", "$ref", "properties"}:
            values = [each["const"]] if "const" in each else each.get("enum")
            if values is None or None in values:
                return True
    return not isinstance(schema, dict)


def _written(value: object) -> str:
    if isinstance(value, _Digits):
        return str(value)
    if isinstance(value, dict):
        pairs = (f"{json.dumps(k, ensure_ascii=False)}: {_written(v)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _resolved(root: Schema, reference: object) -> Schema | None:
    """What a local `$ref` points at; `None` for anything else."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    here: object = root
    for step in reference[1:].strip("/").split("/") if len(reference) > 1 else ():
        name = step.replace("~1", "/").replace("~0", "~")
        here = here.get(name) if isinstance(here, dict) else None
    return here if isinstance(here, dict) else None


def _is_recursive(root: Schema, reference: str) -> bool:
    """Whether following `reference` leads back to it."""
    seen: set[str] = set()
    waiting = [reference]
    while waiting:
        for found in _references(_resolved(root, waiting.pop())):
            if found == reference:
                return True
            if found not in seen:
                seen.add(found)
                waiting.append(found)
    return False


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _type_of(value: object) -> str:
    if value is None:
        return "null"
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string")):
        if isinstance(value, kind):
            return name
    return "array" if isinstance(value, list) else "object"
