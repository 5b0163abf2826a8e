"""Values as people read them in a reason: short, on one line, nothing invisible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.records.json_value import Json

LIMIT = 80
"""Characters of one value in a reason."""

_BITS = 1_000  # larger integers are described: Python itself refuses to write huge ones


def show(value: Json) -> str:
    """Write `value` in at most `LIMIT` characters; control characters and the like are escaped."""
    text = ""
    for piece in _pieces(value):
        text += piece
        if len(text) > LIMIT:
            return clip(text)
    return text


def clip(text: str, limit: int = LIMIT) -> str:
    """Cut `text` to `limit` characters, the last of them an ellipsis if anything was lost."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def one_line(text: str, limit: int) -> str:
    """Bring text of unknown origin onto one line: spaces folded, what is invisible escaped."""
    folded = " ".join(text[: limit * 4].split())
    if not folded.isprintable():
        folded = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in folded)
    return clip(folded, limit)


def kind(value: Json) -> str:
    """Name the JSON type of `value`, as in "is text" or "is a float"."""
    if value is None:
        return "null"
    for types, name in _KINDS:
        if isinstance(value, types):
            return name
    return "a list"


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),
    (int, "an integer"),
    (float, "a float"),
    (str, "text"),
    (Mapping, "an object"),
)


def _pieces(value: Json) -> Iterator[str]:
    if value is None or isinstance(value, bool):
        yield {None: "null", True: "true", False: "false"}[value]
    elif isinstance(value, str):
        yield repr(value[: LIMIT + 1])
    elif isinstance(value, Mapping):
        yield "{"
        for index, (key, item) in enumerate(value.items()):
            yield f"{', ' if index else ''}{str(key)[: LIMIT + 1]!r}: "
            yield from _pieces(item)
        yield "}"
    elif isinstance(value, Sequence):
        yield "["
        for index, item in enumerate(value):
            yield ", " if index else ""
            yield from _pieces(item)
        yield "]"
    elif isinstance(value, int) and value.bit_length() > _BITS:
        yield f"an integer of {value.bit_length()} bits"
    else:
        yield repr(value)
