"""A result as text, so that a replay answers what the first call did."""

import datetime as dt
import json
import uuid
from decimal import Decimal
from typing import Final

MOST_BYTES: Final = 65536
_TAG: Final = "$pytx"


def encode(result: object) -> str | None:
    """JSON text of a result, or `None` where it cannot be kept (another type, or over 64 KiB).

    Decimal, date, datetime and UUID keep their type; a tuple comes back as a list.
    """
    try:
        text = _encoder.encode(_plain(result))
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError):
        return None
    return text if size <= MOST_BYTES else None


def decode(text: str) -> object:
    """The result back from its text."""
    return _decoder.decode(text)


def _plain(value: object) -> object:  # noqa: PLR0911 - one line for each type
    if isinstance(value, Decimal):
        return {_TAG: "decimal", "of": str(value)}
    if isinstance(value, dt.datetime):
        return {_TAG: "datetime", "of": value.isoformat()}
    if isinstance(value, dt.date):
        return {_TAG: "date", "of": value.isoformat()}
    if isinstance(value, uuid.UUID):
        return {_TAG: "uuid", "of": str(value)}
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value) or _TAG in value:
            raise TypeError("a mapping whose keys are not text, or are our own")
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _whole(found: dict[str, object]) -> object:
    kind, of = found.get(_TAG), str(found.get("of"))
    if kind == "decimal":
        return Decimal(of)
    if kind == "datetime":
        return dt.datetime.fromisoformat(of)
    if kind == "date":
        return dt.date.fromisoformat(of)
    if kind == "uuid":
        return uuid.UUID(of)
    return found


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_decoder = json.JSONDecoder(object_hook=_whole)
