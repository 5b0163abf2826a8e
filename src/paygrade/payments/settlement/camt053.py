"""ISO 20022 camt.053, versions 2 to 8: bank statements, read.

A direction stands in `CdtDbtInd`, never in a sign, and an entry's amount is what was booked. Only
booked entries (`BOOK`) are lines; pending and informational ones are counted and told.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from lxml import etree

from paygrade.errors import Mistake, WorkspaceError
from paygrade.payments.settlement.amounts import from_major
from paygrade.payments.settlement.lines import BankBalance, BankLine, BankStatement, distinct
from paygrade.payments.settlement.table import cut
from paygrade.payments.settlement.times import is_date
from paygrade.payments.settlement.xml import Node, parse
from pytx import MoneyError, exponent

VERSIONS: Final = ("02", "03", "04", "05", "06", "07", "08")

_NAMESPACE: Final = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(camt\.[0-9]{3})\.001\.([0-9]{2})")
_DECIMAL: Final = re.compile(r"\+?0*([0-9]*)(?:\.([0-9]*))?")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\s]+")
_SIGNS: Final = {"CRDT": 1, "DBIT": -1}
_NO_REFERENCE: Final = "NOTPROVIDED"


def read(raw: bytes, shown: str) -> tuple[BankStatement, ...]:
    """Read every statement of a message.

    An entry that cannot be read is in `refused` of its statement, with its line; the rest is read.

    Args:
        raw: The file.
        shown: Its path in messages.

    Raises:
        WorkspaceError: it is no XML that may be read (see `xml.parse`), no camt.053, of a version
            that is not known, or has no statement.
    """
    root = parse(raw, shown)
    name = etree.QName(root)
    namespace = str(name.namespace or "")
    problem, hint = _unknown(namespace, name.localname)
    node = Node(root, namespace)
    statements = [] if problem else list(node.all("BkToCstmrStmt/Stmt"))
    if not problem and not statements:
        problem, hint = "holds no statement", "a statement is BkToCstmrStmt/Stmt"
    if problem:
        raise WorkspaceError([Mistake(path=shown, line=node.line, problem=problem, hint=hint)])
    found = [_Reader(shown).statement(each) for each in statements]
    names = distinct(each.id for each in found)
    return tuple(replace(each, id=name) for each, name in zip(found, names, strict=True))


def _unknown(namespace: str, root: str) -> tuple[str, str]:
    """Why a document is none that is read, and what to do; two empty texts if it is one."""
    said = _NAMESPACE.fullmatch(namespace)
    if not said or root != "Document":
        shown = (
            f"{cut(root)} in {cut(namespace, 80)}" if namespace else f"{cut(root)} in no namespace"
        )
        return f"is no camt.053: its root is {shown}", "ask the bank for camt.053"
    if said[1] != "camt.053":
        return f"is a {said[1]} message, not a statement", "ask the bank for camt.053"
    if said[2] not in VERSIONS:
        known = f"versions {VERSIONS[0]} to {VERSIONS[-1]} are read"
        return f"is camt.053 in the unknown version {said[2]}", known
    return "", ""


class _Reader:
    """Reads one statement and keeps what could not be read."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._refused: list[Mistake] = []
        self._notes: list[str] = []
        self._zeros = 0

    def statement(self, node: Node) -> BankStatement:
        lines: list[BankLine] = []
        not_booked = 0
        for number, entry in enumerate(node.all("Ntry"), 1):
            status = entry.text("Sts", "Sts/Cd", "Sts/Prtry")
            if status != "BOOK":
                not_booked += 1
                continue
            lines += self._entry(entry, number)
        opening = self._balance(node, "OPBD", "PRCD")
        closing = self._balance(node, "CLBD")
        if self._zeros:
            self._notes.append(
                f"amounts with more decimals than their currency has: {self._zeros};"
                " the rest are zeros, so nothing is lost"
            )
        names = distinct(each.id for each in lines)
        return BankStatement(
            id=_one_line(node.text("Id")) or "statement",
            account=_one_line(node.text("Acct/Id/IBAN", "Acct/Id/Othr/Id")),
            opening=opening,
            closing=closing,
            lines=tuple(replace(each, id=name) for each, name in zip(lines, names, strict=True)),
            not_booked=not_booked,
            refused=tuple(self._refused),
            notes=tuple(self._notes),
        )

    def _refuse(self, node: Node, what: str, problem: str, hint: str = "") -> None:
        said = f"{what}: {problem}"
        mistake = Mistake(path=self._shown, line=node.line, problem=said, hint=hint)
        self._refused.append(mistake)

    def _balance(self, node: Node, *codes: str) -> BankBalance | None:
        """The first balance with the first of these codes that there is."""
        every = list(node.all("Bal"))
        for code in codes:
            for each in every:
                if each.text("Tp/CdOrPrtry/Cd") != code:
                    continue
                signed = self._signed(each, f"the balance {code}")
                if signed is None:
                    return None
                currency, amount = signed
                return BankBalance(currency=currency, amount_minor=amount, date=_date(each, "Dt"))
        return None

    def _signed(self, node: Node, what: str) -> tuple[str, int] | None:
        """The currency and the signed minor units of `Amt` and `CdtDbtInd`."""
        amount = node.one("Amt")
        sign = _SIGNS.get(node.text("CdtDbtInd"))
        if amount is None:
            self._refuse(node, what, "has no amount")
        elif sign is None:
            said = node.text("CdtDbtInd")
            hint = "CdtDbtInd is CRDT or DBIT"
            self._refuse(node, what, f"says {cut(said)} for its direction", hint)
        else:
            try:
                currency, minor = self._amount(amount)
            except MoneyError as error:
                self._refuse(amount, what, error.problem, error.hint)
            else:
                return currency, sign * minor
        return None

    def _amount(self, node: Node) -> tuple[str, int]:
        """An amount without a sign.

        Raises:
            MoneyError: it is none, or a digit would be lost.
        """
        currency, text = node.attribute("Ccy"), node.own_text()
        if len(currency) > 3 or len(text) > 40:  # noqa: PLR2004 - of a code, of any amount
            raise MoneyError(f"{cut(currency)} {cut(text)} is no amount", "such as EUR 12.50")
        digits = exponent(currency)
        parts = _DECIMAL.fullmatch(text)
        if parts and (parts[1] or parts[2] or "0" in text):  # as XML writes decimals: .5, 5., 005
            fraction = parts[2] or ""
            text = (parts[1] or "0") + (f".{fraction}" if fraction else "")
            self._zeros += len(fraction) > digits
        minor = from_major(text, currency)
        if minor < 0 or text.startswith("-"):
            raise MoneyError(f"the amount {text!r} is negative", "CdtDbtInd is the direction")
        return currency, minor

    def _entry(self, node: Node, number: int) -> list[BankLine]:
        """The lines of a booked entry: one, or one for each payment of a batch that adds up."""
        signed = self._signed(node, "an entry")
        if signed is None:
            return []
        currency, amount = signed
        line = BankLine(
            id=_one_line(node.text("NtryRef", "AcctSvcrRef")) or f"entry-{number}",
            currency=currency,
            amount_minor=amount,
            value_date=_date(node, "ValDt") or _date(node, "BookgDt"),
            reference="",
            description="",
            charges_minor=self._charges(node, currency),
        )
        details = list(node.all("NtryDtls/TxDtls"))
        parts = [self._part(each, currency, 1 if amount >= 0 else -1) for each in details]
        known = [each for each in parts if each is not None]
        if len(details) > 1:
            if len(known) == len(parts) and sum(known) == amount and line.charges_minor is None:
                return [
                    _told(replace(line, id=f"{line.id}/{place}", amount_minor=part), node, each)
                    for place, (each, part) in enumerate(zip(details, known, strict=True), 1)
                ]
            self._notes.append(
                f"the entry {line.id} holds {len(details)} payments whose amounts are not all"
                " given or do not add up to it: it is kept as one line"
            )
            return [_told(line, node, None)]
        return [_told(line, node, details[0] if details else None)]

    def _part(self, node: Node, currency: str, sign: int) -> int | None:
        """The signed amount of one payment of a batch, if it is given in the entry's currency."""
        amount = node.one("Amt", "AmtDtls/TxAmt/Amt")
        if amount is None:
            return None
        try:
            said, minor = self._amount(amount)
        except MoneyError:
            return None
        return _SIGNS.get(node.text("CdtDbtInd"), sign) * minor if said == currency else None

    def _charges(self, node: Node, currency: str) -> int | None:
        """What the bank names as charges, above zero if it kept them; None if it names none."""
        total = 0
        found = False
        for each in node.all("Chrgs"):
            whole = each.one("TtlChrgsAndTaxAmt")
            records = [(whole, 1)] if whole else []
            if not records:
                records = [
                    (amount, -_SIGNS.get(record.text("CdtDbtInd"), -1))
                    for record in (each, *each.all("Rcrd"))
                    if (amount := record.one("Amt"))
                ]
            for amount, sign in records:
                try:
                    said, minor = self._amount(amount)
                except MoneyError as error:
                    self._refuse(amount, "charges", error.problem, error.hint)
                    continue
                if said != currency:
                    self._notes.append(f"charges in {said} stand at an entry in {currency}")
                    continue
                total += sign * minor
                found = True
        return total if found else None


def _told(line: BankLine, entry: Node, details: Node | None) -> BankLine:
    """The line with what was written about it: of the one payment, or else of the entry."""
    reference = ""
    description = ""
    if details is not None:
        reference = details.text("Refs/EndToEndId")
        if reference in ("", _NO_REFERENCE):
            reference = details.text("RmtInf/Strd/CdtrRefInf/Ref", "Refs/InstrId", "Refs/TxId")
        description = " ".join(each.own_text() for each in details.all("RmtInf/Ustrd"))
        description = description or details.text("AddtlTxInf")
    reference = reference or entry.text("AcctSvcrRef")
    description = description or entry.text("AddtlNtryInf")
    return replace(line, reference=_one_line(reference), description=_one_line(description))


def _one_line(text: str) -> str:
    """Without control characters, runs of white space as one space."""
    return _CONTROL.sub(" ", text).strip()


def _date(node: Node, name: str) -> str | None:
    """The ISO date of a `Dt` or the first ten characters of a `DtTm`, in the bank's own zone."""
    text = node.text(f"{name}/Dt", f"{name}/DtTm")[:10]
    return text if is_date(text) else None
