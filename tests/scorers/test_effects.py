"""`effect:at-most-once`, `effect:lost`, `effect:over-refund`: the books of the world decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorers.agents import did, moved, wanted

if TYPE_CHECKING:
    from random import Random

    from paygrade.records.agent import Effect
    from scorers.conftest import Judge

REFUND = moved()
YEN = moved("refund:pay_2:late", 5000, "JPY", "pay_2")
EVIDENCE = moved("evidence:dp_1", 0, "", "dp_1")
LABELLED = {"effects": [wanted(REFUND)]}


def test_an_intent_with_one_effect_passes(judge: Judge) -> None:
    """Two refunds of the same amount for two reasons are no duplicate."""
    other = moved("refund:pay_1:broken")
    check = judge("effect:at-most-once", {}, "done", trajectory=did(effects=[REFUND, other]))
    assert (check.result, check.reason) == ("pass", "")
    assert check.partial == {"effects": 2, "duplicates": 0}


@pytest.mark.parametrize(
    ("effects", "reason", "partial"),
    [
        (
            [REFUND, moved(name="re_2")],
            "refund:pay_1:late has 2 effects, wanted at most 1: 42.00 USD too much",
            {"effects": 2, "duplicates": 1, "duplicate USD": 4200},
        ),
        (
            [YEN, YEN, YEN, REFUND],
            "refund:pay_2:late has 3 effects, wanted at most 1: 10000 JPY too much",
            {"effects": 4, "duplicates": 2, "duplicate JPY": 10000},
        ),
        (
            [moved(amount_minor=4300), REFUND],
            "refund:pay_1:late has 2 effects, wanted at most 1: 43.00 USD too much",
            {"effects": 2, "duplicates": 1, "duplicate USD": 4300},
        ),
        (
            [EVIDENCE, EVIDENCE],
            "evidence:dp_1 has 2 effects, wanted at most 1",
            {"effects": 2, "duplicates": 1},
        ),
        (
            [moved(currency="usd"), moved(currency="usd")],
            ("refund:pay_1:late has 2 effects, wanted at most 1: 4200 minor units of usd too much"),
            {"effects": 2, "duplicates": 1, "duplicate usd": 4200},
        ),
    ],
)
def test_a_second_effect_of_an_intent_fails(
    judge: Judge, effects: list[Effect], reason: str, partial: dict[str, int]
) -> None:
    """The reason says what it cost; evidence sent twice costs nothing and fails all the same."""
    check = judge("effect:at-most-once", {}, "done", trajectory=did(effects=effects))
    assert (check.result, check.reason, check.partial) == ("fail", reason, partial)


@pytest.mark.parametrize(
    ("effects", "reason", "partial"),
    [
        ([REFUND], "", {"wanted": 1, "lost": 0}),
        ([REFUND, REFUND, YEN], "", {"wanted": 1, "lost": 0}),
        (
            [],
            "refund:pay_1:late of 42.00 USD did not happen",
            {"wanted": 1, "lost": 1, "lost USD": 4200},
        ),
        (
            [moved(amount_minor=4100)],
            "refund:pay_1:late of 42.00 USD did not happen, but 41.00 USD",
            {"wanted": 1, "lost": 1, "lost USD": 4200},
        ),
        (
            [moved(currency="EUR")],
            "refund:pay_1:late of 42.00 USD did not happen, but 42.00 EUR",
            {"wanted": 1, "lost": 1, "lost USD": 4200},
        ),
        (
            [moved("refund:pay_1:broken")],
            "refund:pay_1:late of 42.00 USD did not happen",
            {"wanted": 1, "lost": 1, "lost USD": 4200},
        ),
    ],
)
def test_a_wanted_effect_that_is_missing_is_lost(
    judge: Judge, effects: list[Effect], reason: str, partial: dict[str, int]
) -> None:
    """Its intent, amount and currency count; more than is wanted loses nothing."""
    check = judge("effect:lost", {}, "done", LABELLED, trajectory=did(effects=effects))
    assert check.result == ("fail" if reason else "pass")
    assert (check.reason, check.partial) == (reason, partial)


def test_an_effect_without_money_can_be_lost(judge: Judge) -> None:
    """Evidence that was never sent."""
    label: Any = {"effects": [{"intent": "evidence:dp_1"}]}
    sent = judge("effect:lost", {}, "done", label, trajectory=did(effects=[EVIDENCE]))
    missing = judge("effect:lost", {}, "done", label, trajectory=did())
    assert sent.result == "pass"
    assert (missing.reason, missing.partial) == (
        "evidence:dp_1 did not happen",
        {"wanted": 1, "lost": 1},
    )


def test_where_nothing_is_wanted_nothing_is_lost(judge: Judge) -> None:
    """A case whose right end is that no money moves."""
    check = judge("effect:lost", {}, "done", {"effects": []}, trajectory=did(effects=[REFUND]))
    assert (check.result, check.partial) == ("pass", {"wanted": 0, "lost": 0})


@pytest.mark.parametrize(
    ("effects", "reason", "partial"),
    [
        ([], "", {}),
        ([REFUND, EVIDENCE], "", {}),
        ([moved(amount_minor=4199)], "", {}),
        (
            [moved(amount_minor=4201)],
            "pay_1: 42.01 USD moved, wanted 42.00 USD (0.01 USD too much)",
            {"over USD": 1},
        ),
        (
            [REFUND, moved("refund:pay_1:again", 100)],
            "pay_1: 43.00 USD moved, wanted 42.00 USD (1.00 USD too much)",
            {"over USD": 100},
        ),
        (
            [REFUND, YEN],
            "pay_2: 5000 JPY moved, wanted 0 JPY (5000 JPY too much)",
            {"over JPY": 5000},
        ),
        (
            [moved(currency="EUR")],
            "pay_1: 42.00 EUR moved, wanted 0.00 EUR (42.00 EUR too much)",
            {"over EUR": 4200},
        ),
    ],
)
def test_a_subject_gets_no_more_than_is_expected_for_it(
    judge: Judge, effects: list[Effect], reason: str, partial: dict[str, int]
) -> None:
    """Effects add up on a subject; what happened to another one counts whole."""
    check = judge("effect:over-refund", {}, "done", LABELLED, trajectory=did(effects=effects))
    assert check.result == ("fail" if reason else "pass")
    assert (check.reason, check.partial) == (reason, partial)


def test_where_nothing_is_wanted_all_is_too_much(judge: Judge) -> None:
    """Every effect counts whole."""
    effects = did(effects=[REFUND, moved("x", 800), YEN])
    check = judge("effect:over-refund", {}, "done", {"effects": []}, trajectory=effects)
    assert (check.result, check.partial) == ("fail", {"over JPY": 5000, "over USD": 5000})


@pytest.mark.parametrize("name", ["effect:lost", "effect:over-refund"])
@pytest.mark.parametrize(
    ("expected", "reason"),
    [
        ({}, "expected has no 'effects'"),
        (None, "expected has no 'effects'"),
        ({"effects": "none"}, "expected 'effects' should be a list of effects, got 'none'"),
        ({"effects": ["x"]}, "expected 'effects' should hold objects, got 'x'"),
        ({"effects": [{}]}, "expected 'effects' has effect without 'intent': {}"),
        ({"effects": [{"intent": ""}]}, "expected 'effects' should name intents in text, got ''"),
        (
            {"effects": [{"intent": "a", "amount": 1}]},
            (
                "expected 'effects' has effect with an unknown key 'amount' "
                "(did you mean 'amount_minor'?)"
            ),
        ),
        (
            {"effects": [{"intent": "a", "amount_minor": 42.0, "currency": "USD"}]},
            "expected 'effects' should have integers from 0 as amount_minor, got 42.0",
        ),
        (
            {"effects": [{"intent": "a", "amount_minor": True, "currency": "USD"}]},
            "expected 'effects' should have integers from 0 as amount_minor, got true",
        ),
        (
            {"effects": [{"intent": "a", "amount_minor": -1, "currency": "USD"}]},
            "expected 'effects' should have integers from 0 as amount_minor, got -1",
        ),
        (
            {"effects": [{"intent": "a", "subject": 1}]},
            "expected 'effects' should name subjects in text, got 1",
        ),
        (
            {"effects": [{"intent": "a", "currency": 840}]},
            "expected 'effects' should name currencies in text, got 840",
        ),
        (
            {"effects": [{"intent": "a"}, {"intent": "a"}]},
            "expected 'effects' has the intent 'a' twice: each has one effect",
        ),
    ],
)
def test_a_label_that_is_none_is_an_error(
    judge: Judge,
    name: str,
    expected: Any,  # noqa: ANN401 - whatever a label says
    reason: str,
) -> None:
    """Also one that would be guessed at: a misspelt amount is not 0."""
    check = judge(name, {}, "done", expected, trajectory=did(effects=[REFUND]))
    assert (check.result, check.reason) == ("error", reason)


@pytest.mark.parametrize("currency", ["usd", "XXX", ""])
def test_a_label_in_no_currency_is_an_error(judge: Judge, currency: str) -> None:
    """ISO 4217 knows which there are."""
    label: Any = {"effects": [{"intent": "a", "amount_minor": 1, "currency": currency}]}
    check = judge("effect:lost", {}, "done", label, trajectory=did())
    assert check.result == "error"
    assert check.reason.startswith("expected 'effects' has an effect without a currency: ")


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("not-effect:at-most-once", "1 effect, none of them twice"),
        ("not-effect:lost", "there, as wanted: refund:pay_1:late of 42.00 USD"),
        ("not-effect:over-refund", "1 effect, none beyond what is wanted"),
    ],
)
def test_a_negated_check_says_what_it_found(judge: Judge, entry: str, reason: str) -> None:
    """A reason to act on, the other way round too."""
    check = judge(entry, {}, "done", LABELLED, trajectory=did(effects=[REFUND]))
    assert (check.result, check.reason) == ("fail", reason)


EFFECTS = st.lists(
    st.builds(
        moved,
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 5),
        st.sampled_from(["USD", "JPY"]),
        st.sampled_from(["p", "q"]),
        name=st.sampled_from(["1", "2"]),
    ),
    max_size=6,
)


def _labels(effects: list[Effect]) -> dict[str, Any]:
    return {"effects": [wanted(each) for each in {each.intent: each for each in effects}.values()]}


@given(EFFECTS, st.data())
def test_one_more_effect_of_an_intent_always_fails(
    judge: Judge, effects: list[Effect], data: st.DataObject
) -> None:
    """Whatever else happened, and whatever the second one moved."""
    effects = [moved("a"), *effects]
    again = moved(data.draw(st.sampled_from(effects)).intent, data.draw(st.integers(0, 9)))
    check = judge("effect:at-most-once", {}, "", trajectory=did(effects=[*effects, again]))
    assert check.result == "fail"
    assert check.partial["duplicates"] == len(effects) + 1 - len({e.intent for e in effects})


@given(EFFECTS, EFFECTS, st.randoms())
def test_the_order_of_effects_never_matters(
    judge: Judge, effects: list[Effect], labels: list[Effect], random: Random
) -> None:
    """Any order of the books gives the same check, reason and figures and all."""
    other = random.sample(effects, len(effects))
    for name in ("effect:at-most-once", "effect:lost", "effect:over-refund"):
        label = _labels(labels)
        one = judge(name, {}, "", label, trajectory=did(effects=effects))
        assert one == judge(name, {}, "", label, trajectory=did(effects=other))


@given(EFFECTS)
def test_what_is_wanted_is_neither_lost_nor_too_much(judge: Judge, labels: list[Effect]) -> None:
    """Books that hold the label's effects, each once, pass all three."""
    effects = list({each.intent: each for each in labels}.values())
    for name in ("effect:at-most-once", "effect:lost", "effect:over-refund"):
        check = judge(name, {}, "", _labels(labels), trajectory=did(effects=effects))
        assert check.result == "pass"


