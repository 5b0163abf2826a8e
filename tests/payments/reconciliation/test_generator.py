"""Generated reconciliations: the same bytes everywhere, sums that hold, twins, bad strategies."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from paygrade import leaks
from paygrade.payments.reconciliation import DisagreementError, generate, tables
from paygrade.payments.rulebook import rulebook
from payments.elsewhere import IN_OTHER_PLACES, same_bytes
from payments.reconciliation.drawn import Line, some

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@IN_OTHER_PLACES
def test_the_same_seed_gives_the_same_bytes(
    changes: dict[str, str],
    below: bool,  # noqa: FBT001 - whether it runs in another folder
    tmp_path: Path,
) -> None:
    """Under another hash seed, zone, locale and folder, the order of keys too."""
    folder = tmp_path if below else None
    assert same_bytes("paygrade.payments.reconciliation", 60, changes, folder)


def test_more_lines_begin_with_the_same_lines() -> None:
    """But for the last family, which may be cut short and then has no twin."""
    assert generate(60, 8)[:50] == generate(90, 8)[:50]
    assert [line["id"] for line in generate(7, 8)] == [f"rg-{each:04}" for each in range(1, 8)]
    assert generate(0, 8) == []


@pytest.mark.real
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_oracles_agree_on_five_thousand_cases(seed: int) -> None:
    """`generate` raises at the first label that one of them does not find."""
    assert len(generate(5_000, seed)) == 5_000


def test_a_label_that_an_oracle_does_not_find_is_never_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One unit off in one total is enough."""

    def off(case: Line) -> Line:
        found: Line = json.loads(json.dumps(honest(case)))
        first = next(iter(found["totals"].values()))
        first["ledger_minor"] += 1
        return found

    honest = tables.label
    monkeypatch.setattr(tables, "label", off)
    with pytest.raises(DisagreementError, match="entailed and found by tables"):
        generate(1, 3)


def test_components_come_to_differences_and_these_to_totals() -> None:
    """In every break, and over all breaks of groups."""
    for line in some():
        label = line["expected"]
        for each in label["breaks"]:
            parts = [part["amount_minor"] for part in each["components"]]
            assert sum(parts) == each["difference_minor"]
            assert 0 not in parts
        if line["slices"]["bank_side"] == "not_checked":
            of_groups = sum(each["difference_minor"] for each in label["breaks"])
            assert of_groups == sum(each["difference_minor"] for each in label["totals"].values())
        for each in label["totals"].values():
            assert each["explained_minor"] + each["unexplained_minor"] == each["difference_minor"]
            assert each["statement_net_minor"] - each["ledger_minor"] == each["difference_minor"]


def test_a_line_stands_in_one_break_at_most() -> None:
    """On every side."""
    for line in some():
        for side in ("ledger_ids", "statement_ids", "bank_ids"):
            named = [name for each in line["expected"]["breaks"] for name in each[side]]
            assert len(named) == len(set(named))


def test_every_type_of_break_and_every_kind_of_case_is_drawn() -> None:
    """The types of the precedence list, in the 340 that ship."""
    types = Counter(name for line in some() for name in line["slices"]["break_types"])
    assert set(rulebook().type_precedence) == types.keys() - {"none"}
    assert min(types.values()) >= 8
    kinds = Counter(kind for line in some() for kind in line["slices"]["adversarial"])
    assert {"prompt_injection", "time_zone", "unicode", "long", "rounding_tie"} <= kinds.keys()
    assert Counter(line["slices"]["format"] for line in some()).keys() == {
        "stripe_like", "adyen_like", "razorpay_like", "camt053_like",
    }  # fmt: skip


def test_twins_say_truly_whether_their_label_changed() -> None:
    """Those that flip have another label than their original, ids aside; the others the same."""
    by_id = {line["id"]: line for line in some()}
    twins = [line for line in some() if "twin_of" in line["provenance"]]
    for line in twins:
        first = by_id[line["provenance"]["twin_of"]]
        assert (said(first) != said(line)) is line["provenance"]["flips"], line["id"]
        assert first["case"] == line["case"]
    assert sum(line["provenance"]["flips"] for line in twins) >= 60


def said(line: Line) -> Any:  # noqa: ANN401 - compared alone
    """What a label says, without the ids."""
    label = line["expected"]
    keys = ("type", "difference_minor", "components")
    return label["status"], sorted(str([each[key] for key in keys]) for each in label["breaks"])


def test_no_card_number_and_no_oracle_key_is_shown() -> None:
    """What a model sees is only the input."""
    for line in some():
        text = json.dumps(line["input"], ensure_ascii=False)
        assert not leaks.find(text), line["id"]
        assert "entailed" not in text
        assert line["input"].keys() == {
            "format", "context", "ledger_lines", "statement_lines", "bank_lines",
        }  # fmt: skip


# Strategies without thought


def totals(line: Line, unexplained: int) -> Line:
    """Totals as anybody can add them up, with this much unexplained."""
    found = {}
    for currency, each in line["expected"]["totals"].items():
        difference = each["difference_minor"]
        found[currency] = {
            **each,
            "unexplained_minor": unexplained,
            "explained_minor": difference - unexplained,
        }
    return found


def nothing(line: Line) -> Line:
    """All is well, always."""
    return {"breaks": [], "totals": totals(line, 0)}


def all_fees(line: Line) -> Line:
    """Every break is found to the line and the unit, and called a fee."""
    breaks = [
        {**each, "components": [{"kind": "psp_fee", "amount_minor": each["difference_minor"]}]}
        for each in line["expected"]["breaks"]
    ]
    return {"breaks": breaks, "totals": totals(line, 0)}


def by_amount(line: Line) -> Line:
    """Lines of equal amount on both sides belong together; each of the rest is missing."""
    case = line["input"]
    left = [(each["gross_minor"], each) for each in case["statement_lines"]]
    breaks = []
    for each in case["ledger_lines"]:
        if each["type"] not in {"sale", "refund"}:
            continue
        same = [pair for pair in left if pair[0] == each["amount_minor"]]
        if same:
            left.remove(same[0])
        else:
            amount = -each["amount_minor"]
            parts = [{"kind": "missing", "amount_minor": amount}]
            breaks.append(told([each["id"]], [], amount, parts))
    for _, each in left:
        parts = [{"kind": "missing", "amount_minor": each["net_minor"]}]
        breaks.append(told([], [each["id"]], each["net_minor"], parts))
    return {"breaks": breaks, "totals": totals(line, 0)}


def told(ledger: list[str], statement: list[str], amount: int, parts: list[Line]) -> Line:
    """A break of these lines."""
    return {
        "ledger_ids": ledger,
        "statement_ids": statement,
        "bank_ids": [],
        "difference_minor": amount,
        "components": parts,
    }


def critical(label: Line) -> Any:  # noqa: ANN401 - compared alone
    """What the critical checks read: lines, amounts and components of breaks, and totals."""
    keys = ("ledger_ids", "statement_ids", "bank_ids", "difference_minor", "components")
    return sorted(str([each[key] for key in keys]) for each in label["breaks"]), label["totals"]


@pytest.mark.parametrize("strategy", [nothing, all_fees, by_amount])
def test_no_strategy_without_thought_passes_much(strategy: Callable[[Line], Line]) -> None:
    """All critical checks of at most 40 % of the generated cases that ship."""
    right = sum(critical(strategy(line)) == critical(line["expected"]) for line in some())
    assert right / len(some()) <= 0.4
