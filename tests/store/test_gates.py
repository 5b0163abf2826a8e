"""Records of the gate: what was written comes back; a kill, a copy or damage loses nothing else."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from paygrade import leaks
from paygrade.errors import JournalError
from paygrade.store import gates
from store.making import HASH, PAN, gate_record, side, suite_record, verdict

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.json_value import Json
    from paygrade.store.gates import GateState

FIRST, SECOND = "20261123-120000.000-a1b2", "20261123-130000.000-c3d4"
OTHER = "f" * 64


def file_of(store: Path, gate_id: str = FIRST) -> Path:
    """Where a record is."""
    return store / "gates" / f"{gate_id}.json"


TEXT = st.text(st.characters(exclude_categories=["Cs", "N"]), max_size=12)
JSON = st.recursive(
    TEXT | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
NAMES = st.lists(TEXT, max_size=3).map(tuple)
SUITES = st.builds(
    gates.SuiteRecord,
    suite=TEXT,
    runner=TEXT,
    key=TEXT,
    baseline_digest=TEXT,
    candidate=TEXT,
    epochs=st.integers(1, 9),
    run_id=TEXT,
    chosen=NAMES,
    fresh_before=NAMES,
    fresh_after=NAMES,
    look=st.integers(1, 9),
    level=st.floats(0, 1),
    verdict=TEXT,
    result=st.none() | st.dictionaries(TEXT, JSON, max_size=3),
)
RECORDS = st.builds(
    gates.GateRecord,
    gate_id=st.just(FIRST),
    started_at=TEXT,
    state=st.sampled_from(["running", "done"]),
    suites=st.lists(SUITES, max_size=3).map(tuple),
    exit_code=st.none() | st.integers(0, 103),
)


@given(RECORDS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_record_comes_back_as_it_went_in(
    tmp_path_factory: pytest.TempPathFactory, record: gates.GateRecord
) -> None:
    """Whatever stands in it, written a first or a second time."""
    store = tmp_path_factory.mktemp("store")
    gates.write(store, record)
    assert gates.read_all(store) == ([record], [])
    gates.write(store, record)
    assert gates.read_all(store) == ([record], [])


SECRETS = st.sampled_from([PAN, "4111 1111 1111 1111", "cvv 737", "sk-" + "a1B2" * 8, int(PAN)])


@given(st.dictionaries(st.sampled_from(["cvv", "headline", PAN]), JSON | SECRETS, max_size=3))
@example({"headline": PAN, "flips": [[f"a {PAN}"], {PAN: float(PAN)}]})
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_is_left_to_mask(
    tmp_path_factory: pytest.TempPathFactory, result: dict[str, Json]
) -> None:
    """What is read and written again stays as it is."""
    store = tmp_path_factory.mktemp("store")
    gates.write(store, gate_record(FIRST, suite_record(verdict="pass", result=result)))
    written = file_of(store).read_bytes()
    assert PAN.encode() not in written
    [record], _ = gates.read_all(store)
    gates.write(store, record)
    assert file_of(store).read_bytes() == written


def test_a_whole_verdict_is_kept(tmp_path: Path) -> None:
    """Every field of it, as JSON."""
    said = verdict()
    gates.write(tmp_path, gate_record(FIRST, suite_record(said)))
    [record], _ = gates.read_all(tmp_path)
    assert record.suites[0].result == json.loads(json.dumps(dataclasses.asdict(said)))


def test_a_card_number_in_a_headline_does_not_reach_the_file(tmp_path: Path) -> None:
    """Nor one in a sample's name, a key or a list; what is known of it stays."""
    said = verdict(headline=f"Sample {PAN} broke", notes=(f"see {PAN}",))
    record = suite_record(said, suite=PAN, chosen=(f"s-{PAN}", PAN))
    gates.write(tmp_path, gate_record(FIRST, record))
    written = file_of(tmp_path).read_text("utf-8")
    assert PAN not in written
    assert "Sample 411111******1111 broke" in written


def test_our_own_hashes_are_never_masked(tmp_path: Path) -> None:
    """One in a thousand reads as a card number, and the next look would not find its record."""
    digest = f"{PAN}ab{HASH[18:]}"
    assert leaks.mask(digest).text != digest
    said = verdict(candidate=side(commit=digest[:40]), baseline=side(commit=digest[:40]))
    own = suite_record(said, key=digest, baseline_digest=digest, candidate=digest)
    leaky = dataclasses.replace(own, chosen=(PAN,))
    gates.write(tmp_path, gate_record(FIRST, leaky))
    [found] = gates.earlier(tmp_path, digest)
    assert (found.key, found.baseline_digest, found.candidate) == (digest, digest, digest)
    assert found.chosen == ("411111******1111",)
    assert json.dumps(found.result).count(digest[:40]) == 2


