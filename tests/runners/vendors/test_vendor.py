"""What all vendors share, without a server."""

from __future__ import annotations

from typing import get_args

import pytest

from paygrade.runners import vendor


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "1e9"}, 1e9),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, 90),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:01 GMT"}, 0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9),
    ],
)
def test_the_wait_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, milliseconds or a date (it is ten seconds past midnight); nonsense is no wait."""
    assert vendor.retry_after_s(headers, now=10) == seconds


def test_the_table_of_kinds_is_whole() -> None:
    """Every kind is in the data and in the documentation."""
    assert set(get_args(vendor.Kind)) == set(vendor.RETRYABLE)
    for kind, retryable in vendor.RETRYABLE.items():
        row = next(line for line in (vendor.__doc__ or "").splitlines() if f"`{kind}`" in line)
        assert row.endswith("| yes   |" if retryable else "| no    |")


def test_a_key_is_cut_out_wherever_it_stands() -> None:
    """The key itself, one like it, and a masked one; a word that is none stays."""
    text = "my-key and sk-ant-api03-xyz, sk-pr***abc; task-force risk-free"
    assert vendor.without_key(text, "my-key") == "[key] and [key], [key]; task-force risk-free"


@pytest.mark.parametrize("before", range(5, 200, 5))
def test_a_line_is_not_cut_in_a_card_number(before: int) -> None:
    """Half a number would pass every mask that follows."""
    text = f"{'.' * before} 4111 1111 1111 1111 {'.' * 200}"
    assert "4111 1111 1" not in vendor.one_line(text, 200)
