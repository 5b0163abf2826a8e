"""What agents did, in the journal, in the answers' cache and in the database."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from paygrade.leaks import Finding
from paygrade.records.agent import Effect, Step, ToolCall, Trajectory
from paygrade.records.answer import StoredAnswer
from paygrade.records.plan import Identity
from paygrade.store import database, journal, lines
from paygrade.store.cache import known_answers
from paygrade.store.fill import sync
from store.making import HASH, PAN, answer, errored, header, row, scored

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.outcome import Outcome
    from paygrade.records.run import RunHeader

CARD_HASH = PAN * 4
"""A hash of the snapshot that reads as a card number."""

REFUND = ToolCall(
    id="1",
    tool="refund",
    arguments={"payment": "pay_1"},
    result={"id": "re_1"},
    fault="timeout_after_commit",
    guard="ran",
)
ACTED = Trajectory(
    guard="pytx",
    steps=(
        Step(role="agent", calls=(REFUND, replace(REFUND, tool="note", status="unknown_tool"))),
        Step(role="customer", text="And?"),
        Step(role="agent", calls=(replace(REFUND, arguments="{", fault="", guard=""),)),
    ),
    deliveries=(),
    effects=(
        Effect(
            intent="refund:pay_1", id="re_1", amount_minor=4200, currency="USD", subject="pay_1"
        ),
    ),
    claims=(),
    violations=(),
    snapshot={"refunds": []},
    snapshot_hash=HASH,
)


def acted(store: Path, *events: StoredAnswer | Outcome, made: RunHeader | None = None) -> Path:
    """A journal of what happened to s1 and s2, in this order."""
    made = made or header()
    folder = store / "runs" / made.run_id
    writer = journal.RunJournal.create(folder, made)
    writer.sample(row())
    writer.sample(row("s2"))
    for each in events:
        if isinstance(each, StoredAnswer):
            writer.answer(each)
        else:
            writer.outcome(each)
    writer.close()
    return folder


def ask(store: Path, statement: str) -> list[tuple[Any, ...]]:
    """What the store answers."""
    sync(store)
    with database.reading(store) as connection:
        return database.rows(connection, statement)[1]


def test_an_answer_carries_its_trajectory_through_the_journal(tmp_path: Path) -> None:
    """Written as a line and read back, it is equal."""
    made = answer(trajectory=ACTED)
    folder = acted(tmp_path, made)
    assert list(journal.read_answers(folder)) == [made]


def test_an_answer_without_one_is_the_line_that_it_always_was() -> None:
    """No key more."""
    assert "trajectory" not in lines.answer_line(answer())
    assert lines.answer_from(lines.answer_line(answer())).trajectory is None


def test_the_hash_of_a_snapshot_is_never_masked(tmp_path: Path) -> None:
    """A replay compares it: here all of it reads as card numbers, and so does what stands there."""
    did = replace(ACTED, snapshot={"note": PAN}, snapshot_hash=CARD_HASH)
    folder = acted(tmp_path, answer(trajectory=did))
    [found] = journal.read_answers(folder)
    assert found.trajectory is not None
    assert found.trajectory.snapshot_hash == CARD_HASH
    assert PAN not in json.dumps(found.trajectory.snapshot)


@pytest.mark.parametrize("tools", ["", HASH, CARD_HASH])
def test_a_header_names_the_tools_of_its_run(tmp_path: Path, tools: str) -> None:
    """Where there are some; else the line is what it always was."""
    identity = Identity(prompt=HASH, dataset=HASH, runner=HASH, scorers=HASH, tools=tools)
    made = header(identity=identity)
    folder = acted(tmp_path, made=made)
    assert journal.read_header(folder) == made
    written = json.loads((folder / journal.JOURNAL_FILE).read_bytes().splitlines()[0])
    assert ("tools" in written["identity"]) == bool(tools)
    assert ask(tmp_path, "SELECT tools_hash FROM runs") == [(tools,)]


def test_turns_count_once_in_what_a_run_has_spent(tmp_path: Path) -> None:
    """Each with its cost once it is known; the answer is their sum and adds nothing."""
    folder = tmp_path / "run"
    writer = journal.RunJournal.create(folder, header())
    writer.sample(row())
    for cost in (Decimal("0.25"), None, Decimal("0.5")):
        writer.sent("s1", 1, Decimal(2))
        writer.turn("s1", 1, cost)
    assert journal.read_progress(folder).spent == Decimal("2.75")
    writer.answer(answer(cost_usd=0.75))
    assert journal.read_progress(folder).spent == Decimal("2.75")
    writer.sent("s1", 2, Decimal(2))
    assert journal.read_progress(folder).spent == Decimal("4.75")
    writer.close()


def test_calls_and_effects_can_be_asked_for_in_sql(tmp_path: Path) -> None:
    """One row each, with the place of a call among the steps."""
    acted(tmp_path, answer(trajectory=ACTED), scored())
    calls = ask(tmp_path, "SELECT * EXCLUDE (run_id) FROM tool_calls ORDER BY step, position")
    assert calls == [
        ("s1", 1, 1, 1, "refund", "ok", "timeout_after_commit", "ran", '{"payment":"pay_1"}',
         '{"id":"re_1"}'),
        ("s1", 1, 1, 2, "note", "unknown_tool", "timeout_after_commit", "ran",
         '{"payment":"pay_1"}', '{"id":"re_1"}'),
        ("s1", 1, 3, 1, "refund", "ok", "", "", '"{"', '{"id":"re_1"}'),
    ]  # fmt: skip
    assert ask(tmp_path, "FROM effects") == [
        (header().run_id, "s1", 1, "refund:pay_1", "re_1", 4200, "USD", "pay_1")
    ]
    [(kept,)] = ask(tmp_path, "SELECT trajectory->>'$.guard' FROM attempts")
    assert kept == "pytx"


def test_an_attempt_without_tools_has_no_trajectory(tmp_path: Path) -> None:
    """Nor has one without an answer."""
    acted(tmp_path, answer(), scored(), errored("s2"))
    assert ask(tmp_path, "SELECT trajectory FROM attempts") == [(None,), (None,)]
    assert ask(tmp_path, "SELECT count(*) FROM tool_calls") == [(0,)]


def test_a_run_that_is_filled_again_has_each_call_once(tmp_path: Path) -> None:
    """A journal that grew replaces all that was there of it."""
    folder = acted(tmp_path, answer(trajectory=ACTED), scored())
    assert ask(tmp_path, "SELECT count(*) FROM tool_calls") == [(3,)]
    writer = journal.RunJournal.reopen(folder)
    writer.outcome(errored("s2"))
    writer.close()
    assert ask(tmp_path, "SELECT count(*) FROM tool_calls") == [(3,)]
    assert ask(tmp_path, "SELECT count(*) FROM effects") == [(1,)]


def test_the_cache_gives_back_what_an_agent_did(tmp_path: Path) -> None:
    """With the places of what was found in it."""
    found = Finding(kind="pan", start=3, end=3, place="/trajectory/snapshot/note")
    made = answer(trajectory=ACTED, digest=HASH, findings=(found,))
    acted(tmp_path, made, scored())
    sync(tmp_path)
    known = known_answers(tmp_path, {("s9", 2): HASH})["s9", 2]
    assert (known.trajectory, known.findings, known.cached) == (ACTED, (found,), True)


def test_a_trajectory_that_was_damaged_is_named(tmp_path: Path) -> None:
    """As any line that is not what it says it is."""
    folder = acted(tmp_path, answer(trajectory=ACTED), scored())
    file = folder / journal.JOURNAL_FILE
    file.write_text(file.read_text().replace('"role":"agent"', '"role":"robot"'))
    assert "journal.jsonl:4: is not a journal line" in sync(tmp_path).problems[0]
