"""Text that is not ours, made harmless for a terminal."""

from __future__ import annotations

import re

# A terminal obeys ESC and the C1 controls; the others turn the direction of what stands after them.
_COMMANDS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def plain(text: str) -> str:
    """The text with U+FFFD for every character that a terminal would obey instead of show.

    A line may end as Windows ends it.
    """
    return _COMMANDS.sub("\ufffd", text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """The text as one line, for names: nothing in it can look like a line of ours."""
    return plain(" ".join(text.split()))


def short(text: str, most: int) -> str:
    """At most so many characters, and a sign where some are left out."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
