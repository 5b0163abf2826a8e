"""`breaks:*`: breaks are matched by their rows, then compared."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from scorers.conftest import Judge

FEE: dict[str, Any] = {
    "type": "fee_netting",
    "ledger_ids": ["l3"],
    "statement_ids": ["s3", "s10"],
    "bank_ids": [],
    "currency": "USD",
    "difference_minor": -262,
    "components": [
        {"kind": "psp_fee", "amount_minor": -212},
        {"kind": "tax", "amount_minor": -50},
    ],
    "resolution": "book_fee",
}
OTHER: dict[str, Any] = {
    "type": "unexplained",
    "ledger_ids": [],
    "statement_ids": ["s4"],
    "bank_ids": [],
    "currency": "USD",
    "difference_minor": -38,
    "components": [{"kind": "unexplained", "amount_minor": -38}],
    "resolution": "escalate",
}
WANTED = {"breaks": [FEE, OTHER]}
EVERY: list[tuple[str, dict[str, Any]]] = [
    ("breaks:match", {}),
    ("breaks:amounts", {}),
    ("breaks:components", {}),
    ("breaks:field", {"name": "type"}),
    ("breaks:field", {"name": "resolution"}),
]


def changed(index: int, **keys: object) -> dict[str, Any]:
    """The wanted answer with some keys of one break changed."""
    answer = copy.deepcopy(WANTED)
    answer["breaks"][index].update(keys)
    return answer


@pytest.mark.parametrize(("name", "params"), EVERY)
def test_order_of_breaks_and_rows_does_not_matter(
    judge: Judge, name: str, params: dict[str, Any]
) -> None:
    """The same breaks, written the other way round, pass with full figures."""
    answer = copy.deepcopy(WANTED)
    answer["breaks"].reverse()
    answer["breaks"][1]["statement_ids"].reverse()
    answer["breaks"][1]["components"].reverse()
    check = judge(name, {"field": "breaks", **params}, answer, WANTED)
    assert (check.result, check.reason) == ("pass", "")
    assert check.partial == {"rows_covered": 1, "breaks_right": 1, "amount_explained": 1}


@pytest.mark.parametrize(("name", "params"), EVERY)
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"breaks": [FEE]}, "[- | s4 | -] no break has these rows"),
        ({"breaks": [FEE, OTHER, OTHER]}, "[- | s4 | -] is no break"),
        (changed(1, statement_ids=["s5"]), "no break has these rows"),
        (changed(1, statement_ids="s4"), "should have a list 'statement_ids'"),
        (changed(1, statement_ids=[4]), "should have ids as text"),
        ({"breaks": "none"}, "should be a list of breaks"),
        ({"breaks": [FEE, "s4"]}, "should hold objects"),
        ({}, "the answer has no 'breaks'"),
    ],
)
def test_a_break_too_few_or_too_many_fails_each_of_them(
    judge: Judge,
    name: str,
    params: dict[str, Any],
    answer: Any,  # noqa: ANN401 - whatever a model writes
    reason: str,
) -> None:
    """What is compared field by field is first of all there."""
    check = judge(name, {"field": "breaks", **params}, answer, WANTED)
    assert check.result == "fail"
    assert reason in check.reason


@pytest.mark.parametrize(
    ("name", "params", "keys", "reason"),
    [
        ("breaks:amounts", {}, {"difference_minor": -263}, "got -263, wanted -262"),
        ("breaks:amounts", {}, {"difference_minor": -262.0}, "got -262.0, wanted -262"),
        ("breaks:amounts", {}, {"difference_minor": "-262"}, "got '-262', wanted -262"),
        ("breaks:amounts", {}, {"currency": "EUR"}, "currency: got 'EUR', wanted 'USD'"),
        ("breaks:components", {}, {"components": []}, "missing psp_fee -212, tax -50"),
        (
            "breaks:components",
            {},
            {"components": [*FEE["components"], FEE["components"][1]]},
            "not wanted tax -50",
        ),
        ("breaks:components", {}, {"components": [{"kind": "tax"}]}, "integer amount"),
        ("breaks:components", {}, {"difference_minor": 0}, "difference_minor says 0"),
        ("breaks:field", {"name": "type"}, {"type": "refund"}, "got 'refund'"),
        ("breaks:field", {"name": "type"}, {"type": None}, "got null"),
    ],
)
def test_one_wrong_field_fails_its_own_check_alone(
    judge: Judge, name: str, params: dict[str, Any], keys: dict[str, Any], reason: str
) -> None:
    """The reason names the rows and both values; the rows themselves still match."""
    answer = changed(0, **keys)
    check = judge(name, {"field": "breaks", **params}, answer, WANTED)
    assert check.result == "fail"
    assert "[l3 | s10,s3 | -]" in check.reason
    assert reason in check.reason
    assert check.partial["breaks_right"] == 0.5
    assert judge("breaks:match", {"field": "breaks"}, answer, WANTED).result == "pass"


def test_the_amount_explained_is_a_share_of_the_difference(judge: Judge) -> None:
    """262 of 300 minor units are stated right: a figure beside a failed check."""
    check = judge("breaks:amounts", {"field": "breaks"}, changed(1, difference_minor=1), WANTED)
    assert check.partial["amount_explained"] == pytest.approx(262 / 300)


def test_no_break_is_an_answer_too(judge: Judge) -> None:
    """Where nothing is wrong, an empty list passes and any break fails."""
    params = {"field": "breaks"}
    nothing: dict[str, Any] = {"breaks": []}
    assert judge("breaks:match", params, nothing, nothing).result == "pass"
    assert judge("breaks:match", params, {"breaks": [OTHER]}, nothing).result == "fail"


def test_a_label_that_is_no_list_of_breaks_is_an_error(judge: Judge) -> None:
    """The label is broken, not the answer."""
    check = judge("breaks:match", {"field": "breaks"}, WANTED, {"breaks": "all"})
    assert check.result == "error"


@pytest.mark.parametrize(
    ("name", "params", "label"),
    [
        ("breaks:field", {"name": "typ"}, FEE),
        ("breaks:amounts", {}, {**FEE, "difference_minor": -1.5}),
        ("breaks:amounts", {}, {key: FEE[key] for key in FEE if key != "currency"}),
        ("breaks:components", {}, {**FEE, "components": "none"}),
    ],
)
def test_a_label_without_what_is_compared_is_an_error(
    judge: Judge, name: str, params: dict[str, Any], label: dict[str, Any]
) -> None:
    """A misspelt name, a float, no currency: two absent values are never an agreement."""
    both = {"breaks": [label]}
    assert judge(name, {"field": "breaks", **params}, both, both).result == "error"


def test_a_reason_stays_short_whatever_the_answer_names(judge: Judge) -> None:
    """Ids of a thousand characters and line breaks are cut and put on one line."""
    rows = ["x\n" * 500 + str(number) for number in range(50)]
    answer = {"breaks": [{**OTHER, "statement_ids": [row]} for row in rows]}
    reason = judge("breaks:match", {"field": "breaks"}, answer, WANTED).reason
    assert len(reason) <= 500
    assert "\n" not in reason


IDS = st.lists(st.sampled_from(["1", "2", "10"]), max_size=2)
BREAKS = st.lists(
    st.fixed_dictionaries(
        {
            "ledger_ids": IDS,
            "statement_ids": IDS,
            "bank_ids": IDS,
            "currency": st.just("EUR"),
            "difference_minor": st.integers(-3, 3),
        }
    ),
    max_size=4,
)


@given(BREAKS, BREAKS, st.randoms())
def test_a_match_knows_no_order(
    judge: Judge,
    got: list[Any],
    wanted: list[Any],
    random: Any,  # noqa: ANN401
) -> None:
    """Any order of the answer's breaks and rows gives the same result and the same figures."""
    other = copy.deepcopy(got)
    random.shuffle(other)
    for each in other:
        each["ledger_ids"].reverse()
    params = {"field": "breaks"}
    for name in ("breaks:match", "breaks:amounts"):
        one, two = (
            judge(name, params, {"breaks": each}, {"breaks": wanted}) for each in (got, other)
        )
        assert (one.result, one.partial) == (two.result, two.partial)


@given(BREAKS)
def test_every_label_passes_itself(judge: Judge, wanted: list[Any]) -> None:
    """What is wanted is what passes, twins of equal rows included."""
    for name in ("breaks:match", "breaks:amounts"):
        answer = {"breaks": wanted}
        assert judge(name, {"field": "breaks"}, answer, answer).result == "pass"
