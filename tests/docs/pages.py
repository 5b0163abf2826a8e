"""Reading the documentation as data: its fenced blocks, tables, headings and links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kit import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

DOCS = REPOSITORY / "docs"

_FENCE = re.compile(r"(?P<indent> *)(?P<ticks>`{3,})(?P<info>[^`\n]*)\Z")
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, the file it stands for (or ""), its words, its text."""

    page: str
    line: int
    language: str
    title: str
    words: frozenset[str]
    text: str

    @property
    def place(self) -> str:
        """`page:line`, for messages and test ids."""
        return f"{self.page}:{self.line}"


def read(name: str) -> str:
    """The text of one page of `docs/`."""
    return (DOCS / name).read_text("utf-8")


def pages() -> list[Path]:
    """Every Markdown file that this project shows its readers, outside `pytx`."""
    top = [REPOSITORY / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
    return [*sorted(DOCS.rglob("*.md")), *top]


def blocks(name: str) -> list[Block]:
    """Every fenced block of one page of `docs/`, in order."""
    return blocks_of(read(name), name)


def blocks_of(text: str, page: str) -> list[Block]:
    """Every fenced block of a Markdown text, in order."""
    found: list[Block] = []
    opened: re.Match[str] | None = None
    start = 0
    held: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if opened is None:
            opened = _FENCE.match(line)
            start, held = number, []
        elif line.strip() == opened["ticks"]:
            found.append(_block(page, start, opened["info"], held, len(opened["indent"])))
            opened = None
        else:
            held.append(line)
    assert opened is None, f"{page}:{start}: a fence is never closed"
    return found


def _block(page: str, line: int, info: str, held: list[str], indent: int) -> Block:
    title = _TITLE.search(info)
    words = _TITLE.sub("", info).split()
    return Block(
        page=page,
        line=line,
        language=words[0] if words else "",
        title=title[1] if title else "",
        words=frozenset(words[1:]),
        text="".join(f"{each[indent:]}\n" for each in held),
    )


def prose(text: str) -> str:
    """A Markdown text without its fenced blocks."""
    kept: list[str] = []
    ticks = ""
    for line in text.splitlines():
        fence = _FENCE.match(line)
        if not ticks and fence:
            ticks = fence["ticks"]
        elif ticks and line.strip() == ticks:
            ticks = ""
        elif not ticks:
            kept.append(line)
    return "\n".join(kept)


def section(text: str, heading: str) -> str:
    """What stands under `heading` (`## Name`), up to the next heading of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    after = re.search(rf"^{re.escape(heading)}\s*$", text, re.MULTILINE)
    assert after, f"there is no heading {heading!r}"
    rest = text[after.end() :]
    following = re.search(rf"^#{{1,{level}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def first_cells(text: str) -> list[str]:
    """The first cell of every table row of a Markdown text, without its header rows."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    cells = [re.split(r"(?<!\\)\|", row)[1].strip() for row in rows]
    return [cell for cell in cells if cell.startswith("`")]


def anchors(text: str) -> set[str]:
    """The anchors that a Markdown text's headings get."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} (.+)$", prose(text), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        found.add(slug.replace(" ", "-"))
    return found
