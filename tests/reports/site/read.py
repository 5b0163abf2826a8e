"""A page as a tree."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, TreeBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator

_VOID = {"meta", "link", "br", "img", "input", "hr"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.builder = TreeBuilder()
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in _VOID:
            self.builder.end(tag)
        else:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        self.builder.end(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> ends nothing"
        assert self._open[-1] == tag, f"</{tag}> ends <{self._open[-1]}>"
        self._open.pop()
        self.builder.end(tag)

    def handle_data(self, data: str) -> None:
        if self._open:
            self.builder.data(data)


def tree(page: str) -> Element:
    """The page's `html`; an element that is ended by another's end is a mistake."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.builder.close()


def text(element: Element) -> str:
    """All that stands in it, with single spaces, and one between cells and blocks."""
    return " ".join("".join(_texts(element)).split())


def _texts(element: Element) -> Iterator[str]:
    apart = " " if element.tag not in {"span", "a", "b", "i", "em", "code", "time"} else ""
    yield apart + (element.text or "")
    for child in element:
        yield from _texts(child)
        yield child.tail or ""
    yield apart


def shown(page: Element) -> Iterator[tuple[Element, list[Element]]]:
    """Each element of the body with those around it, the nearest last."""
    body = page.find("body")
    assert body is not None
    stack: list[tuple[Element, list[Element]]] = [(body, [])]
    while stack:
        element, around = stack.pop()
        yield element, around
        stack.extend((child, [*around, element]) for child in element)
