"""What reads a way out, and what in it would do something there: each problem in a few words."""

from __future__ import annotations

import base64
import csv
import gzip
import html
import io
import json
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import lxml.html

from paygrade.reports.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE_END = "\n<!-- the next page -->\n"
_PACKED = re.compile(r"[A-Za-z0-9+/]{200,}={0,2}")
_OF_JUNIT = {
    "testsuites", "testsuite", "testcase", "failure", "error", "skipped", "properties", "property",
    "system-out",
}  # fmt: skip
_LINKS = {"href", "src", "action", "formaction", "xlink:href"}
_LIVE_MARKDOWN = re.compile(r"<script|<img|<svg|!\[x\]\(|\[x\]\(javascript", re.IGNORECASE)
_CODE = re.compile(r"`[^`\n]*`")


def holds(text: str, secret: str) -> bool:
    """Whether its letters and digits stand there, whatever escapes, folds or packs them."""
    return _bare(secret) in _bare(unescaped(text))


def unescaped(text: str) -> str:
    """As a person reads it, with what a page has packed into itself."""
    return "\n".join((html.unescape(text), *_in(text)))


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _in(text: str) -> Iterator[str]:
    """What a page has packed into itself: its columns."""
    for found in _PACKED.findall(text):
        raw = base64.b64decode(found + "=" * (-len(found) % 4), validate=False)
        if raw[:2] == b"\x1f\x8b":
            yield gzip.decompress(raw).decode("utf-8", "replace")


def of_values(_: str) -> list[str]:
    """Nothing but programs reads them."""
    return []


def of_terminal(text: str) -> list[str]:
    """What a terminal obeys."""
    return [] if plain(text) == text else ["a terminal would obey it"]


def of_lines(text: str) -> list[str]:
    """Lines of JSON that are none, or that a terminal would obey where they are printed."""
    found = []
    for line in text.splitlines() if "\u2028" in text else text.split("\n"):
        if line:
            found += of_json(line)
    return found


def of_json(text: str) -> list[str]:
    """JSON that is none."""
    try:
        json.loads(text)
    except ValueError as error:
        return [f"it is no JSON: {error}"]
    return []


def of_printed_json(text: str) -> list[str]:
    """JSON that is none, or that a terminal would obey."""
    return [*of_lines(text), *of_terminal(text)]


def of_cells(text: str) -> list[str]:
    """Formulas of a spreadsheet, and what a terminal obeys."""
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    formulas = [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    return [*(f"a formula: {each[:20]}" for each in formulas), *of_terminal(text)]


def of_xml(text: str) -> list[str]:
    """XML that is none, and elements that are not of JUnit."""
    try:
        tags = {each.tag for each in ET.fromstring(text).iter()}  # noqa: S314 - our own
    except ET.ParseError as error:
        return [f"it is no XML: {error}"]
    return [f"an element {each}" for each in sorted(tags - _OF_JUNIT)]


def of_markdown(text: str) -> list[str]:
    """Markup outside of code, and what a terminal obeys."""
    found = _LIVE_MARKDOWN.findall(_CODE.sub("", text))
    return [*(f"markup: {each}" for each in found), *of_terminal(text)]


def of_commands(text: str) -> list[str]:
    """Lines that GitHub Actions would obey and that are not ours."""
    lines = re.split("[\r\n]", text)
    commands = [line for line in lines if line.lstrip().startswith(("::", "##["))]
    others = [line for line in commands if not line.startswith(("::error ", "::warning "))]
    return [*(f"a command: {each[:20]}" for each in others), *of_terminal(text)]


def of_pages(text: str) -> list[str]:
    """Elements, attributes and directions that are not ours."""
    return [problem for page in text.split(PAGE_END) for problem in _of_page(page)]


def _of_page(text: str) -> Iterator[str]:
    for element in lxml.html.document_fromstring(text).iter(lxml.etree.Element):
        if element.tag == "img":
            yield "an image"
        if element.tag == "script" and (element.text or "").startswith("alert"):
            yield "a script"
        for name, value in element.attrib.items():
            if str(name).startswith("on") or (name in _LINKS and "javascript:" in str(value)):
                yield f"an attribute {name!s}"
    yield from of_terminal(text)
