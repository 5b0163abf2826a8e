"""What a writer writes, its reader reads back to the same lines."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.payments.settlement import adyen, camt053, camt053_writing, razorpay, stripe
from paygrade.payments.settlement.balance import balance
from paygrade.payments.settlement.lines import BankStatement, Fee, StatementLine, UnwritableError
from payments.settlement import making

ADYEN = ("commission", "markup", "scheme", "interchange")


@st.composite
def stripe_line(draw: st.DrawFn) -> StatementLine:
    """A line that a Stripe report has columns for."""
    found = draw(making.line(("psp_fee",)))
    orig = draw(st.one_of(st.none(), making.CURRENCIES))
    if orig not in (None, found.currency):
        found = replace(found, orig_currency=orig, orig_amount_minor=draw(making.AMOUNTS))
    return replace(found, batch=draw(st.sampled_from(["", "po_1", "po_2"])))


@st.composite
def adyen_line(draw: st.DrawFn) -> StatementLine:
    """A line of an Adyen report: perhaps converted, in a zone that is plain or is not."""
    found = draw(making.line(ADYEN))
    orig, rate = draw(making.CURRENCIES), draw(st.sampled_from(["1.0834", "0.00671", "151.20"]))
    if orig != found.currency and draw(st.booleans()):
        paid = draw(st.integers(-(10**9), 10**9))
        gross = making.converted(paid, found.currency, orig, rate)
        found = replace(
            found,
            gross_minor=gross,
            net_minor=gross - sum(each.amount_minor for each in found.fees),
            orig_currency=orig,
            orig_amount_minor=paid,
            fx_rate=rate,
        )
    hours = draw(st.sampled_from([0, 1, 2, -8]))
    time = draw(making.TIMES).replace(microsecond=0)
    zoned = time.replace(tzinfo=dt.timezone(dt.timedelta(hours=hours)))
    return replace(found, created_at=draw(st.sampled_from([zoned.isoformat(), f"{time} BST"])))


@given(st.lists(stripe_line(), min_size=1, max_size=5).map(making.unique))
def test_stripe(lines: list[StatementLine]) -> None:
    """With the customer's currency, in a payout or in none."""
    assert stripe.read(stripe.write(lines).encode(), "s.csv") == tuple(lines)


@given(st.lists(adyen_line(), min_size=1, max_size=5).map(making.unique))
def test_adyen(lines: list[StatementLine]) -> None:
    """With four columns of costs, conversions, and names of zones."""
    assert adyen.read(adyen.write(lines).encode(), "a.csv") == tuple(lines)


@given(st.lists(making.line(("psp_fee", "tax")), min_size=1, max_size=5).map(making.unique))
def test_razorpay(lines: list[StatementLine]) -> None:
    """With the tax inside the fee."""
    assert razorpay.read(razorpay.write(lines).encode(), "r.json") == tuple(lines)


@given(st.lists(making.statement(), min_size=1, max_size=3, unique_by=lambda each: each.id))
def test_camt053(statements: list[BankStatement]) -> None:
    """And everything that is written balances."""
    written = camt053_writing.write(
        statements, message="m1", created_at="2026-03-02T20:00:00+01:00"
    )
    found = camt053.read(written, "b.xml")
    assert found == tuple(statements)
    assert all(balance(each).holds for each in found)


LINE = StatementLine(
    id="t1",
    ref="o1",
    type="charge",
    currency="USD",
    gross_minor=1000,
    fees=(Fee(kind="psp_fee", amount_minor=59),),
    net_minor=941,
    created_at="2026-03-01T09:30:00+00:00",
    batch="b1",
)


@pytest.mark.parametrize(
    ("changes", "shapes"),
    [
        ({"fees": (Fee(kind="interchange", amount_minor=59),)}, "stripe razorpay"),
        ({"fx_rate": "1.1"}, "stripe razorpay"),
        ({"created_at": "yesterday"}, "stripe adyen razorpay"),
        ({"currency": "MGA", "gross_minor": 1050, "net_minor": 991}, "stripe"),
        ({"batch": ""}, "adyen"),
        ({"fees": (Fee(kind="psp_fee", amount_minor=59),)}, "adyen"),
    ],
)
def test_what_a_shape_has_no_place_for_is_refused(changes: dict[str, object], shapes: str) -> None:
    """Nothing is left out, rounded or renamed on the way."""
    line = replace(LINE, **changes)  # type: ignore[arg-type] # one field of many types
    for name in shapes.split():
        writer = {"stripe": stripe, "adyen": adyen, "razorpay": razorpay}[name]
        with pytest.raises(UnwritableError):
            writer.write([line])


def test_net_is_gross_less_fees_or_there_is_no_line() -> None:
    """The one identity that holds for every report."""
    with pytest.raises(ValueError, match="net is not gross less fees"):
        replace(LINE, net_minor=940)
