"""Time grows with the text, not faster, whatever the text is made of."""

from __future__ import annotations

import json
import random
from time import process_time

import pytest

from paygrade.leaks import mask

pytestmark = pytest.mark.real  # megabytes of hostile text

RANDOM = random.Random(7)  # the same noise each time
DIGITS = "".join(RANDOM.choice("0123456789") for _ in range(64))

# Each is repeated to a small and to a large text.
HOSTILE = {
    "digits": DIGITS,
    "spaced digits": " ".join(DIGITS) + " ",
    "spaced ones that are no number": "4 ",
    "digits and separators": "".join(RANDOM.choice("0123456789 -.\n_/") for _ in range(256)),
    "groups of four": "".join(f"{RANDOM.randrange(10_000):04} " for _ in range(64)),
    "numbers": "4111111111111111,",
    "numbers in a row": "4111111111111111 ",
    "backslashes": "\\",
    "escapes": "\\u0034",
    "half escapes": "\\u00",
    "percent signs": "%25",
    "encoded percent signs": "25",
    "ampersands": "&amp;",
    "entities": "&#",
    "stars": "*",
    "keywords": "cvv ",
    "codes": "cvv 123 ",
    "dashes": "-",
    "keys": "sk-",
    "tokens": "eyJ",
    "token parts": "eyJhbGciOiJI.",
    "key heads": "-----BEGIN PRIVATE KEY-----",
    "key bodies": "A-",
    "handles": "@upi",
    "names": "a.",
    "signs": "a@",
    "addresses": "a.b@corp.com ",
    "half addresses": "a@b.",
    "long domains": "a@b" + ".c" * 40,
    "amounts": "12.50 ",
    "dates": "2026-11-23 ",
    "uuids": "550e8400-e29b-41d4-a716-446655440000 ",
    "ibans": "GB29NWBK60161331926819 ",
    "half ibans": "GB29",
    "telephones": "+1 415 ",
    "tracks": "%B4111111111111111^",
    "invisible": "4\u200b",
    "keycaps": "4\ufe0f\u20e3",
    "marks": "\u0301",
    "Arabic digits": "\u0664",
    "brackets": "[",
    "quotes": '"',
}


def seconds(text: str) -> float:
    """Take the shortest of three tries, in time of this process alone."""
    tries = []
    for _ in range(3):
        start = process_time()
        mask(text)
        tries.append(process_time() - start)
    return min(tries)


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_a_text_eight_times_as_long_takes_about_eight_times_as_long(piece: str) -> None:
    """Quadratic work would take 64 times as long."""
    for head in ("", "4111111111111111%&"):
        small = head + piece * (3_000 // len(piece))
        large = head + piece * (24_000 // len(piece))
        mask(small)
        assert seconds(large) < 28 * max(seconds(small), 0.0002)


@pytest.mark.parametrize("one", ['"4111111111111111"', '{"4111111111111111": 1}', "4.5", "5e15"])
def test_json_with_eight_times_as_many_leaks_takes_about_eight_times_as_long(one: str) -> None:
    """Numbers, strings and keys are masked one by one, each once."""
    small = f"[{', '.join([one] * 200)}]"
    large = f"[{', '.join([one] * 1600)}]"
    json.loads(large)
    mask(small)
    assert seconds(large) < 28 * max(seconds(small), 0.0002)
