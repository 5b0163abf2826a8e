"""Scenes of the bank side: which line pays which batch, and what is missing of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from paygrade.payments.reconciliation.drafts import Desk, Entailed

if TYPE_CHECKING:
    from collections.abc import Callable

    Row = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Deposits(Desk):
    """The bank's lines of a case; batches that a scene leaves are paid as they should be."""

    words: tuple[str, ...]

    def due(self, *batches: str) -> int:
        """What the statement pays of some batches, in minor units."""
        rows = (row for row in self.draft.statement if row["batch"] in batches)
        return sum(row["net_minor"] for row in rows)

    def pay(self, amount: int, *batches: str) -> Row:
        """A line of the bank."""
        reference = self.pick((" ", ", ", ";")).join(batches) or f"TRF {self.between(1000, 9999)}"
        if self.chance(1, 2):
            reference = f"{self.pick(('PAYOUT', 'SETTLEMENT', 'SEPA CT'))} {reference}"
        day = self.draft.start + timedelta(days=self.between(5, 8))
        row = {
            "currency": self.draft.currency,
            "amount_minor": amount,
            "value_date": day.isoformat(),
            "reference": reference,
            "description": self.pick(self.words),
        }
        self.draft.bank.append(row)
        return row

    def add_batch(self) -> str:
        """One more batch of the provider's."""
        last = self.draft.batches[-1]
        head, _, number = last.rpartition("-")
        batch = f"{head}-{int(number) + 1}"
        self.draft.batches.append(batch)
        self.batch = batch
        return batch

    def break_of(
        self, break_type: str, bank: list[Row], batches: tuple[str, ...], **components: int
    ) -> None:
        """The lines of these batches, and of the bank, are a break."""
        parts = {kind: amount for kind, amount in components.items() if amount}
        self.draft.breaks.append(
            Entailed(type=break_type, components=parts, batches=batches, bank=bank)
        )


def exact(desk: Deposits, *, flip: bool) -> None:
    """Every batch is paid; or the first one a unit short."""
    batch = desk.draft.batches[0]
    if not flip or desk.due(batch) <= 1:
        return
    row = desk.pay(desk.due(batch) - 1, batch)
    desk.draft.kinds.add("off_by_one_cent")
    _charged(desk, [row], (batch,), -1)


def _charged(desk: Deposits, bank: list[Row], batches: tuple[str, ...], rest: int) -> None:
    """A break over one batch with this rest: the bank's charge if it is just that."""
    positive = sum(row["amount_minor"] > 0 for row in bank)
    if rest == -desk.draft.bank_charge * positive:
        desk.break_of("fee_netting", bank, batches, bank_charge=rest)
    else:
        desk.break_of("unexplained", bank, batches, unexplained=rest)


def charged(desk: Deposits, *, flip: bool) -> None:
    """The bank kept its charge of a deposit, or a unit more than that."""
    batch, charge = desk.draft.batches[0], desk.draft.bank_charge
    off = charge + 1 if flip or not charge else charge
    if desk.due(batch) <= off:
        return
    row = desk.pay(desk.due(batch) - off, batch)
    if flip:
        desk.draft.kinds.add("off_by_one_cent")
    _charged(desk, [row], (batch,), -off)


def together(desk: Deposits, *, flip: bool) -> None:
    """One deposit for two batches, less the bank's charge or not; or a deposit each."""
    one, other = desk.draft.batches[:2]
    charge = desk.draft.bank_charge if desk.chance(1, 2) else 0
    amount = desk.due(one, other) - charge
    has_both = {one, other} <= {row["batch"] for row in desk.draft.statement}
    if flip or amount <= 0 or not has_both:
        return
    desk.draft.kinds.add("many_to_one")
    row = desk.pay(amount, one, other)
    desk.break_of("payout_batching", [row], (one, other), bank_charge=-charge)


def returned(desk: Deposits, *, flip: bool) -> None:
    """A deposit came back; or it came back and was sent again, which settles it."""
    batch = desk.draft.batches[0]
    due = desk.due(batch)
    if due <= 0:
        return
    rows = [desk.pay(due, batch), desk.pay(-due, batch)]
    desk.draft.kinds.add("negative")
    if flip:
        desk.pay(due, batch)
    else:
        desk.break_of("payout_returned", rows, (batch,), returned=-due)


def below_zero(desk: Deposits, *, flip: bool) -> None:
    """A batch of refunds alone: carried to the next, or debited by the bank."""
    batch = desk.add_batch()
    for number in range(desk.between(1, 2)):
        ref = f"{desk.ref}-{number}"
        back = -desk.price(desk.draft.currency)
        desk.state("refund", back, ref=ref)
        desk.book("refund", back, ref=ref)
    desk.draft.kinds.add("negative")
    due = desk.due(batch)
    if flip:
        desk.pay(due, batch)
    else:
        desk.break_of("negative_payout", [], (batch,), carried=-due)


def not_yet(desk: Deposits, *, flip: bool) -> None:
    """The last batch settles after the period; where it settles in it, a deposit is missing."""
    draft = desk.draft
    batch = desk.add_batch()
    moment = datetime.combine(draft.last_in_time(), draft.cutoff, ZoneInfo(draft.zone))
    moment -= timedelta(minutes=1 if flip else 0)
    gross = desk.price(draft.currency)
    fees = desk.fees(gross)
    desk.state("sale", gross, fees, at=moment)
    desk.book("sale", gross, at=moment)
    desk.book_fees(fees)
    draft.kinds.add("time_boundary")
    due = desk.due(batch)
    if flip:
        desk.break_of("unexplained", [], (batch,), unexplained=-due)
    else:
        desk.break_of("timing_cutoff", [], (batch,), timing=-due)


def never_paid(desk: Deposits, *, flip: bool) -> None:
    """A deposit of early sales is missing at the bank."""
    batch = desk.draft.batches[0]
    due = desk.due(batch)
    if due <= 0 or flip:
        return
    desk.break_of("unexplained", [], (batch,), unexplained=-due)
    desk.draft.kinds.add("missing_data")


def stray(desk: Deposits, *, flip: bool) -> None:
    """A line that names no batch of the statement, or a batch that is nearly one."""
    batch = desk.draft.batches[0]
    if flip:
        return
    named = f"{batch}0" if desk.chance(1, 2) else "INTEREST"
    row = desk.pay(desk.price(desk.draft.currency), named)
    desk.break_of("unexplained", [row], (), unexplained=row["amount_minor"])
    desk.draft.kinds.add("look_alike")


SCENES: Final[dict[str, Callable[..., None]]] = {
    each.__name__: each
    for each in (
        charged, together, returned, below_zero, not_yet, never_paid, stray, exact,
    )
}  # fmt: skip


def pay_the_rest(desk: Deposits) -> None:
    """Pay every batch that no line and no break tells of."""
    draft = desk.draft
    told = {batch for each in draft.breaks for batch in each.batches}
    for batch in draft.batches:
        paid = any(batch in _named(row) for row in draft.bank)
        due = desk.due(batch)
        if batch not in told and not paid and due:
            desk.pay(due, batch)


def _named(row: Row) -> list[str]:
    names: list[str] = row["reference"].replace(",", " ").replace(";", " ").split()
    return names
