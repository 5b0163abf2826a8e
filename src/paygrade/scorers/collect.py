"""All values below a dotted path, where a list on the way stands for each of its elements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paygrade.records.json_value import Json
    from paygrade.scorers.target import Path


def collected(value: Json, path: Path) -> Iterator[Json]:
    """Yield what stands at `path`; lists on the way and at its end are gone through."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from collected(item, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping) and path[0][0] in value:
        yield from collected(value[path[0][0]], path[1:])


def is_empty(value: Json, path: Path) -> bool:
    """Tell whether an empty list on the way is why nothing stands at `path`."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return all(is_empty(item, path) for item in value)
    if path and isinstance(value, Mapping) and path[0][0] in value:
        return is_empty(value[path[0][0]], path[1:])
    return False
