"""Baselines: what is written is read again, and nothing that was edited is taken for true."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import gzip
import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from paygrade.errors import UsageError, WorkspaceError
from paygrade.records.baseline import ArmSample, Baseline, CheckIdentity, RecordedSession
from paygrade.records.check import GateRole, Severity
from paygrade.records.plan import Identity
from paygrade.scorers import CATALOGUE
from paygrade.workspace import baselines
from paygrade.workspace.baselines import (
    baseline_text,
    baselines_from_text,
    read_baselines,
    write_baseline,
)
from paygrade.workspace.check import check_workspace
from paygrade.workspace.config import find_layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from kit import WorkspaceFolder
    from paygrade.workspace.config import Layout

FILE = "reports/baselines/refunds.jsonl"
SAMPLES = "reports/baselines/refunds.samples.jsonl.gz"
TIME = "2026-11-23T10:00:00+00:00"
TODAY = dt.date(2026, 11, 23)
RESTORE = "restore it from git, or delete it and `paygrade accept` again"

ONE_SIDE = "take one side whole (git checkout --ours or --theirs), then `paygrade accept` again"


def sample(name: str, *sessions: str, **more: Any) -> ArmSample:  # noqa: ANN401 - any field
    """One sample with these marks; otherwise an ordinary one."""
    plain: dict[str, Any] = {
        "content_hash": hashlib.sha256(name.encode()).hexdigest(),
        "case": name,
        "case_class": "statistical",
    }
    return ArmSample(sample_id=name, sessions=sessions, **{**plain, **more})


def baseline(*samples: ArmSample, runner: str = "rules", **more: Any) -> Baseline:  # noqa: ANN401 - any field
    """A baseline of `refunds` with two sessions of five epochs."""
    plain: dict[str, Any] = {
        "suite": "refunds",
        "provider": "openai",
        "deterministic": False,
        "prompt": "refunds@v1",
        "dataset": "refunds@v1",
        "identity": Identity(prompt="1" * 64, dataset="2" * 64, runner="3" * 64, scorers="4" * 64),
        "checks": (
            CheckIdentity(id="equals(action)", severity="critical", role="gating", digest="5" * 64),
            CheckIdentity(id="no-pan", severity="critical", role="invariant", digest="6" * 64),
        ),
        "models": ("gpt-6-luna",),
        "parameters": {"reasoning_effort": "low", "max_output_tokens": 4000},
        "commit": "c" * 40,
        "accepted_at": TIME,
        "reason": "The first one.",
        "versions": {"paygrade": "0.2.0"},
        "sessions": (
            RecordedSession(run_id="20261123-a", started_at=TIME, epochs=5),
            RecordedSession(run_id="20261123-b", started_at=TIME, epochs=5),
        ),
        "shift": 0.25,
        "inference": "runs",
        "power": {1: 0.07, 3: None},
    }
    return Baseline(runner=runner, samples=samples, **{**plain, **more})


ORDINARY = baseline(
    sample("s1", "PPPPP", "PPPPP"),
    sample("s2", "PPFPP", "PPE", case="twins", checks={"equals(action)": ("PPFPP", "PP-")}),
    sample(
        "s3", "FPPPP", "PPPPP", case_class="must_pass",
        checks={"no-pan": ("FPPPP", "PPPPP")}, invariants=("no-pan",),
    ),
)  # fmt: skip


@pytest.fixture
def layout(workspace: WorkspaceFolder) -> Layout:
    """Of the small workspace."""
    return find_layout(workspace.root)


def lines_of(layout: Layout, name: str = FILE) -> list[str]:
    """The lines of a baseline file."""
    return (layout.root / name).read_text("utf-8").splitlines()


def signed(lines: list[str], **more: str) -> str:
    """A file of `lines` below a first line whose digest is right."""
    below = "".join(f"{line}\n" for line in lines)
    digest = hashlib.sha256(below.encode("utf-8", "surrogatepass")).hexdigest()
    first = {"baseline": 1, "suite": "refunds", "sha256": digest, **more}
    return f"{json.dumps(first)}\n{below}"


def mistakes_of(layout: Layout) -> list[str]:
    """What is wrong with the baseline of `refunds`."""
    with pytest.raises(WorkspaceError) as caught:
        read_baselines(layout, "refunds")
    return [str(each) for each in caught.value.mistakes]


def same(found: Baseline) -> Baseline:
    """Without what reading adds."""
    return dataclasses.replace(found, digest="", source="")


def test_a_suite_without_a_file_has_no_baseline(layout: Layout) -> None:
    """Whoever asks decides what that means."""
    assert read_baselines(layout, "refunds") == ()


def test_what_is_written_is_read(layout: Layout) -> None:
    """All of it, with the file it was read from and the digest of its lines."""
    assert write_baseline(layout, ORDINARY) == layout.root / FILE
    [found] = read_baselines(layout, "refunds")
    assert same(found) == ORDINARY
    assert found.source == FILE
    below = "".join(f"{line}\n" for line in lines_of(layout)[1:])
    assert found.digest == hashlib.sha256(below.encode()).hexdigest()


def test_a_file_reads_well_in_a_review(layout: Layout) -> None:
    """One line a sample, with nothing that goes without saying."""
    write_baseline(layout, ORDINARY)
    first, header, *samples = lines_of(layout)
    assert json.loads(first).keys() == {"baseline", "suite", "sha256"}
    assert header.startswith('{"runner":"rules","provider":"openai","deterministic":false,')
    assert '"checks":[["equals(action)","critical","gating","5555' in header
    assert '"power":{"1":0.07,"3":null}}' in header
    hashes = [each.content_hash for each in ORDINARY.samples]
    assert samples == [
        f'{{"id":"s1","hash":"{hashes[0]}","outcomes":"PPPPP PPPPP"}}',
        (f'{{"id":"s2","hash":"{hashes[1]}","case":"twins","outcomes":"PPFPP PPE",'
        '"checks":{"equals(action)":"PPFPP PP-"}}'),
        (f'{{"id":"s3","hash":"{hashes[2]}","class":"must_pass","outcomes":"FPPPP PPPPP",'
        '"checks":{"no-pan":"FPPPP PPPPP"},"invariants":["no-pan"]}'),
    ]  # fmt: skip


def test_the_same_outcomes_are_the_same_bytes(layout: Layout) -> None:
    """Whatever the order of samples and keys."""
    text = baseline_text(layout, ORDINARY)
    turned = dataclasses.replace(
        ORDINARY,
        samples=ORDINARY.samples[::-1],
        parameters=dict(reversed([*ORDINARY.parameters.items()])),
        power=dict(reversed([*ORDINARY.power.items()])),
    )
    assert baseline_text(layout, turned) == text
    assert not (layout.root / FILE).exists(), "asking for the text writes nothing"
    write_baseline(layout, turned)
    assert (layout.root / FILE).read_text("utf-8") == text


def test_a_runner_is_replaced_and_the_others_stay(layout: Layout) -> None:
    """Byte for byte, sorted by name."""
    for name in ("mine", "zero", "alpha"):
        write_baseline(layout, dataclasses.replace(ORDINARY, runner=name))
    before = lines_of(layout)
    write_baseline(layout, baseline(sample("s9", "P", "P"), runner="mine", reason="New."))
    after = lines_of(layout)
    assert (after[1:5], after[7:]) == (before[1:5], before[9:])
    found = read_baselines(layout, "refunds")
    assert [(each.runner, len(each.samples)) for each in found] == [
        ("alpha", 3), ("mine", 1), ("zero", 3)
    ]  # fmt: skip
    assert len({each.digest for each in found}) == 3


def test_a_runners_digest_is_its_own(layout: Layout) -> None:
    """It does not change when another runner is accepted."""
    write_baseline(layout, ORDINARY)
    [alone] = read_baselines(layout, "refunds")
    write_baseline(layout, dataclasses.replace(ORDINARY, runner="alpha"))
    assert read_baselines(layout, "refunds")[1] == alone


def test_very_many_samples_are_compressed(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all runners together: beside the file, the same bytes each time, and back again."""
    monkeypatch.setattr(baselines, "MOST_LINES", 5)
    write_baseline(layout, ORDINARY)
    [alone] = read_baselines(layout, "refunds")
    assert not (layout.root / SAMPLES).exists()
    write_baseline(layout, dataclasses.replace(ORDINARY, runner="alpha"))
    apart = (layout.root / SAMPLES).read_bytes()
    assert len(lines_of(layout)) == 3
    assert gzip.decompress(apart).count(b"\n") == 8
    assert [same(each) for each in read_baselines(layout, "refunds")] == [
        dataclasses.replace(ORDINARY, runner="alpha"), ORDINARY
    ]  # fmt: skip
    assert read_baselines(layout, "refunds")[1].digest == alone.digest
    write_baseline(layout, dataclasses.replace(ORDINARY, runner="alpha"))
    assert (layout.root / SAMPLES).read_bytes() == apart
    write_baseline(layout, baseline(sample("s1", "P", "P"), runner="alpha"))
    assert not (layout.root / SAMPLES).exists()
    assert len(read_baselines(layout, "refunds")) == 2


