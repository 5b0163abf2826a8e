"""One suite's verdict, section by section: all that it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.reports import evidence
from paygrade.reports.figures import bill, p_value, percent, plural, share_of
from paygrade.reports.gate_words import EXACT, TONES, errors, reach, sight
from paygrade.reports.page import Column, Row, Section, filled, listed, sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.records.verdict import (
        Confirmation,
        Hypothesis,
        InvariantFailure,
        SuiteVerdict,
    )

_FEW = 5  # so few broken samples of a large suite look like noise to a reader
_LARGE = 20  # a suite is large when it has so many times more samples


def sections(suite: SuiteVerdict, most: int) -> list[Section]:
    """What there is to say of it, the most important first; tables have at most `most` rows."""
    invariants = _invariants(suite, most)
    return list(
        filled(
            (
                *([invariants] if suite.invariants else []),
                _seen(suite),
                _hypotheses(suite, most),
                changed_samples(suite, most),
                *([] if suite.invariants else [invariants]),
                evidence.money(suite.money, most),
                _confirmation(suite),
                evidence.checks(suite.checks, most),
                _changes(suite),
                _sides(suite),
                Section(title="notes", lines=(*suite.notes, *_codes(suite))),
            )
        )
    )


def _seen(suite: SuiteVerdict) -> Section:
    said: tuple[str, ...] = ()
    if suite.hypotheses:
        margin = f"; a pass excludes a rise above {reach(suite.margin)} (margin)"
        forgiven = f"a rise up to {reach(suite.tolerance)} is forgiven (tolerance)"
        tolerance = forgiven if suite.tolerance else "no rise is forgiven (tolerance 0)"
        said = (sight(suite), tolerance + ("" if suite.deterministic else margin))
    return Section(title="what would have been seen", lines=said)


def _hypotheses(suite: SuiteVerdict, most: int) -> Section:
    titles = ("n", "before", "after", "points (90 %)", "p screen", "p adj.", "p cases")
    columns = [Column("tested", "name"), *map(Column, titles), Column("verdict", "word")]
    if suite.deterministic:
        columns = [*columns[:4], Column("points"), columns[-1]]
    rows = (
        Row(cells=_cells(each, exact=suite.deterministic), tone=TONES[each.verdict])
        for each in suite.hypotheses
    )
    thin = suite.thin_slices
    return Section(
        title="rates",
        lines=(
            *evidence.rates(suite.whole),
            *((f"errors (in no rate): {errors(suite)}",) if errors(suite) else ()),
            *_reasons(suite),
            *((f"too few samples to test: {listed(thin)}",) if thin else ()),
        ),
        sheet=sheet(columns, rows, most),
    )


def _cells(each: Hypothesis, *, exact: bool) -> tuple[str, ...]:
    start = (
        each.name, f"{each.samples:,}", percent(each.before.rate), percent(each.after.rate),
        evidence.rise_cell(each, exact=exact),
    )  # fmt: skip
    chances = (
        () if exact else (p_value(each.p_more), p_value(each.p_adjusted), p_value(each.p_cases))
    )
    return (*start, *chances, each.verdict)


def _reasons(suite: SuiteVerdict) -> Iterator[str]:
    for each in suite.hypotheses:
        yield f"{each.name}: {each.reason}"
    if not suite.hypotheses:
        return
    if suite.deterministic:
        yield EXACT
        return
    yield "p screen raises a suspicion; p adj., corrected for all that this gate tests, confirms it"
    decides = (
        "cases are what counts here" if suite.inference == "cases" else "it decides nothing here"
    )
    yield f"p cases: whether a rise would hold for other cases like these; {decides}"


def changed_samples(suite: SuiteVerdict, most: int) -> Section:
    """Samples that fail more or less often, and why even one of them may be enough."""
    worse = sum(flip.worse for flip in suite.flips)
    few = 0 < worse <= _FEW and suite.usable >= _LARGE * worse
    said: tuple[str, ...] = ()
    if suite.verdict == "regressed" and few and suite.tolerance == 0:
        cases = "one case" if worse == 1 else f"{worse} cases"
        enough = f"{cases} of {suite.usable:,} {'is' if worse == 1 else 'are'} enough on purpose"
        why = "a golden set is the population, not a sample of it"
        said = (f"{enough}: {why}; tolerance: 0.01 forgives one point",)
    return evidence.flips(suite.flips, said, most)


def _invariants(suite: SuiteVerdict, most: int) -> Section:
    columns = (Column("sample", "name"), Column("invariant", "name"), Column("failed"),
               Column("", "word"))  # fmt: skip
    failures = sorted(suite.invariants, key=lambda each: (bool(each.waived_until), each.known))
    rows = (
        Row(
            cells=(
                each.sample_id, each.check, share_of((each.failed, each.attempts)), standing(each),
            ),
            tone="dim" if each.waived_until else "bad",
        )
        for each in failures
    )  # fmt: skip
    said: tuple[str, ...] = ()
    if suite.zero_bound is not None:
        seen = plural(suite.judged_attempts, "attempt")
        said = (f"0 failures in {seen}: the true rate is below {percent(suite.zero_bound)}",)
    return Section(title="invariants", lines=said, sheet=sheet(columns, rows, most))


def standing(failure: InvariantFailure) -> str:
    """`new`, `pre-existing`, and until when it is waived and why."""
    age = "pre-existing" if failure.known else "new"
    if not failure.waived_until:
        return age
    why = f": {failure.why}" if failure.why else ""
    return f"{age}, waived until {failure.waived_until}{why}"


def _confirmation(suite: SuiteVerdict) -> Section:
    done = suite.confirmation
    if done is None:
        calm = suite.hypotheses and not any(each.flagged for each in suite.hypotheses)
        said = "nothing was suspected, so nothing was asked again"
        return Section(title="confirmation", lines=(said,) if calm else ())
    since = suite.baseline.when[:10] if suite.baseline else ""
    return Section(title="confirmation", lines=tuple(_confirmed(done, since)))


def _confirmed(done: Confirmation, since: str) -> Iterator[str]:
    if done.mode == "off":
        yield "nothing was asked again: the stored outcomes alone were judged"
    else:
        with_what = {
            "both": "fresh attempts of both versions",
            "stored": "fresh attempts of the candidate against the baseline's second session",
        }
        yield f"judged on {with_what[done.mode]}"
    if done.mode == "stored":
        yield f"provider drift since {since or 'the baseline was recorded'} is not excluded"
    if done.asked != done.mode:
        yield f"asked for was `{done.asked}`, done was `{done.mode}`: {done.why}"
    elif done.why:
        yield done.why
    if done.samples:
        yield f"asked again: {plural(len(done.samples), 'sample')}: {listed(done.samples)}"
    if done.mode != "off":
        yield f"{plural(done.calls, 'call')} of at most {done.at_most:,}"
    if done.run_ids:
        yield f"fresh runs: {listed(done.run_ids)}"
    yield f"look {done.look} at this candidate: level {done.level:.4g}"


def _changes(suite: SuiteVerdict) -> Section:
    role = "only their invariants count"
    changes = evidence.sample_changes(suite.added, suite.removed, suite.edited, role)
    apart = suite.comparable - suite.usable
    lines = [*suite.differs, *changes]
    if suite.quarantined:
        names = listed(suite.quarantined)
        lines.append(f"samples in quarantine (in no rate): {len(suite.quarantined):,}: {names}")
    if apart:
        lines.append(f"{apart:,} of {suite.comparable:,} comparable samples gave no outcome")
    return Section(title="what changed", lines=tuple(lines))


def _sides(suite: SuiteVerdict) -> Section:
    lines: list[str] = []
    old: tuple[str, ...] = ()
    if suite.baseline:
        lines += evidence.side("baseline", suite.baseline)
    if suite.age_days is not None:
        aged = f"the baseline is {plural(suite.age_days, 'day')} old"
        if suite.age_days > suite.max_age_days:
            old = (f"{aged}: models and providers change meanwhile; record and accept a new one",)
        else:
            lines.append(aged)
    if suite.candidate:
        lines += evidence.side("candidate", suite.candidate)
    if suite.bill:
        lines.append(f"bill: {bill(suite.bill)}")
    return Section(title="baseline and candidate", lines=tuple(lines), warnings=old)


def _codes(suite: SuiteVerdict) -> Iterator[str]:
    if suite.codes:
        yield f"codes: {', '.join(suite.codes)}"
