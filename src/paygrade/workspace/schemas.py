"""JSON schemas of every file, for editors: `# yaml-language-server: $schema=…` points at them."""

from __future__ import annotations

import contextlib
import functools
import json
from typing import TYPE_CHECKING, Any

from paygrade.errors import WorkspaceError
from paygrade.workspace import models
from paygrade.workspace.files import write_text

if TYPE_CHECKING:
    from pydantic import BaseModel

    from paygrade.records.protocols import Catalogue
    from paygrade.workspace.config import Layout

SCHEMAS_FOLDER = "schemas"
_IGNORE = "# Made by paygrade; nothing here belongs into git.\n*\n"
_COMMON: dict[str, Any] = {
    "id": {"type": "string", "description": "Default: NAME(field), or NAME."},
    "severity": {"enum": ["critical", "major", "minor"]},
    "role": {
        "enum": ["invariant", "gating", "advisory"],
        "description": "Default: gating for critical and major, advisory for minor.",
    },
}


def schemas(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """File kind to JSON schema (draft 2020-12)."""
    plain: dict[str, type[BaseModel]] = {
        "prompt": models.PromptModel,
        "card": models.CardModel,
        "config": models.ConfigModel,
    }
    found = {name: _titled(model.model_json_schema(), name) for name, model in plain.items()}
    profiles = [model.model_json_schema() for model in models.PROFILES.values()]
    shared = {name: each for one in profiles for name, each in one.pop("$defs", {}).items()}
    found["runner"] = _titled({"oneOf": profiles, "$defs": shared}, "runner")
    entry, definitions = _entry(catalogue)
    suite = models.SuiteModel.model_json_schema()
    suite["properties"]["scorers"] = {"type": "array", "items": entry, "minItems": 1}
    suite["required"].append("scorers")
    sample = models.SampleModel.model_json_schema(by_alias=True)
    sample["properties"]["checks"]["items"] = entry
    for name, schema in (("suite", suite), ("sample", sample)):
        schema["$defs"] = {**schema.get("$defs", {}), **definitions}
        found[name] = _titled(schema, name)
    return found


def _titled(schema: dict[str, Any], name: str) -> dict[str, Any]:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"paygrade {name}"}
    return {**schema, **head}


def _entry(catalogue: Catalogue) -> tuple[dict[str, Any], dict[str, Any]]:
    """One scorer entry, and the definitions that the scorers' parameters refer to."""
    written: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for name in catalogue.names():
        params: dict[str, Any] = dict(catalogue.params_schema(name))
        definitions |= params.pop("$defs", {})
        severity = {**_COMMON["severity"], "default": catalogue.severity(name)}
        own = params.get("properties", {})
        params["properties"] = {**own, **_COMMON, "severity": severity}
        params.pop("title", None)
        written[name] = written[f"not-{name}"] = {
            "anyOf": [params, {"type": "null"}] if not params.get("required") else [params]
        }
    one = {"type": "object", "properties": written, "additionalProperties": False}
    either = {"oneOf": [{"enum": sorted(written)}, {**one, "minProperties": 1, "maxProperties": 1}]}
    return either, definitions


@functools.cache
def _texts(catalogue: Catalogue) -> dict[str, str]:
    found = schemas(catalogue).items()
    return {name: json.dumps(each, ensure_ascii=False, indent=1) + "\n" for name, each in found}


def prepare_store(layout: Layout) -> None:
    """Keep the store's folder out of git. Where it cannot be written, nothing will be in it."""
    ignore = layout.store / ".gitignore"
    with contextlib.suppress(OSError, WorkspaceError):
        layout.store.mkdir(parents=True, exist_ok=True)
        if not ignore.exists():
            write_text(ignore, _IGNORE, layout.shown(ignore))


def write_schemas(layout: Layout, catalogue: Catalogue) -> None:
    """Write them into the store's folder where they are missing or old.

    A checkout that cannot be written keeps the schemas it has: they serve editors alone.
    """
    folder = layout.store / SCHEMAS_FOLDER
    prepare_store(layout)
    with contextlib.suppress(OSError, WorkspaceError):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in _texts(catalogue).items():  # type: ignore[arg-type]  # a protocol is not Hashable by itself
            file = folder / f"{name}.json"
            if not file.exists() or file.read_bytes() != text.encode():
                write_text(file, text, layout.shown(file))
