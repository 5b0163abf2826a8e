"""Scenes about a sale: its fees, its currency, its copies, its reference.

A scene writes the lines of one reference and what break they make. With `flip` it writes the same
lines but for one fact, and what then follows.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from paygrade.payments.chance import EXPONENTS
from paygrade.payments.reconciliation.drafts import share

if TYPE_CHECKING:
    from paygrade.payments.reconciliation.drafts import Desk

_TYPE_OF_FEES = {"psp_fee": "fee_netting", "tax_on_fee": "tax_on_fee"}
_STEP = {"KWD": 10}
"""The statement rounds dinars to ten fils (domain: providers settle KWD so)."""


def _type_of(kinds: list[str]) -> str:
    if "tax_on_fee" in kinds:
        return "tax_on_fee"
    return _TYPE_OF_FEES.get(kinds[0], "interchange_plus_fee")


def clean(desk: Desk, *, flip: bool) -> None:
    """Both sides have the sale and its fees."""
    desk.clean_sale()
    del flip


def unbooked_fee(desk: Desk, *, flip: bool) -> None:
    """The ledger has the sale and not the fees, or only the first of several."""
    gross = desk.price(desk.draft.currency)
    fees = desk.fees(gross)
    desk.state("sale", gross, fees)
    desk.book("sale", gross)
    booked = fees[: desk.below(len(fees))]
    desk.book_fees(booked)
    left = fees[len(booked) :]
    if flip:
        desk.book_fees(left)
    elif any(amount for _, amount in left):
        kinds = [kind for kind, amount in left if amount]
        desk.entail(_type_of(kinds), {kind: -amount for kind, amount in left})


def fee_off_schedule(desk: Desk, *, flip: bool) -> None:
    """The provider keeps a little more than its schedule says; the ledger booked the schedule."""
    gross = desk.price(desk.draft.currency)
    fees = desk.fees(gross)
    more = desk.pick((1, 1, 1, 7, 250))
    is_booked = desk.chance(2, 3)
    kind, amount = fees[0]
    if kind == "interchange":  # it is passed on as it is: a cost that the ledger estimated
        desk.state("sale", gross, fees)
        desk.book("sale", gross)
        desk.book_fees(((kind, amount + (0 if flip else more)), *fees[1:]))
        if not flip:
            desk.entail("interchange_plus_fee", {kind: more})
        return
    tax = tuple(each for each in fees[1:])
    over = amount if flip else amount + more
    if tax:
        tax = (("tax_on_fee", share(over, desk.draft.schedule.tax_bps)),)
    desk.state("sale", gross, ((kind, over), *tax))
    desk.book("sale", gross)
    desk.book_fees(tax)
    if is_booked:
        desk.book_fees(((kind, amount),))
    components = {kind: 0 if is_booked else -amount, "unexplained": 0 if flip else -more}
    if not flip and more == 1:
        desk.draft.kinds.add("off_by_one_cent")
    if any(components.values()):
        desk.entail("unexplained" if is_booked else "fee_netting", components)


def stale_fee(desk: Desk, *, flip: bool) -> None:
    """The ledger still books what the fee was before the schedule changed."""
    gross = desk.price(desk.draft.currency)
    fees = desk.fees(gross)
    desk.state("sale", gross, fees)
    desk.book("sale", gross)
    kind, amount = fees[0]
    old = amount if flip else max(1, amount - desk.between(3, 40))
    desk.book_fees(((kind, old), *fees[1:]))
    if old != amount:
        desk.entail(_type_of([kind]), {kind: old - amount})


# Currencies


def _scaled(amount: int, rate: str, source: str, target: str) -> tuple[int, int]:
    """The product as a fraction of whole numbers: minor units of the target."""
    whole, _, digits = rate.partition(".")
    over, under = amount * int(whole + digits), 10 ** len(digits)
    shift = EXPONENTS[target] - EXPONENTS[source]
    return (over * 10**shift, under) if shift >= 0 else (over, under * 10**-shift)


def half_up(over: int, under: int, step: int = 1) -> int:
    """A fraction of 0 or more to the nearest multiple of `step`, ties up."""
    under *= step
    return (2 * over + under) // (2 * under) * step


def half_even(over: int, under: int) -> int:
    """A fraction of 0 or more to the nearest whole number, ties to the even one."""
    low, rest = divmod(over, under)
    return low + (2 * rest > under or (2 * rest == under and low % 2 == 1))


def _converted_sale(desk: Desk, source: str, amount: int, rate: str) -> int:
    """State the sale as the provider converts it at `rate`; what it comes to."""
    target = desk.draft.currency
    gross = half_up(*_scaled(amount, rate, source, target), _STEP.get(target, 1))
    row = desk.state("sale", gross, desk.fees(gross))
    row |= {"orig_currency": source, "orig_amount_minor": amount, "fx_rate": rate}
    return gross


def _sources(desk: Desk) -> list[str]:
    return [source for source, target in desk.draft.market.rates if target == desk.draft.currency]


def other_rate(desk: Desk, *, flip: bool) -> None:
    """The provider converts at another rate than the ledger, and may take a fee for it."""
    target, source = desk.draft.currency, desk.pick(_sources(desk))
    rate = desk.draft.market.rates[source, target]
    amount = desk.price(source)
    cut = desk.between(10, 90)
    whole, _, digits = rate.partition(".")
    number = int(whole + digits)
    other = number - max(1, number * cut // 10_000)
    spent = f"{other // 10 ** len(digits)}.{other % 10 ** len(digits):0{len(digits)}}"
    gross = _converted_sale(desk, source, amount, rate if flip else spent)
    has_fee = desk.chance(1, 2)
    row = desk.draft.statement[-1]
    fee = share(gross, desk.draft.schedule.fx_fee_bps) if has_fee else 0
    if fee:
        row["fees"].append({"kind": "fx_fee", "amount_minor": fee})
        row["net_minor"] -= fee
    booked = half_even(*_scaled(amount, rate, source, target))
    desk.book("sale", booked)
    desk.book_fees(tuple((each["kind"], each["amount_minor"]) for each in row["fees"][:-1]))
    last = row["fees"][-1]
    if not fee:
        desk.book_fees(((last["kind"], last["amount_minor"]),))
    components = {"rounding" if flip else "fx_difference": gross - booked, "fx_fee": -fee}
    if any(components.values()):
        is_rounding = flip and not fee
        desk.entail("fx_rounding" if is_rounding else "fx_conversion", components)


def rounding_tie(desk: Desk, *, flip: bool) -> None:
    """The same rate on both sides, and one of them rounds a tie (or to ten fils) differently."""
    target, source = desk.draft.currency, desk.pick(_sources(desk))
    rate = desk.draft.market.rates[source, target]
    amount = desk.price(source)
    for _ in range(400):
        exact = _scaled(amount, rate, source, target)
        if half_up(*exact, _STEP.get(target, 1)) != half_even(*exact):
            desk.draft.kinds.add("rounding_tie")
            break
        amount += 1
    gross = _converted_sale(desk, source, amount, rate)
    row = desk.draft.statement[-1]
    booked = half_even(*_scaled(amount, rate, source, target))
    desk.book("sale", gross if flip else booked)
    desk.book_fees(tuple((each["kind"], each["amount_minor"]) for each in row["fees"]))
    if not flip and gross != booked:
        desk.entail("fx_rounding", {"rounding": gross - booked})


def wrong_exponent(desk: Desk, *, flip: bool) -> None:
    """The ledger read the amount with too many or too few decimals."""
    exponent = EXPONENTS[desk.draft.currency]
    gross = desk.price(desk.draft.currency)
    power = desk.pick(((2,), (2,), (2, 2, 1), (1, 3))[exponent])
    if desk.chance(1, 2) and exponent:
        gross = max(1, gross // 10**power) * 10**power
        booked = gross // 10**power
    else:
        booked = gross * 10**power
    booked += 3 if flip else 0
    fees = desk.fees(gross)
    desk.state("sale", gross, fees)
    desk.book("sale", booked)
    desk.book_fees(fees)
    kind = "unexplained" if flip else "exponent"
    desk.entail("unexplained" if flip else "minor_unit_exponent", {kind: gross - booked})
    desk.draft.kinds.add("minor_units")


# On one side alone


def late_sale(desk: Desk, *, flip: bool) -> None:
    """Booked at the cut-off, so that it settles after the period; a minute before, it does not."""
    draft = desk.draft
    moment = datetime.combine(draft.last_in_time(), draft.cutoff, ZoneInfo(draft.zone))
    if flip:
        moment -= timedelta(minutes=1)
    gross = desk.price(draft.currency)
    desk.book("sale", gross, at=moment)
    kind, found = ("missing", "missing_in_statement") if flip else ("timing", "timing_cutoff")
    desk.entail(found, {kind: -gross})
    draft.kinds.add("time_boundary")


def sale_after_close(desk: Desk, *, flip: bool) -> None:
    """The provider has a sale from after the ledger was closed; at that moment it is not after."""
    draft = desk.draft
    desk.batch = draft.batches[-1]
    moment = draft.closed_at + timedelta(minutes=0 if flip else 1)
    gross = desk.price(draft.currency)
    row = desk.state("sale", gross, desk.fees(gross), at=moment)
    kind, found = ("missing", "missing_in_ledger") if flip else ("timing", "timing_cutoff")
    desk.entail(found, {kind: row["net_minor"]})
    draft.kinds.add("time_boundary")


def never_settled(desk: Desk, *, flip: bool) -> None:
    """The ledger has an early sale that the provider never had."""
    gross = desk.price(desk.draft.currency)
    desk.book("sale", gross)
    if flip:
        desk.state("sale", gross)
    else:
        desk.entail("missing_in_statement", {"missing": -gross})


def never_booked(desk: Desk, *, flip: bool) -> None:
    """The provider has a sale that the ledger never had."""
    gross = desk.price(desk.draft.currency)
    fees = desk.fees(gross)
    row = desk.state("sale", gross, fees)
    if flip:
        desk.book("sale", gross)
        desk.book_fees(fees)
    else:
        desk.entail("missing_in_ledger", {"missing": row["net_minor"]})


def zero_line(desk: Desk, *, flip: bool) -> None:
    """A card was verified with an amount of 0: nothing to book."""
    desk.state("sale", 0)
    desk.draft.kinds.add("zero_line")
    del flip


# Copies and references


def stated_twice(desk: Desk, *, flip: bool) -> None:
    """The provider has one line twice; with another instant it is no copy, and unexplained."""
    gross, fees = desk.clean_sale()
    row = desk.draft.statement[-1]
    copy = {**row, "fees": [dict(each) for each in row["fees"]]}
    desk.draft.statement.append(copy)
    if not flip:
        desk.entail("duplicate_in_statement", {"duplicate": row["net_minor"]})
        return
    copy["created_at"] = _a_minute_later(row["created_at"])
    components = {"unexplained": gross}
    for kind, amount in fees:
        components[kind] = -amount
    kinds = [kind for kind, amount in fees if amount]
    desk.entail(_type_of(kinds) if kinds else "unexplained", components)


def booked_twice(desk: Desk, *, flip: bool) -> None:
    """The ledger has one line twice; with another instant it is no copy."""
    gross, _ = desk.clean_sale()
    row = next(
        each
        for each in reversed(desk.draft.ledger)
        if each["type"] == "sale" and each["ref"] == desk.ref
    )
    copy = dict(row)
    desk.draft.ledger.append(copy)
    if flip:
        copy["booked_at"] = _a_minute_later(row["booked_at"])
        desk.entail("unexplained", {"unexplained": -gross})
    else:
        desk.entail("duplicate_in_ledger", {"duplicate": -gross})


def _a_minute_later(instant: str) -> str:
    return (datetime.fromisoformat(instant) + timedelta(minutes=1)).isoformat()


def look_alike(desk: Desk, *, flip: bool) -> None:
    """Two equal sales in one order, on both sides: no copy is extra."""
    gross, _ = desk.clean_sale()
    row = desk.draft.statement[-1]
    desk.draft.statement.append({**row, "fees": [dict(each) for each in row["fees"]]})
    own = [each for each in desk.draft.ledger if each["ref"] == desk.ref]
    desk.draft.ledger.extend(dict(each) for each in own)
    desk.draft.kinds.add("look_alike")
    if flip:
        desk.draft.ledger.append(dict(own[0]))
        desk.entail("duplicate_in_ledger", {"duplicate": -gross})


def cut_reference(desk: Desk, *, flip: bool) -> None:
    """The provider cut the reference; where amounts differ by one, nothing says it is the same."""
    draft, whole = desk.draft, desk.ref
    cut = "".join(each for each in whole if each.isascii() and each.isalnum())[
        : desk.between(8, 10)
    ]
    _other_reference(desk, cut, more=1 if flip else 0, is_same=not flip)
    if flip:
        draft.kinds |= {"look_alike", "off_by_one_cent"}


def look_alike_letter(desk: Desk, *, flip: bool) -> None:
    """A Cyrillic letter in the reference: for a person the same, character by character not."""
    other = desk.ref if flip else desk.ref.replace("O", "\N{CYRILLIC CAPITAL LETTER O}", 1)
    desk.draft.kinds |= {"unicode", "look_alike"}
    if flip:
        desk.clean_sale()
    else:
        _other_reference(desk, other, more=0, is_same=False)


def _other_reference(desk: Desk, other: str, *, more: int, is_same: bool) -> None:
    gross = desk.price(desk.draft.currency)
    fees = desk.fees(gross)
    row = desk.state("sale", gross, fees, ref=other)
    desk.book("sale", gross + more)
    desk.book_fees(fees)
    if is_same:
        desk.entail("reference_truncation", {}, other)
        return
    booked = row["net_minor"] + more
    desk.entail("missing_in_statement", {"missing": -booked})
    desk.ref = other
    desk.entail("missing_in_ledger", {"missing": row["net_minor"]})


def unexplained(desk: Desk, *, flip: bool) -> None:
    """An amount that no rule accounts for, in the sale or in the line's own arithmetic."""
    gross, _ = desk.clean_sale()
    off = desk.pick((1, -1, 2, 45, -180, 990, 1700))
    row = desk.draft.statement[-1]
    is_sum = desk.chance(1, 3)
    if flip:
        return
    if is_sum:
        row["net_minor"] += off
        components = {"unexplained": off}
    else:
        own = [each for each in desk.draft.ledger if each["ref"] == desk.ref]
        sale = next(each for each in own if each["type"] == "sale")
        sale["amount_minor"] = gross - off
        components = {"unexplained": off}
    if abs(off) == 1:
        desk.draft.kinds.add("off_by_one_cent")
    desk.entail("unexplained", components)
