"""Razorpay: paise, seconds since 1970, the tax inside the fee."""

from __future__ import annotations

import json
from typing import Any

import pytest

from paygrade.errors import WorkspaceError
from paygrade.payments.settlement import razorpay
from paygrade.payments.settlement.lines import Fee, StatementLine

PAYMENT: dict[str, Any] = {
    "entity_id": "pay_1",
    "type": "payment",
    "debit": 0,
    "credit": 97100,
    "amount": 100000,
    "currency": "INR",
    "fee": 2900,
    "tax": 442,
    "created_at": 1567692556,
    "settlement_id": "setl_1",
    "order_id": "order_1",
    "order_receipt": None,
}


def _read(*items: object) -> tuple[StatementLine, ...]:
    return razorpay.read(json.dumps({"items": items}).encode(), "r.json")


def test_the_fee_includes_the_tax() -> None:
    """100000 less 2900 is 97100, of which 442 are tax."""
    [line] = _read(PAYMENT)
    assert (line.gross_minor, line.net_minor) == (100000, 97100)
    assert line.fees == (Fee(kind="psp_fee", amount_minor=2458), Fee(kind="tax", amount_minor=442))
    assert (line.ref, line.batch) == ("order_1", "setl_1")
    assert line.created_at == "2019-09-05T14:09:16+00:00"


@pytest.mark.parametrize(
    ("changes", "gross", "net"),
    [
        ({"type": "refund", "debit": 5000, "credit": 0, "amount": 5000, "fee": 0}, -5000, -5000),
        (
            {"type": "transfer", "debit": 5296, "credit": 0, "amount": 5000, "fee": 296},
            -5000,
            -5296,
        ),
        ({"type": "adjustment", "debit": 0, "credit": 1012, "amount": 1012, "fee": 0}, 1012, 1012),
    ],
)
def test_the_side_gives_the_sign(changes: dict[str, Any], gross: int, net: int) -> None:
    """A debit takes the amount and its fee."""
    [line] = _read(PAYMENT | {"tax": 0} | changes)
    assert (line.gross_minor, line.net_minor) == (gross, net)


def test_csv_has_the_same_columns() -> None:
    """In paise too."""
    text = f"{','.join(PAYMENT)}\n{','.join(str(each or '') for each in PAYMENT.values())}\n"
    text = text.replace(",,97100", ",0,97100")
    [line] = razorpay.read(text.encode(), "r.csv", "order_id")
    assert line == _read(PAYMENT)[0]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"credit": 97000}, "item 2: amount 100000 and fee 2900 do not give credit 97000, debit 0"),
        ({"tax": 3000}, "tax 3000 is not within fee 2900"),
        ({"amount": 1000.5}, "'amount' is no whole number, got '1000.5'"),
        ({"amount": "1000.00"}, "'amount' is no whole number"),
        ({"amount": 10**18}, "has more than 18 digits"),
        ({"fee": None}, "has no 'fee'"),
        ({"currency": "RUP"}, "is not an active ISO 4217"),
        ({"created_at": 10**17}, "'created_at' is no time"),
        ({"entity_id": "a\nb"}, "has a control character"),
        ({"entity_id": ["a"]}, "'entity_id' should be text"),
    ],
)
def test_a_wrong_item_is_named(changes: dict[str, Any], sentence: str) -> None:
    """By its number."""
    with pytest.raises(WorkspaceError, match="item 2") as caught:
        _read(PAYMENT, PAYMENT | changes)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"items": [', "is not JSON"),
        ('{"entity": "collection"}', "has no list 'items'"),
        ('{"items": []}', "holds no row"),
        ('{"items": [1]}', "item 1: is not a JSON object"),
        ('{"items": [{"fee": NaN}]}', "it holds NaN"),
        ('{"items": [{"fee": 1, "fee": 2}]}', "it has a key twice"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_a_file_that_is_no_recon_is_one_sentence(text: str, sentence: str) -> None:
    """Cut off, of another shape, or made to break a reader."""
    with pytest.raises(WorkspaceError) as caught:
        razorpay.read(text.encode(), "r.json")
    assert sentence in str(caught.value)
    assert len(caught.value.mistakes) == 1