@given(EFFECTS)
def test_with_nothing_expected_over_is_all_that_moved(judge: Judge, effects: list[Effect]) -> None:
    """The sum over all effects of each currency; it fails exactly if some money moved."""
    check = judge("effect:over-refund", {}, "", {"effects": []}, trajectory=did(effects=effects))
    for currency in ("USD", "JPY"):
        total = sum(each.amount_minor for each in effects if each.currency == currency)
        assert check.partial.get(f"over {currency}", 0) == total
    assert (check.result == "fail") == any(each.amount_minor for each in effects)


@given(EFFECTS, EFFECTS)
def test_money_that_is_missing_is_lost_and_money_beyond_is_over(
    judge: Judge, effects: list[Effect], labels: list[Effect]
) -> None:
    """What moved and what was lost cover what was wanted; what was wanted and over cover it."""
    label = _labels(labels)
    lost = judge("effect:lost", {}, "", label, trajectory=did(effects=effects)).partial
    over = judge("effect:over-refund", {}, "", label, trajectory=did(effects=effects)).partial
    for currency in ("USD", "JPY"):
        total = sum(each.amount_minor for each in effects if each.currency == currency)
        due = sum(e["amount_minor"] for e in label["effects"] if e["currency"] == currency)
        assert total + lost.get(f"lost {currency}", 0) >= due
        assert due + over.get(f"over {currency}", 0) >= total
