"""Masking JSON-like values: what is found where, and that nothing else changes."""

from __future__ import annotations

import pytest

from paygrade.leaks import Finding, mask_value

PAN = "4111111111111111"
SHOWN = "411111******1111"


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        737,
        1.5,
        "accept",
        [],
        {},
        {"decision": "accept", "lines": [{"id": "l1", "amount": 124990}], "score": 0.25},
        4.236067977499790,
        12.340000000000002,
        10**400,
        float("inf"),
        float("nan"),
        {"cvv": True, "cvc": None, "security_code": 12},
        {"phone": "+1 415 555 0133"},
        {1: "a", None: "b"},
    ],
)
def test_a_clean_value_is_the_same_object(value: object) -> None:
    """It is not copied, whatever it is; what is only reported does not change it either."""
    masked, _ = mask_value(value)
    assert masked is value


def test_only_what_leaks_is_copied() -> None:
    """Containers without a leak are taken over as they are."""
    clean = {"a": [1, 2]}
    value = {"clean": clean, "leak": [PAN, clean]}
    masked, _ = mask_value(value)
    assert masked == {"clean": clean, "leak": [SHOWN, clean]}
    assert isinstance(masked, dict)
    assert masked["clean"] is clean
    assert masked["leak"][1] is clean
    assert value["leak"] == [PAN, clean]


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        (PAN, SHOWN),
        (int(PAN), SHOWN),
        (-int(PAN), "-" + SHOWN),
        (float(PAN), SHOWN + ".0"),
        (6205500000000000004, "620550*********0004"),
        ([int(PAN), 1], [SHOWN, 1]),
        ((PAN, 1), (SHOWN, 1)),
        ({int(PAN): 1}, {SHOWN: 1}),
        ({"a": {"b": [{"c": "4111 1111 1111 1111"}]}}, {"a": {"b": [{"c": SHOWN}]}}),
        ({"a": '{"card": 4111111111111111}'}, {"a": '{"card": "411111******1111"}'}),
        ({"cvv": "737", "cvc": 737}, {"cvv": "[cvv]", "cvc": "[cvv]"}),
        ({"card": {"security_code": ["737", 1]}}, {"card": {"security_code": ["[cvv]", 1]}}),
        ({"cvv": "737 on 4111111111111111"}, {"cvv": "[cvv] on 411111******1111"}),
        ({"secret_access_key": "a1B2" * 10}, {"secret_access_key": "[secret]"}),
        ({"amount": 737}, {"amount": 737}),
    ],
)
def test_strings_numbers_and_keys_are_masked(value: object, masked: object) -> None:
    """Wherever they stand; a number that leaks becomes a string, and a key says what a `737` is."""
    assert mask_value(value)[0] == masked


def test_keys_that_become_equal_lose_no_value() -> None:
    """Each keeps a name of its own, also beside one that was masked before."""
    value = {PAN: 1, int(PAN): 2, "4111 1111 1111 1111": 3, SHOWN: 4}
    masked, findings = mask_value(value)
    assert masked == {f"{SHOWN} (2)": 1, f"{SHOWN} (3)": 2, f"{SHOWN} (4)": 3, SHOWN: 4}
    assert len(findings) == 3


def test_findings_name_the_place_by_keys_that_may_be_shown() -> None:
    """A place is a JSON pointer, in which a key that leaks is masked, too."""
    value = {PAN: {"a/b~c": ["x", f"card {PAN}"]}, "n": int(PAN), "to": "+1 415 555 0133"}
    _, findings = mask_value(value)
    assert set(findings) == {
        Finding(kind="pan", start=0, end=16, place=f"/{SHOWN}"),
        Finding(kind="pan", start=5, end=21, place=f"/{SHOWN}/a~1b~0c/1"),
        Finding(kind="pan", start=0, end=16, place="/n"),
        Finding(kind="phone", start=0, end=15, place="/to"),
    }


def test_a_number_that_is_the_whole_value_has_no_place() -> None:
    """The pointer to the whole is empty."""
    assert mask_value(int(PAN)) == (SHOWN, (Finding(kind="pan", start=0, end=16),))


def test_a_value_nested_deeper_than_the_stack_is_masked() -> None:
    """Answers are hostile; one of a hundred thousand brackets is read like any other."""
    value: object = PAN
    for _ in range(100_000):
        value = [value]
    masked, findings = mask_value(value)
    assert [finding.kind for finding in findings] == ["pan"]
    for _ in range(100_000):
        assert isinstance(masked, list)
        masked = masked[0]
    assert masked == SHOWN
