"""What an agent did, step by step, for a terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.text import Text

from paygrade.reports.figures import amount, plural
from paygrade.reports.plain import one_line, short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.records.agent import Effect, ToolCall, Trajectory
    from paygrade.records.json_value import Json

_LONGEST = 400
_HEAD = "bold cyan"


def trajectory_lines(trajectory: Trajectory, epoch: int) -> Iterator[Text]:
    """Each step with its calls and what came back, then what became of the world."""
    told = [f"guard {trajectory.guard}", plural(trajectory.turns, "turn")]
    if trajectory.restarts:
        told.append(plural(trajectory.restarts, "restart"))
    yield Text(f"\n[steps, epoch {epoch}] {', '.join(told)}", style=_HEAD)
    for number, step in enumerate(trajectory.steps, 1):
        style = "bold" if step.role == "agent" else "bold green"
        said = f" {_cut(step.text)}" if step.text else ""
        yield Text.assemble(f"{number:3} ", (step.role, style), said)
        for call in step.calls:
            yield from _call(call)
    for each in trajectory.faults:
        where = f" on {one_line(each.tool)}" if each.tool else ""
        often = f"struck {plural(each.times, 'time')}" if each.times else "never struck"
        yield Text(f"    fault {one_line(each.kind)}{where}: {often}", style="yellow")
    yield Text(f"\n[effects, epoch {epoch}]", style=_HEAD)
    if not trajectory.effects:
        yield Text("    none")
    seen: set[str] = set()
    for effect in trajectory.effects:
        again = effect.intent in seen
        seen.add(effect.intent)
        yield Text(f"    {_effect(effect)}{'  again' if again else ''}", style="red" * again)
    for claim in trajectory.claims:
        word, style = ("claim", "") if claim.holds or not claim.done else ("false claim", "red")
        why = f": {one_line(claim.reason)}" if claim.reason else ""
        yield Text(f"    {word} {_cut(claim.text)!r}{why}", style=style)
    for violation in trajectory.violations:
        told_why = f"    violates {one_line(violation.rule)}: {one_line(violation.reason)}"
        yield Text(told_why, style="red")


def _call(call: ToolCall) -> Iterator[Text]:
    yield Text.assemble("      ", (one_line(call.tool), "bold"), f" {_json(call.arguments)}")
    style = "dim" if call.status == "ok" else "yellow"
    line = Text.assemble("        → ", (call.status, style), f" {_json(call.result)}")
    marks = [
        f"{name} {one_line(value)}"
        for name, value in (("fault", call.fault), ("guard", call.guard))
        if value
    ]
    if marks:
        line.append(f"  [{', '.join(marks)}]", style="yellow")
    yield line


def _effect(effect: Effect) -> str:
    parts = [one_line(effect.intent)]
    if effect.amount_minor or effect.currency:
        parts.append(amount(effect.amount_minor, one_line(effect.currency)))
    parts += [f"on {one_line(effect.subject)}"] if effect.subject else []
    parts.append(f"as {one_line(effect.id)}")
    return "  ".join(parts)


def _json(value: Json) -> str:
    if isinstance(value, str):
        return _cut(value)
    return _cut(json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    return short(one_line(text), _LONGEST)
