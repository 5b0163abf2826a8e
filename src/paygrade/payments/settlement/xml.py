"""XML from somebody else: no entity, no DTD, no network, and one sentence for what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from paygrade.errors import Mistake, WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element


def parse(raw: bytes, shown: str) -> _Element:
    """The root of an XML document.

    Raises:
        WorkspaceError: it declares a document type, so it could hold entities; or it is not
            well-formed, cut off, in another encoding than it says, or nested too deep.
    """
    # Looked for before anything is parsed. NULs are what UTF-16 and UTF-32 have between letters.
    if b"<!DOCTYPE" in raw.replace(b"\0", b""):
        raise _wrong(
            shown, None, "has a document type (DTD), which no statement needs", "remove it"
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or None
        problem = f"is not well-formed XML: {error.msg}"
        hint = "was the file cut off, or saved in another encoding than its first line says?"
        raise _wrong(shown, line, problem, hint) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _wrong(
            shown, None, "has a document type (DTD), which no statement needs", "remove it"
        )
    return root


def _wrong(shown: str, line: int | None, problem: str, hint: str) -> WorkspaceError:
    return WorkspaceError([Mistake(path=shown, line=line, problem=problem, hint=hint)])


class Node:
    """An element whose children are asked for by their names, all in one namespace."""

    def __init__(self, element: _Element, namespace: str) -> None:
        """Keep the element."""
        self._element = element
        self._namespace = namespace

    @property
    def line(self) -> int | None:
        """Where it begins."""
        line: object = self._element.sourceline
        return line if isinstance(line, int) else None

    def attribute(self, name: str) -> str:
        """The value of an attribute; empty if there is none."""
        return str(self._element.get(name) or "").strip()

    def all(self, path: str) -> Iterator[Node]:
        """Every element at `A/B` below this one."""
        steps = "/".join(f"{{{self._namespace}}}{step}" for step in path.split("/"))
        for each in self._element.iterfind(steps):
            yield Node(each, self._namespace)

    def one(self, *paths: str) -> Node | None:
        """The first element at the first of these paths that has one."""
        for path in paths:
            for each in self.all(path):
                return each
        return None

    def text(self, *paths: str) -> str:
        """The first text that is not empty, without white space around it; or an empty one."""
        for path in paths:
            for each in self.all(path):
                if text := (each._element.text or "").strip():  # noqa: SLF001 - another Node
                    return text
        return ""

    def own_text(self) -> str:
        """What stands in it."""
        return (self._element.text or "").strip()