def test_two_thousand_samples_are_still_text(layout: Layout) -> None:
    """One more, and they are compressed."""
    many = [sample(f"s{number:05}", "PPPPP", "PPPPP") for number in range(baselines.MOST_LINES + 1)]
    write_baseline(layout, baseline(*many[1:]))
    assert not (layout.root / SAMPLES).exists()
    write_baseline(layout, baseline(*many))
    assert (layout.root / SAMPLES).exists()
    [found] = read_baselines(layout, "refunds")
    assert same(found) == baseline(*many)


def test_a_file_of_another_commit_is_read_from_its_text(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its compressed samples, when there are some; `shown` says where it came from."""
    shown = f"abc1234:{FILE}"
    [found] = baselines_from_text(baseline_text(layout, ORDINARY), None, shown)
    assert (same(found), found.source) == (ORDINARY, shown)
    monkeypatch.setattr(baselines, "MOST_LINES", 0)
    write_baseline(layout, ORDINARY)
    text, apart = (layout.root / FILE).read_text("utf-8"), (layout.root / SAMPLES).read_bytes()
    assert baselines_from_text(text, apart, shown, suite="refunds") == (found,)
    with pytest.raises(WorkspaceError) as caught:
        baselines_from_text(text, None, shown)
    assert str(caught.value) == (
        f"abc1234:{SAMPLES}: is missing: it holds the samples of {shown} ({RESTORE})"
    )


def test_an_edited_outcome_is_no_baseline(layout: Layout) -> None:
    """Nobody accepts by changing a letter, and no other runner's part is written over it."""
    write_baseline(layout, ORDINARY)
    text = (layout.root / FILE).read_text("utf-8")
    (layout.root / FILE).write_text(text.replace("PPFPP PPE", "PPPPP PPE"), "utf-8")
    expected = [f"{FILE}:1: was edited by hand: its digest differs ({RESTORE})"]
    assert mistakes_of(layout) == expected
    with pytest.raises(WorkspaceError) as caught:
        write_baseline(layout, dataclasses.replace(ORDINARY, runner="alpha"))
    assert [str(each) for each in caught.value.mistakes] == expected


def _without(key: str) -> Callable[[list[str]], list[str]]:
    def change(lines: list[str]) -> list[str]:
        return [json.dumps({k: v for k, v in json.loads(x).items() if k != key}) for x in lines]

    return change


def _put(number: int, **more: object) -> Callable[[list[str]], list[str]]:
    """Line `number` of the file with other values."""

    def change(lines: list[str]) -> list[str]:
        changed = list(lines)
        changed[number - 2] = json.dumps({**json.loads(lines[number - 2]), **more})
        return changed

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda lines: [*lines, "{"],
         ["6: is not JSON: Expecting property name enclosed in double quotes at column 2"]),
        (lambda lines: [*lines, "[]"], [f"6: is not a JSON object ({RESTORE})"]),
        (lambda lines: [*lines, ""], ["6: is not JSON: Expecting value at column 1"]),
        (lambda _: [], [f"1: holds no runner's baseline ({RESTORE})"]),
        (lambda lines: lines[1:2],
         ["1: holds no runner's baseline ({RESTORE})",
          "2: is no runner's line, and stands above all of them ({RESTORE})"]),
        (_without("outcomes"), [f"{n}: the key 'outcomes' is missing" for n in (3, 4, 5)]),
        (_without("commit"), ["2: the key 'commit' is missing"]),
        (_put(3, outcomes="PPXPP PPPPP"),
         [("3: 'outcomes' is 'PPXPP PPPPP' (a letter an attempt (P, F, E or -), a space between "
          "sessions)")]),
        (_put(3, outcomes="PPPPP"),
         ["3: 'outcomes' has 1 sessions, its runner has 2 ({RESTORE})"]),
        (_put(3, outcomes="PPPPPP P"),
         ["3: session 1 has 6 marks and only 5 epochs ({RESTORE})"]),
        (_put(4, checks={"a": "PPFPP PP"}),
         ["4: the check 'a' has not as many marks as 'outcomes' ({RESTORE})"]),
        (_put(4, checks={"a": "PPFPPPP-"}),
         ["4: the check 'a' has not as many marks as 'outcomes' ({RESTORE})"]),
        (_put(4, id="s1"), ["4: holds the sample 's1' twice ({RESTORE})"]),
        (_put(4, note="x"), [("4: unknown key 'note' (known: case, checks, class, hash, id, "
                             "invariants, outcomes)")]),
        (lambda lines: [*lines, *lines], ["6: holds the runner 'rules' twice ({RESTORE})"]),
        (_put(2, runner=5), ["2: 'runner' must be text, not 5"]),
        (_put(2, sessions=[]), ["2: 'sessions' is empty (list at least one)"]),
        (_put(2, commit="--upload-pack=x"),
         ["2: 'commit' is '--upload-pack=x' (the hash of a commit, or empty)"]),
        (_put(2, accepted_at="2026-11-23T10:00:00"),
         [("2: 'accepted_at' is '2026-11-23T10:00:00' (a time of ISO 8601 with its offset from "
          "UTC)")]),
        (_put(2, accepted_at="yesterday"),
         ["2: 'accepted_at' is 'yesterday' (a time of ISO 8601 with its offset from UTC)"]),
        (_put(2, power={"0": 0.1}), ["2: 'power.0' is '0' (a whole number above 0)"]),
        (_put(2, inference="cats"), ["2: 'inference' is 'cats' (one of 'runs' or 'cases')"]),
        (_put(2, checks=["x"]), ["2: 'checks.0' must be a list, not 'x'"]),
        (_put(2, checks=[["a", "critical", "judge", ""]]),
         ["2: 'checks.0.2' is 'judge' (one of 'invariant', 'gating' or 'advisory')"]),
    ],
)  # fmt: skip
def test_a_line_that_no_paygrade_wrote_is_told(
    layout: Layout, change: Callable[[list[str]], list[str]], expected: list[str]
) -> None:
    """Even when its digest is right: each mistake with its line."""
    write_baseline(layout, ORDINARY)
    (layout.root / FILE).write_text(signed(change(lines_of(layout)[1:])), "utf-8")
    wanted = [f"{FILE}:{each}".replace("{RESTORE}", RESTORE) for each in expected]
    assert mistakes_of(layout) == wanted


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("", "is not JSON: Expecting value at column 1"),
        ("[1]", f"is not a JSON object ({RESTORE})"),
        ('{"baseline":2,"shape":"of tomorrow"}',
         "baseline format 2 is newer than this paygrade reads (upgrade paygrade)"),
        ('{"baseline":0,"suite":"refunds","sha256":"' + "0" * 64 + '"}',
         "'baseline' is 0 (one of 1)"),
        ('{"baseline":1,"suite":"refunds"}', "the key 'sha256' is missing"),
        ('{"baseline":1,"suite":"refunds","sha256":"00"}', "'sha256' is '00' (64 hex digits)"),
    ],
)  # fmt: skip
def test_the_first_line_says_what_the_file_is(layout: Layout, first: str, expected: str) -> None:
    """Of which format, of which suite, with which digest."""
    write_baseline(layout, ORDINARY)
    below = (layout.root / FILE).read_text("utf-8").partition("\n")[2]
    (layout.root / FILE).write_text(f"{first}\n{below}", "utf-8")
    assert mistakes_of(layout) == [f"{FILE}:1: {expected}"]


