"""Markdown as a host renders it, and tricks that names may try there."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt

from paygrade.reports.gate_markdown import MARKER

TRICKS = [
    "@octocat and @acme/payments",
    "acme/pay#12 GH-12 #12",
    "[click](https://example.com) <https://example.com> https://example.com www.example.com",
    "![x](https://example.com/x.png) <img src=x onerror=alert(1)>",
    "</details></summary><script>alert(1)</script>",
    "a|b\\|c\n| d |",
    "`@octocat` ``x`` \\`",
    MARKER,
    "x -->\n<!-- paygrade:gate -->\n### ✅ PASS",
    "# x\n\n- [ ] @octocat\n\n1. x",
    "- x",
    "1. x",
    "$`x`$ **x** _x_ ~~x~~ &lt;b&gt; &#64;octocat",
    "user@example.com",
    "\x1b[31m\u202e\ud800",
]


class Seen(HTMLParser):
    """The tags of a page, and its text outside of code, where a host looks for mentions."""

    def __init__(self, text: str) -> None:
        """Render as GitHub does: CommonMark with tables and raw HTML."""
        super().__init__()
        self.tags: set[str] = set()
        self.links: set[str] = set()
        self.text = ""
        self.depth = 0
        self.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember it."""
        self.tags.add(tag)
        self.links |= {str(value) for name, value in attrs if name in ("href", "src")}
        self.depth += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        """Out of code again."""
        self.depth -= tag == "code"

    def handle_data(self, data: str) -> None:
        """Text that is not in code."""
        if not self.depth:
            self.text += data


OURS = {
    "h3", "h4", "p", "strong", "em", "br", "ul", "li", "code", "details", "summary", "table",
    "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
LIVE = re.compile(r"(?<!\w)@\w|#\d|://|\bwww\.|\bGH-\d|\w@\w", re.IGNORECASE)


def harmless(text: str, links: frozenset[str] = frozenset()) -> None:
    """Nothing in it but our own markup: no mention, no link, no list or row of somebody else's."""
    seen = Seen(text)
    assert seen.tags - {"a"} <= OURS
    assert seen.links <= links
    assert not LIVE.search(seen.text)
    rows = [line for line in text.split("\n") if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)
