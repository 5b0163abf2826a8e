"""The page on settlement files, followed to the letter."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from docs.pages import blocks
from paygrade.payments.settlement.balance import balance
from paygrade.payments.settlement.lines import BankBalance, BankLine, BankStatement

if TYPE_CHECKING:
    from kit import Paygrade, WorkspaceFolder

PAGE = "how-to/settlement-file.md"


def test_the_example_runs_and_prints_what_the_page_says(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """The report of the page gives the line of the page."""
    found = blocks(PAGE)
    [rows] = [each.text for each in found if each.language == "csv"]
    [line] = [json.loads(each.text) for each in found if each.language == "json"]
    command, *_ = [shlex.split(each.text)[1:] for each in found if each.language == "sh"]
    output, *_ = [each.text for each in found if not each.language]
    workspace.write("march.csv", rows)
    ended = paygrade(*command, cwd=workspace.root)
    assert (ended.code, ended.out) == (0, output)
    sample = json.loads((workspace.root / "datasets/march/v1.jsonl").read_text("utf-8"))
    assert sample["id"] == "stripe-po_1"
    assert sample["input"]["statement_lines"][0] == line


def test_the_sentence_on_a_balance_is_the_real_one() -> None:
    """As a statement with these figures gives it."""
    line = BankLine(
        id="e",
        currency="USD",
        amount_minor=7650,
        value_date=None,
        reference="",
        description="",
    )
    statement = BankStatement(
        id="STMT-7",
        account="",
        opening=BankBalance(amount_minor=10000, currency="USD"),
        closing=BankBalance(amount_minor=17605, currency="USD"),
        lines=(line,),
    )
    shown = [each.text for each in blocks(PAGE) if not each.language][1]
    assert shown.splitlines()[0] == str(balance(statement))
