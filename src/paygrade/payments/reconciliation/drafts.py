"""A case while it is drawn: its lines, and the breaks that they were drawn to make."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from paygrade.payments.chance import Chance

if TYPE_CHECKING:
    from collections.abc import Callable

    from paygrade.payments.reconciliation.markets import Market, Schedule

    Row = dict[str, Any]

SATURDAY = 5
PERIOD_DAYS = 14


@dataclass(slots=True, kw_only=True)
class Entailed:
    """A break that lines were drawn to make; its lines are all of these references or batches."""

    type: str
    components: dict[str, int]
    refs: tuple[str, ...] = ()
    batches: tuple[str, ...] = ()
    bank: list[Row] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Draft:
    """One case: what surrounds it, its lines by side, what is wrong in it."""

    market: Market
    currency: str
    language: str
    start: date
    zone: str
    cutoff: time
    lag: int
    lag_unit: str
    holidays: tuple[str, ...]
    checks_bank: bool
    bank_charge: int
    share_bps: int
    materiality: int
    batches: list[str]
    ledger: list[Row] = field(default_factory=list)
    statement: list[Row] = field(default_factory=list)
    bank: list[Row] = field(default_factory=list)
    breaks: list[Entailed] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    later: list[Callable[[], None]] = field(default_factory=list)
    token: str = ""

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.start + timedelta(days=PERIOD_DAYS - 1)

    @property
    def closed_at(self) -> datetime:
        """When the ledger was closed: at the end of the period, in the zone that counts."""
        return datetime.combine(self.last, time(22, 30), ZoneInfo(self.zone))

    @property
    def schedule(self) -> Schedule:
        """The fees of the case's currency."""
        return self.market.schedules[self.currency]

    def settled(self, day: date) -> date:
        """When money of a local settlement date is settled, before the cut-off."""
        if self.lag_unit == "calendar_days":
            return day + timedelta(days=self.lag)
        open_days = 0
        while open_days < self.lag:
            day += timedelta(days=1)
            open_days += day.weekday() < SATURDAY and day.isoformat() not in self.holidays
        return day

    def last_in_time(self) -> date:
        """The last local date whose money, taken before the cut-off, settles in the period."""
        day = self.last
        while self.settled(day) > self.last:
            day -= timedelta(days=1)
        return day


@dataclass(slots=True, kw_only=True)
class Desk(Chance):
    """What a scene draws with: chance of its own, and the case that it writes into."""

    draft: Draft
    ref: str
    batch: str

    # Instants

    def instant(self) -> datetime:
        """A moment in the days of the batch; batches follow each other by two days."""
        index = self.draft.batches.index(self.batch)
        day = self.draft.start + timedelta(days=2 * index + self.below(2))
        moment = time(7 + self.below(10), self.below(60), self.below(60))
        return datetime.combine(day, moment, ZoneInfo(self.draft.zone))

    def written(self, moment: datetime) -> str:
        """An instant as somebody wrote it: in the zone that counts, or in another."""
        if "time_zone" in self.draft.kinds:
            other = self.pick(("UTC", "Asia/Tokyo", "America/Los_Angeles"))
            moment = moment.astimezone(ZoneInfo(other))
        return moment.isoformat()

    # Lines

    def book(
        self, kind: str, amount: int, *, at: datetime | None = None, ref: str | None = None
    ) -> Row:
        """A line of the ledger."""
        row = {
            "ref": ref or self.ref,
            "type": kind,
            "currency": self.draft.currency,
            "amount_minor": amount,
            "booked_at": self.written(at or self.instant()),
        }
        self.draft.ledger.append(row)
        return row

    def state(
        self,
        kind: str,
        gross: int,
        fees: tuple[tuple[str, int], ...] = (),
        *,
        at: datetime | None = None,
        ref: str | None = None,
    ) -> Row:
        """A line of the statement."""
        row = {
            "ref": ref or self.ref,
            "type": kind,
            "currency": self.draft.currency,
            "gross_minor": gross,
            "fees": [{"kind": name, "amount_minor": amount} for name, amount in fees],
            "net_minor": gross - sum(amount for _, amount in fees),
            "created_at": self.written(at or self.instant()),
            "batch": self.batch,
        }
        self.draft.statement.append(row)
        return row

    def fees(self, gross: int) -> tuple[tuple[str, int], ...]:
        """What the provider keeps of a sale, by kind."""
        schedule = self.draft.schedule
        if "interchange" in self.draft.market.fee_kinds:
            interchange = share(gross, self.between(20, 180))
            scheme, markup = share(gross, self.between(5, 25)) + 1, share(gross, 60) + 2
            return (("interchange", interchange), ("scheme_fee", scheme), ("markup", markup))
        fee = share(gross, schedule.rate_bps) + schedule.fixed_minor
        if "tax_on_fee" in self.draft.market.fee_kinds:
            return (("psp_fee", fee), ("tax_on_fee", share(fee, schedule.tax_bps)))
        return (("psp_fee", fee),)

    def book_fees(self, fees: tuple[tuple[str, int], ...]) -> None:
        """The fees in the ledger, a line a kind."""
        for kind, amount in fees:
            if amount:
                self.book(kind, -amount)

    def clean_sale(self, gross: int | None = None) -> tuple[int, tuple[tuple[str, int], ...]]:
        """A sale that both sides have, with its fees booked."""
        gross = gross or self.price(self.draft.currency)
        fees = self.fees(gross)
        self.state("sale", gross, fees)
        self.book("sale", gross)
        self.book_fees(fees)
        return gross, fees

    # What follows

    def entail(self, break_type: str, components: dict[str, int], *more: str) -> None:
        """The lines of this reference (and of `more`) are a break."""
        parts = {kind: amount for kind, amount in components.items() if amount}
        self.draft.breaks.append(
            Entailed(type=break_type, components=parts, refs=(self.ref, *more))
        )


def share(amount: int, bps: int) -> int:
    """So many ten-thousandths of an amount of 0 or more, rounded half up."""
    return (amount * bps * 2 + 10_000) // 20_000
