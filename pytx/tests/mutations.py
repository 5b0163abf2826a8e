"""Takes one rule out of pytx at a time, and sees that a test falls.

Each mutation is made in a copy of the source; the test is run against the whole source first, where
it has to pass. With `--table` the list is printed as `docs/mutations.md` holds it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parent
SOURCE = TESTS.parent / "src" / "pytx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A rule, the invariant that it protects, how it is taken out, and the test that falls."""

    invariant: str
    rule: str
    file: str
    old: str
    new: str
    test: str


MUTATIONS = (
    Mutation(
        invariant="I1",
        rule="an exception that proves nothing leaves the outcome unknown",
        file="running.py",
        old="""        else:
            outcome = unknown
        known""",
        new="""        else:
            outcome = Outcome(state="released")
        known""",
        test="test_guard.py::test_an_exception_that_proves_nothing_leaves_the_outcome_unknown",
    ),
    Mutation(
        invariant="I1",
        rule="the end of a lease lets nothing run again",
        file="model.py",
        old="""    if recovery.schedule is None:
        return Unknown(next_check=None)
    due""",
        new="""    if recovery.schedule is None:
        return Run(generation=row.generation)
    due""",
        test="test_model.py::test_every_state_has_its_decision",
    ),
    Mutation(
        invariant="I1",
        rule="a re-send keeps the provider's key",
        file="model.py",
        old="first_sent_at + recovery.window:\n        return Run(generation=row.generation)",
        new="first_sent_at + recovery.window:\n        return Run(generation=row.generation + 1)",
        test="test_guard.py::test_inside_the_providers_window_it_is_sent_again_under_the_same_key",
    ),
    Mutation(
        invariant="I1",
        rule="outside of the provider's window nothing is sent again",
        file="model.py",
        old="if recovery.window is not None and now + policy.lease < row",
        new="if recovery.window is not None and now + policy.lease - 9e9 < row",
        test="test_guard.py::test_inside_the_providers_window_it_is_sent_again_under_the_same_key",
    ),
    Mutation(
        invariant="I1",
        rule="absent counts only when the first owner is surely done",
        file="model.py",
        old="recovery.absent_is_final and now >= recovery.settled_at(row)",
        new="recovery.absent_is_final",
        test="test_guard.py::test_absent_is_believed_only_when_the_first_owner_is_surely_done",
    ),
    Mutation(
        invariant="I1",
        rule="absent counts only where it is final",
        file="model.py",
        old="recovery.absent_is_final and now >= recovery.settled_at(row)",
        new="now >= recovery.settled_at(row)",
        test="test_guard.py::test_absent_that_is_never_final_leaves_it_to_a_person",
    ),
    Mutation(
        invariant="I1",
        rule="nothing is sent when the lease is spent",
        file="model.py",
        old="return seconds if seconds >= _LEAST_S else None",
        new="return most",
        test="chaos/test_kills.py::test_c06_a_stopped_process_sends_nothing_after_its_lease",
    ),
    Mutation(
        invariant="I1",
        rule="not sent proves nothing after an unknown call",
        file="running.py",
        old="isinstance(error, call.not_sent) and not self._sent_before",
        new="isinstance(error, call.not_sent)",
        test="test_guard.py::test_not_sent_proves_nothing_after_an_unknown_call",
    ),
    Mutation(
        invariant="I1",
        rule="being turned away proves nothing after an unknown call",
        file="running.py",
        old="isinstance(error, call.rejected) and not self._sent_before",
        new="isinstance(error, call.rejected)",
        test="test_guard.py::test_being_turned_away_proves_nothing_after_an_unknown_call",
    ),
    Mutation(
        invariant="I1",
        rule="a second send in one run proves nothing",
        file="running.py",
        old="if op.sends > 1:",
        new="if op.sends > 2:",
        test="test_guard.py::test_a_second_send_in_one_run_proves_nothing",
    ),
    Mutation(
        invariant="I1",
        rule="a late result is never paid again",
        file="model.py",
        old="if row.late is not None and row.is_unknown(now):",
        new="if row.late is not None and row.state == 'succeeded':",
        test="test_guard.py::test_a_late_result_of_a_released_intent_is_not_paid_again",
    ),
    Mutation(
        invariant="I1",
        rule="a claim is never made inside of the caller's transaction",
        file="stores/pg_steps.py",
        old="if connection.pgconn.transaction_status != TransactionStatus.IDLE:",
        new="if connection.pgconn.transaction_status == TransactionStatus.UNKNOWN:",
        test="test_stores.py::test_a_connection_inside_a_transaction_is_refused",
    ),
    Mutation(
        invariant="I1",
        rule="a server that acknowledges what is not on disk is refused",
        file="stores/pg_steps.py",
        old='if value == "off" and not self._allow_async_commit:',
        new='if value == "of" and not self._allow_async_commit:',
        test="test_stores.py::test_a_server_that_forgets_is_refused",
    ),
    Mutation(
        invariant="I1",
        rule="a running intent is not claimed again before its lease ends",
        file="sql/sqlite.sql",
        old="and (state <> 'running' or lease_until <= :now)",
        new="",
        test="test_stores.py::TestContract::test_a_running_row_is_not_reclaimed_before_its_lease_ends",
    ),
    Mutation(
        invariant="I2",
        rule="a key is not used for another amount",
        file="model.py",
        old="if row.fingerprint != fingerprint:",
        new="if len(row.fingerprint) != len(fingerprint):",
        test="test_guard.py::test_a_key_is_not_used_for_another_amount",
    ),
    Mutation(
        invariant="I2",
        rule="the operation is part of the intent",
        file="guarding.py",
        old="identity=Identity(scope=self.scope, operation=operation, key=text)",
        new='identity=Identity(scope=self.scope, operation="any", key=text)',
        test="test_guard.py::test_another_operation_or_scope_is_another_intent",
    ),
    Mutation(
        invariant="I2",
        rule="another amount at the provider settles nothing",
        file="model.py",
        old="return None if contradicts(row, seen) else seen",
        new="return seen",
        test="test_guard.py::test_another_amount_at_the_provider_settles_nothing",
    ),
    Mutation(
        invariant="I2",
        rule="only the owner of the fence records",
        file="sql/sqlite.sql",
        old="""and key = :key and fence = :fence
  and owner = :owner and state in ('running', 'unknown')""",
        new="and key = :key and state in ('running', 'unknown')",
        test="test_stores.py::TestContract::test_a_reclaimed_row_has_a_new_owner_and_fence",
    ),
    Mutation(
        invariant="I3",
        rule="what is running past its lease is listed",
        file="sql/sqlite.sql",
        old="""  and (state = 'unknown' or (state = 'running' and lease_until <= :now)
  or (late is not null and state in ('failed', 'released')))
order by""",
        new="""  and (state = 'unknown' or (late is not null and state in ('failed', 'released')))
order by""",
        test="test_stores.py::TestContract::test_open_rows_are_those_that_nobody_knows",
    ),
    Mutation(
        invariant="I3",
        rule="a claim whose answer is lost is made again",
        file="running.py",
        old="_TRIES_OF_CLAIMS: Final = 3",
        new="_TRIES_OF_CLAIMS: Final = 1",
        test="test_guard.py::test_a_claim_whose_answer_is_lost_is_made_again",
    ),
    Mutation(
        invariant="I3",
        rule="a finish that fails is repeated until the lease ends",
        file="running.py",
        old="left = until - time.monotonic()\n                if left <= 0:",
        new="left = until - time.monotonic()\n                if left > 0:",
        test="test_guard.py::test_a_finish_is_repeated",
    ),
    Mutation(
        invariant="I3",
        rule="what became of an effect is recorded though the caller is cancelled",
        file="async_guard.py",
        old="    task = asyncio.ensure_future(steps)\n",
        new="    return await steps\n    task = asyncio.ensure_future(steps)\n",
        test="test_async.py::test_a_record_outlives_the_cancellation_of_its_caller",
    ),
    Mutation(
        invariant="I3",
        rule="a claim whose caller is cancelled is let go",
        file="async_guard.py",
        old="            await surely(self._block.give_up())\n",
        new="",
        test="test_async.py::test_cancelled_at_every_await",
    ),
    Mutation(
        invariant="I4",
        rule="look-ups that are due are made, whatever else is open",
        file="office.py",
        old="if len(due) >= limit or len(rows) < many:",
        new="if rows or not rows:",
        test="test_guard.py::test_what_nobody_can_look_up_does_not_keep_others_from_it",
    ),
    Mutation(
        invariant="I4",
        rule="one caller looks up at a time",
        file="sql/sqlite.sql",
        old="\n  and checks = :checks",
        new="",
        test="test_stores.py::TestContract::test_a_look_up_is_taken_by_one",
    ),
    Mutation(
        invariant="I5",
        rule="a hold fits below its cap",
        file="sql/sqlite.sql",
        old="\n  and held + spent + :minor <= cap",
        new="",
        test="test_stores.py::TestContract::test_a_hold_must_fit_below_its_cap",
    ),
    Mutation(
        invariant="I5",
        rule="what nobody knows stays held",
        file="stores/sql_store.py",
        old="counts = row.hold is not None and outcome.state in FINAL",
        new="counts = row.hold is not None",
        test="test_stores.py::TestContract::test_a_hold_is_spent_given_back_or_kept",
    ),
    Mutation(
        invariant="I5",
        rule="an intent that runs again is held again",
        file="stores/sql_store.py",
        old="if changed and row.state in _GIVEN_BACK:",
        new="if changed and row.state in ():",
        test="test_stores.py::TestContract::test_what_is_given_back_is_held_again",
    ),
    Mutation(
        invariant="O1",
        rule="a message is forgotten only when it was handled",
        file="relaying.py",
        old="                if await self._handle(message):\n",
        new="                if await self._handle(message) is not None:\n",
        test="test_outbox.py::test_what_fails_comes_again_later_and_dies_in_the_end",
    ),
    Mutation(
        invariant="O1",
        rule="attempts count when a message is taken",
        file="sql/sqlite.sql",
        old=", attempts = attempts + 1",
        new="",
        test="test_outbox.py::test_a_message_that_kills_its_process_is_dead_in_the_end",
    ),
    Mutation(
        invariant="O1",
        rule="a listener that dies does not stop the polling",
        file="stores/pg_steps.py",
        old="                await got(listening.close())\n                return None\n",
        new="                raise\n",
        test="test_wake.py::test_a_listener_that_dies_is_opened_again",
    ),
    Mutation(
        invariant="O2",
        rule="of one key only the oldest message is taken",
        file="sql/sqlite.sql",
        old="e.key = o.key and e.id < o.id",
        new="e.key = o.key and e.id < 0",
        test="test_outbox.py::test_one_key_is_delivered_in_order",
    ),
    Mutation(
        invariant="O2",
        rule="ids of one key are in the order of commits",
        file="sql/postgres.sql",
        old="select pg_advisory_xact_lock(hashtextextended(%(topic)s || chr(31) || %(key)s, 0)))",
        new="select 1)",
        test="test_outbox.py::test_writers_that_commit_late_lose_nothing_and_keep_order",
    ),
    Mutation(
        invariant="O3",
        rule="an inbox lets a message in once",
        file="receiving.py",
        old="return bool(cursor.rowcount)",
        new="return True",
        test="test_outbox.py::test_an_inbox_lets_a_message_in_once",
    ),
)


