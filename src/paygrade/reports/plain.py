"""Text that is not ours, made harmless for a terminal."""

from __future__ import annotations

import re

# A terminal obeys ESC and the C1 controls; the others turn the direction of what stands after them.
_COMMANDS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

# Zero-width and line separators, and the tags that carry hidden text; joiners belong to scripts.
_UNSEEN = re.compile(
    f"{_COMMANDS.pattern}|[\u200b\u2028\u2029\u2060-\u2064\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def plain(text: str) -> str:
    """The text with U+FFFD for every character that a terminal would obey instead of show.

    A line may end as Windows ends it.
    """
    return _COMMANDS.sub("\ufffd", text.replace("\r\n", "\n"))


def spelled(text: str) -> str:
    """The text with `[U+202E]` for every such character, and for those that nobody would see.

    For a page that shows words of a model: a reader sees what is there, and where.
    """
    return _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text.replace("\r\n", "\n"))


def escaped(text: str) -> str:
    """JSON with escapes for every such character: a program reads the same, a terminal obeys none.

    They stand in its strings alone; the end of a line is none of them.
    """
    return _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def one_line(text: str) -> str:
    """The text as one line, for names: nothing in it can look like a line of ours."""
    return plain(" ".join(text.split()))


def short(text: str, most: int) -> str:
    """At most so many characters, and a sign where some are left out."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
