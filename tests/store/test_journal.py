"""Journals: what is written stays, what is torn is dropped, what is corrupt is named."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paygrade import leaks
from paygrade.errors import ExitCode, JournalError
from paygrade.records.check import CheckSpec
from paygrade.records.plan import Identity, Selection
from paygrade.store import journal as journals
from paygrade.store.journal import JOURNAL_FILE, RunJournal
from store.making import HASH, answer, check, errored, header, row, scored, write_run

if TYPE_CHECKING:
    from kit import Paygrade, WorkspaceFolder

RUN = header().run_id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A journaled run: two outcomes, an answer that waits for its outcome, a sample."""
    folder = write_run(tmp_path, header(), [row("s1"), row("s2")], [scored("s1"), errored("s2")])
    journal = RunJournal.reopen(folder)
    journal.sample(row("s3", input={"message": "größe 😀"}))
    journal.answer(answer("s3"))
    journal.sample(row("s4"))
    journal.close()
    return folder


def lines_of(folder: Path) -> list[bytes]:
    """The journal's lines."""
    return (folder / JOURNAL_FILE).read_bytes().splitlines(keepends=True)


def test_everything_comes_back_as_it_went_in(tmp_path: Path) -> None:
    """Header, samples, answers and outcomes are equal after a round trip."""
    whole = header(
        selection=Selection(suite="s", runner="r", filter_id=("a*",), only_samples=("s1", "s2")),
        checks=(CheckSpec(id="equals(a)", scorer="equals", params={"field": "a"}),),
        dirty=True,
        max_failure_rate=0.1,
    )
    sample = row("s1", slices={"kind": ("a", "b")}, exposure_minor=5, currency="EUR", input="text")
    judged = scored("s1", failed=True)
    own = dataclasses.replace(judged, checks=(check(value=0.5, partial={"recall": 0.25}),))
    folder = write_run(tmp_path, whole, [sample], [own, errored("s1", 2)])
    journal = RunJournal.reopen(folder)
    journal.answer(answer("s1", 3, usage=None, cost_usd=None))
    journal.close()
    assert journals.read_header(folder) == whole
    assert list(journals.read_samples(folder)) == [sample]
    assert list(journals.read_outcomes(folder)) == [own, errored("s1", 2)]
    assert journals.read_progress(folder).answered == {
        ("s1", 3): answer("s1", 3, usage=None, cost_usd=None)
    }


def test_progress_is_what_needs_no_second_call(folder: Path) -> None:
    """Outcomes are done; an answer without one is kept to be scored."""
    progress = journals.read_progress(folder)
    assert progress.done == {("s1", 1), ("s2", 1)}
    assert dict(progress.answered) == {("s3", 1): answer("s3")}
    assert progress.samples == {"s1", "s2", "s3", "s4"}


def test_cut_off_at_any_byte_it_says_what_was_whole(folder: Path) -> None:
    """Reading never fails on a torn tail, and reopening leaves exactly the whole lines."""
    whole = (folder / JOURNAL_FILE).read_bytes()
    before = 0.0
    for size in range(len(whole) + 1):
        (folder / JOURNAL_FILE).write_bytes(whole[:size])
        progress = journals.read_progress(folder)
        known = len(progress.done) + len(progress.answered) * 0.5 + len(progress.samples)
        assert known >= before, "more of the journal can only say more"
        before = known
        if size % 4 and abs(whole.find(b"\n", max(size - 2, 0)) - size) > 2:
            continue  # opening takes longer than reading: not in the middle of every word
        RunJournal.reopen(folder).close()
        kept = (folder / JOURNAL_FILE).read_bytes()
        assert kept == whole[: whole.rfind(b"\n", 0, size) + 1]
        assert journals.read_progress(folder) == progress
    assert before == 6.5


def test_after_a_torn_line_the_next_one_is_whole(folder: Path) -> None:
    """Going on cuts the torn line off first, and nothing else."""
    file = folder / JOURNAL_FILE
    lines = lines_of(folder)
    file.write_bytes(b"".join(lines)[:-5])
    journal = RunJournal.reopen(folder)
    journal.sample(row("s9"))
    journal.close()
    assert lines_of(folder)[:-1] == lines[:-1]
    assert journals.read_progress(folder).samples == {"s1", "s2", "s3", "s9"}


@pytest.mark.parametrize(
    "damage",
    [
        b"\x00\x00\x00\n",
        b"{}\n",
        b"[]\n",
        b'"t"\n',
        b'{"t":["run"]}\n',
        b'{"t":"other"}\n',
        b'{"t":"run","v":3}\n',
        b'{"t":"outcome","sample_id":"s1"}\n',
        b'{"t":"answer","sample_id":"s1","epoch":"1"}\n',
        b'{"t":"sample","sample_id":7}\n',
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b"\n",
    ],
)
def test_a_corrupt_line_is_named_and_left_alone(folder: Path, damage: bytes) -> None:
    """File and line stand in the message, with a mend; the file is as it was."""
    lines = lines_of(folder)
    lines[2] = damage
    (folder / JOURNAL_FILE).write_bytes(b"".join(lines))
    with pytest.raises(JournalError) as caught:
        journals.read_progress(folder)
    assert caught.value.problem == f"{folder / JOURNAL_FILE}:3: is not a journal line"
    assert f"delete line 3, then `paygrade resume {RUN}`" in caught.value.hint
    assert lines_of(folder) == b"".join(lines).splitlines(keepends=True)


