"""How a judge did on labels, for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from paygrade.reports.figures import interval, percent, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from paygrade.records.certificate import Certificate, Certified
    from paygrade.stats.agreement import Estimate


def certified_view(certified: Certified) -> RenderableType:
    """Counts, figures with their intervals, and what the judge may therefore decide."""
    certificate = certified.certificate
    counts = certificate.agreement
    people = "your own people's" if certificate.origin == "human" else "by construction"
    told = [
        f"{plural(counts.labels, 'label')} {people}",
        f"{plural(certified.calls, 'question')} asked",
        f"{certified.by_code} decided by code",
    ]
    if certified.usd is not None:
        told.append(f"cost {certified.usd:.6f} USD")
    return Group(
        Text(f"{certificate.judge.rubric} · {certified.runner} ({certificate.judge.model})"),
        Text(" · ".join(told)),
        Text(""),
        _counts(certificate),
        Text(""),
        _figures(certificate),
        Text(""),
        *(Text(line) for line in _verdict(certified)),
    )


def _counts(certificate: Certificate) -> Table:
    counts = certificate.agreement
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column("label")
    for name in ("judged good", "judged defective"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_row("good", str(counts.true_negative), str(counts.false_positive))
    table.add_row("defective", str(counts.false_negative), str(counts.true_positive))
    return table


def _figures(certificate: Certificate) -> Table:
    counts, stability = certificate.agreement, certificate.stability
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_row("agreement", *_share(counts.agreement))
    table.add_row("kappa", *_plain(counts.kappa))
    table.add_row("sensitivity (defective ones found)", *_share(counts.sensitivity))
    table.add_row("specificity (good ones let pass)", *_share(counts.specificity))
    found = f"{certificate.numbers_found} of {certificate.numbers_planted}"
    table.add_row("planted number errors found", found, "")
    for name, changed in (
        ("changed when the questions turn round", stability.swapped_changed),
        ("changed when words are added that say nothing", stability.padded_changed),
    ):
        table.add_row(f"verdicts {name}", f"{changed} of {stability.asked}", "")
    return table


def _share(estimate: Estimate) -> tuple[str, str]:
    return percent(estimate.value), f"95 % interval {interval(estimate.low, estimate.high)}"


def _plain(estimate: Estimate) -> tuple[str, str]:
    value = "not defined" if estimate.value is None else f"{estimate.value:.2f}"
    return value, f"95 % interval {estimate.low:.2f} to {estimate.high:.2f}"


def _verdict(certified: Certified) -> Iterator[str]:
    certificate = certified.certificate
    if not certificate.usable:
        yield "not usable:"
        yield from (f"  {fault}" for fault in certificate.faults)
    elif certified.why_advisory:
        yield f"usable, and advisory: {certified.why_advisory}"
    else:
        yield "usable, and it may gate: give its check the role gating"
    yield f"wrote {certified.path}"
