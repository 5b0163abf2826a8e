"""What changed between two prompt versions, as a person reads it."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.records.plan import PromptVersion


def diff(before: PromptVersion, after: PromptVersion) -> list[str]:
    """Lines of a unified diff: messages as text, the rest as JSON. Empty when they are the same."""
    return [
        line.rstrip("\n")
        for line in difflib.unified_diff(
            list(_lines(before)), list(_lines(after)), before.reference, after.reference, n=3
        )
    ]


def _lines(prompt: PromptVersion) -> Iterator[str]:
    yield f"# {prompt.changelog}"
    for message in prompt.messages:
        yield f"[{message.role}]"
        yield from message.content.removesuffix("\n").split("\n")
    parts = {
        "variables": list(prompt.variables),
        "parameters": prompt.parameters,
        "constants": prompt.constants,
        "output_schema": prompt.output_schema,
    }
    for name, value in parts.items():
        if value:
            yield f"[{name}]"
            yield from json.dumps(value, ensure_ascii=False, indent=2).splitlines()
