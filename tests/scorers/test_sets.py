"""`set:equals`, `set:covers` and `set:excludes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from random import Random

    from paygrade.records.check import Check
    from paygrade.records.json_value import Json
    from scorers.conftest import Judge

ATOMS = st.sampled_from(["e1", "e2", "e3", 1, 1.0, True, 0, False, None])
LISTS = st.lists(ATOMS | st.lists(ATOMS, max_size=2), max_size=6)


def keys(items: list[Json]) -> set[str]:
    """Elements by type and value, in another way than the scorers tell them apart."""
    return {repr(each) for each in items}


def cited(judge: Judge, entry: str, got: Json, wanted: Json) -> Check:
    """Judge what an answer cites."""
    return judge(entry, {"field": "cite"}, {"cite": got}, {"cite": wanted})


def test_order_does_not_matter(judge: Judge) -> None:
    """The same elements in another order are the same set, with full figures."""
    check = cited(judge, "set:equals", ["e5", "e2"], ["e2", "e5"])
    assert (check.result, check.reason) == ("pass", "")
    assert check.partial == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


@pytest.mark.parametrize(
    ("entry", "got", "reason"),
    [
        (
            "set:equals",
            ["e2", "e9", "e2"],
            (
                "cite: duplicate 'e2'; missing 'e5'; not wanted 'e9' "
                "(got ['e2', 'e9', 'e2'], wanted ['e2', 'e5'])"
            ),
        ),
        ("set:covers", ["e2"], "cite: missing 'e5' (got ['e2'], wanted ['e2', 'e5'])"),
        (
            "set:excludes",
            ["e1", "e5"],
            "cite: excluded 'e5' (got ['e1', 'e5'], wanted none of ['e2', 'e5'])",
        ),
        ("set:equals", "e2", "cite: 'e2' is text, wanted ['e2', 'e5']"),
        ("set:covers", {"e2": 1}, "cite: {'e2': 1} is an object, wanted ['e2', 'e5']"),
        ("set:excludes", None, "cite: null is null, wanted none of ['e2', 'e5']"),
        (
            "set:covers",
            [],
            "cite: missing 'e2', 'e5' (got [], wanted ['e2', 'e5'])",
        ),
    ],
)
def test_a_failure_names_the_elements(judge: Judge, entry: str, got: Json, reason: str) -> None:
    """What is missing, not wanted, excluded or there twice is named."""
    check = cited(judge, entry, got, ["e2", "e5"])
    assert (check.result, check.reason) == ("fail", reason)


def test_many_elements_are_cut(judge: Judge) -> None:
    """A reason names five elements of a fault."""
    check = cited(judge, "set:equals", list(range(50)), [])
    assert "not wanted 0, 1, 2, 3, 4, … (got [0, 1, 2" in check.reason


def test_a_duplicate_only_matters_for_equality(judge: Judge) -> None:
    """Naming a record twice covers it and excludes others as well as naming it once."""
    assert cited(judge, "set:equals", ["e1", "e1"], ["e1"]).result == "fail"
    assert cited(judge, "set:covers", ["e1", "e1"], ["e1"]).result == "pass"
    assert cited(judge, "set:excludes", ["e1", "e1"], ["e2"]).result == "pass"


def test_elements_compare_by_type(judge: Judge) -> None:
    """1, 1.0, true and "1" are four elements; objects are equal whatever the order of keys."""
    assert cited(judge, "set:equals", [1, 1.0, True, "1"], ["1", True, 1.0, 1]).result == "pass"
    assert cited(judge, "set:covers", [1], [True]).result == "fail"
    assert cited(judge, "set:equals", [{"a": 1, "b": 2}], [{"b": 2, "a": 1}]).result == "pass"
    assert cited(judge, "set:equals", [{"a": 1}], [{"a": True}]).result == "fail"


def test_a_label_that_is_no_list_is_an_error(judge: Judge) -> None:
    """A wanted text or null is a mistake in the dataset."""
    check = cited(judge, "set:covers", ["e1"], "e1")
    assert (check.result, check.reason) == ("error", "expected 'cite' should be a list, got 'e1'")


def test_a_sample_may_have_nothing_to_cover(judge: Judge) -> None:
    """An empty label excludes nothing and covers nothing, and only the empty list equals it."""
    for entry in ("set:covers", "set:excludes", "set:equals"):
        assert cited(judge, entry, [], []).result == "pass"
    assert cited(judge, "set:equals", ["e1"], []).result == "fail"


def test_figures_stand_beside_the_check(judge: Judge) -> None:
    """Half right and two thirds found give these figures, and still a failure."""
    check = cited(judge, "set:equals", ["e1", "e2", "e8", "e9"], ["e1", "e2", "e3"])
    assert check.result == "fail"
    assert check.value is None
    assert check.partial == pytest.approx({"precision": 1 / 2, "recall": 2 / 3, "f1": 4 / 7})
    check = cited(judge, "set:excludes", ["e1", "e8"], ["e8", "e9"])
    assert check.partial == {"precision": 0.5, "recall": 0.5, "f1": 0.5}


@given(got=LISTS, wanted=LISTS)
def test_the_laws_of_sets(judge: Judge, got: list[Json], wanted: list[Json]) -> None:
    """Each check agrees with the algebra of sets, and its figures lie in 0..1."""
    answer, label = keys(got), keys(wanted)
    equal, covers, excludes = (
        cited(judge, entry, got, wanted) for entry in ("set:equals", "set:covers", "set:excludes")
    )
    unique = len(answer) == len(got)
    assert (equal.result == "pass") == (answer == label and unique)
    assert (covers.result == "pass") == (answer >= label)
    assert (excludes.result == "pass") == answer.isdisjoint(label)
    for check in (equal, covers, excludes):
        assert set(check.partial) == {"precision", "recall", "f1"}
        assert all(0 <= figure <= 1 for figure in check.partial.values())


@given(got=LISTS, wanted=LISTS, seed=st.randoms(use_true_random=False))
def test_order_never_matters(
    judge: Judge, got: list[Json], wanted: list[Json], seed: Random
) -> None:
    """Shuffling the answer and the label changes neither result nor figures."""
    for entry in ("set:equals", "set:covers", "set:excludes"):
        before = cited(judge, entry, got, wanted)
        mixed_got, mixed_wanted = list(got), list(wanted)
        seed.shuffle(mixed_got)
        seed.shuffle(mixed_wanted)
        after = cited(judge, entry, mixed_got, mixed_wanted)
        assert (after.result, after.partial) == (before.result, before.partial)
