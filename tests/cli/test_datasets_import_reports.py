"""`paygrade datasets import --format stripe|adyen|razorpay|camt053`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Ended, Paygrade, WorkspaceFolder

STRIPE = (
    "automatic_payout_id,balance_transaction_id,created_utc,currency,gross,fee,net,"
    "reporting_category,source_id,order\n"
    "po_1,txn_1,2026-03-01 09:30:00,usd,10.00,0.59,9.41,charge,ch_1,o-1\n"
    "po_2,txn_2,2026-03-01 10:30:00,kwd,1.234,0.050,1.184,charge,ch_2,o-2\n"
    "po_1,txn_3,2026-03-01 11:30:00,usd,-4.00,0.00,-4.00,refund,re_1,o-1\n"
)
CAMT = """\
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<Stmt><Id>{id}</Id>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">3.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<AddtlNtryInf>{text}</AddtlNtryInf></Ntry>
</Stmt></BkToCstmrStmt></Document>
"""


def _imported(paygrade: Paygrade, folder: Path, kind: str, text: str, *more: str) -> Ended:
    file = folder / "report"
    file.write_text(text, encoding="utf-8")
    out = folder / "v1.jsonl"
    return paygrade("datasets", "import", file, "--format", kind, "--out", out, *more)


def _lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "v1.jsonl").read_text("utf-8").splitlines()]


def test_each_payout_is_a_sample(paygrade: Paygrade, tmp_path: Path) -> None:
    """With its lines in minor units, the exponents, and room for ledger lines and a label."""
    ended = _imported(paygrade, tmp_path, "stripe", STRIPE)
    assert (ended.code, ended.out) == (0, f"wrote 2 samples into {tmp_path / 'v1.jsonl'}\n")
    first, second = _lines(tmp_path)
    assert [first["id"], second["id"]] == ["stripe-po_1", "stripe-po_2"]
    assert [each["id"] for each in first["input"]["statement_lines"]] == ["txn_1", "txn_3"]
    assert first["expected"] == {}
    assert second["input"] == {
        "format": "stripe_like",
        "context": {"exponents": {"KWD": 3}},
        "ledger_lines": [],
        "bank_lines": [],
        "statement_lines": [
            {
                "id": "txn_2",
                "ref": "ch_2",
                "type": "charge",
                "currency": "KWD",
                "gross_minor": 1234,
                "fees": [{"kind": "psp_fee", "amount_minor": 50}],
                "net_minor": 1184,
                "created_at": "2026-03-01T10:30:00+00:00",
                "batch": "po_2",
            }
        ],
    }


def test_a_column_of_ones_own_may_hold_the_references(paygrade: Paygrade, tmp_path: Path) -> None:
    """`--ref` names it, and a column that is not there is a mistake."""
    assert _imported(paygrade, tmp_path, "stripe", STRIPE, "--ref", "order").code == 0
    refs = [each["ref"] for each in _lines(tmp_path)[0]["input"]["statement_lines"]]
    assert refs == ["o-1", "o-1"]
    ended = _imported(paygrade, tmp_path, "stripe", STRIPE, "--ref", "ordre")
    assert "has no column 'ordre'" in ended.err


def test_a_statement_is_a_sample_and_its_balance_is_shown(
    paygrade: Paygrade, tmp_path: Path
) -> None:
    """Whether it holds or not: a difference may be just what is looked for."""
    text = CAMT.format(id="A1", amount="2.00", text="Rent")
    ended = _imported(paygrade, tmp_path, "camt053", text)
    assert ended.code == 0
    assert "A1: holds: 1.00 + 2.00 - 0.00 = 3.00 EUR" in ended.out
    [line] = _lines(tmp_path)
    assert line["input"]["bank_lines"][0]["description"] == "Rent"
    assert line["input"]["context"]["balances"][0] == {
        "kind": "opening",
        "currency": "EUR",
        "amount_minor": 100,
    }


def test_an_entry_that_cannot_be_read_keeps_everything_from_being_written(
    paygrade: Paygrade, tmp_path: Path
) -> None:
    """The balance is told first, then every mistake with its line."""
    ended = _imported(paygrade, tmp_path, "camt053", CAMT.format(id="A1", amount="2.005", text="x"))
    assert ended.code == 2
    assert "A1: does not hold: line 7" in ended.out
    assert "report:7: an entry: the amount '2.005' has more digits" in ended.err
    assert not (tmp_path / "v1.jsonl").exists()


def test_card_numbers_get_nowhere(paygrade: Paygrade, tmp_path: Path) -> None:
    """Neither into the samples nor onto the screen; ids stay apart."""
    card = "4111 1111 1111 1111"
    text = CAMT.format(id=card, amount="2.00", text=f"Card {card}, thanks")
    ended = _imported(paygrade, tmp_path, "camt053", text)
    assert ended.code == 0
    written = (tmp_path / "v1.jsonl").read_text("utf-8")
    for shown in (written, ended.out, ended.err):
        assert "1111 1111" not in shown
    assert "texts that held a card number or a secret, now masked: 2" in ended.err


@pytest.mark.parametrize("column", ["created_utc", "currency", "gross", "balance_transaction_id"])
def test_a_card_number_in_a_wrong_cell_is_not_shown(
    paygrade: Paygrade, tmp_path: Path, column: str
) -> None:
    """Not even most of it, where a message is cut."""
    head, row, *_ = STRIPE.splitlines()
    for pad in range(20, 41):
        cells = dict(zip(head.split(","), row.split(","), strict=True))
        cells[column] = f"{'x' * pad} 4111 1111 1111 1111 {'y' * 200}"
        ended = _imported(paygrade, tmp_path, "stripe", f"{head}\n{','.join(cells.values())}\n")
        assert ended.code == 2
        assert "4111 111" not in ended.err


def test_an_amount_that_reads_as_a_card_number_is_refused(
    paygrade: Paygrade, tmp_path: Path
) -> None:
    """It cannot be masked, for it would be another amount."""
    text = CAMT.format(id="A1", amount="41111111111111.11", text="x")
    ended = _imported(paygrade, tmp_path, "camt053", text)
    assert ended.code == 2
    assert "reads as a card number or a secret, and may not be stored" in ended.err


@pytest.mark.parametrize(
    ("kind", "options", "sentence"),
    [
        ("stripe", ("--map", "input.a=B"), "--map is for csv and jsonl"),
        ("adyen", ("--id", "x"), "--id is for csv and jsonl"),
        ("camt053", ("--ref", "x"), "a bank statement has no columns"),
        ("csv", ("--ref", "x"), "--ref is for reports"),
        ("csv", (), "--format csv needs --map"),
        ("jsonl", (), "--format jsonl needs --map"),
    ],
)
def test_an_option_that_does_not_fit_is_refused(
    paygrade: Paygrade, tmp_path: Path, kind: str, options: tuple[str, ...], sentence: str
) -> None:
    """One sentence, and nothing is written."""
    ended = _imported(paygrade, tmp_path, kind, STRIPE, *options)
    assert ended.code == 2
    assert sentence in ended.err
    assert not (tmp_path / "v1.jsonl").exists()


def test_what_is_imported_is_a_dataset(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """A card can be written for it, and the lint reads it."""
    file = workspace.write("report.csv", STRIPE)
    out = "datasets/march/v1.jsonl"
    root = workspace.root
    ended = paygrade("datasets", "import", file, "--format", "stripe", "--out", out, cwd=root)
    assert ended.code == 0
    assert paygrade("datasets", "card", "march", "--new", cwd=root).code == 0
    assert paygrade("datasets", "lint", "march", cwd=root).code == 0
