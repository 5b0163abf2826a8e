"""What a journal keeps of the models that judged, and what a session finds in it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from paygrade.records.call import Call
from paygrade.records.outcome import Errored
from paygrade.store import database, journal
from paygrade.store.fill import sync
from paygrade.store.journal import RunJournal
from store.making import HASH, PAN, answer, header, row, scored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JUDGE = ("judge", "dispute-reasons/1")
OTHER = "fedcba9876543210" * 4
BROKEN = Errored(sample_id="s1", epoch=1, error_kind="scorer_error", error="the judge said no")
LOST = Call(
    sample_id="s1", epoch=1, number=1, kind="timeout", problem="no answer within 60 s",
    request_id="", latency_s=60, retry_in_s=None, cost_usd=None, at="2026-11-23T12:00:01.000000Z",
)  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunJournal]:
    """A run of one sample that has its answer."""
    made = header()
    writer = RunJournal.create(tmp_path / "runs" / made.run_id, made)
    writer.sample(row())
    writer.answer(answer())
    yield writer
    writer.close()


def progress(run: RunJournal) -> journal.Progressed:
    """What a session would find."""
    return journal.read_progress(run.path.parent)


def test_what_a_judge_said_is_known_by_what_it_was_asked(run: RunJournal) -> None:
    """And it is no answer of the run's own."""
    run.judging(*JUDGE).answer(answer(text="{}", digest=HASH))
    found = progress(run)
    assert found.judged[HASH].text == "{}"
    assert [each.text for each in journal.read_answers(run.path.parent)] == [answer().text]
    assert found.answered["s1", 1].text == answer().text


def test_a_retried_attempt_is_judged_anew(run: RunJournal) -> None:
    """What was said before the retry does not bind the judge; what is said after it does."""
    run.judging(*JUDGE).answer(answer(text="nonsense", digest=HASH))
    run.outcome(BROKEN)
    assert HASH in progress(run).judged
    run.retry("s1", 1)
    assert progress(run).judged == {}
    assert progress(run).answered.keys() == {("s1", 1)}
    run.judging(*JUDGE).answer(answer(text="{}", digest=HASH))
    assert progress(run).judged[HASH].text == "{}"


def test_judges_spend_under_budgets_of_their_own(run: RunJournal) -> None:
    """A call counts with its ceiling until it is known what it cost; a retry gives nothing back."""
    one, two = run.judging(*JUDGE), run.judging("second", JUDGE[1])
    one.sent("s1", 1, Decimal("0.30"))
    assert progress(run).judge_spent == {"judge": Decimal("0.30")}
    one.answer(answer(cost_usd=0.02, digest=HASH))
    two.sent("s1", 1, Decimal("0.50"))
    two.call(LOST)
    two.sent("s1", 1, Decimal("0.50"))
    run.outcome(BROKEN)
    run.retry("s1", 1)
    assert progress(run).judge_spent == {"judge": Decimal("0.02"), "second": Decimal("1.00")}
    assert progress(run).spent == Decimal("0.25")  # the run's own answer, which had no budget


def test_the_store_has_a_row_for_each_call(run: RunJournal, tmp_path: Path) -> None:
    """Who judged what, how it ended, what it cost; what was only sent is no call yet."""
    log = run.judging(*JUDGE)
    log.sent("s1", 1, Decimal("0.30"))
    log.call(LOST)
    log.sent("s1", 1, Decimal("0.30"))
    log.answer(answer(cost_usd=0.02, digest=HASH, model="m-1"))
    run.outcome(scored())
    for _ in range(2):  # filled again, nothing doubles
        assert sync(tmp_path).problems == ()
    with database.reading(tmp_path) as connection:
        found = database.rows(
            connection,
            "SELECT sample_id, epoch, judge, rubric, kind, model, input_tokens, cost_usd "
            "FROM judge_calls ORDER BY kind",
        )[1]
    assert found == [
        ("s1", 1, *JUDGE, "answer", "m-1", 10, 0.02),
        ("s1", 1, *JUDGE, "timeout", None, None, None),
    ]


def test_a_card_number_of_a_judge_is_masked(run: RunJournal) -> None:
    """Whatever got past the barrier."""
    run.judging(*JUDGE).answer(answer(text=f"see {PAN}", digest=HASH))
    assert PAN.encode() not in run.path.read_bytes()


def test_a_journal_of_format_2_goes_on(run: RunJournal) -> None:
    """It had no judges; everything else is as it was."""
    run.path.write_bytes(run.path.read_bytes().replace(b'"v":3', b'"v":2', 1))
    assert progress(run).samples == {"s1"}
    run.judging(*JUDGE).answer(answer(text="{}", digest=OTHER))
    assert OTHER in progress(run).judged