@pytest.mark.parametrize("number", range(1, 8))
def test_a_line_that_was_deleted_is_done_again(folder: Path, number: int) -> None:
    """What the hint says: without its sample's line or its outcome, an attempt is not done."""
    lines = lines_of(folder)
    del lines[number]
    (folder / JOURNAL_FILE).write_bytes(b"".join(lines))
    progress = journals.read_progress(folder)
    assert {key[0] for key in progress.done | progress.answered.keys()} <= progress.samples
    outcomes = list(journals.read_outcomes(folder))
    assert {(each.sample_id, each.epoch) for each in outcomes} == progress.done


def test_each_attempt_counts_once(folder: Path) -> None:
    """A second outcome, answer or sample line of the same is not counted."""
    lines = lines_of(folder)
    (folder / JOURNAL_FILE).write_bytes(b"".join(lines + lines[1:]))
    assert len(list(journals.read_outcomes(folder))) == 2
    assert len(list(journals.read_samples(folder))) == 4


def test_another_version_is_refused_with_a_mend(folder: Path) -> None:
    """A journal of a newer paygrade is not guessed at."""
    file = folder / JOURNAL_FILE
    file.write_bytes(file.read_bytes().replace(b'"v":3', b'"v":4', 1))
    with pytest.raises(JournalError, match="journal format 4, this one reads up to 3") as caught:
        journals.read_header(folder)
    assert caught.value.hint == "upgrade paygrade"


OLD = Path(__file__).parent / "data" / "journal_format_1.jsonl"


def test_a_journal_of_format_1_is_an_ordinary_run(tmp_path: Path) -> None:
    """A real one, written before runs had a purpose; it can go on."""
    assert b"purpose" not in OLD.read_bytes()
    (tmp_path / JOURNAL_FILE).write_bytes(OLD.read_bytes())
    old = journals.read_header(tmp_path)
    assert (old.purpose, old.suite, old.attempts) == ("run", "refunds", 3)
    whole = journals.read_progress(tmp_path)
    assert len(whole.done) == len(list(journals.read_outcomes(tmp_path))) == 3
    journal = RunJournal.reopen(tmp_path)
    journal.sample(row("s9"))
    journal.close()
    assert journals.read_progress(tmp_path).samples == whole.samples | {"s9"}


def test_a_journal_with_purposes_is_no_format_1(tmp_path: Path) -> None:
    """A version of paygrade that does not know them refuses it, and is told why."""
    folder = write_run(tmp_path, header(purpose="confirm"), [], [])
    first = json.loads(lines_of(folder)[0])
    assert (first["v"], first["purpose"]) == (3, "confirm")
    assert journals.read_header(folder).purpose == "confirm"


def test_a_header_of_other_fields_is_corrupt(folder: Path) -> None:
    """It is JSON and yet no header."""
    (folder / JOURNAL_FILE).write_bytes(b'{"t":"run","v":2,"run_id":"x"}\n')
    with pytest.raises(JournalError, match=":1: is not a journal line"):
        journals.read_header(folder)


def test_an_empty_or_missing_journal_has_its_sentence(tmp_path: Path) -> None:
    """No traceback for a folder without a journal, or with an empty one."""
    with pytest.raises(JournalError, match="cannot be read: No such file"):
        journals.read_header(tmp_path)
    (tmp_path / JOURNAL_FILE).touch()
    with pytest.raises(JournalError, match="is empty: the run never began"):
        journals.read_header(tmp_path)


def test_a_run_that_was_begun_has_its_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing has the journal's name before its first line is in it."""

    class SimulatedCrash(BaseException):
        """The end of the process."""

    def crash(*_: object) -> int:
        raise SimulatedCrash

    monkeypatch.setattr(os, "write", crash)
    with pytest.raises(SimulatedCrash):
        RunJournal.create(tmp_path / RUN, header())
    assert not (tmp_path / RUN / JOURNAL_FILE).exists()


def test_a_run_is_not_begun_twice(tmp_path: Path) -> None:
    """The folder of a run belongs to one run."""
    RunJournal.create(tmp_path / "run", header()).close()
    with pytest.raises(JournalError, match="cannot be written: File exists"):
        RunJournal.create(tmp_path / "run", header())


def test_a_file_where_a_folder_is_expected_has_its_sentence(tmp_path: Path) -> None:
    """The store's folder is a file."""
    (tmp_path / "store").touch()
    with pytest.raises(JournalError, match="cannot be written: Not a directory"):
        RunJournal.create(tmp_path / "store" / "runs" / RUN, header())