def test_the_baseline_of_another_suite_is_refused(layout: Layout) -> None:
    """Copying a file is not accepting."""
    file = write_baseline(layout, ORDINARY)
    file.rename(file.with_name("returns.jsonl"))
    with pytest.raises(WorkspaceError) as caught:
        read_baselines(layout, "returns")
    assert str(caught.value) == (
        "reports/baselines/returns.jsonl:1: is the baseline of the suite 'refunds', not of "
        "'returns' (a baseline is accepted, not copied or renamed)"
    )


def test_an_unfinished_merge_says_what_to_do(layout: Layout) -> None:
    """Two branches that both accepted: no mixture of the two was ever measured."""
    write_baseline(layout, ORDINARY)
    ours = (layout.root / FILE).read_text("utf-8")
    write_baseline(layout, dataclasses.replace(ORDINARY, reason="Theirs."))
    theirs = (layout.root / FILE).read_text("utf-8")
    text = f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> theirs\n"
    (layout.root / FILE).write_text(text, "utf-8")
    assert mistakes_of(layout) == [f"{FILE}:1: holds a merge that was not finished ({ONE_SIDE})"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", f": cannot be unpacked: it ends too early or too late ({RESTORE})"),
        (b"no gzip", (f": cannot be unpacked: Error -3 while decompressing data: incorrect header "
                     f"check ({RESTORE})")),
        (gzip.compress(b"x", mtime=0), f": has another digest than {FILE} says ({RESTORE})"),
        (gzip.compress(b"x", mtime=0)[:-1],
         f": cannot be unpacked: it ends too early or too late ({RESTORE})"),
        (gzip.compress(b"x", mtime=0) + b"y",
         f": cannot be unpacked: it ends too early or too late ({RESTORE})"),
    ],
)  # fmt: skip
def test_compressed_samples_that_do_not_belong_here_are_told(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, raw: bytes, expected: str
) -> None:
    """Cut off, of another version, or no gzip at all."""
    monkeypatch.setattr(baselines, "MOST_LINES", 0)
    write_baseline(layout, ORDINARY)
    (layout.root / SAMPLES).write_bytes(raw)
    assert mistakes_of(layout) == [f"{SAMPLES}{expected}"]


