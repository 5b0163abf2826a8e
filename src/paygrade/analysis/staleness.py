"""Whether what was published is still so: counts and identities, not times, commits and costs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from paygrade.records.plan import Identity
    from paygrade.records.published import PublishedRun

_RATES = ("rate", "low", "high")
_COUNTS = ("epochs", "samples", "scored", "failed", "errored", "cases", "invariant_failures")


def differences(
    published: Sequence[PublishedRun],
    stored: Sequence[PublishedRun],
    today: Mapping[tuple[str, str], Identity],
) -> tuple[str, ...]:
    """What was `published` and is no longer so, one sentence each; none when all is current.

    `stored` is what would be published now. `today` holds, by suite and runner, the identity of
    what the workspace holds now, where that can be said.
    """
    return tuple(_differences(published, stored, today))


def _differences(
    published: Sequence[PublishedRun],
    stored: Sequence[PublishedRun],
    today: Mapping[tuple[str, str], Identity],
) -> Iterator[str]:
    now = {(run.suite, run.runner): run for run in stored}
    for run in published:
        key = (run.suite, run.runner)
        current = today.get(key)
        if current and (key not in now or current != now[key].identity):
            parts = run.identity.differences(current)
            if parts:
                yield f"{run.label}: {changed(parts)} since it was published"
        if key in now:
            yield from _of_run(run, now[key])
        else:
            yield f"{run.label}: no complete whole run of it is in the store: run it first"
    known = {(run.suite, run.runner) for run in published}
    for key, run in now.items():
        if key not in known:
            yield f"{run.label}: was run and is not published"


def changed(parts: Sequence[str]) -> str:
    """`its prompt has changed`, `its prompt and dataset have changed`."""
    return f"its {' and '.join(parts)} {'has' if len(parts) == 1 else 'have'} changed"


def _of_run(run: PublishedRun, now: PublishedRun) -> Iterator[str]:
    for name in ("prompt", "dataset"):
        before, after = getattr(run, name), getattr(now, name)
        if before != after:
            yield f"{run.label}: {name} was {before}, is {after}"
    for part in run.identity.differences(now.identity):
        yield f"{run.label}: the hash of its {part} was {_short(run, part)}, is {_short(now, part)}"
    for name in _COUNTS:
        before, after = getattr(run, name), getattr(now, name)
        if before != after:
            yield f"{run.label}: {name.replace('_', ' ')} was {before:,}, is {after:,}"
    for name in _RATES:
        was, is_ = getattr(run, name), getattr(now, name)
        if not _same(was, is_):
            yield f"{run.label}: {name} was {was}, is {is_}"
    if now.verdict and run.verdict != now.verdict:
        yield f"{run.label}: its verdict was {run.verdict or 'none'}, is {now.verdict}"
    if run.money != now.money and run.failed == now.failed:
        yield f"{run.label}: other money is at risk than was published"


def _same(was: float | None, is_: float | None) -> bool:
    if was is None or is_ is None:
        return was is is_
    return math.isclose(was, is_, abs_tol=1e-9)


def _short(run: PublishedRun, part: str) -> str:
    return str(getattr(run.identity, part))[:12] or "empty"