def seen_to_fail(mutation: Mutation) -> bool:
    """Whether the mutation's test passes on the whole source, and falls without the rule."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "pytx"
        shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        if _run(mutation.test, copy.parent) != 0:
            return False
        path = copy / mutation.file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
        return _run(mutation.test, copy.parent) == 1


def _run(test: str, source: Path) -> int:
    """Pytest's exit code: 0 passed, 1 failed; anything else tried nothing."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*command, str(TESTS / test)], env=environment, capture_output=True, check=False
    )
    return done.returncode


def table() -> str:
    """The list, as Markdown."""
    rows = ["| protects | rule | where | test that falls |", "| --- | --- | --- | --- |"]
    rows += [
        f"| {each.invariant} | {each.rule} | `{each.file}` | `{each.test}` |" for each in MUTATIONS
    ]
    return "\n".join(rows)


def main() -> int:
    """Try them all, or those whose rule has a word in it; 1 when one is not caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("word", nargs="?", default="")
    parser.add_argument("--table", action="store_true", help="print the table of docs/mutations.md")
    asked = parser.parse_args()
    if asked.table:
        sys.stdout.write(f"{table()}\n")
        return 0
    missed = 0
    for mutation in MUTATIONS:
        if asked.word not in mutation.rule:
            continue
        caught = seen_to_fail(mutation)
        missed += not caught
        said = "caught" if caught else "MISSED"
        sys.stdout.write(f"{said}  {mutation.invariant}  {mutation.rule}\n")
        sys.stdout.flush()
    return int(bool(missed))


if __name__ == "__main__":
    raise SystemExit(main())
