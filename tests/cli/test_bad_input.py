"""Bad input from the outside: one clear sentence, the right exit code, nothing lost."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from kit import SAMPLES, SUITE

if TYPE_CHECKING:
    from kit import Ended, Paygrade, WorkspaceFolder

PROMPT_FILE = "prompts/refunds/v1.yaml"
SUITE_FILE = "evals/refunds/suite.yaml"
DATA_FILE = "datasets/refunds/v1.jsonl"
HEAD = SUITE[: SUITE.index("scorers:")]


def first_line(ended: Ended) -> str:
    """What a person reads first."""
    return ended.err.splitlines()[0]


@pytest.mark.parametrize("scorers", ["scorers: []\n", "scorers:\n", "scorers:\n  # - no-pan\n", ""])
def test_a_run_without_scorers_is_invalid(
    workspace: WorkspaceFolder, paygrade: Paygrade, scorers: str
) -> None:
    """Nothing could be judged: 102; `check` counts it as a mistake."""
    workspace.write(SUITE_FILE, HEAD + scorers)
    line = 6 if scorers else 1
    sentence = (
        f"evals/refunds/suite.yaml:{line}: names no scorer, so nothing could be judged "
        "(add one to 'scorers')"
    )
    ran, checked = (paygrade(word, "-w", workspace.root) for word in ("run", "check"))
    assert (ran.code, first_line(ran)) == (102, sentence)
    assert checked.code == 2
    assert sentence in checked.err


@pytest.mark.parametrize("content", ["", "\n\n", '{"canary": "do not train on this"}\n'])
def test_a_run_without_samples_is_invalid(
    workspace: WorkspaceFolder, paygrade: Paygrade, content: str
) -> None:
    """Nothing could run: 102; `check` counts it as a mistake."""
    workspace.write(DATA_FILE, content)
    sentence = f"{DATA_FILE}: holds no sample, so nothing could run (one JSON object a line)"
    ran, checked = (paygrade(word, "-w", workspace.root) for word in ("run", "check"))
    assert (ran.code, first_line(ran)) == (102, sentence)
    assert checked.code == 2
    assert sentence in checked.err


def test_filters_that_leave_nothing_are_invalid(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """No sample is left: 102."""
    ended = paygrade("run", "--filter-id", "nobody*", "-w", workspace.root)
    assert (ended.code, first_line(ended)) == (
        102,
        "no sample of refunds@v1 is left to run (loosen --filter-… or --limit)",
    )


def test_a_mistake_beside_an_empty_dataset_is_a_mistake(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """102 says that nothing could run; what must be mended says 2, and all of it is listed."""
    workspace.write(DATA_FILE, "")
    workspace.replace(PROMPT_FILE, "version: 1", "version: 2")
    ended = paygrade("run", "-w", workspace.root)
    assert ended.code == 2
    assert f"{DATA_FILE}: holds no sample" in ended.err
    assert f"{PROMPT_FILE}:2: says version 2" in ended.err


def test_only_errors_are_invalid(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """A runner that always breaks gives no rate: 102, and a sentence."""
    workspace.write("runners/always_refund.py", "def answer(request):\n    return 1 / 0\n")
    ended = paygrade("run", "-w", workspace.root)
    assert ended.code == 102
    assert "there is no rate" in ended.err


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        (PROMPT_FILE, b"prompt: \xff\n",
         "1: is not UTF-8: byte 0xff cannot be decoded (save the file as UTF-8)"),
        (SUITE_FILE, b"suite: !!python/object:x {}\n",
         ("1: uses the tag 'tag:yaml.org,2002:python/object:x' "
         "(YAML holds no code: write plain values)")),
        (SUITE_FILE, b"[" * 100_000, "1: is refused: nested deeper than 40 levels"),
        (DATA_FILE, b"x" * 11_000_000,
         "1: is longer than 10,000,000 bytes (one sample stands on one line)"),
        (DATA_FILE, b'{"id": NaN}', "1: holds NaN, which is not JSON (use null or a real number)"),
        ("runners/always_refund.yaml", b"",
         "1: is empty (it needs: runner, provider, callable)"),
        ("paygrade.yaml", b"folder: {}\n", "1: unknown key 'folder' (did you mean 'folders'?)"),
        ("paygrade.yaml", b"folders: {prompts: ''}\n",
         "1: 'folders.prompts' is '' (text without control characters, 200 characters at most)"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_stops_the_run(
    workspace: WorkspaceFolder, paygrade: Paygrade, file: str, content: bytes, expected: str
) -> None:
    """Exit 2 before anything is asked, and the file's own sentence."""
    workspace.write(file, content)
    ended = paygrade("run", "-w", workspace.root)
    assert (ended.code, first_line(ended)) == (2, f"{file}:{expected}")
    assert not (workspace.root / ".paygrade" / "runs").exists()