HOLDER = """
import sys, time
from pathlib import Path
from paygrade.store.journal import RunJournal
journal = RunJournal.reopen(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""


def test_a_second_writer_waits_until_the_first_has_gone(folder: Path) -> None:
    """A real process holds the journal; kill -9 frees it."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True
    ) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(JournalError) as caught:
                RunJournal.reopen(folder)
            assert str(caught.value) == (
                f"{folder / JOURNAL_FILE}: another process is writing this run (wait for it)"
            )
        finally:
            holder.send_signal(signal.SIGKILL)
            holder.wait()
    RunJournal.reopen(folder).close()


def test_after_a_refused_line_no_other_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that takes half a line and then has space again must not corrupt the middle."""
    journal = RunJournal.reopen(folder)
    real = os.write
    taken: list[int] = []

    def half(descriptor: int, data: bytes) -> int:
        if taken:
            raise OSError(28, "No space left on device")
        taken.append(len(data) // 2)
        return real(descriptor, data[: len(data) // 2])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(JournalError, match="No space left on device"):
        journal.sample(row("s8"))
    monkeypatch.undo()
    with pytest.raises(JournalError, match=f"go on with `paygrade resume {RUN}`"):
        journal.sample(row("s9"))
    journal.close()
    assert journals.read_progress(folder).samples == {"s1", "s2", "s3", "s4"}


def test_a_disk_that_cannot_sync_says_so_each_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What failed to reach the disk is not forgotten by the next call."""
    journal = RunJournal.reopen(folder)
    journal.sample(row("s9"))

    def refuse(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", refuse)
    for _ in range(2):
        with pytest.raises(JournalError, match="Input/output error"):
            journal.sync()
    monkeypatch.undo()
    journal.sync()
    journal.close()


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
from paygrade.cli.app import main
main()
"""


def test_a_full_disk_ends_with_a_sentence_and_resume_completes(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """The message names the file and the command that goes on; with space again, it does."""
    workspace.samples([{**SAMPLE, "id": f"s{n}"} for n in range(60)])
    ended = subprocess.run(
        [sys.executable, "-B", "-c", LIMITED, "20000", "run", "-w", str(workspace.root)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        # What measures coverage in the child would meet the full disk too; and so would (-B) the
        # compiled files of the checkout, which Python then leaves behind cut off.
        env={key: value for key, value in os.environ.items() if "COVERAGE" not in key},
    )
    [run] = (workspace.root / ".paygrade" / "runs").iterdir()
    assert ended.returncode == ExitCode.MISTAKE, ended.stderr
    assert f"{run / JOURNAL_FILE}: cannot be written: File too large" in ended.stderr
    assert f"(free some space, then go on with `paygrade resume {run.name}`)" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert 0 < len(journals.read_progress(run).done) < 60
    resumed = paygrade("resume", run.name, "-w", workspace.root)
    assert resumed.code == 0
    assert "0 of 60 failed" in resumed.out


@pytest.mark.real
def test_a_full_file_system_is_a_full_disk(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """As above, on a small tmpfs: ENOSPC."""
    store = workspace.root / ".paygrade"
    store.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(store)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a tmpfs cannot be mounted here (needs root): {mounted.stderr.strip()}")
    try:
        workspace.samples([{**SAMPLE, "id": f"s{n}"} for n in range(60)])
        ended = paygrade("run", "-w", workspace.root)
        [run] = (store / "runs").iterdir()
        assert ended.code == ExitCode.MISTAKE
        assert f"{run / JOURNAL_FILE}: cannot be written: No space left on device" in ended.err
        assert f"`paygrade resume {run.name}`" in ended.err
        grow = ["mount", "-o", "remount,size=32m", str(store)]
        subprocess.run(grow, capture_output=True, check=True)
        assert paygrade("resume", run.name, "-w", workspace.root).code == 0
    finally:
        subprocess.run(["umount", str(store)], check=True)


def test_our_own_hashes_are_never_masked(tmp_path: Path) -> None:
    """One hash in a thousand reads as a card number; a run could not go on with a masked one."""
    digest = f"4111111111111111ab{HASH[18:]}"
    assert leaks.mask(digest).text != digest
    identity = Identity(prompt=digest, dataset=digest, runner=digest, scorers=digest)
    made = header(identity=identity, commit=digest[:40])
    folder = write_run(tmp_path, made, [row(content_hash=digest)], [])
    assert journals.read_header(folder) == made
    assert [each.content_hash for each in journals.read_samples(folder)] == [digest]


def test_what_is_no_number_is_stored_as_unknown(tmp_path: Path) -> None:
    """NaN and infinity are not JSON: the line can be read by anybody."""
    outcome = dataclasses.replace(
        scored(), checks=(check(value=float("nan"), partial={"a": float("inf")}),)
    )
    folder = write_run(tmp_path, header(), [row()], [outcome])

    def refuse(name: str) -> None:
        raise AssertionError(name)

    for line in lines_of(folder):
        json.loads(line, parse_constant=refuse)


SAMPLE = {
    "id": "s",
    "input": {"message": "It broke.", "amount_minor": 1000},
    "expected": {"action": "refund"},
    "slices": {"kind": "defect"},
}
