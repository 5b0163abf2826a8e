"""One text for one meaning: keys, fingerprints, the provider's key."""

import datetime as dt
import doctest
import enum
import json
import re
import unicodedata
import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pytx.canon
from pytx.canon import canonical, fingerprint, key_text, provider_key

SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.dates() | st.uuids()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10
)


class Colour(enum.Enum):
    """Something that stands for a text."""

    RED = "red"


def test_the_examples_of_the_docstrings_run() -> None:
    """What a docstring shows is what happens."""
    assert doctest.testmod(pytx.canon).failed == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("10.00"), 10),
        (Decimal("1E+1"), 10),
        (Decimal("-0.0"), 0),
        (Decimal("1.50"), Decimal("1.5")),
        ("e\u0301", "\u00e9"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ((1, 2), [1, 2]),
        (Colour.RED, "red"),
        (
            dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC),
            dt.datetime(2026, 3, 1, 14, tzinfo=dt.timezone(dt.timedelta(hours=2))),
        ),
    ],
)
def test_what_means_the_same_is_written_the_same(one: object, other: object) -> None:
    """Numbers by value, texts by what a reader sees, times by the instant."""
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, "1"),
        (None, "null"),
        (Decimal("0.5"), "~d0.5"),
        ("~d0.5", "~~d0.5"),
        (dt.date(2026, 3, 1), "2026-03-01"),
        (dt.date(2026, 3, 1), dt.datetime(2026, 3, 1, tzinfo=dt.UTC)),
        (uuid.UUID(int=1), str(uuid.UUID(int=1))),
        ({"a": None}, {}),
        ([1, [2]], [1, 2]),
    ],
)
def test_what_means_another_thing_is_written_otherwise(one: object, other: object) -> None:
    """No text can stand for a value of another type."""
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1.5, "pass money as str, int or Decimal"),
        ({"amount": 1.0}, "float"),
        (float("nan"), "float"),
        (Decimal("NaN"), "not finite"),
        (Decimal("Infinity"), "not finite"),
        (Decimal("1E+1000000"), "more digits than any amount"),
        (dt.datetime(2026, 3, 1), "has no zone"),  # noqa: DTZ001 - that is what is wrong with it
        (dt.time(12), "type time"),
        (b"bytes", "type bytes"),
        ({1: "a"}, "a key of type int"),
        ({"e\u0301": 1, "\u00e9": 2}, "two keys that read as"),
        ({1, 2}, "type set"),
        ("\ud800", "half of a surrogate pair"),
        (object(), "type object"),
    ],
)
def test_what_has_no_single_meaning_is_refused(value: object, said: str) -> None:
    """Before anything is stored or sent."""
    with pytest.raises(TypeError, match=re.escape(said)):
        canonical(value)


def test_a_value_that_holds_itself_is_refused() -> None:
    """It has no end."""
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(TypeError, match="nested too deeply"):
        canonical(endless)


@given(VALUES)
def test_the_text_is_json_and_stays(value: object) -> None:
    """What is written is JSON in NFC, and writing it again changes nothing."""
    try:
        text = canonical(value)
    except TypeError:  # two keys that read alike, half a surrogate pair
        return
    assert unicodedata.is_normalized("NFC", text)
    json.loads(text)
    assert canonical(value) == text


@given(SCALARS, SCALARS)
def test_two_values_share_a_text_only_when_they_are_equal(one: object, other: object) -> None:
    """Equal to a reader, and of one kind."""
    try:
        alike = canonical(one) == canonical(other)
    except TypeError:
        return
    if alike and not isinstance(one, str):
        assert one == other
        assert type(one) is type(other)


@pytest.mark.parametrize(
    ("parts", "error", "said"),
    [
        ((), ValueError, "at least one part"),
        (("p1", ""), ValueError, "part 2 of the key is empty"),
        (("  ",), ValueError, "part 1 of the key is empty"),
        ((None,), ValueError, "part 1 of the key is empty"),
        ((["a"],), TypeError, "is a list, not a scalar"),
        (({},), TypeError, "is a dict, not a scalar"),
        ("p1", TypeError, "a key is a tuple"),
        ((1.5,), TypeError, "float"),
        (("x" * 600,), ValueError, "has 604 bytes, and at most 512"),
        (("ü" * 300,), ValueError, "has 604 bytes"),
    ],
)
def test_a_key_is_a_tuple_of_full_scalars(
    parts: tuple[object, ...], error: type[Exception], said: str
) -> None:
    """What every retry has to know, and short enough for an index."""
    with pytest.raises(error, match=re.escape(said)):
        key_text(parts)


def test_a_fingerprint_is_over_key_and_fields() -> None:
    """Each of them counts; the order of the fields does not."""
    one = fingerprint(key_text(("p1",)), {"amount": 1000, "currency": "INR"})
    assert one == fingerprint(key_text(("p1",)), {"currency": "INR", "amount": Decimal("1000.0")})
    assert len(one) == 32
    others = [
        fingerprint(key_text(("p2",)), {"amount": 1000, "currency": "INR"}),
        fingerprint(key_text(("p1",)), {"amount": 1001, "currency": "INR"}),
        fingerprint(key_text(("p1",)), {"amount": 1000, "currency": "USD"}),
        fingerprint(key_text(("p1",)), {"amount": 1000}),
    ]
    assert len({one, *others}) == 5


def test_the_providers_key_fits_every_provider() -> None:
    """36 characters of hex and hyphens; every part of the intent, and the generation, counts."""
    keys = {
        provider_key("acme/live", "refund.create", '["p1"]', 1),
        provider_key("acme/test", "refund.create", '["p1"]', 1),
        provider_key("acme/live", "capture.create", '["p1"]', 1),
        provider_key("acme/live", "refund.create", '["p2"]', 1),
        provider_key("acme/live", "refund.create", '["p1"]', 2),
    }
    assert len(keys) == 5
    assert all(re.fullmatch(r"[0-9a-f-]{36}", each) for each in keys)
