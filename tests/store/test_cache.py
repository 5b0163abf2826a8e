"""The answer cache: what was asked for, and never what was asked for because of its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paygrade.store.cache import known_answers
from paygrade.store.fill import sync
from paygrade.store.journal import RunJournal
from store.making import HASH, answer, header, row, scored, write_run

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.run import Purpose

WANTED = {("s1", 1): HASH}


def asked(store: Path, run_id: str, purpose: Purpose, hour: int) -> None:
    """A run of one sample; its answer says what the run was for."""
    folder = write_run(store, header(run_id, purpose=purpose), [row()], [])
    journal = RunJournal.reopen(folder)
    at = f"2026-11-23T{hour}:00:00.000000Z"
    journal.answer(answer(text=purpose, digest=HASH, at=at))
    journal.outcome(scored())
    journal.close()
    sync(store)


@pytest.mark.parametrize("purpose", ["confirm", "repeat"])
def test_answers_that_a_suspicion_asked_for_are_not_reused(
    tmp_path: Path, purpose: Purpose
) -> None:
    """They are no fair draw; an older answer of a whole run is."""
    asked(tmp_path, "20261123-130000-closer", purpose, 13)
    assert known_answers(tmp_path, WANTED) == {}
    asked(tmp_path, "20261123-120000-whole", "run", 12)
    assert known_answers(tmp_path, WANTED)["s1", 1].text == "run"


@pytest.mark.parametrize("purpose", ["run", "baseline", "gate", "calibrate"])
def test_answers_of_whole_runs_are_reused(tmp_path: Path, purpose: Purpose) -> None:
    """Whatever the run was for, they cost nothing the second time."""
    asked(tmp_path, "20261123-130000-whole", purpose, 13)
    known = known_answers(tmp_path, WANTED)["s1", 1]
    assert (known.text, known.cached, known.cost_usd) == (purpose, True, 0.0)
