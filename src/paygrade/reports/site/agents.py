"""The page on agents: what they did to money, with and without a guard, and repeated tries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paygrade.reports.figures import percent
from paygrade.reports.plain import plain
from paygrade.reports.site.heat import STEPS
from paygrade.reports.site.marks import lines
from paygrade.reports.site.plot import Plot
from paygrade.reports.site.scale import in_steps, up_to
from paygrade.reports.site.shell import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markupsafe import Markup

    from paygrade.records.site import Site
    from paygrade.reports.site.marks import Line

Agent = tuple[str, str, str]
"""Suite, runner and guard."""

UNGUARDED = "none"
NOTHING_JUDGED = "No attempt was judged: nothing is known."


@dataclass(frozen=True, slots=True, kw_only=True)
class Under:
    """A fault: a row for each agent, none where it never met it."""

    fault: str
    cells: tuple[Line | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """An effect: each agent's rate, and by fault; `rest` is a sentence on all other faults."""

    name: str
    agents: tuple[Line, ...]
    faults: tuple[Under, ...]
    rest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Repeated tries of one agent as a picture."""

    agent: Agent
    picture: Markup


def agents_page(site: Site) -> tuple[str, str]:
    """`agents.html`."""
    found = lines(site.agents, "effects")
    whole = [each for each in found if not each["fault"]]
    known = [each for each in found if each["rate"] is not None]
    return render(
        site,
        "agents.html",
        "agents.html",
        title="Agents",
        tables=site.agents,
        effects=_effects(found),
        agents=list(dict.fromkeys(_agent(each) for each in whole)),
        agent_of=_agent,
        scale=up_to(max((ends_of(each)[1] for each in known if not each["fault"]), default=0)),
        heat_scale=in_steps(max((each["rate"] for each in known), default=0), STEPS),
        curves=_curves(lines(site.agents, "tries")),
        guard_of=guard_of,
        kind_of=kind_of,
        ends_of=ends_of,
        nowhere=_nowhere(found),
        no_money="None." if _judged(found) else NOTHING_JUDGED,
        no_tries=_no_tries(site, found),
    )


def guard_of(guard: str) -> str:
    """How tools reached an agent, in words."""
    if not guard:
        return "guard not known"
    return "no guard" if guard == UNGUARDED else f"guard {guard}"


def kind_of(guard: str) -> tuple[str, str]:
    """Shape and style of its dot: what has a guard is round and filled."""
    return ("diamond", "other") if guard in {"", UNGUARDED} else ("circle", "")


def ends_of(line: Line) -> tuple[float, float]:
    """Where its whiskers end: at the one-sided bound, as its text says, where none or all are."""
    if line["bound"] is None:
        return line["low"], line["high"]
    return (line["bound"], 1.0) if line["found"] else (0.0, line["bound"])


def _judged(found: Iterable[Line]) -> bool:
    return any(each["judged"] for each in found)


def _nowhere(found: Sequence[Line]) -> str:
    """What is said where no fault brought any effect about."""
    under = [each for each in found if each["fault"]]
    if not _judged(under):
        return NOTHING_JUDGED
    which = "any fault" if all(each["judged"] for each in under) else "a fault that was judged"
    return f"Nothing of it was found under {which}."


def _rest(found: Sequence[Line], struck: Sequence[Under]) -> str:
    """What is said of the faults that are not shown."""
    named = {each.fault for each in struck}
    others = [each for each in found if each["fault"] and each["fault"] not in named]
    if not others:
        return ""
    if not _judged(others):
        return "Under the other faults no attempt was judged: nothing is known."
    which = "" if all(each["judged"] for each in others) else " that was judged"
    return f"Under every other fault{which}: none found."


def _no_tries(site: Site, found: Sequence[Line]) -> str:
    """Why there is no curve of repeated tries."""
    if not _judged(found):
        return NOTHING_JUDGED
    agents = {each["run_id"] for each in found}
    runs = [each for each in lines(site.overview, "runs") if each["run_id"] in agents]
    if any(each["epochs"] > 1 for each in runs):
        return "No sample was judged in all its epochs: nothing is known."
    return "Each sample was asked once."


def _agent(line: Line) -> Agent:
    return line["suite"], line["runner"], line["guard"]


def _effects(found: Sequence[Line]) -> list[Effect]:
    every: dict[str, list[Line]] = {}
    for each in found:
        every.setdefault(each["effect"], []).append(each)
    return [_effect(name, mine) for name, mine in every.items()]


def _effect(name: str, found: Sequence[Line]) -> Effect:
    faults = _faults(found)
    return Effect(
        name=name,
        agents=tuple(each for each in found if not each["fault"]),
        faults=faults,
        rest=_rest(found, faults),
    )


def _faults(found: Sequence[Line]) -> tuple[Under, ...]:
    """Those under which something was found, with any agent."""
    agents = list(dict.fromkeys(_agent(each) for each in found))
    cells = {(each["fault"], _agent(each)): each for each in found if each["fault"]}
    struck = dict.fromkeys(fault for (fault, _), each in cells.items() if each["found"])
    return tuple(
        Under(fault=fault, cells=tuple(cells.get((fault, agent)) for agent in agents))
        for fault in struck
    )


def _curves(tries: Sequence[Line]) -> list[Curve]:
    every: dict[Agent, list[Line]] = {}
    for each in tries:
        every.setdefault(_agent(each), []).append(each)
    return [
        Curve(agent=agent, picture=_curve(f"tries-{index}", agent, found))
        for index, (agent, found) in enumerate(every.items())
    ]


def _curve(name: str, agent: Agent, tries: Sequence[Line]) -> Markup:
    plot = Plot(len(tries), up_to(1.0))
    for column, kind, style in (
        ("any_passes", "square", "other"),
        ("all_pass", "circle", "all"),
    ):
        plot.join([(float(k), each[column]) for k, each in enumerate(tries)], f"join {style}")
        for k, each in enumerate(tries):
            plot.mark(k, each[column], kind, f"dot {style}")
    last = len(tries) - 1
    plot.value(last, tries[last], "all_pass", above=tries[last]["all_pass"])
    plot.foot([(each, "k", f"{each['k']:,}") for each in tries], most=10)
    suite, runner, guard = (plain(each) for each in agent)
    return plot.drawn(
        name,
        f"Repeated tries of {runner} in {suite}, {guard_of(guard)}",
        f"All of k tries pass: from {percent(tries[0]['all_pass'])} with the first"
        f" to {percent(tries[last]['all_pass'])} with the last k.",
    )