def test_compressed_samples_cannot_eat_the_memory(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small file that unpacks into gigabytes is refused before it has."""
    monkeypatch.setattr(baselines, "MOST_LINES", 0)
    write_baseline(layout, ORDINARY)
    monkeypatch.setattr("paygrade.workspace.baseline_reader.MAX_BASELINE_BYTES", 1000)
    (layout.root / SAMPLES).write_bytes(gzip.compress(b" " * 1001))
    assert mistakes_of(layout) == [
        f"{SAMPLES}: is larger than 1,000 bytes once unpacked ({RESTORE})"
    ]


@pytest.mark.parametrize(
    ("apart", "expected"),
    [
        ('{"runner":"other"}\n{"id":"s1"}\n',
         ["{SAMPLES}:1: is of no runner in {FILE}",
          "{SAMPLES}:1: holds no samples of the runner 'rules'",
          "{SAMPLES}:2: is of no runner in {FILE}"]),
        ('{"id":"s1"}\n{"runner":"rules"}\n', ["{SAMPLES}:1: is of no runner in {FILE}"]),
        ('{"runner":"rules"}\n{"runner":"rules"}\n', ["{SAMPLES}:2: is of no runner in {FILE}"]),
        ('{"runner":["rules"]}\n',
         ["{SAMPLES}:1: is of no runner in {FILE}",
          "{SAMPLES}:1: holds no samples of the runner 'rules'"]),
    ],
)  # fmt: skip
def test_compressed_samples_name_their_runner(
    layout: Layout, apart: str, expected: list[str]
) -> None:
    """Each runner of the file once."""
    write_baseline(layout, ORDINARY)
    digest = hashlib.sha256(apart.encode()).hexdigest()
    text = signed(lines_of(layout)[1:2], samples_sha256=digest)
    (layout.root / FILE).write_text(text, "utf-8")
    (layout.root / SAMPLES).write_bytes(gzip.compress(apart.encode()))
    wanted = [each.replace("{SAMPLES}", SAMPLES).replace("{FILE}", FILE) for each in expected]
    assert mistakes_of(layout) == [f"{each} ({RESTORE})" for each in wanted]


def test_samples_that_are_no_text_are_told(layout: Layout) -> None:
    """With the line."""
    write_baseline(layout, ORDINARY)
    apart = b'{"runner":"rules"}\n\xff\n'
    text = signed(lines_of(layout)[1:2], samples_sha256=hashlib.sha256(apart).hexdigest())
    (layout.root / FILE).write_text(text, "utf-8")
    (layout.root / SAMPLES).write_bytes(gzip.compress(apart))
    assert mistakes_of(layout) == [
        f"{SAMPLES}:2: is not UTF-8: byte 0xff cannot be decoded (save the file as UTF-8)"
    ]


def test_a_crash_between_the_two_files_is_noticed(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new samples lie beside the old file: neither version is read, and git has the old one."""
    monkeypatch.setattr(baselines, "MOST_LINES", 0)
    write_baseline(layout, ORDINARY)

    def write(file: Path, raw: bytes, _shown: str) -> None:
        if not file.name.endswith(".gz"):
            raise KeyboardInterrupt
        file.write_bytes(raw)

    monkeypatch.setattr(baselines, "write_bytes", write)
    with pytest.raises(KeyboardInterrupt):
        write_baseline(layout, baseline(sample("s1", "P", "P")))
    assert mistakes_of(layout) == [f"{SAMPLES}: has another digest than {FILE} says ({RESTORE})"]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (dataclasses.replace(ORDINARY, reason="It read 4111111111111111."),
         "the reason holds what must not be stored, such as a card number"),
        (dataclasses.replace(ORDINARY, reason="caf\udce9"), "the reason is not UTF-8"),
        (baseline(sample("4111111111111111", "P", "P")),
         "the id of a sample or a case holds what must not be stored, such as a card number"),
        (baseline(sample("s1", "P", "P", case="4111111111111111")),
         "the id of a sample or a case holds what must not be stored, such as a card number"),
        (baseline(sample("s1", "F", "P", checks={"4111111111111111": ("F", "P")})),
         "the id of a check holds what must not be stored, such as a card number"),
        (dataclasses.replace(ORDINARY, parameters={"seed": 4111111111111111}),
         "a parameter of the runner holds what must not be stored, such as a card number"),
        (dataclasses.replace(ORDINARY, models=("4111111111111111",)),
         "the name of a model holds what must not be stored, such as a card number"),
    ],
)  # fmt: skip
def test_what_must_not_be_stored_is_not_written(
    layout: Layout, wrong: Baseline, expected: str
) -> None:
    """A baseline is read by reviewers, and git keeps it for ever."""
    with pytest.raises(UsageError) as caught:
        write_baseline(layout, wrong)
    assert caught.value.problem == expected
    assert not (layout.root / FILE).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        dataclasses.replace(ORDINARY, accepted_at="today"),
        dataclasses.replace(ORDINARY, suite="../../refunds"),
        baseline(sample("s1", "PPPPPP", "P")),
        baseline(sample("s1", "PP P", "P")),
        baseline(sample("s1", "P")),
        baseline(sample("s1", "P", "P"), sample("s1", "P", "P")),
    ],
)
def test_what_could_not_be_read_is_not_written(layout: Layout, wrong: Baseline) -> None:
    """A baseline that turns out to be broken in half a year would be worse."""
    with pytest.raises(WorkspaceError):
        write_baseline(layout, wrong)
    assert not layout.reports.exists()


