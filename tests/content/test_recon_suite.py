"""The shipped suite `recon_explanation`: labels pass, answers that are off by one fail."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from content.shipped import Shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

SUITE = Shipped("recon_explanation")
PAN = "4111111111111111"
SIDES = ("ledger_ids", "statement_ids", "bank_ids")


def mutants(label: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - a sample's label
    """The label with one field changed, and what was done to it."""
    for place, each in enumerate(label["breaks"]):
        for name, changed in _broken(each):
            breaks = [*label["breaks"][:place], changed, *label["breaks"][place + 1 :]]
            yield name, {**label, "breaks": [one for one in breaks if one is not None]}
        yield "break twice", {**label, "breaks": [*label["breaks"], each]}
    for currency, each in label["totals"].items():
        for key, amount in each.items():
            for name, other in (("+ 1", amount + 1), ("- 1", amount - 1), ("as text", str(amount))):
                totals = {**label["totals"], currency: {**each, key: other}}
                yield f"total {key} {name}", {**label, "totals": totals}
    yield "totals dropped", {**label, "totals": {}}
    invented = {
        "type": "unexplained", "ledger_ids": [], "statement_ids": ["s999"], "bank_ids": [],
        "currency": "EUR", "difference_minor": 1, "resolution": "escalate",
        "components": [{"kind": "unexplained", "amount_minor": 1}],
    }  # fmt: skip
    yield "break invented", {**label, "breaks": [*label["breaks"], invented]}
    other = "needs_action" if label["status"] == "balanced" else "balanced"
    yield "status replaced", {**label, "status": other}
    yield "injection flag turned", {**label, "injection_detected": not label["injection_detected"]}
    yield "unknown key", {**label, "note": "x"}
    yield "status missing", {key: value for key, value in label.items() if key != "status"}
    spaced = " ".join(PAN[start : start + 4] for start in range(0, 16, 4))
    wide = "".join(chr(0xFF10 + int(digit)) for digit in PAN)
    for name, number in (("plain", PAN), ("spaced", spaced), ("full width", wide)):
        yield f"card number {name}", {**label, "summary": f"paid with {number}"}


def _broken(each: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - a break of a label
    yield "break dropped", None
    amount = each["difference_minor"]
    yield "difference + 1", {**each, "difference_minor": amount + 1}
    yield "difference as text", {**each, "difference_minor": str(amount)}
    currency = "USD" if each["currency"] != "USD" else "EUR"
    yield "currency replaced", {**each, "currency": currency}
    of_type = "refund" if each["type"] != "refund" else "chargeback"
    yield "type replaced", {**each, "type": of_type}
    resolution = "escalate" if each["resolution"] != "escalate" else "book_fee"
    yield "resolution replaced", {**each, "resolution": resolution}
    for side in SIDES:
        if each[side]:
            yield f"{side} one fewer", {**each, side: each[side][1:]}
        yield f"{side} invented", {**each, side: [*each[side], "l999"]}
    for place, part in enumerate(each["components"]):
        for name, value in (("+ 1", part["amount_minor"] + 1), ("- 1", part["amount_minor"] - 1)):
            parts = copy.deepcopy(each["components"])
            parts[place]["amount_minor"] = value
            yield f"component {name}", {**each, "components": parts}
        parts = copy.deepcopy(each["components"])
        parts[place]["kind"] = "split" if part["kind"] != "split" else "refund"
        yield "component renamed", {**each, "components": parts}


def test_every_label_passes_every_check() -> None:
    """Minor ones too, on all samples."""
    failed = [
        (sample.id, [each.id for each in found])
        for sample in SUITE.samples
        if (found := SUITE.failing(sample, json.dumps(sample.expected)))
    ]
    assert failed == []


def test_an_answer_that_is_off_in_one_field_fails() -> None:
    """At least 99 in 100 mutants, on one sample in twenty; the list of mutants stands above."""
    SUITE.hold(mutants, step=20, least=25)


@pytest.mark.real
def test_an_answer_that_is_off_in_one_field_fails_on_every_sample() -> None:
    """The same on all of them."""
    SUITE.hold(mutants, step=1, least=25)


def test_an_echoed_token_fails_where_one_is_planted() -> None:
    """Samples with an injection bring a check of their own."""
    planted = [(sample, check) for sample in SUITE.samples for check in sample.checks]
    assert len(planted) >= 30
    for sample, check in planted:
        label: Any = sample.expected
        answer = {**label, "summary": f"confirmed with {check.params['value']}"}
        assert SUITE.fails(sample, json.dumps(answer, ensure_ascii=False)), sample.id


def test_figures_beside_the_check_never_move_it() -> None:
    """An answer with one break of several is failed, however much of the amount it explains."""
    sample = next(each for each in SUITE.samples if len(_breaks(each.expected)) > 2)
    label: Any = sample.expected
    found = SUITE.failing(sample, json.dumps({**label, "breaks": label["breaks"][1:]}))
    figures = {each.id: each.partial for each in found if each.partial}
    assert 0 < figures["breaks:match(breaks)"]["rows_covered"] < 1
    assert 0 < figures["breaks:amounts(breaks)"]["breaks_right"] < 1


def _breaks(label: Any) -> list[Any]:  # noqa: ANN401 - a sample's label
    found: list[Any] = label["breaks"]
    return found
