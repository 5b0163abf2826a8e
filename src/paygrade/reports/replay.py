"""How replayed attempts ended, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from paygrade.reports.figures import plural
from paygrade.reports.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_COLOURS = {"same": "green", "differs": "bold red", "not replayed": "yellow"}


def replay_lines(attempts: Iterable[tuple[str, int, str, str]]) -> Iterator[Text]:
    """Sample, epoch, how it ended and why, for each; then the sum in a sentence."""
    counts = dict.fromkeys(_COLOURS, 0)
    for sample_id, epoch, ended, why in attempts:
        counts[ended] += 1
        reason = f": {one_line(why)}" if why else ""
        yield Text.assemble(
            f"{one_line(sample_id)}, epoch {epoch}: ", (ended, _COLOURS[ended]), reason
        )
    total = sum(counts.values())
    yield Text(
        f"{counts['same']} of {plural(total, 'attempt')} end the same, {counts['differs']} "
        f"otherwise; {counts['not replayed']} could not be replayed"
    )
