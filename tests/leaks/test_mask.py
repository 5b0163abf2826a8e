"""Masking a text: what goes, what stays, and that JSON stays JSON."""

from __future__ import annotations

import json

import pytest

from paygrade.leaks import Masked, find, mask


def chained(length: int) -> str:
    """Numbers each of which is only read as one once the amount before it is masked away."""
    return "41 " + "11111111111111.41 " * length + "11111111111111"


def test_a_clean_text_is_returned_as_it_is() -> None:
    """Nothing found, nothing changed, no finding."""
    text = '{"decision": "accept", "amount_minor": 124990}'
    assert mask(text) == Masked(text=text, findings=())
    assert mask("") == Masked(text="", findings=())


def test_findings_are_sorted_and_name_places_in_the_text_before_masking() -> None:
    """What was found, with offsets in the text that was given."""
    text = "cvv 737, 4111 1111 1111 1111, +1 415 555 0133"
    masked = mask(text)
    assert masked.text == "cvv [cvv], 411111******1111, +1 415 555 0133"
    assert [(found.kind, text[found.start : found.end]) for found in masked.findings] == [
        ("cvv", "737"),
        ("pan", "4111 1111 1111 1111"),
        ("phone", "+1 415 555 0133"),
    ]
    assert masked.findings == find(text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"card": 4111111111111111, "n": 1}', '{"card": "411111******1111", "n": 1}'),
        ('{"card": -4111111111111111}', '{"card": "-411111******1111"}'),
        ("[4111111111111111.0,2]", '["411111******1111.0",2]'),
        ("[4.111111111111111e15]", '["411111******1111e15"]'),
        ('{"cvv": 737, "amount": 1200}', '{"cvv": "[cvv]", "amount": 1200}'),
        ('{"4111111111111111": 1}', '{"411111******1111": 1}'),
        (
            '{ "4111111111111111" : 1, "4111 1111 1111 1111" : 2, "411111******1111" : 3 }',
            '{ "411111******1111 (2)" : 1, "411111******1111 (3)" : 2, "411111******1111" : 3 }',
        ),
        (
            '[{"4111111111111111": 1}, {"4111111111111111": {"4111111111111111": 2}}]',
            '[{"411111******1111": 1}, {"411111******1111": {"411111******1111": 2}}]',
        ),
        ('["\\u0034111111111111111", "\\u00e9"]', '["411111******1111", "\\u00e9"]'),
        ('["\u00e9 4111111111111111"]', '["\u00e9 411111******1111"]'),
        ('["60110009\\n90139424", 1.50]', '["601100******9424", 1.50]'),
        (
            '{"a": "{\\"card\\": 4111111111111111}"}',
            '{"a": "{\\"card\\": \\"411111******1111\\"}"}',
        ),
        ('{"a": "\\u4111111111111111"}', '{"a": "\\u411111******1111"}'),
    ],
)
def test_json_stays_json(text: str, masked: str) -> None:
    """Only what leaks changes: a number becomes a string, and keys stay apart."""
    assert mask(text).text == masked
    json.loads(masked)


def test_json_with_numbers_beyond_what_python_reads_stays_json() -> None:
    """Thousands of digits are valid JSON, though `int` refuses them."""
    text = '{"n": ' + "7" * 5000 + ', "card": 4111111111111111}'
    assert mask(text).text == text.replace("4111111111111111", '"411111******1111"')


def test_json_stays_json_where_only_its_writing_leaks() -> None:
    """The string says a line break and `k_live_`; a reader of the text sees a key in it."""
    text = '["\\rk_live_' + "a1B2c3D4e5F6" + '"]'
    assert json.loads(mask(text).text) == ["[secret]"]


def test_text_that_only_begins_like_json_is_masked_in_place() -> None:
    """Broken JSON, JSON with prose behind it, and JSON nested beyond reading."""
    for text in ('{"card": 4111111111111111', "[4111111111111111] or so", "[" * 100_000):
        assert mask(text).text == text.replace("4111111111111111", "411111******1111")


def test_one_stretch_that_is_several_things_is_masked_as_the_worst() -> None:
    """A card number in a key is hidden with the key."""
    secret = "sk_live_" + "4111111111111111"
    assert sorted(found.kind for found in find(secret)) == ["pan", "secret"]
    assert mask(secret).text == "[secret]"


def test_readings_that_disagree_about_a_number_keep_only_its_bin() -> None:
    """As text it ends after sixteen digits, unescaped after nineteen."""
    text = "4111 1111 1111 1111\\u0020110"
    assert mask(text).text == "411111" + "*" * 13


def test_masking_goes_on_until_nothing_leaks() -> None:
    """A masked amount is none any more, and no longer breaks the run of digits beside it."""
    assert mask(chained(1)).text == "411111******1111.411111******1111"


def test_a_text_made_to_leak_again_and_again_loses_everything() -> None:
    """The work is bounded; what is not clean by then is not kept."""
    assert mask(chained(40)).text == "[masked]"
    assert mask(json.dumps([chained(40)])).text == '["[masked]"]'
    assert mask('{"a": ' + json.dumps(chained(40)) + "}").text == '{"a": "[masked]"}'


def test_many_equal_keys_are_told_apart_in_linear_time() -> None:
    """Three thousand keys mask to the same; every value keeps a key of its own."""
    pairs = (f'"4111111111111111{" " * number}": {number}' for number in range(300))
    masked = json.loads(mask("{" + ", ".join(pairs) + "}").text)
    assert sorted(masked.values()) == list(range(300))
