"""Both oracles on small cases whose labels were worked out by hand, from the rules alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from paygrade.payments.reconciliation import oracle, tables

if TYPE_CHECKING:
    from collections.abc import Callable

Line = dict[str, Any]
CONTEXT: Line = {
    "bank_charge_minor": 500,
    "bank_side": "not_checked",
    "cutoff": {"time": "18:00", "zone": "Europe/Berlin"},
    "exponents": {"EUR": 2, "USD": 2},
    "fee_schedule": {
        "EUR": {
            "chargeback_fee_minor": 1500,
            "fixed_minor": 25,
            "fx_fee_bps": 100,
            "rate_bps": 150,
            "tax_bps": 1900,
        }
    },
    "ledger_closed_at": "2027-03-08T00:00:00+01:00",
    "materiality": {"EUR": 10},
    "period": {"from": "2027-03-01", "to": "2027-03-07"},
    "rates": {"USD": "0.9250"},
    "reserve": {"share_bps": 1000},
    "rounding": {"ledger": "half_even", "statement": "half_up", "statement_step_minor": 1},
    "settlement_lag": {"days": 2, "holidays": [], "unit": "calendar_days"},
}


def booked(ref: str, kind: str, amount: int, at: str = "2027-03-02T10:00:00+01:00") -> Line:
    """A line of the ledger."""
    return {"ref": ref, "type": kind, "currency": "EUR", "amount_minor": amount, "booked_at": at}


def stated(  # noqa: PLR0913 - the fields of a line
    ref: str,
    kind: str,
    gross: int,
    fees: dict[str, int] | None = None,
    *,
    at: str = "2027-03-02T09:00:00+00:00",
    batch: str = "B-1",
    **more: object,
) -> Line:
    """A line of the statement whose arithmetic holds, unless `more` says another net."""
    fees = fees or {}
    return {
        "ref": ref,
        "type": kind,
        "currency": "EUR",
        "gross_minor": gross,
        "fees": [{"kind": name, "amount_minor": amount} for name, amount in fees.items()],
        "net_minor": gross - sum(fees.values()),
        "created_at": at,
        "batch": batch,
        **more,
    }


def paid(amount: int, reference: str) -> Line:
    """A line of the bank."""
    return {
        "currency": "EUR",
        "amount_minor": amount,
        "value_date": "2027-03-05",
        "reference": reference,
        "description": "incoming payment",
    }


def case(
    ledger: list[Line], statement: list[Line], bank: list[Line] | None = None, **context: object
) -> Line:
    """A case of these lines, numbered as they stand; with bank lines, the bank is checked."""
    side = {} if bank is None else {"bank_side": "checked"}
    rows = {"ledger_lines": ledger, "statement_lines": statement, "bank_lines": bank or []}
    return {
        "format": "stripe_like",
        "context": {**CONTEXT, **side, **context},
        **{
            name: [{"id": f"{name[0]}{place}", **line} for place, line in enumerate(lines, 1)]
            for name, lines in rows.items()
        },
    }


def gist(label: Line) -> list[tuple[str, int, dict[str, int]]]:
    """Type, difference and components of each break."""
    return [
        (
            each["type"],
            each["difference_minor"],
            {part["kind"]: part["amount_minor"] for part in each["components"]},
        )
        for each in label["breaks"]
    ]


SALE = stated("A-100001", "sale", 10_000, {"psp_fee": 175})
CASES: dict[str, tuple[Line, list[tuple[str, int, dict[str, int]]], str]] = {
    "all is booked": (
        case([booked("A-100001", "sale", 10_000), booked("A-100001", "psp_fee", -175)], [SALE]),
        [],
        "balanced",
    ),
    "an unbooked fee": (
        case([booked("A-100001", "sale", 10_000)], [SALE]),
        [("fee_netting", -175, {"psp_fee": -175})],
        "needs_action",
    ),
    "a fee two cents above the schedule, booked as planned": (
        case(
            [booked("A-100001", "sale", 10_000), booked("A-100001", "psp_fee", -175)],
            [stated("A-100001", "sale", 10_000, {"psp_fee": 177})],
        ),
        [("unexplained", -2, {"unexplained": -2})],
        "needs_action",
    ),
    "a fee that is off the schedule on both sides is no break": (
        case(
            [booked("A-100001", "sale", 10_000), booked("A-100001", "psp_fee", -177)],
            [stated("A-100001", "sale", 10_000, {"psp_fee": 177})],
        ),
        [],
        "balanced",
    ),
    "tax on a fee": (
        case(
            [booked("A-100001", "sale", 10_000), booked("A-100001", "psp_fee", -175)],
            [stated("A-100001", "sale", 10_000, {"psp_fee": 175, "tax_on_fee": 33})],
        ),
        [("tax_on_fee", -33, {"tax_on_fee": -33})],
        "needs_action",
    ),
    "another rate": (
        case(
            [booked("A-100001", "sale", 925)],
            [
                stated(
                    "A-100001",
                    "sale",
                    910,
                    orig_currency="USD",
                    orig_amount_minor=1_000,
                    fx_rate="0.91",
                )
            ],
        ),
        [("fx_conversion", -15, {"fx_difference": -15})],
        "needs_action",
    ),
    "the same rate, a tie, two ways of rounding": (
        case(
            [booked("A-100001", "sale", 18)],  # 18.5 to the even one
            [
                stated(
                    "A-100001",
                    "sale",
                    19,
                    orig_currency="USD",
                    orig_amount_minor=20,
                    fx_rate="0.925",
                )
            ],
        ),
        [("fx_rounding", 1, {"rounding": 1})],
        "needs_action",
    ),
    "a rate without the amount that was converted": (
        case([booked("A-100001", "sale", 925)], [stated("A-100001", "sale", 910, fx_rate="0.91")]),
        [("unexplained", -15, {"unexplained": -15})],
        "escalate",
    ),
    "wrong decimals": (
        case([booked("A-100001", "sale", 100)], [stated("A-100001", "sale", 10_000)]),
        [("minor_unit_exponent", 9_900, {"exponent": 9_900})],
        "needs_action",
    ),
    "one line twice on the statement": (
        case([booked("A-100001", "sale", 10_000), booked("A-100001", "psp_fee", -175)], [SALE] * 2),
        [("duplicate_in_statement", 9_825, {"duplicate": 9_825})],
        "needs_action",
    ),
    "two equal sales with equal fees on both sides": (
        case(
            [booked("A-100001", "sale", 10_000), booked("A-100001", "psp_fee", -175)] * 2,
            [SALE] * 2,
        ),
        [],
        "balanced",
    ),
    "a cut reference": (
        case(
            [booked("AB-1234-5678", "sale", 700)],
            [stated("ab12345678", "sale", 700)],
        ),
        [("reference_truncation", 0, {})],
        "needs_action",
    ),
    "seven letters and digits are too few": (
        case([booked("AB-12345", "sale", 700)], [stated("AB12345", "sale", 700)]),
        [
            ("missing_in_ledger", 700, {"missing": 700}),
            ("missing_in_statement", -700, {"missing": -700}),
        ],
        "needs_action",
    ),
    "at the cut-off it settles a day later": (
        case([booked("A-100001", "sale", 700, "2027-03-05T17:00:00+00:00")], []),
        [("timing_cutoff", -700, {"timing": -700})],
        "timing_only",
    ),
    "a minute before it does not": (
        case([booked("A-100001", "sale", 700, "2027-03-05T16:59:00+00:00")], []),
        [("missing_in_statement", -700, {"missing": -700})],
        "needs_action",
    ),
    "a hold of ten per cent and three cents": (
        case(
            [booked("A-100001", "sale", 10_000), booked("A-100001", "psp_fee", -175)],
            [SALE, stated("R-1", "reserve_hold", -1_003)],
        ),
        [("reserve_hold", -1_003, {"reserve_hold": -1_000, "unexplained": -3})],
        "needs_action",
    ),
    "a chargeback and its reversal come to nothing": (
        case([], [stated("D-1", "chargeback", -500), stated("D-1", "dispute_reversal", 500)]),
        [("chargeback", 0, {"chargeback": -500, "dispute_reversal": 500})],
        "needs_action",
    ),
    "a kept fee": (
        case(
            [booked("A-1", "refund", -500), booked("A-1", "fee_refund", 33)],
            [stated("A-1", "refund", -500)],
        ),
        [("refund_fee_retained", -33, {"fee_retained": -33})],
        "needs_action",
    ),
    "a line that does not add up, above what is material": (
        case([booked("A-1", "sale", 500)], [stated("A-1", "sale", 500, net_minor=489)]),
        [("unexplained", -11, {"unexplained": -11})],
        "escalate",
    ),
    "one deposit for two batches, less the charge": (
        case(
            [booked("A-1", "sale", 900), booked("A-2", "sale", 800)],
            [stated("A-1", "sale", 900), stated("A-2", "sale", 800, batch="B-2")],
            [paid(1_200, "PAYOUT B-1;B-2")],
        ),
        [("payout_batching", -500, {"bank_charge": -500})],
        "needs_action",
    ),
    "a deposit that came back": (
        case(
            [booked("A-1", "sale", 900)],
            [stated("A-1", "sale", 900)],
            [paid(900, "B-1"), paid(-900, "B-1")],
        ),
        [("payout_returned", -900, {"returned": -900})],
        "needs_action",
    ),
    "a batch below zero that nothing paid": (
        case([booked("A-1", "refund", -900)], [stated("A-1", "refund", -900)], []),
        [("negative_payout", 900, {"carried": 900})],
        "needs_action",
    ),
    "a batch whose id only begins another word": (
        case(
            [booked("A-1", "sale", 900)],
            [stated("A-1", "sale", 900)],
            [paid(900, "B-10")],
        ),
        [
            ("unexplained", 900, {"unexplained": 900}),
            ("unexplained", -900, {"unexplained": -900}),
        ],
        "escalate",
    ),
}


@pytest.mark.parametrize("label", [oracle.label, tables.label], ids=["oracle", "tables"])
@pytest.mark.parametrize("name", list(CASES))
def test_an_oracle_finds_what_the_rules_say(name: str, label: Callable[[Line], Line]) -> None:
    """Type, difference, components and status."""
    given, breaks, status = CASES[name]
    found = label(given)
    assert (gist(found), found["status"]) == (breaks, status)


@pytest.mark.parametrize("label", [oracle.label, tables.label], ids=["oracle", "tables"])
def test_a_bank_break_names_only_lines_that_no_other_break_names(
    label: Callable[[Line], Line],
) -> None:
    """The unbooked fee has its line already."""
    given = case(
        [booked("A-1", "sale", 10_000), booked("A-2", "sale", 800)],
        [stated("A-1", "sale", 10_000, {"psp_fee": 175}), stated("A-2", "sale", 800)],
        [paid(10_624, "B-1")],
    )
    found = label(given)["breaks"]
    assert [(each["statement_ids"], each["bank_ids"]) for each in found] == [
        (["s2"], ["b1"]),
        (["s1"], []),
    ]
    assert gist({"breaks": found})[0] == ("unexplained", -1, {"unexplained": -1})
