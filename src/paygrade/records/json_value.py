"""The type of a value read from JSON or YAML, and its canonical text."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


def canonical(value: object) -> str:
    """The canonical JSON text of `value`: sorted keys, no spaces, NFC.

    Raises:
        ValueError: `value` holds NaN or an infinity.
    """
    text = json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return unicodedata.normalize("NFC", text)
