"""What of a site is kept in git: a page that GitHub shows, a badge, and the figures as JSON."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from paygrade.records.plan import Identity
from paygrade.records.published import Publication, PublishedRun
from paygrade.records.run import MoneyAtRisk
from paygrade.reports.badge import drawn, endpoint
from paygrade.reports.figures import interval, money, percent, plural, share_of
from paygrade.reports.markup import block, code, prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from paygrade.records.site import Asked, Site

FORMAT = 1

_LABEL = "failure rate"
_BLUE = "#0b5c9c"
_HEAD = (
    "| suite | runner | fails | of | errors | money at risk | prompt | dataset | verdict |",
    "|---|---|---:|---:|---:|---|---|---|---|",
)
_NUMBERS = (
    "epochs", "samples", "scored", "failed", "errored", "cases", "invariant_failures",
)  # fmt: skip
_TEXTS = ("suite", "runner", "run_id", "started_at", "commit", "prompt", "dataset", "verdict")
_AS_THEY_ARE = (
    "suite", "runner", "run_id", "prompt", "dataset", "low", "high", *_NUMBERS,
)  # fmt: skip
_PARTS = ("prompt", "dataset", "runner", "scorers", "tools")


def publication_of(site: Site) -> Publication:
    """The figures of a site's overview."""
    told = site.provenance
    return Publication(
        title=site.title,
        made_at=told.made_at,
        commit=told.commit,
        dirty=told.dirty,
        runs=runs_of(site.overview),
        unknown=told.unknown,
    )


def runs_of(overview: Mapping[str, Asked]) -> tuple[PublishedRun, ...]:
    """What an overview tells, by suite and runner."""
    exposed: dict[str, list[MoneyAtRisk]] = {}
    for row in overview["money"].records():
        amounts = {name: row[name] for name in ("currency", "at_risk_minor", "exposed_minor")}
        exposed.setdefault(row["run_id"], []).append(MoneyAtRisk(**amounts))
    rows = sorted(overview["runs"].records(), key=lambda row: (row["suite"], row["runner"]))
    return tuple(
        PublishedRun(
            started_at=f"{row['started_at'].isoformat()}Z",
            commit=row["git_commit"],
            dirty=row["git_dirty"],
            rate=row["failure_rate"],
            verdict=row["verdict"] or "",
            money=tuple(sorted(exposed.get(row["run_id"], ()), key=lambda each: each.currency)),
            identity=Identity(**{part: row[f"{part}_hash"] or "" for part in _PARTS}),
            **{name: row[name] for name in _AS_THEY_ARE},
        )
        for row in rows
    )


def figures_json(published: Publication) -> str:
    """Every figure, one suite and runner after the other, always in the same order."""
    data = dataclasses.asdict(published)
    runs = data.pop("runs")
    return json.dumps({"published": FORMAT, **data, "runs": runs}, indent=1) + "\n"


def read_figures(text: str) -> Publication:
    """What `figures_json` wrote.

    Raises:
        ValueError: it is anything else, or of a newer format.
    """
    try:
        data = json.loads(text)
        if data["published"] != FORMAT:
            raise ValueError(f"format {data['published']!r} is not known")
        return Publication(
            title=str(data["title"]),
            made_at=str(data["made_at"]),
            commit=str(data["commit"]),
            dirty=data["dirty"],
            runs=tuple(_run_from(each) for each in data["runs"]),
            unknown=tuple(map(str, data["unknown"])),
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is not as it was written: {error!r}") from error


def _run_from(data: Mapping[str, Any]) -> PublishedRun:
    rate = data["rate"]
    texts: dict[str, Any] = {name: str(data[name]) for name in _TEXTS}
    numbers: dict[str, Any] = {name: int(data[name]) for name in _NUMBERS}
    return PublishedRun(
        **texts,
        **numbers,
        dirty=data["dirty"],
        rate=None if rate is None else float(rate),
        low=float(data["low"]),
        high=float(data["high"]),
        money=tuple(
            MoneyAtRisk(
                currency=str(each["currency"]),
                at_risk_minor=int(each["at_risk_minor"]),
                exposed_minor=int(each["exposed_minor"]),
            )
            for each in data["money"]
        ),
        identity=Identity(**{part: str(data["identity"][part]) for part in _PARTS}),
    )


def table(runs: Sequence[PublishedRun]) -> str:
    """The failure rates as a Markdown table."""
    return "\n".join((*_HEAD, *map(_row, runs))) + "\n"


def _row(run: PublishedRun) -> str:
    bounds = f" ({interval(run.low, run.high)})" if run.scored else ""
    cells = (
        code(run.suite),
        code(run.runner),
        f"{percent(run.rate)}{bounds}",
        share_of((run.failed, run.scored)),
        f"{run.errored:,}",
        "; ".join(map(money, run.money)) or "-",
        code(run.prompt),
        code(run.dataset),
        prose(run.verdict) or "not gated",
    )
    return f"| {' | '.join(cells)} |"


def readme(published: Publication) -> str:
    """The page that GitHub shows in the folder."""
    return "\n".join(_readme(published))


def _readme(published: Publication) -> Iterator[str]:
    yield "<!-- Made by `paygrade publish`: what is written here by hand is lost. -->"
    yield f"# {prose(published.title)}: published failure rates"
    yield ""
    yield f"![{badge_message(published)}](badge.svg)"
    yield ""
    yield (
        "How often each suite's answers fail, with a 95 % interval, of so many scored attempts. "
        "An error is an attempt without an answer: it is counted beside the rate, never in it."
    )
    yield ""
    yield table(published.runs)
    yield f"Made {_minute(published.made_at)} from {_source(published)}."
    yield ""
    yield (
        "The pages (`index.html`) show trends, slices, checks, agents and the gate. They are not "
        "in git: `paygrade publish` makes them beside this file, as it makes this file:"
    )
    yield ""
    yield "```sh"
    yield from _commands(published)
    yield "```"
    if published.unknown:
        yield ""
        yield "What is not known:"
        yield ""
        for sentence in published.unknown:
            yield f"- {block(sentence)}"
    yield ""


def _commands(published: Publication) -> Iterator[str]:
    for run in published.runs:
        yield (
            f"paygrade run {run.suite} --runner {run.runner}"
            f" --prompt {run.prompt} --epochs {run.epochs}"
        )
    yield "paygrade publish"


def _minute(instant: str) -> str:
    return f"{instant[:16].replace('T', ' ')} UTC"


def _source(published: Publication) -> str:
    if not published.commit:
        return "no git commit"
    changed = " with changes that are not committed" if published.dirty else ""
    return f"commit {code(published.commit[:12])}{changed}"


def badge_message(published: Publication) -> str:
    """`26.8 % of 400 fail`, or of several: `5 suites, worst 54.8 % of 400`."""
    known = [run for run in published.runs if run.rate is not None]
    if not known:
        return "nothing scored"
    if len(published.runs) == 1:
        return f"{percent(known[0].rate)} of {known[0].scored:,} fail"
    suites = len({run.suite for run in published.runs})
    many = plural(suites, "suite") if suites > 1 else plural(len(published.runs), "runner")
    worst = max(known, key=lambda run: run.rate or 0)
    return f"{many}, worst {percent(worst.rate)} of {worst.scored:,}"


def badge_json(published: Publication) -> str:
    """An endpoint of shields.io. A rate is neither good nor bad: the badge is blue."""
    return endpoint(_LABEL, badge_message(published), "blue")


def badge_svg(published: Publication) -> str:
    """The same as a picture that needs nothing from elsewhere."""
    return drawn(_LABEL, badge_message(published), _BLUE)
