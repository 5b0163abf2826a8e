"""What an acceptance changes: the new baseline beside the one before it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from paygrade.records.run import Rate
from paygrade.reports.evidence import rate_line
from paygrade.reports.figures import counts, percent, plural, share_of
from paygrade.reports.gate_words import reach
from paygrade.reports.page import Column, Row, Section, filled, listed, sheet
from paygrade.stats import clustered_wilson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paygrade.records.baseline import ArmSample, Baseline, CheckIdentity

_STICKY = (
    "epochs inside one session agree more than epochs across sessions (cache, drift or sticky "
    "provider noise); epochs will not be counted as independent evidence"
)


def baseline_lead(before: Baseline | None, after: Baseline) -> tuple[str, str, str]:
    """Three lines: what is accepted, how its rate differs, what it is made of that differs."""
    name = f"{after.suite} · {after.runner}"
    rate = _said(_rate(after))
    if before is None:
        return f"{name}: the first baseline", f"failure rate {rate}", f"made of {_content(after)}"
    old = _said(_rate(before))
    return f"{name}: another baseline", f"failure rate {old} -> {rate}", _identity(before, after)


def _content(one: Baseline) -> str:
    return f"{one.prompt} on {one.dataset} with {plural(len(one.checks), 'check')}"


def _identity(before: Baseline, after: Baseline) -> str:
    differing = before.identity.differences(after.identity)
    if not differing:
        return "differs in: nothing; prompt, dataset, runner and scorers are the same"
    named = {
        "prompt": f" ({_arrow(before.prompt, after.prompt)})",
        "dataset": f" ({_arrow(before.dataset, after.dataset)})",
    }
    return f"differs in: {', '.join(part + named.get(part, '') for part in differing)}"


def _arrow(old: str, new: str) -> str:
    return f"{old} -> {new}" if old != new else f"{new}, edited"


def _rate(one: Baseline) -> Rate:
    """Quarantined samples are in no rate."""
    failed: dict[str, int] = defaultdict(int)
    scored: dict[str, int] = defaultdict(int)
    errored = 0
    for sample in one.samples:
        if sample.case_class == "quarantined":
            continue
        here = tally(sample)
        failed[sample.case] += here[0]
        scored[sample.case] += here[1]
        errored += sum(marks.count("E") for marks in sample.sessions)
    misses, total = sum(failed.values()), sum(scored.values())
    low, high = clustered_wilson(list(failed.values()), list(scored.values()))
    return Rate(
        scored=total,
        failed=misses,
        errored=errored,
        rate=misses / total if total else None,
        low=low,
        high=high,
    )


def _said(rate: Rate) -> str:
    return f"{percent(rate.rate)} ({counts(rate)})"


def tally(sample: ArmSample) -> tuple[int, int]:
    """Failed and scored attempts of one sample, over all sessions."""
    marks = "".join(sample.sessions)
    return marks.count("F"), marks.count("F") + marks.count("P")


def baseline_sections(before: Baseline | None, after: Baseline, most: int) -> list[Section]:
    """What a person should look at before saying yes."""
    return list(
        filled(
            (
                _invariants(after, most),
                _outcomes(before, after, most),
                _agreement(after),
                _power(after, most),
                _checks(before, after),
                _sessions(after, most),
            )
        )
    )


def _invariants(after: Baseline, most: int) -> Section:
    failing = [each for each in after.samples if each.invariants]
    warned = (
        f"an invariant fails on {plural(len(failing), 'sample')} of what is accepted: a gate is "
        "violated each time one fails, until that is mended or waived"
    )
    columns = (Column("sample", "name"), Column("invariants", "name"))
    rows = (Row(cells=(each.sample_id, ", ".join(each.invariants)), tone="bad") for each in failing)
    return Section(
        title="invariants",
        warnings=(warned,) if failing else (),
        sheet=sheet(columns, rows, most),
    )


def _outcomes(before: Baseline | None, after: Baseline, most: int) -> Section:
    if before is None:
        return Section(title="outcomes", lines=(rate_line("", _rate(after)), *_failing(after)))
    old = {each.sample_id: each for each in before.samples}
    new = {each.sample_id: each for each in after.samples}
    rows = [
        row
        for name, one in new.items()
        if name in old and (row := _changed(old[name], one)) is not None
    ]
    columns = (Column("sample", "name"), Column("failed before"), Column("after"),
               Column("", "word"))  # fmt: skip
    gone = [name for name in old if name not in new]
    came = [name for name in new if name not in old]
    return Section(
        title=f"outcomes: {plural(len(rows), 'sample')} changed",
        lines=(
            rate_line("before", _rate(before)),
            rate_line("after", _rate(after)),
            *(
                f"samples {word}: {len(names):,}: {listed(names)}"
                for word, names in (("added", came), ("removed", gone))
                if names
            ),
        ),
        sheet=sheet(columns, sorted(rows, key=lambda row: row.tone != "bad"), most),
    )


def _failing(after: Baseline) -> Iterator[str]:
    failing = [each.sample_id for each in after.samples if tally(each)[0]]
    yield f"samples that fail at least once: {len(failing):,} of {len(after.samples):,}"
    if failing:
        yield listed(failing)


def _changed(old: ArmSample, new: ArmSample) -> Row | None:
    (failed, scored), (failed_now, scored_now) = tally(old), tally(new)
    edited = old.content_hash != new.content_hash
    apart = failed_now * scored - failed * scored_now
    silent = bool(scored) != bool(scored_now)
    if not (apart or edited or silent):
        return None
    word = "worse" if apart > 0 else "better" if apart < 0 else ""
    if silent:
        word = "no outcome any more" if scored else "no outcome before"
    return Row(
        cells=(
            new.sample_id,
            share_of((failed, scored)),
            share_of((failed_now, scored_now)),
            ", ".join(part for part in (word, "edited" if edited else "") if part),
        ),
        tone="bad" if apart > 0 or silent else "",
    )


def _agreement(after: Baseline) -> Section:
    title = "A/A check: do its sessions agree?"
    if after.deterministic:
        return Section(title=title, lines=("not needed: the runner is deterministic",))
    if after.shift is None:
        return Section(title=title, lines=("not possible with one session",))
    measured = f"z = {after.shift:.2f} between its sessions"
    if after.inference == "cases":
        return Section(title=title, warnings=(f"{measured}: {_STICKY}",))
    return Section(title=title, lines=(f"{measured}: epochs count as independent evidence",))


def _power(after: Baseline, most: int) -> Section:
    columns = (Column("epochs"), Column("smallest rise found"))
    rows = (Row(cells=(f"{count:,}", reach(rise))) for count, rise in sorted(after.power.items()))
    return Section(title="what a gate will find", sheet=sheet(columns, rows, most))


def _checks(before: Baseline | None, after: Baseline) -> Section:
    if before is None:
        return Section(title="checks")
    old, new = _by_id(before.checks), _by_id(after.checks)
    groups = (
        ("added", [name for name in new if name not in old]),
        ("removed", [name for name in old if name not in new]),
        ("judging otherwise", [name for name in new if name in old and old[name] != new[name]]),
    )
    return Section(
        title="checks",
        lines=tuple(f"checks {word}: {listed(names)}" for word, names in groups if names),
    )


def _by_id(checks: Iterable[CheckIdentity]) -> dict[str, CheckIdentity]:
    return {each.id: each for each in checks}


def _sessions(after: Baseline, most: int) -> Section:
    columns = (Column("run", "name"), Column("recorded", "word"), Column("epochs"))
    rows = (
        Row(cells=(each.run_id, each.started_at, f"{each.epochs:,}")) for each in after.sessions
    )
    unclean = "in no clean commit: a gate can ask it again only while the workspace holds it"
    models = listed(after.models) or "unknown"
    return Section(
        title="sessions",
        lines=(
            f"reason: {after.reason}" if after.reason else "reason: none given",
            f"models: {models}",
            *((f"commit {after.commit}",) if after.commit else ()),
        ),
        warnings=() if after.commit else (unclean,),
        sheet=sheet(columns, rows, most),
    )