def test_a_baseline_that_would_be_too_large_is_not_written(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read has a limit, so what is written has it too."""
    monkeypatch.setattr(baselines, "MAX_BASELINE_BYTES", 500)
    with pytest.raises(WorkspaceError, match="would be larger than 500 bytes"):
        write_baseline(layout, ORDINARY)


def test_a_folder_that_cannot_be_made_is_a_mistake(layout: Layout) -> None:
    """Not a traceback."""
    layout.reports.write_text("a file where the folder should be", "utf-8")
    with pytest.raises(WorkspaceError, match=f"{FILE}: cannot be written: "):
        write_baseline(layout, ORDINARY)


def test_renamed_reports_hold_the_baselines(workspace: WorkspaceFolder) -> None:
    """`folders` of paygrade.yaml says where."""
    workspace.write("paygrade.yaml", "folders: {reports: quality}\n")
    file = write_baseline(find_layout(workspace.root), ORDINARY)
    assert file == workspace.root / "quality" / "baselines" / "refunds.jsonl"


def test_check_reads_every_baseline(workspace: WorkspaceFolder, layout: Layout) -> None:
    """Its mistakes are listed; that a suite is gone is worth a note; what nobody reads is stray."""
    write_baseline(layout, ORDINARY)
    write_baseline(layout, dataclasses.replace(ORDINARY, suite="gone"))
    clean = check_workspace(layout, CATALOGUE, TODAY, lambda _: [])
    assert clean.mistakes == ()
    note = "reports/baselines/gone.jsonl: there is no suite 'gone', so no gate reads it"
    assert note in clean.notes
    workspace.replace(FILE, '"s2"', '"s7"')
    workspace.write("reports/baselines/lost.samples.jsonl.gz", b"")
    workspace.write("reports/baselines/old/refunds.jsonl", "")
    workspace.write("reports/baselines/README.md", "Accepted outcomes.\n")
    found = check_workspace(layout, CATALOGUE, TODAY, lambda _: []).mistakes
    assert [f"{each.path}: {each.problem}" for each in found] == [
        "reports/baselines/lost.samples.jsonl.gz: is not read: it belongs to no baseline",
        "reports/baselines/old/refunds.jsonl: is not read: it belongs to no baseline",
        f"{FILE}: was edited by hand: its digest differs",
    ]


words = st.text(st.sampled_from('abcxyz é漢\u2028\x85"\\{}<'), max_size=12)
ids = words.filter(bool)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | words
    | st.sampled_from([0.1, -2.5, 1e300, 5e-324]),  # long digits may read as a card number
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
times = st.datetimes(timezones=st.just(dt.UTC)).map(lambda when: when.isoformat())


@st.composite
def recorded(draw: st.DrawFn) -> Baseline:
    """Any baseline."""
    epochs = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))

    def marks(sizes: list[int]) -> tuple[str, ...]:
        return tuple(draw(st.text("PFE-", min_size=n, max_size=n)) for n in sizes)

    samples = []
    for name in sorted(draw(st.sets(ids, max_size=4))):
        sizes = [draw(st.integers(0, most)) for most in epochs]
        samples.append(
            sample(
                name, *marks(sizes),
                content_hash=draw(words),
                case=draw(ids | st.just(name)),
                case_class=draw(st.sampled_from(["statistical", "must_pass", "quarantined"])),
                checks={check: marks(sizes) for check in draw(st.sets(ids, max_size=2))},
                invariants=tuple(draw(st.lists(ids, max_size=2))),
            )
        )  # fmt: skip
    return baseline(
        *samples,
        runner=draw(ids),
        provider=draw(words),
        deterministic=draw(st.booleans()),
        identity=Identity(prompt=draw(words), dataset="", runner="", scorers=""),
        checks=tuple(
            CheckIdentity(id=draw(ids), severity=severity, role=role, digest=draw(words))
            for severity, role in draw(
                st.lists(
                    st.tuples(
                        st.sampled_from(get_args(Severity)),
                        st.sampled_from(get_args(GateRole)),
                    ),
                    max_size=2,
                )
            )
        ),
        models=tuple(draw(st.lists(words, max_size=2))),
        parameters=draw(st.dictionaries(words | st.just("limit_minor"), values, max_size=3)),
        commit=draw(st.text("0123456789abcdef", max_size=40)),
        accepted_at=draw(times),
        reason=draw(words),
        versions=draw(st.dictionaries(words, words, max_size=2)),
        sessions=tuple(
            RecordedSession(run_id=draw(words), started_at=draw(times), epochs=n) for n in epochs
        ),
        shift=draw(st.none() | st.floats(allow_nan=False, allow_infinity=False)),
        inference=draw(st.sampled_from(["runs", "cases"])),
        power=draw(st.dictionaries(st.integers(1, 1000), st.none() | st.floats(0, 1), max_size=3)),
    )


@settings(max_examples=30)
@given(recorded(), recorded(), st.sampled_from([0, 2_000]))
def test_any_baseline_comes_back_as_it_was(one: Baseline, two: Baseline, most: int) -> None:
    """Of two runners, as text and compressed; writing again changes no byte."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(baselines, "MOST_LINES", most)
        layout = find_layout(Path(name))
        for each in (one, two, one, two):
            write_baseline(layout, each)
        found = {each.runner: same(each) for each in read_baselines(layout, "refunds")}
        assert found == {one.runner: one, two.runner: two}
        before = (Path(name) / FILE).read_bytes()
        write_baseline(layout, found[one.runner])
        assert (Path(name) / FILE).read_bytes() == before


hostile = st.text(st.characters()) | st.text(st.sampled_from('{}[]":,0\\ueE\n\r \x85\u2028\ud800'))


@settings(max_examples=150)
@given(hostile, st.none() | st.binary(max_size=40), st.sampled_from(["signed", "as it is"]))
@example("", None, "as it is")
@example("\ud800", None, "as it is")
@example("\udce9\n", b"", "signed")
def test_any_text_gives_mistakes(text: str, artefact: bytes | None, how: str) -> None:
    """Never anything else, with a digest that is right too."""
    whole = signed(text.split("\n")) if how == "signed" else text
    with pytest.raises(WorkspaceError) as caught:
        baselines_from_text(whole, artefact, FILE)
    assert caught.value.mistakes


@settings(max_examples=150)
@given(data=st.data())
def test_any_value_under_any_key_gives_mistakes_or_a_baseline(data: st.DataObject) -> None:
    """A file of the right keys with wrong values."""
    with tempfile.TemporaryDirectory() as name:
        lines = baseline_text(find_layout(Path(name)), ORDINARY).splitlines()[1:]
    number = data.draw(st.integers(0, len(lines) - 1))
    content = json.loads(lines[number])
    content[data.draw(st.sampled_from([*content, "runner", "id", "checks"]))] = data.draw(values)
    lines[number] = json.dumps(content)
    with contextlib.suppress(WorkspaceError):
        [found] = baselines_from_text(signed(lines), None, FILE)
        assert found.runner


@settings(max_examples=100)
@given(st.lists(st.sampled_from(['{"runner":"rules"}', '{"runner":1}', '{"id":"s1"}', "", "{"])))
def test_any_compressed_lines_give_mistakes(lines: list[str]) -> None:
    """In any order."""
    with tempfile.TemporaryDirectory() as name:
        header = baseline_text(find_layout(Path(name)), ORDINARY).splitlines()[1]
    apart = "".join(f"{line}\n" for line in [*lines, "{"]).encode()
    text = signed([header], samples_sha256=hashlib.sha256(apart).hexdigest())
    with pytest.raises(WorkspaceError) as caught:
        baselines_from_text(text, gzip.compress(apart), FILE)
    assert caught.value.mistakes
