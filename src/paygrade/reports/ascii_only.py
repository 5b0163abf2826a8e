"""Our own signs on a terminal that has no Unicode: others in their place, each as wide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

_SIGNS = str.maketrans("├┤─●·▁▂▃▄▅▆▇█→…", "[]-o._.:-=+*#>~")


@dataclass(frozen=True, slots=True)
class AsciiWhereNeeded:
    """What it holds, with signs that the terminal can show."""

    held: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it, sign by sign."""
        if not options.ascii_only:
            yield self.held
            return
        unaware = options.copy()
        unaware.encoding = "utf-8"  # else rich draws its tables otherwise, and wider
        for segment in console.render(self.held, unaware):
            yield Segment(segment.text.translate(_SIGNS), segment.style, segment.control)
