"""ISO 20022 camt.053.001.08: bank statements, written. What is written balances."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from lxml import etree

from paygrade.payments.settlement.amounts import to_major
from paygrade.payments.settlement.balance import balance
from paygrade.payments.settlement.lines import UnwritableError
from paygrade.payments.settlement.times import instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element

    from paygrade.payments.settlement.lines import BankBalance, BankLine, BankStatement

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"

_PREFIXES: Final = cast("dict[str, str]", {None: NAMESPACE})  # None: without a prefix
_LONGEST_ID: Final = 35
_LONGEST_TEXT: Final = 140
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def write(statements: Sequence[BankStatement], *, message: str, created_at: str) -> bytes:
    """Write statements as one message.

    Args:
        statements: Each balances, and every entry is booked.
        message: The id of the message.
        created_at: An ISO instant with its offset, of the message and its statements.

    Raises:
        UnwritableError: a statement does not balance, or holds what camt.053 has no place for.
    """
    time = instant(created_at).isoformat()
    root = etree.Element(f"{{{NAMESPACE}}}Document", nsmap=_PREFIXES)
    body = _add(root, "BkToCstmrStmt")
    head = _add(body, "GrpHdr")
    _add(head, "MsgId", _short(message, _LONGEST_ID))
    _add(head, "CreDtTm", time)
    for each in statements:
        _statement(body, each, time)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _statement(body: _Element, statement: BankStatement, time: str) -> None:
    found = balance(statement)
    opening, closing = statement.opening, statement.closing
    if not found.holds or opening is None or closing is None:
        raise UnwritableError(f"{statement.id} does not balance: {'; '.join(found.reasons)}")
    node = _add(body, "Stmt")
    _add(node, "Id", _short(statement.id, _LONGEST_ID))
    _add(node, "CreDtTm", time)
    account = _add(_add(node, "Acct"), "Id")
    if _IBAN.fullmatch(statement.account):
        _add(account, "IBAN", statement.account)
    else:
        _add(_add(account, "Othr"), "Id", _short(statement.account, _LONGEST_ID))
    for code, each in (("OPBD", opening), ("CLBD", closing)):
        _balance(node, code, each, time[:10])
    for line in statement.lines:
        _entry(node, line)


def _balance(node: _Element, code: str, stated: BankBalance, today: str) -> None:
    found = _add(node, "Bal")
    _add(_add(_add(found, "Tp"), "CdOrPrtry"), "Cd", code)
    _amount(found, "Amt", stated.amount_minor, stated.currency)
    _add(found, "CdtDbtInd", _direction(stated.amount_minor))
    _add(_add(found, "Dt"), "Dt", stated.date or today)


def _entry(node: _Element, line: BankLine) -> None:
    found = _add(node, "Ntry")
    _add(found, "NtryRef", _short(line.id, _LONGEST_ID))
    _amount(found, "Amt", line.amount_minor, line.currency)
    _add(found, "CdtDbtInd", _direction(line.amount_minor))
    _add(_add(found, "Sts"), "Cd", "BOOK")
    if line.value_date:
        _add(_add(found, "BookgDt"), "Dt", line.value_date)
        _add(_add(found, "ValDt"), "Dt", line.value_date)
    _add(_add(_add(found, "BkTxCd"), "Prtry"), "Cd", "NTRF")
    if line.charges_minor is not None:
        charges = _add(found, "Chrgs")
        record = _add(charges, "Rcrd")
        _amount(record, "Amt", line.charges_minor, line.currency)
        _add(record, "CdtDbtInd", _direction(-line.charges_minor))
    if line.reference or line.description:
        details = _add(_add(found, "NtryDtls"), "TxDtls")
        if line.reference:
            _add(_add(details, "Refs"), "EndToEndId", _short(line.reference, _LONGEST_ID))
        if line.description:
            text = _short(line.description, _LONGEST_TEXT)
            _add(_add(details, "RmtInf"), "Ustrd", text)


def _direction(amount_minor: int) -> str:
    return "DBIT" if amount_minor < 0 else "CRDT"


def _amount(node: _Element, name: str, amount_minor: int, currency: str) -> None:
    _add(node, name, to_major(abs(amount_minor), currency)).set("Ccy", currency)


def _short(text: str, longest: int) -> str:
    """The text itself, if camt.053 has room for it and reading would not change it."""
    if not 0 < len(text) <= longest or text != " ".join(text.split()):
        problem = f"{text[:40]!r} is empty, longer than {longest} characters or has runs of spaces"
        raise UnwritableError(problem)
    return text


def _add(node: _Element, name: str, text: str = "") -> _Element:
    found = etree.SubElement(node, f"{{{NAMESPACE}}}{name}")
    if text:
        try:
            found.text = text
        except ValueError as error:
            raise UnwritableError(f"{text[:40]!r} has a character that XML cannot hold") from error
    return found
