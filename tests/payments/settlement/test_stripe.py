"""Stripe: reports in major units, the API in minor units that are not always ISO's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from paygrade.errors import WorkspaceError
from paygrade.payments.settlement import stripe
from paygrade.payments.settlement.lines import Fee
from payments.settlement.making import SHARED

HEAD = (
    "automatic_payout_id,balance_transaction_id,created_utc,currency,gross,fee,net,"
    "reporting_category,source_id,payment_metadata[order_id]\n"
)
ROW = "po_1,txn_1,2026-03-01 09:30:00,usd,10.00,0.59,9.41,charge,ch_1,order-7\n"


def _refused(text: str | bytes) -> list[str]:
    raw = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(WorkspaceError) as caught:
        stripe.read(raw, "s.csv")
    return [str(each) for each in caught.value.mistakes]


def test_a_report_is_read_in_minor_units() -> None:
    """The fee is a cost, the time is UTC, the reference is the source."""
    [line] = stripe.read((HEAD + ROW).encode(), "s.csv")
    assert (line.gross_minor, line.net_minor, line.currency) == (1000, 941, "USD")
    assert line.fees == (Fee(kind="psp_fee", amount_minor=59),)
    assert (line.id, line.ref, line.batch) == ("txn_1", "ch_1", "po_1")
    assert line.created_at == "2026-03-01T09:30:00+00:00"


def test_another_column_may_hold_the_reference() -> None:
    """The merchant's own order number, as she put it into the metadata."""
    [line] = stripe.read((HEAD + ROW).encode(), "s.csv", "payment_metadata[order_id]")
    assert line.ref == "order-7"


def test_all_mistakes_are_named_with_their_line() -> None:
    """A wrong sum, a comma, a lost digit, a currency, a time, a short row."""
    text = HEAD + (
        "po_1,txn_1,2026-03-01 09:30:00,usd,10.00,0.59,9.40,charge,ch_1,\n"
        'po_1,txn_2,2026-03-01 09:30:00,usd,"1,000.00",0,1000.00,charge,ch_2,\n'
        "po_1,txn_3,2026-03-01 09:30:00,usd,10.005,0,10.005,charge,ch_3,\n"
        "po_1,txn_4,2026-03-01 09:30:00,usx,10.00,0,10.00,charge,ch_4,\n"
        "po_1,txn_5,01/03/2026,usd,10.00,0,10.00,charge,ch_5,\n"
    )
    said = "\n".join(_refused(text))
    assert "s.csv:2: gross 10.00 less fee 0.59 is 9.41, and net says 9.40" in said
    assert "s.csv:3: 'gross': the amount '1,000.00' has a grouping mark" in said
    assert "s.csv:4: 'gross': the amount '10.005' has more digits after the dot" in said
    assert "s.csv:5: 'currency': 'USX' is not an active ISO 4217" in said
    assert "s.csv:6: 'created_utc' is no time" in said


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (HEAD + "po_1,txn_1\n", "has 2 values for 10 columns"),
        (HEAD + 'po_1,"txn_1', "is not CSV"),
        (HEAD, "holds no row"),
        ("", "holds no row"),
        (ROW.replace("po_1", "a") + ROW, "has no column 'balance_transaction_id'"),
        ("a,a\n1,2\n", "has the column 'a' twice"),
        (HEAD.encode() + ROW.encode("utf-16"), "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_report_is_one_sentence(text: str | bytes, sentence: str) -> None:
    """Cut off, empty, without a header, in another encoding."""
    assert sentence in "\n".join(_refused(text))


@pytest.mark.parametrize(
    ("currency", "api", "iso"),
    [
        ("USD", 1050, 1050),
        ("JPY", 500, 500),
        ("KWD", 1230, 1230),
        ("ISK", 500, 5),
        ("UGX", 500, 5),
        ("MGA", 500, 50000),
        ("IQD", 500, 5000),
    ],
)
def test_the_api_counts_some_currencies_differently(currency: str, api: int, iso: int) -> None:
    """Our minor unit is always the one of ISO 4217."""
    assert stripe.from_api(api, currency) == iso


def _transaction(**changes: object) -> dict[str, Any]:
    return {
        "object": "balance_transaction",
        "id": "txn_1",
        "amount": 1084,
        "currency": "usd",
        "created": 1772357400,
        "fee": 60,
        "fee_details": [
            {"amount": 50, "currency": "usd", "type": "stripe_fee"},
            {"amount": 10, "currency": "usd", "type": "tax"},
        ],
        "net": 1024,
        "status": "available",
        "type": "charge",
        "reporting_category": "charge",
        "source": "ch_1",
        **changes,
    }


def test_balance_transactions_are_lines() -> None:
    """With the parts of the fee, the rate as it is written, and the charge's own currency."""
    charge = {
        "object": "charge",
        "id": "ch_1",
        "amount": 1000,
        "currency": "eur",
        "created": 1772357400,
        "status": "succeeded",
    }
    value = {"object": "list", "data": [_transaction(exchange_rate=1.084), charge]}
    [line] = stripe.read(json.dumps(value).encode(), "s.json")
    assert line.fees == (Fee(kind="psp_fee", amount_minor=50), Fee(kind="tax", amount_minor=10))
    assert (line.orig_currency, line.orig_amount_minor, line.fx_rate) == ("EUR", 1000, "1.084")


def test_a_source_may_be_the_whole_object() -> None:
    """As the API gives it when it is asked to expand it."""
    [line] = stripe.read(json.dumps([_transaction(source={"id": "ch_9"})]).encode(), "s.json")
    assert line.ref == "ch_9"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"net": 1000}, "item 1: amount 1084 less fee 60 is 1024, and net says 1000"),
        ({"fee": 61, "net": 1023}, "'fee_details' do not add up to 'fee'"),
        ({"amount": 10.84}, "'amount' is no whole number, got '10.84'"),
        ({"currency": "isk", "amount": 1084}, "is no whole unit"),
        ({"object": "customer"}, "is an object 'customer'"),
        ({"created": 10**17}, "'created' is no time"),
    ],
)
def test_a_wrong_object_is_named(changes: dict[str, object], sentence: str) -> None:
    """By the number of its item."""
    assert sentence in "\n".join(_refused(json.dumps([_transaction(**changes)])))


def test_the_shared_fixtures_are_read() -> None:
    """One object of each kind, in API minor units."""
    file = SHARED / "data/stripe_fixtures/stripe_fixtures.json"
    if not file.exists():
        pytest.skip(f"no shared fixtures at {file}; set PAYGRADE_SHARED to the folder with data/")
    found = stripe.read_objects(file.read_bytes(), "f.json")
    assert {each.object: (each.amount_minor, each.currency) for each in found} == {
        "balance_transaction": (100, "USD"),
        "charge": (100, "USD"),
        "dispute": (1000, "USD"),
        "payout": (1100, "USD"),
        "refund": (100, "USD"),
    }
    [line] = stripe.read(file.read_bytes(), "f.json")
    assert (line.gross_minor, line.fees, line.net_minor) == (100, (), 100)
