"""camt.053: entries, balances, batches, charges, and which statements balance."""

from __future__ import annotations

import pytest

from paygrade.errors import WorkspaceError
from paygrade.payments.settlement import camt053
from paygrade.payments.settlement.balance import balance
from paygrade.payments.settlement.camt053_writing import write
from paygrade.payments.settlement.lines import (
    BankBalance,
    BankLine,
    BankStatement,
    UnwritableError,
)
from payments.settlement.making import SHARED

SAMPLES = SHARED / "data/camt053_samples"


def _document(inner: str, version: str = "08") -> bytes:
    namespace = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    head = f'<Document xmlns="{namespace}"><BkToCstmrStmt><Stmt><Id>S1</Id>\n'
    return f"{head}{inner}\n</Stmt></BkToCstmrStmt></Document>".encode()


def _balance(code: str, amount: str, currency: str = "EUR", side: str = "CRDT") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='{currency}'>{amount}</Amt>"
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>2026-03-01</Dt></Dt></Bal>"
    )


def _entry(amount: str, more: str = "", side: str = "CRDT", sts: str = "BOOK") -> str:
    return (
        f"<Ntry><NtryRef>n1</NtryRef>{amount}<CdtDbtInd>{side}</CdtDbtInd>"
        f"<Sts><Cd>{sts}</Cd></Sts>{more}</Ntry>"
    )


def _eur(amount: str) -> str:
    return f"<Amt Ccy='EUR'>{amount}</Amt>"


BALANCES = _balance("OPBD", "10.00") + _balance("CLBD", "15.00")


def _one(inner: str, version: str = "08") -> BankStatement:
    [found] = camt053.read(_document(inner, version), "b.xml")
    return found


def _reasons(inner: str) -> str:
    return "; ".join(balance(_one(inner)).reasons)


@pytest.mark.parametrize(
    ("name", "sentences"),
    [
        (
            "camt053.v2.multi.statement.xml",
            [
                "253EURNL26VAYB8060476890: holds: 18.15 + 8.85 - 0.00 = 27.00 EUR",
                "254EURNL26VAYB8060476890: holds: 27.00 + 0.00 - 7.00 = 20.00 EUR",
            ],
        ),
        (
            "camt053.v2.all-balance-types.xml",
            ["credits and debits give 9.86 EUR, closing says 4.04: a difference of -5.82"],
        ),
        (
            "camt053.v2.five.decimals.xml",
            ["credits and debits give 27.00 EUR, closing says 27.05: a difference of 0.05"],
        ),
        ("camt053.v2.minimal.xml", ["it opens in EUR and closes in SEK"]),
        ("camt053.v2.with-party-ids.xml", ["it opens in EUR and closes in SEK"]),
        ("camt053.v4.xml", ["it opens in EUR and closes in SEK"]),
        ("camt053.v8.xml", ["it opens in EUR and closes in SEK"]),
        ("camt53.only-Dt-with-DtTm.xml", ["it has no closing balance; it has no booked entry"]),
    ],
)
def test_the_shared_samples_are_read_and_judged(name: str, sentences: list[str]) -> None:
    """The two statements of one file balance; each other is named with its reason."""
    if not SAMPLES.exists():
        pytest.skip(f"no samples at {SAMPLES}; set PAYGRADE_SHARED to the folder with data/")
    found = camt053.read((SAMPLES / name).read_bytes(), name)
    said = [balance(each) for each in found]
    assert [each.holds for each in said] == ["holds: " in sentence for sentence in sentences]
    for each, sentence in zip(said, sentences, strict=True):
        assert sentence in str(each)


def test_zeros_beyond_the_currency_are_told_and_lose_nothing() -> None:
    """Banks write 8.850 where the euro has two digits."""
    found = _one(_balance("OPBD", "10.00000") + _balance("CLBD", "18.850") + _entry(_eur("8.850")))
    assert found.lines[0].amount_minor == 885
    assert balance(found).holds
    assert "more decimals than their currency has: 3" in found.notes[0]


