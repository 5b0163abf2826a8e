"""`paygrade datasets import --format stripe|adyen|razorpay|camt053`: a user's own report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

from paygrade.errors import Mistake, UsageError, WorkspaceError
from paygrade.payments.settlement import adyen, razorpay, samples, stripe
from paygrade.workspace.files import read_bytes
from paygrade.workspace.jsonl_reader import MAX_LINE_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.payments.settlement.lines import StatementLine
    from paygrade.payments.settlement.samples import Samples

ReportFormat = Literal["stripe", "adyen", "razorpay", "camt053"]
REPORTS: Final[tuple[str, ...]] = get_args(ReportFormat)

_LARGEST_FILE: Final = 100_000_000
_READERS: Final = {"stripe": stripe.read, "adyen": adyen.read, "razorpay": razorpay.read}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report that was read: lines of a dataset, what to show, what to say, what is wrong.

    `balances` has a sentence for each bank statement. With `mistakes` there are no lines.
    """

    lines: tuple[str, ...]
    balances: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


def import_report(file: Path, kind: ReportFormat, ref_column: str) -> Report:
    """Read a settlement report or bank statements into samples without labels.

    Args:
        file: The report.
        kind: Its shape.
        ref_column: The column of the merchant's own reference; empty for the shape's usual one.

    Raises:
        UsageError: a bank statement has no such column.
        WorkspaceError: everything that is wrong with the file; but what a statement refuses is in
            `mistakes`, so that its balance can be told first.
    """
    shown = str(file)
    if kind == "camt053":
        if ref_column:
            raise UsageError("a bank statement has no columns", hint="leave --ref out")
        return _statements(read_bytes(file, shown, _LARGEST_FILE), shown)
    raw = read_bytes(file, shown, _LARGEST_FILE)
    read = _READERS[kind]
    lines = read(raw, shown, ref_column) if ref_column else read(raw, shown)
    notes = [
        f"created_at keeps the zone {name!r} of the report, which can mean several offsets"
        for name in sorted({each.created_at.split(" ", 2)[2] for each in lines if _has_name(each)})
    ]
    found = samples.from_report(kind, lines, shown)
    return Report(lines=_written(found, shown), notes=(*notes, *_masked(found)))


def _has_name(line: StatementLine) -> bool:
    return line.created_at.count(" ") > 1


def _statements(raw: bytes, shown: str) -> Report:
    from paygrade.payments.settlement import camt053  # noqa: PLC0415 - lxml, for this format only
    from paygrade.payments.settlement.balance import balance  # noqa: PLC0415 - as above

    statements = camt053.read(raw, shown)
    balances = tuple(str(balance(each)) for each in statements)
    notes = tuple(f"{each.id}: {note}" for each in statements for note in each.notes)
    refused = tuple(mistake for each in statements for mistake in each.refused)
    if refused:
        return Report(lines=(), balances=balances, notes=notes, mistakes=refused)
    found = samples.from_statements(statements, shown)
    return Report(lines=_written(found, shown), balances=balances, notes=(*notes, *_masked(found)))


def _masked(found: Samples) -> tuple[str, ...]:
    if not found.masked:
        return ()
    return (f"texts that held a card number or a secret, now masked: {found.masked}",)


def _written(found: Samples, shown: str) -> tuple[str, ...]:
    lines = [
        json.dumps(each, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        for each in found.lines
    ]
    mistakes = [
        Mistake(
            path=shown,
            problem=f"{sample['id']} has more rows than a sample of {MAX_LINE_BYTES:,} bytes holds",
            hint="import a report of fewer days",
        )
        for sample, line in zip(found.lines, lines, strict=True)
        if len(line.encode()) >= MAX_LINE_BYTES
    ]
    if mistakes:
        raise WorkspaceError(mistakes)
    return tuple(lines)