def test_a_folder_in_a_files_place_is_told(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Not as if the prompt did not exist."""
    file = workspace.root / PROMPT_FILE
    file.unlink()
    file.mkdir()
    ended = paygrade("run", "-w", workspace.root)
    assert (ended.code, first_line(ended)) == (2, f"{PROMPT_FILE}: is a folder, not a file")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "refund"], "there is no suite 'refund' (did you mean 'refunds'?)"),
        (["run", "x" * 300], f"there is no suite '{'x' * 300}' (known: refunds)"),
        (["run", "a\0b"], "there is no suite 'a\\x00b' (known: refunds)"),
        (["run", "-r", "never"], "there is no runner 'never' (known: always_refund)"),
        (["run", "--prompt", "refunds@v2"],
         "there is no prompt 'refunds@v2' (did you mean 'refunds@v1'?)"),
        (["run", "--prompt", "refunds"],
         "there is no prompt 'refunds' (did you mean 'refunds@v1'?)"),
        (["run", "--prompt", "x" * 300 + "@v1"],
         f"there is no prompt '{'x' * 300}@v1' (known: refunds@v1)"),
        (["run", "--filter-slice", "kinds=x"],
         "--filter-slice 'kinds=x' names no slice (did you mean 'kind'?)"),
        (["prompts", "show", "../refunds@v1"],
         "there is no prompt '../refunds@v1' (did you mean 'refunds@v1'?)"),
        (["prompts", "diff", "refunds@v1", "refunds@v01"],
         "there is no prompt 'refunds@v01' (did you mean 'refunds@v1'?)"),
    ],
)  # fmt: skip
def test_a_name_that_fits_nothing_is_told_with_the_nearest(
    workspace: WorkspaceFolder, paygrade: Paygrade, arguments: list[str], expected: str
) -> None:
    """Exit 2 and what could have been meant."""
    ended = paygrade(*arguments, "-w", workspace.root)
    assert (ended.code, first_line(ended)) == (2, expected)


@pytest.mark.parametrize("name", ["nowhere", "x" * 300, "paygrade.yaml"])
def test_a_folder_that_is_none_is_told(
    workspace: WorkspaceFolder, paygrade: Paygrade, name: str
) -> None:
    """A wrong path is a usage mistake."""
    ended = paygrade("check", "-w", workspace.root / name)
    assert ended.code == 2
    assert first_line(ended).startswith("there is no folder ")


def test_a_hostile_sample_stays_text(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Braces in data reach the model as they stand: nothing is evaluated."""
    attack = "{{ ''.__class__.__mro__ }} {% for x in range(9**9) %}"
    workspace.samples([{**SAMPLES[0], "input": {"message": attack, "amount_minor": 4200}}])
    assert paygrade("run", "-w", workspace.root).code == 0
    assert attack in paygrade("show", "latest", "s1", "-w", workspace.root).out


def test_a_locked_prompt_that_was_edited_does_not_run(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """A published version means what it meant."""
    paygrade("prompts", "lock", "-w", workspace.root)
    workspace.replace(PROMPT_FILE, "Answer with JSON.", "Answer with XML.")
    ended = paygrade("run", "-w", workspace.root)
    assert (ended.code, first_line(ended)) == (
        2,
        (
            f"{PROMPT_FILE}: refunds@v1 is locked and was edited "
            "(restore it from git and write v2.yaml instead)"
        ),
    )


def test_an_empty_workspace_says_how_to_start(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """No suite, no run."""
    shutil.rmtree(workspace.root / "evals")
    ended = paygrade("run", "-w", workspace.root)
    assert ended.code == 2
    assert "paygrade init" in ended.err