def test_an_entry_that_would_lose_a_digit_is_refused_and_the_rest_is_read() -> None:
    """With its line; and the statement cannot be said to balance."""
    found = _one(BALANCES + _entry(_eur("5.00")) + "\n" + _entry(_eur("0.00500")))
    assert [each.amount_minor for each in found.lines] == [500]
    [mistake] = found.refused
    assert str(mistake).startswith("b.xml:3: an entry: the amount '0.00500' has more digits")
    assert not balance(found).holds
    assert "line 3: an entry: the amount '0.00500'" in str(balance(found))


@pytest.mark.parametrize(
    ("written", "minor"), [(".5", 50), ("5.", 500), ("+5", 500), ("005.10", 510), ("0", 0)]
)
def test_decimals_as_xml_writes_them(written: str, minor: int) -> None:
    """Without a digit before or after the dot, with a plus or leading zeros."""
    assert _one(BALANCES + _entry(_eur(written))).lines[0].amount_minor == minor


@pytest.mark.parametrize("version", camt053.VERSIONS)
def test_every_version_is_read(version: str) -> None:
    """The state of an entry is text at first, and a code from version 8 on."""
    inner = BALANCES + _entry(_eur("5.00"))
    if version < "08":
        inner = inner.replace("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>")
    assert balance(_one(inner, version)).holds


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        (_balance("CLBD", "15.00"), "it has no opening balance; it has no booked entry"),
        (_balance("OPBD", "10.00"), "it has no closing balance; it has no booked entry"),
        (BALANCES, "a difference of 5.00; it has no booked entry"),
        (
            BALANCES + _entry(_eur("5.00"), sts="PDNG"),
            "it has no booked entry; 1 of its entries are not booked and are not counted",
        ),
        (BALANCES + _entry("<Amt Ccy='SEK'>5.00</Amt>"), "it has entries in SEK"),
        (BALANCES + _entry("<Amt Ccy='XXX'>5.00</Amt>"), "an entry: 'XXX' has no minor unit"),
        (BALANCES + _entry("<Amt>5.00</Amt>"), "is not an active ISO 4217 currency code"),
        (BALANCES + _entry(""), "an entry: has no amount"),
        (BALANCES + _entry(_eur("-5.00")), "is negative"),
        (BALANCES + _entry(_eur("1e3")), "is in exponent notation"),
        (BALANCES + _entry(_eur("5.00"), side="BOTH"), "says 'BOTH' for its direction"),
        (_balance("OPBD", "x") + _balance("CLBD", "15.00"), "the balance OPBD: the amount 'x'"),
    ],
)
def test_why_a_statement_does_not_balance_is_said(inner: str, reason: str) -> None:
    """A missing side, another currency, what is not booked, what cannot be read."""
    assert reason in _reasons(inner)


def test_what_is_pending_does_not_disturb_a_balance_that_holds() -> None:
    """It is counted, and is no line."""
    found = _one(BALANCES + _entry(_eur("5.00")) + _entry(_eur("7.00"), sts="PDNG"))
    assert balance(found).holds
    assert (len(found.lines), found.not_booked) == (1, 1)


def test_a_previous_closing_balance_opens_a_statement() -> None:
    """PRCD where there is no OPBD; a debit balance lies below zero."""
    inner = _balance("PRCD", "5.00", side="DBIT") + _balance("CLBD", "0.00") + _entry(_eur("5.00"))
    found = _one(inner)
    assert found.opening == BankBalance(currency="EUR", amount_minor=-500, date="2026-03-01")
    assert balance(found).holds


BATCH = (
    "<NtryDtls><TxDtls><Refs><EndToEndId>e1</EndToEndId></Refs><Amt Ccy='EUR'>{}</Amt></TxDtls>"
    "<TxDtls><Refs><EndToEndId>e2</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy='EUR'>2.00</Amt>"
    "</TxAmt></AmtDtls></TxDtls></NtryDtls>"
)


