"""What one item ends with: the attempts of a sample, in the light of what was told of its suite."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from paygrade.records.outcome import Errored, Scored
from paygrade.reports.figures import share_of
from paygrade.reports.plain import one_line, plain, short

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paygrade.pipeline.show import Seen
    from paygrade.pytest_plugin.told import Told
    from paygrade.records.plan import RunPlan
    from paygrade.records.sample import Sample

_REASON = 300
_ANSWER = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How an item ends, why, and what its report carries along.

    `counted`: it failed or errored, and the gate's verdict has counted it.
    """

    kind: Literal["pass", "fail", "error", "counted"]
    text: str = ""
    properties: tuple[tuple[str, str], ...] = ()


def judge(sample: Sample, plan: RunPlan, told: Told, seen: Sequence[Seen]) -> Said:
    """Judge one sample by its attempts `seen`, and by what the gate said of it."""
    scored = [each for each in seen if isinstance(each.outcome, Scored)]
    failing = [each for each in scored if isinstance(each.outcome, Scored) and each.outcome.failed]
    properties = _properties(told, len(failing), len(scored))
    where = _where(sample, plan, told, known=bool(seen))
    red = told.red.get(sample.id)
    if red or failing:
        lines = [*_failures(failing, len(seen)), *where]
        if red:
            return Said(kind="fail", text="\n".join([red, *lines]), properties=properties)
        if told.judged:
            text = f"{lines[0]}: counted by the gate ({told.verdict})"
            return Said(kind="counted", text=text, properties=properties)
        return Said(kind="fail", text="\n".join(lines), properties=properties)
    problem = _unknown(seen, told)
    if not problem:
        return Said(kind="pass", properties=properties)
    if told.judged and seen:
        text = f"{problem}: counted by the gate ({told.verdict})"
        return Said(kind="counted", text=text, properties=properties)
    return Said(kind="error", text="\n".join([problem, *where]), properties=properties)


def _properties(told: Told, failed: int, scored: int) -> tuple[tuple[str, str], ...]:
    if not told.run_id:
        return ()
    share = ("paygrade_failure_share", f"{failed}/{scored}")
    return (("paygrade_run", told.run_id), share)


def _failures(failing: Sequence[Seen], epochs: int) -> Iterator[str]:
    """Each check that failed, with its reason and the epochs; then one answer."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for each in failing:
        for check in each.outcome.checks:
            if check.result == "fail" and check.role != "advisory":
                role = ", invariant" if check.role == "invariant" else ""
                name = f"{one_line(check.id)} ({check.severity}{role})"
                reason = short(one_line(check.reason), _REASON) or "no reason given"
                found[name, reason].append(each.outcome.epoch)
    for (name, reason), failed in found.items():
        yield f"{name}{_epochs(failed, epochs)}: {reason}"
    answer = next((each.answer for each in failing if each.answer), None)
    if answer:
        yield f"  answer: {short(one_line(answer.text), _ANSWER)}"


def _epochs(failed: Sequence[int], epochs: int) -> str:
    if epochs == 1:
        return ""
    return f" in {share_of((len(failed), epochs))} epochs ({', '.join(map(str, failed))})"


def _unknown(seen: Sequence[Seen], told: Told) -> str:
    """Why nobody knows how the sample does; empty when somebody does."""
    errors = [each.outcome for each in seen if isinstance(each.outcome, Errored)]
    if errors:
        first = errors[0]
        what = f"{first.error_kind}: {short(one_line(first.error), _REASON)}"
        if len(seen) == 1:
            return f"errored: {what}"
        return f"errored in {share_of((len(errors), len(seen)))} epochs: {what}"
    if not told.run_id:
        return f"not asked: {plain(told.reason)}"
    if len(seen) >= told.epochs:
        return ""
    share = f" in {share_of((told.epochs - len(seen), told.epochs))} epochs" if seen else ""
    return f"not done{share}: {plain(told.reason)}"


def _where(sample: Sample, plan: RunPlan, told: Told, *, known: bool) -> Iterator[str]:
    yield f"  sample: {plan.dataset.path}:{sample.line}"
    if known:
        yield f"  more: paygrade show {told.run_id} {one_line(sample.id)}"
