"""Adyen: direction by column, four columns of costs, conversions, names of zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paygrade.errors import WorkspaceError
from paygrade.payments.settlement import adyen

if TYPE_CHECKING:
    from paygrade.payments.settlement.lines import StatementLine

HEAD = ",".join(adyen.COLUMNS)
COLUMNS = adyen.COLUMNS


def _row(**changes: str) -> str:
    cells = {
        "Merchant Account": "Shop",
        "Psp Reference": "PSP1",
        "Merchant Reference": "order-1",
        "Creation Date": "2026-01-15 09:30:00",
        "TimeZone": "CET",
        "Type": "Settled",
        "Gross Currency": "EUR",
        "Gross Credit (GC)": "5.00",
        "Exchange Rate": "1",
        "Net Currency": "EUR",
        "Net Credit (NC)": "4.88",
        "Markup (NC)": "0.04",
        "Scheme Fees (NC)": "0.01",
        "Interchange (NC)": "0.07",
        "Batch Number": "12",
    }
    cells |= {_NAMES[key]: value for key, value in changes.items()}
    return ",".join(cells.get(each, "") for each in COLUMNS)


_NAMES = {
    "account": "Merchant Account",
    "modification": "Modification Reference",
    "created": "Creation Date",
    "zone": "TimeZone",
    "type": "Type",
    "paid_in": "Gross Currency",
    "gross_debit": "Gross Debit (GC)",
    "gross_credit": "Gross Credit (GC)",
    "rate": "Exchange Rate",
    "net_debit": "Net Debit (NC)",
    "net_credit": "Net Credit (NC)",
    "commission": "Commission (NC)",
    "markup": "Markup (NC)",
    "scheme": "Scheme Fees (NC)",
    "interchange": "Interchange (NC)",
}
_FREE = {"markup": "", "scheme": "", "interchange": ""}


def _read(*rows: str) -> tuple[StatementLine, ...]:
    return adyen.read("\n".join([HEAD, *rows]).encode(), "a.csv")


def test_the_published_sample_adds_up() -> None:
    """5.00 less 0.04, 0.01 and 0.07 is 4.88."""
    [line] = _read(_row())
    assert (line.gross_minor, line.net_minor, line.batch) == (500, 488, "12")
    assert [(each.kind, each.amount_minor) for each in line.fees] == [
        ("markup", 4),
        ("scheme", 1),
        ("interchange", 7),
    ]


def test_a_chargeback_is_a_debit_by_its_column() -> None:
    """349.99 with a commission of 7.50 takes 357.49."""
    [line] = _read(
        _row(
            type="Chargeback",
            gross_credit="",
            gross_debit="349.99",
            net_credit="",
            net_debit="357.49",
            commission="7.50",
            **_FREE,
        )
    )
    assert (line.gross_minor, line.net_minor) == (-34999, -35749)


def test_the_net_column_decides_where_the_gross_stands_on_the_other_side() -> None:
    """As in Adyen's own sample, where a sale's gross is under debit."""
    [line] = _read(_row(gross_credit="", gross_debit="5.00"))
    assert (line.gross_minor, line.net_minor) == (500, 488)


def test_a_row_of_the_balance_has_a_net_alone() -> None:
    """A payout has no gross and no reference; its row is its id."""
    text = _row(type="MerchantPayout", gross_credit="", net_credit="", net_debit="4.88", **_FREE)
    [line] = _read(text.replace("PSP1", "").replace("order-1", ""))
    assert (line.id, line.ref, line.gross_minor, line.net_minor) == ("row-1", "row-1", -488, -488)


def test_a_conversion_keeps_the_customers_side() -> None:
    """6.00 USD at 0.9200 is 5.52 EUR, and costs come off that."""
    [line] = _read(_row(paid_in="USD", gross_credit="6.00", rate="0.9200", net_credit="5.40"))
    assert (line.currency, line.gross_minor, line.net_minor) == ("EUR", 552, 540)
    assert (line.orig_currency, line.orig_amount_minor, line.fx_rate) == ("USD", 600, "0.9200")


@pytest.mark.parametrize(
    ("created", "zone", "read"),
    [
        ("2026-01-15 09:30:00", "CET", "2026-01-15T09:30:00+01:00"),
        ("2026-07-15 09:30:00", "CEST", "2026-07-15T09:30:00+02:00"),
        ("2026-10-25 02:30:00", "CET", "2026-10-25T02:30:00+01:00"),
        ("2026-10-25 02:30:00", "CEST", "2026-10-25T02:30:00+02:00"),
        ("2026-03-29 02:30:00", "CET", "2026-03-29 02:30:00 CET"),
        ("2026-07-15 09:30:00", "CET", "2026-07-15 09:30:00 CET"),
        ("2026-07-15 09:30:00", "BST", "2026-07-15 09:30:00 BST"),
        ("2026-07-15 09:30:00", "IST", "2026-07-15 09:30:00 IST"),
        ("2026-07-15 09:30:00", "+05:30", "2026-07-15T09:30:00+05:30"),
        ("2026-07-15 09:30:00", "UTC", "2026-07-15T09:30:00+00:00"),
    ],
)
def test_a_zone_with_several_meanings_keeps_its_name(created: str, zone: str, read: str) -> None:
    """Nobody guesses an offset; the hour that comes twice is told by its name."""
    [line] = _read(_row(created=created, zone=zone))
    assert line.created_at == read


def test_one_reference_twice_is_two_rows() -> None:
    """A chargeback and its reversal share a reference; each can be named."""
    lines = _read(_row(modification="D1"), _row(modification="D1"))
    assert [each.id for each in lines] == ["D1", "D1#2"]


def test_batches_of_two_accounts_stay_apart() -> None:
    """Each account counts its own."""
    lines = _read(_row(), _row(account="Other"))
    assert [each.batch for each in lines] == ["Shop/12", "Other/12"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"net_credit": "4.89"}, "gross is 5.00, and net with commission"),
        ({"net_debit": "4.88"}, "has both 'Net Debit (NC)' and 'Net Credit (NC)'"),
        ({"net_credit": "-4.88"}, "is negative"),
        ({"net_credit": ""}, "has neither a net debit nor a net credit"),
        ({"net_credit": "4,88"}, "has 24 values for 23 columns"),
        ({"paid_in": "USD", "rate": "0.5"}, "5.00 USD at 0.5 is not 5.00 EUR"),
        ({"paid_in": "USD", "rate": "1e3"}, "'Exchange Rate' is no plain decimal number"),
        ({"created": "03/08/2026 14:37"}, "'Creation Date' is no time"),
    ],
)
def test_a_row_that_does_not_add_up_is_named(changes: dict[str, str], sentence: str) -> None:
    """With its line; the rows beside it are looked at too."""
    with pytest.raises(WorkspaceError) as caught:
        _read(_row(), _row(**changes))
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("a.csv:3: ")