def test_a_key_that_reads_as_a_card_number_finds_its_records(tmp_path: Path) -> None:
    """Red must not turn green because a key was masked."""
    key = f"{PAN}/größe/{HASH}"
    gates.write(tmp_path, gate_record(FIRST, suite_record(verdict(), key=key)))
    assert len(gates.earlier(tmp_path, key)) == 1
    assert PAN not in file_of(tmp_path).read_text("utf-8")


def test_earlier_looks_are_the_decided_ones_oldest_first(tmp_path: Path) -> None:
    """Of this key, whatever the order in which they were written; undecided ones are no looks."""
    for gate_id, *suites in (
        (SECOND, suite_record(verdict(verdict="pass"), look=2), suite_record(key=OTHER)),
        (FIRST, suite_record(verdict()), suite_record(verdict(), key=OTHER)),
        ("20261123-140000.000-e5f6", suite_record(look=3)),
    ):
        gates.write(tmp_path, gate_record(gate_id, *suites))
    looks = [(each.look, each.verdict) for each in gates.earlier(tmp_path, HASH)]
    assert looks == [(1, "regressed"), (2, "pass")]
    assert gates.earlier(tmp_path, "e" * 64) == []


RUNNING: GateState = "running"
DONE: GateState = "done"


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], None),
        ([(RUNNING, "")], 1),
        ([(DONE, "")], None),
        ([(DONE, "regressed")], None),
        ([(DONE, "regressed"), (RUNNING, "")], 2),
        ([(RUNNING, ""), (RUNNING, "")], 2),
        ([(RUNNING, ""), (DONE, "pass")], None),
        ([(RUNNING, "pass")], None),
    ],
)
def test_what_a_kill_left_is_taken_up_once(
    tmp_path: Path, states: list[tuple[GateState, str]], expected: int | None
) -> None:
    """The newest record of the key, if its invocation never came to a verdict; else none."""
    for number, (state, said) in enumerate(states, 1):
        mine = suite_record(verdict=said, look=number)
        gate_id = f"20261123-12000{number}.000-a1b2"
        gates.write(tmp_path, gate_record(gate_id, suite_record(key=OTHER), mine, state=state))
    found = gates.unfinished(tmp_path, HASH)
    assert (found.look if found else None) == expected


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b'"v"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"v":"2"}',
        b'{"v":1}',
        b'{"v":1,"gate_id":7,"started_at":"","state":"done","suites":[]}',
        b'{"v":1,"gate_id":"x","started_at":"","state":"lost","suites":[]}',
        b'{"v":1,"gate_id":"x","started_at":"","state":"done","suites":7}',
        b'{"v":1,"gate_id":"x","started_at":"","state":"done","suites":[7]}',
        b'{"v":1,"gate_id":"x","started_at":"","state":"done","suites":[{"suite":"s"}]}',
    ],
)
def test_a_file_that_is_no_record_is_named(tmp_path: Path, damage: bytes) -> None:
    """The others are read; nothing crashes."""
    good = gate_record(SECOND, suite_record(verdict()))
    gates.write(tmp_path, good)
    file_of(tmp_path).write_bytes(damage)
    records, problems = gates.read_all(tmp_path)
    assert [each.gate_id for each in records] == [SECOND]
    mend = "(the file was damaged after it was written: move it away)"
    assert problems == [f"{file_of(tmp_path)}: is not a record of the gate {mend}"]
    assert len(gates.earlier(tmp_path, HASH)) == 1


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    """A folder has its name."""
    file_of(tmp_path).mkdir(parents=True)
    assert gates.read_all(tmp_path) == (
        [],
        [f"{file_of(tmp_path)}: cannot be read: Is a directory"],
    )


def test_a_copied_record_is_no_second_look(tmp_path: Path) -> None:
    """A record under another name is named and left out."""
    gates.write(tmp_path, gate_record(FIRST, suite_record(verdict())))
    file_of(tmp_path, SECOND).write_bytes(file_of(tmp_path).read_bytes())
    assert gates.read_all(tmp_path)[1] == [f"{file_of(tmp_path, SECOND)}: is the record of {FIRST}"]
    assert len(gates.earlier(tmp_path, HASH)) == 1


def test_a_record_of_a_newer_version_is_refused_with_a_mend(tmp_path: Path) -> None:
    """It is not guessed at."""
    gates.write(tmp_path, gate_record(FIRST))
    file = file_of(tmp_path)
    file.write_bytes(file.read_bytes().replace(b'"v":1', b'"v":2', 1))
    [problem] = gates.read_all(tmp_path)[1]
    assert problem == (
        f"{file}: was written by a newer version of paygrade (gate record format 2, this one reads "
        "up to 1) (upgrade paygrade)"
    )


