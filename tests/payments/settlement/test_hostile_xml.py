"""XML that is made to break a reader, or that broke on its way: one clear sentence each."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygrade.errors import WorkspaceError
from paygrade.payments.settlement import camt053

if TYPE_CHECKING:
    from pathlib import Path

ROOT = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">'
GOOD = f"{ROOT}<BkToCstmrStmt><Stmt><Id>Müller</Id></Stmt></BkToCstmrStmt></Document>"
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<!DOCTYPE Document [<!ENTITY a0 "ha">{LAUGHS}]>{ROOT}&a9;</Document>'


def _refused(raw: bytes) -> str:
    with pytest.raises(WorkspaceError) as caught:
        camt053.read(raw, "b.xml")
    assert len(caught.value.mistakes) == 1
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32"])
def test_a_bomb_of_entities_is_not_even_parsed(encoding: str) -> None:
    """In whatever encoding it comes."""
    assert "has a document type (DTD)" in _refused(BOMB.encode(encoding))


def test_an_external_entity_is_not_opened(tmp_path: Path) -> None:
    """Neither a file nor a DTD from elsewhere gets into the text."""
    secret = tmp_path / "secret"
    secret.write_text("SESAME", encoding="utf-8")
    doctype = f'<!DOCTYPE Document [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    said = _refused((doctype + GOOD.replace("Müller", "&x;")).encode())
    assert "has a document type (DTD)" in said
    assert "SESAME" not in said
    outside = '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">'
    assert "has a document type (DTD)" in _refused((outside + GOOD).encode())


@pytest.mark.parametrize(
    "raw",
    [
        GOOD.encode()[:-20],
        b"",
        b"\x00\x01\x02",
        b"id,amount\n1,2\n",
        ('<?xml version="1.0" encoding="UTF-8"?>' + GOOD).encode("latin-1"),
        ('<?xml version="1.0" encoding="no-such"?>' + GOOD).encode(),
        f"{ROOT}&undefined;</Document>".encode(),
        (ROOT + "<a>" * 5000 + "</a>" * 5000 + "</Document>").encode(),
    ],
    ids=["cut", "empty", "binary", "csv", "latin", "unknown", "entity", "deep"],
)
def test_what_is_no_xml_is_one_sentence(raw: bytes) -> None:
    """Cut off, binary, in another encoding than it says, nested without end."""
    assert "is not well-formed XML" in _refused(raw)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_an_encoding_that_is_declared_is_read(encoding: str) -> None:
    """A file says itself what it is."""
    named = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    raw = f'<?xml version="1.0" encoding="{named}"?>{GOOD}'.encode(encoding)
    assert camt053.read(raw, "b.xml")[0].id == "Müller"


@given(st.binary(max_size=200), st.integers(0, len(GOOD)))
def test_no_damage_is_anything_but_a_sentence(noise: bytes, place: int) -> None:
    """Bytes that are put into a good file give a file that is read, or a mistake."""
    raw = GOOD.encode()[:place] + noise + GOOD.encode()[place:]
    with contextlib.suppress(WorkspaceError):
        camt053.read(raw, "b.xml")
