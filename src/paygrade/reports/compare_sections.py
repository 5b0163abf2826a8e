"""Two versions side by side, and a calibration, section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.reports import evidence
from paygrade.reports.effect_figures import beside_sections
from paygrade.reports.figures import amount, bounds, interval, percent, plural, points
from paygrade.reports.gate_words import epochs, errors_of, finds, likely, reach
from paygrade.reports.page import Column, Row, Section, filled, sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.records.verdict import Calibration, Compared, Sensitivity


def compared_lead(compared: Compared) -> tuple[str, str, str]:
    """Three lines: what was compared, how the rate differs, on how much."""
    whole = next((each for each in compared.hypotheses if each.name == "suite"), None)
    before, after = compared.before, compared.after
    if whole is None:
        rise = "difference not known: nothing can be compared"
    else:
        rates = f"{percent(whole.before.rate)} -> {percent(whole.after.rate)}"
        rise = (
            f"failure rate {rates}: {points(whole.judged.rise)} {bounds(whole.judged)}, "
            "90 % interval"
        )
    size = f"n = {compared.usable:,} of {plural(compared.comparable, 'comparable sample')}"
    return (
        f"{compared.suite}: {before.label} -> {after.label}",
        rise,
        f"{size} · {epochs(before)} against {epochs(after)} · a comparison is no verdict",
    )


def compared_sections(compared: Compared, most: int) -> list[Section]:
    """What differs, the most important first."""
    whole = next((each for each in compared.hypotheses if each.name == "suite"), None)
    sides = (("before", compared.before), ("after", compared.after))
    changes = evidence.sample_changes(
        compared.added, compared.removed, compared.edited, "not compared"
    )
    return list(
        filled(
            (
                Section(title="what changed", lines=(*compared.differs, *changes)),
                evidence.differences(
                    compared.hypotheses,
                    (*evidence.rates(whole), f"errors (in no rate): {errors_of(sides)}"),
                    most,
                ),
                evidence.flips(compared.flips, (), most),
                evidence.money(compared.money, most),
                *beside_sections(compared.columns),
                evidence.checks(compared.checks, most),
                Section(
                    title="before and after",
                    lines=tuple(line for name, one in sides for line in evidence.side(name, one)),
                ),
                Section(title="notes", lines=compared.notes),
            )
        )
    )


def calibration_lead(found: Calibration) -> tuple[str, str, str]:
    """Three lines: false alarms, what can be seen, what was promised."""
    share = found.alarms / found.invocations if found.invocations else None
    own = next(
        (
            each
            for each in found.sensitivity
            if (each.epochs, each.samples) == (found.epochs, found.samples)
        ),
        None,
    )
    chance = likely(found.power_target)
    seen = f"it {finds(own.rise)} {chance}" if own else "what it can see was not looked at"
    size = f"n = {plural(found.samples, 'sample')} · {plural(found.epochs, 'epoch')}"
    alarms = f"{found.alarms:,} of {found.invocations:,} gates without a change"
    spread = interval(found.low, found.high)
    return (
        f"{found.suite} · {found.runner}: false alarms {percent(share)} ({spread}; {alarms})",
        f"{seen} · {size} against {found.stored_epochs:,}",
        _promise(found),
    )


def _promise(found: Calibration) -> str:
    if found.promised is None:
        return "next: state must_detect in the suite, and this promise is checked from then on"
    promise = f"the promise to find {reach(found.promised)} is"
    if found.kept:
        return f"next: nothing to do; {promise} kept"
    return f"next: more epochs or samples, as the table says: {promise} NOT KEPT"


def calibration_sections(found: Calibration, most: int) -> list[Section]:
    """How sensitive the suite is with other sizes, and what else was noticed."""
    every = f"{plural(found.invocations, 'gate')} without a change"
    spread = f"95 % interval {interval(found.low, found.high)}"
    columns = (Column("epochs"), Column("samples"), Column("smallest rise found"),
               Column("as expected loss per 1,000 samples", "word"))  # fmt: skip
    rows = (
        Row(
            cells=(
                f"{each.epochs:,}", f"{each.samples:,}", reach(each.rise),
                ", ".join(_losses(each)) or "-",
            )
        )
        for each in found.sensitivity
    )  # fmt: skip
    return list(
        filled(
            (
                Section(
                    title=f"what is found {likely(found.power_target)}",
                    lines=(
                        f"false alarms: {found.alarms:,} of {every}, {spread}",
                        f"inconclusive: {found.inconclusive:,} of {every}",
                    ),
                    sheet=sheet(columns, rows, most),
                ),
                Section(title="notes", lines=found.notes),
            )
        )
    )


def _losses(each: Sensitivity) -> Iterator[str]:
    for currency, minor in sorted(each.money_per_1000.items()):
        yield amount(minor, currency)