def test_what_an_older_record_lacks_has_its_default(tmp_path: Path) -> None:
    """And what this version does not know is passed over."""
    gates.write(tmp_path, gate_record(FIRST, suite_record()))
    file = file_of(tmp_path)
    data = json.loads(file.read_bytes())
    for name in ("run_id", "chosen", "fresh_before", "fresh_after", "verdict", "result"):
        del data["suites"][0][name]
    del data["exit_code"]
    file.write_text(json.dumps({**data, "mood": "good"}), "utf-8")
    assert gates.read_all(tmp_path) == (
        [gate_record(FIRST, suite_record(run_id=""), exit_code=None)],
        [],
    )


def test_without_a_store_there_are_no_records(tmp_path: Path) -> None:
    """Reading makes no folder."""
    assert gates.read_all(tmp_path / "store") == ([], [])
    assert gates.unfinished(tmp_path / "store", HASH) is None
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_crash_leaves_the_record_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Whatever was written of the next one is no record; going on writes over it."""

    class SimulatedCrash(BaseException):
        """The end of the process."""

    def crash(*_: object) -> None:
        raise SimulatedCrash

    before = gate_record(FIRST, suite_record(), state="running", exit_code=None)
    after = gate_record(FIRST, suite_record(verdict(verdict="pass")))
    gates.write(tmp_path, before)
    monkeypatch.setattr(os, call, crash)
    with pytest.raises(SimulatedCrash):
        gates.write(tmp_path, after)
    monkeypatch.undo()
    assert gates.read_all(tmp_path) == ([before], [])
    gates.write(tmp_path, after)
    assert [each.state for each in gates.read_all(tmp_path)[0]] == ["done"]


WRITER = """
import dataclasses, sys
from pathlib import Path
from paygrade.store import gates
store, gate_id, times = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
suite = gates.SuiteRecord(suite="refunds", runner="echo", key="k", baseline_digest="b",
                          candidate="c", epochs=1, look=1, level=0.05)
for number in range(times):
    chosen = tuple(f"{gate_id} {number}" for _ in range(2000))
    state = "running" if number + 1 < times else "done"
    gates.write(store, gates.GateRecord(
        gate_id=f"{gate_id}-{number // 10}", started_at="", state=state,
        suites=(dataclasses.replace(suite, look=number + 1, chosen=chosen),),
    ))
    print(number, flush=True)
"""


def start(store: Path, gate_id: str, times: int) -> subprocess.Popen[str]:
    """A process that writes ten states of each record."""
    arguments = [sys.executable, "-c", WRITER, str(store), gate_id, str(times)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def test_a_killed_writer_leaves_a_whole_record(tmp_path: Path) -> None:
    """Real processes, kill -9 at random moments: what was said to be written is there."""
    moment = random.Random(20261123)
    for number in range(4):
        with start(tmp_path, f"g{number}", 100_000) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "0\n"
            time.sleep(moment.uniform(0, 0.1))
            writer.send_signal(signal.SIGKILL)
            said = [0, *map(int, writer.stdout.read().split())]
        records, problems = gates.read_all(tmp_path)
        looks = [each.suites[0].look for each in records if each.gate_id.startswith(f"g{number}-")]
        assert problems == []
        assert max(looks) in {said[-1] + 1, said[-1] + 2}  # the last one may not have been said
        assert all(len(set(each.suites[0].chosen)) == 1 for each in records)


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    """Every record of both is there, in its last state."""
    both = [start(tmp_path, name, 20) for name in ("a", "b")]
    for each in both:
        assert each.communicate(timeout=60)[0].split()[-1] == "19"
    records, problems = gates.read_all(tmp_path)
    assert problems == []
    assert [(each.gate_id, each.suites[0].look) for each in records] == [
        (f"{name}-{number}", number * 10 + 10) for name in "ab" for number in range(2)
    ]


def test_a_full_disk_has_its_sentence_and_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record before it stays, and no half of the next one is left."""
    gates.write(tmp_path, gate_record(FIRST))

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(JournalError) as caught:
        gates.write(tmp_path, gate_record(FIRST, exit_code=0))
    assert str(caught.value) == (
        f"{file_of(tmp_path)}: cannot be written: No space left on device "
        "(free some space, then gate again)"
    )
    assert gates.read_all(tmp_path) == ([gate_record(FIRST)], [])
    assert list(file_of(tmp_path).parent.iterdir()) == [file_of(tmp_path)]


def test_a_file_where_the_folder_should_be_has_its_sentence(tmp_path: Path) -> None:
    """No record can be made there, and none is read."""
    (tmp_path / "gates").touch()
    with pytest.raises(JournalError, match="cannot be written: File exists"):
        gates.write(tmp_path, gate_record(FIRST))
    assert gates.read_all(tmp_path) == ([], [])