def test_a_batch_that_adds_up_is_one_line_a_payment() -> None:
    """Each with its own reference."""
    found = _one(BALANCES + _entry(_eur("5.00"), BATCH.format("3.00")))
    assert [(each.id, each.amount_minor, each.reference) for each in found.lines] == [
        ("n1/1", 300, "e1"),
        ("n1/2", 200, "e2"),
    ]


def test_a_batch_that_does_not_add_up_stays_whole_and_is_told() -> None:
    """The entry is what was booked."""
    found = _one(BALANCES + _entry(_eur("5.00"), BATCH.format("3.01")))
    assert [(each.id, each.amount_minor) for each in found.lines] == [("n1", 500)]
    assert "the entry n1 holds 2 payments" in found.notes[0]


@pytest.mark.parametrize(
    "charges",
    [
        "<TtlChrgsAndTaxAmt Ccy='EUR'>0.30</TtlChrgsAndTaxAmt>",
        "<Amt Ccy='EUR'>0.30</Amt><CdtDbtInd>DBIT</CdtDbtInd>",
        (
            "<Rcrd><Amt Ccy='EUR'>0.40</Amt><CdtDbtInd>DBIT</CdtDbtInd></Rcrd>"
            "<Rcrd><Amt Ccy='EUR'>0.10</Amt><CdtDbtInd>CRDT</CdtDbtInd></Rcrd>"
        ),
    ],
)
def test_charges_stand_beside_the_amount(charges: str) -> None:
    """As the early and the late versions write them; what was booked is not changed."""
    found = _one(BALANCES + _entry(_eur("5.00"), f"<Chrgs>{charges}</Chrgs>"))
    assert (found.lines[0].amount_minor, found.lines[0].charges_minor) == (500, 30)


def test_a_date_may_have_a_time() -> None:
    """The day is the bank's; the booking date stands in for a value date."""
    dates = "<BookgDt><DtTm>2026-03-01T23:30:00+01:00</DtTm></BookgDt>"
    assert _one(BALANCES + _entry(_eur("5.00"), dates)).lines[0].value_date == "2026-03-01"


def test_only_what_balances_is_written() -> None:
    """A closing balance that does not follow is refused, as is a text that is too long."""
    line = BankLine(
        id="l1",
        currency="EUR",
        amount_minor=500,
        value_date="2026-03-01",
        reference="r1",
        description="d",
    )
    opening = BankBalance(currency="EUR", amount_minor=0)
    off = BankBalance(currency="EUR", amount_minor=501)
    statement = BankStatement(id="S", account="A", opening=opening, closing=off, lines=(line,))
    time = "2026-03-01T20:00:00+00:00"
    with pytest.raises(UnwritableError, match="S does not balance"):
        write([statement], message="m", created_at=time)
    with pytest.raises(UnwritableError, match="longer than 35 characters"):
        write([], message="m" * 36, created_at=time)
    with pytest.raises(UnwritableError, match="a character that XML cannot hold"):
        write([], message="m\ufffe", created_at=time)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<Document/>", "its root is 'Document' in no namespace"),
        ("<html xmlns='http://www.w3.org/1999/xhtml'/>", "is no camt.053"),
        (
            "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.054.001.02'/>",
            "is a camt.054 message, not a statement",
        ),
        (
            "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.99'/>",
            "is camt.053 in the unknown version 99 (versions 02 to 08 are read)",
        ),
        (
            "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.02'/>",
            "holds no statement",
        ),
    ],
)
def test_another_document_is_one_sentence(text: str, sentence: str) -> None:
    """Of another kind, of a version nobody knows, empty."""
    with pytest.raises(WorkspaceError) as caught:
        camt053.read(text.encode(), "b.xml")
    assert sentence in str(caught.value)
