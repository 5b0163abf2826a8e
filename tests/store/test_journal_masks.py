"""Whatever a card number hides in, it does not get into a journal."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from paygrade import leaks
from paygrade.errors import JournalError
from paygrade.records.check import CheckSpec
from paygrade.records.plan import Selection
from paygrade.store.journal import JOURNAL_FILE, RunJournal
from paygrade.store.lines import encode
from store.making import PAN, answer, check, errored, header, row, scored

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SPACED = "4111 1111 1111 1111"
WAYS: dict[str, Callable[[RunJournal], None]] = {
    "an answer": lambda journal: journal.answer(answer(text=f"Card {PAN}, thanks")),
    "JSON in an answer": lambda journal: journal.answer(answer(text=json.dumps({"n": int(PAN)}))),
    "a model's name": lambda journal: journal.answer(answer(model=PAN)),
    "a message": lambda journal: journal.sample(row(messages=(("user", f"pay {SPACED}"),))),
    "a role": lambda journal: journal.sample(row(messages=((PAN, "pay"),))),
    "a key of the input": lambda journal: journal.sample(row(input={PAN: 1})),
    "a number deep in the input": lambda journal: journal.sample(row(input={"a": [int(PAN)]})),
    "an escaped input": lambda journal: journal.sample(row(input='say "4111\n1111\n1111\n1111"')),
    "what is expected": lambda journal: journal.sample(row(expected=[{"card": PAN}])),
    "a slice": lambda journal: journal.sample(row(slices={"kind": (PAN,)})),
    "a case": lambda journal: journal.sample(row(case=PAN)),
    "a hash that is none": lambda journal: journal.sample(row(content_hash=PAN)),
    "an error": lambda journal: journal.outcome(
        dataclasses.replace(errored(), error=f"no {SPACED}")
    ),
    "a kind of error": lambda journal: journal.outcome(errored(kind=PAN)),
    "a check's reason": lambda journal: journal.outcome(
        dataclasses.replace(scored(), checks=(check(reason=f'got "{PAN}"'),))
    ),
    "a check's name": lambda journal: journal.outcome(
        dataclasses.replace(scored(), checks=(check(PAN),))
    ),
    "a check's figure": lambda journal: journal.outcome(
        dataclasses.replace(scored(), checks=(check(partial={PAN: float(PAN)}),))
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_card_number_does_not_reach_the_file(tmp_path: Path, way: str) -> None:
    """Not a digit of its middle, however it is written; what is known of it stays."""
    journal = RunJournal.create(tmp_path / "run", header())
    WAYS[way](journal)
    journal.close()
    written = (tmp_path / "run" / JOURNAL_FILE).read_text()
    assert PAN not in written.replace(" ", "").replace("\\n", "")
    assert "411111******1111" in written
    assert all(json.loads(line) for line in written.splitlines())


def test_a_card_number_in_the_header_is_masked(tmp_path: Path) -> None:
    """A suite may be told to look for one, and a person may filter by one."""
    made = header(
        checks=(CheckSpec(id="contains", scorer="contains", params={"value": PAN}),),
        selection=Selection(suite="s", runner="r", filter_id=(f"*{PAN}*",)),
    )
    RunJournal.create(tmp_path / "run", made).close()
    assert PAN not in (tmp_path / "run" / JOURNAL_FILE).read_text()


def test_an_exposure_that_reads_as_a_card_number_is_refused(tmp_path: Path) -> None:
    """Masked it would be no amount, and as it is it must not be written."""
    journal = RunJournal.create(tmp_path / "run", header())
    with pytest.raises(JournalError, match="sample 's1': its exposure reads as a card number"):
        journal.sample(row(exposure_minor=int(PAN), currency="IDR"))
    journal.close()
    assert PAN not in (tmp_path / "run" / JOURNAL_FILE).read_text()


SECRETS = st.sampled_from(
    [PAN, SPACED, "378282246310005", "5555-5555-5555-4444", "cvv 737", "sk-" + "a1B2" * 8, "737"]
)
LEAF = st.one_of(
    SECRETS,
    st.builds(lambda a, s, b: f"{a}{s}{b}", st.text(max_size=4), SECRETS, st.text(max_size=4)),
    st.builds(lambda s: json.dumps({"card": s}), SECRETS),
    st.builds(lambda s: json.dumps(json.dumps([s])), SECRETS),
    st.sampled_from([int(PAN), float(PAN), 378282246310005, 7, 1.5, True, None]),
    st.text(max_size=8),
)
KEYS = st.one_of(SECRETS, st.sampled_from(["cvv", "card", "a"]))
VALUES = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
@example({"cvv": ["", "737"]})
@example({"cvv": [[1, [737]]]})
@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
def test_a_line_holds_nothing_that_would_be_masked(value: object) -> None:
    """Looking at the whole line first is as strict as looking at every value of it."""
    line = json.loads(encode({"t": "sample", "sample_id": "s1", "input": value}))
    assert leaks.mask_value(line)[0] == line


@given(st.text(alphabet=st.characters(categories=["Cs", "L"]), max_size=6))
def test_half_a_pair_of_surrogates_can_be_written(text: str) -> None:
    """What is no text is replaced; the line can be read back and stored."""
    line = encode({"t": "sample", "sample_id": "s1", "input": {text: text}})
    json.loads(line)["input"].popitem()[1].encode()
