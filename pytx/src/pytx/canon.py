"""One text for one meaning: what a key, a fingerprint and the provider's key are made of.

Numbers count by value and texts by what a reader sees (NFC). What has no single meaning is refused
before anything is stored or sent: a float, a time without a zone, an object of any other type.
"""

import datetime as dt
import hashlib
import json
import unicodedata
import uuid
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Final

MOST_KEY_BYTES: Final = 512
_MOST_DIGITS: Final = 100  # before and behind the point: more is no amount, and could eat memory
_TAG: Final = "~"  # begins a text that stands for another type; a text that begins so doubles it

_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode


def canonical(value: object) -> str:
    """The canonical JSON text of `value`.

    Allowed are str, int, bool, None, Decimal, date, datetime with a zone (as UTC), UUID, Enum (as
    its value), mappings with str keys, lists and tuples. An integral Decimal equals the int.

    Raises:
        TypeError: anything else is in it, a float and a naive datetime included.

    >>> from decimal import Decimal
    >>> canonical({"b": Decimal("10.00"), "a": [True, None, Decimal("0.50")]})
    '{"a":[true,null,"~d0.5"],"b":10}'
    """
    try:
        text = _encode(_plain(value))
        text.encode()
    except RecursionError:
        raise TypeError("a value is nested too deeply; pass the few fields that matter") from None
    except UnicodeEncodeError:
        raise TypeError("a text holds half of a surrogate pair; it is no text") from None
    return text


def key_text(parts: tuple[object, ...]) -> str:
    """The text of a key: canonical JSON of its parts.

    Raises:
        TypeError: a part is no scalar that `canonical` takes.
        ValueError: there is no part, one is empty or None, or all are longer than 512 bytes.
    """
    if not isinstance(parts, tuple):
        raise TypeError(f"a key is a tuple of scalars, not a {type(parts).__name__}")
    if not parts:
        raise ValueError("a key has at least one part, such as the id of the payment")
    for number, part in enumerate(parts, 1):
        if part is None or (isinstance(part, str) and not part.strip()):
            raise ValueError(f"part {number} of the key is empty; every retry has to know it")
        if isinstance(part, Mapping | list | tuple):
            raise TypeError(f"part {number} of the key is a {type(part).__name__}, not a scalar")
    text = canonical(parts)
    size = len(text.encode())
    if size > MOST_KEY_BYTES:
        raise ValueError(f"the key has {size} bytes, and at most {MOST_KEY_BYTES} are kept")
    return text


def fingerprint(key: str, same: Mapping[str, object]) -> bytes:
    """SHA-256 over a key's text and all fields that must not differ under it.

    Raises:
        TypeError: as `canonical`.
    """
    return hashlib.sha256(f"{key}\n{canonical(same)}".encode()).digest()


def provider_key(scope: str, operation: str, key: str, generation: int) -> str:
    """36 characters `[0-9a-f-]` for the provider's own idempotency key: short enough for all.

    >>> provider_key("acme/live", "refund.create", '["p1"]', 1)
    '71c9a5df-66b8-dcf1-4e47-d551d2b1f68c'
    """
    told = "\n".join((scope, operation, key, str(generation)))
    digest = hashlib.sha256(told.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def _plain(value: object) -> object:  # noqa: PLR0911 - one line for each type
    if isinstance(value, Enum):  # before str and int: an enum may be one
        return _plain(value.value)
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value)
        return _TAG + text if text.startswith(_TAG) else text
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, dt.datetime):
        return f"{_TAG}t{_utc(value)}"
    if isinstance(value, dt.date):
        return f"{_TAG}a{value.isoformat()}"
    if isinstance(value, uuid.UUID):
        return f"{_TAG}u{value}"
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    hint = "; pass money as str, int or Decimal" if isinstance(value, float) else ""
    raise TypeError(f"a value of type {type(value).__name__} has no canonical form{hint}")


def _mapping(value: Mapping[object, object]) -> dict[str, object]:
    plain: dict[str, object] = {}
    for name, item in value.items():
        if not isinstance(name, str):
            raise TypeError(f"a mapping has a key of type {type(name).__name__}, not str")
        normal = unicodedata.normalize("NFC", name)
        if normal in plain:
            raise TypeError(f"a mapping has two keys that read as {normal!r}")
        plain[normal] = _plain(item)
    return plain


def _decimal(value: Decimal) -> int | str:
    _, digits, power = value.as_tuple()
    if not isinstance(power, int):
        raise TypeError(f"the Decimal {value} is not finite")
    if abs(power) > _MOST_DIGITS or len(digits) > _MOST_DIGITS:
        raise TypeError("a Decimal has more digits than any amount")
    if value == value.to_integral_value():
        return int(value)
    text = f"{value:f}".rstrip("0")
    return f"{_TAG}d{text}"


def _utc(value: dt.datetime) -> str:
    if value.utcoffset() is None:
        raise TypeError("a datetime has no zone; give it one, such as tzinfo=UTC")
    return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
