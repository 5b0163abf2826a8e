"""`paygrade check`: every kind of mistake, with its file, its line and its mend."""
# ruff: noqa: E501 - a sentence stands on one line here, as people read it

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kit import SAMPLES, SUITE

if TYPE_CHECKING:
    from kit import Ended, Paygrade, WorkspaceFolder

PROMPT_FILE = "prompts/refunds/v1.yaml"
SUITE_FILE = "evals/refunds/suite.yaml"
RUNNER_FILE = "runners/always_refund.yaml"
DATA_FILE = "datasets/refunds/v1.jsonl"
CARD_FILE = "datasets/refunds/card.yaml"
SCORERS = SUITE[SUITE.index("scorers:") :]

SUITE_MISTAKES = [
    ("scorers:", "scorer:", ["6: unknown key 'scorer' (did you mean 'scorers'?)"]),
    (
        "prompt: refunds@v1",
        "prompt: refund@v1",
        ["2: there is no prompt 'refund@v1' (did you mean 'refunds@v1'?)"],
    ),
    (
        "prompt: refunds@v1",
        "prompt: refunds",
        ["2: 'prompt' is 'refunds' (write NAME@vN, such as refund_reply@v1)"],
    ),
    (
        "dataset: refunds@v1",
        "dataset: refunds@v2",
        ["3: there is no dataset 'refunds@v2' (did you mean 'refunds@v1'?)"],
    ),
    (
        "dataset: refunds@v1",
        "dataset: refnds@v1",
        ["3: there is no dataset 'refnds' (did you mean 'refunds'?)"],
    ),
    (
        "[always_refund]",
        "[allways_refund]",
        ["4: there is no runner 'allways_refund' (did you mean 'always_refund'?)"],
    ),
    (
        "[always_refund]",
        "[always_refund, always_refund]",
        ["4: names the runner 'always_refund' twice"],
    ),
    ("[always_refund]", "[]", ["4: 'runners' is empty (list at least one)"]),
    ("[always_refund]", "always_refund", ["4: 'runners' must be a list, not 'always_refund'"]),
    (
        "[kind]",
        "[kinds]",
        ["5: no sample of refunds@v1 carries the slice 'kinds' (did you mean 'kind'?)"],
    ),
    ("- equals:", "- equal:", ["7: there is no scorer 'equal' (did you mean 'equals'?)"]),
    ("field: action", "feild: action", ["7: equals: unknown key 'feild' (did you mean 'field'?)"]),
    (
        "severity: critical}",
        "severity: fatal}",
        ["7: equals: 'severity' is 'fatal' (one of critical, major, minor)"],
    ),
    (
        "role: invariant",
        "role: strict",
        ["8: no-pan: 'role' is 'strict' (one of invariant, gating, advisory)"],
    ),
    (
        "- no-pan: {severity: critical, role: invariant}",
        "- no-pan\n  - no-pan",
        ["9: the check id 'no-pan' is taken (entry 2 has it already: give one of them an 'id')"],
    ),
    (
        "slices: [kind]",
        "slices: [kind]\nepochs: 0",
        ["6: 'epochs' should be greater than or equal to 1, not 0"],
    ),
    (
        "slices: [kind]",
        "slices: [kind]\nepochs: '2'",
        ["6: 'epochs' must be a whole number, not '2'"],
    ),
    (
        "slices: [kind]",
        "slices: [kind]\nmax_failure_rate: 1.5",
        ["6: 'max_failure_rate' should be less than or equal to 1, not 1.5"],
    ),
    (
        "slices: [kind]",
        "slices: [kind]\nmax_failure_rate: '0.5'",
        ["6: 'max_failure_rate' must be a number, not '0.5'"],
    ),
    (
        "suite: refunds",
        "suite: refundz",
        ["1: the suite is called 'refundz', its folder 'refunds' (give both one name)"],
    ),
    (
        SCORERS,
        "scorers: []\n",
        ["6: names no scorer, so nothing could be judged (add one to 'scorers')"],
    ),
    (
        SCORERS,
        "scorers:\n",
        ["6: names no scorer, so nothing could be judged (add one to 'scorers')"],
    ),
    (
        SCORERS,
        "scorers:\n  - equals: action\n  - {}\n  - no-pan: {id: ''}\n  - 5\n",
        ["10: 'scorers.3' must be text or a mapping, not 5"],
    ),
]

PROMPT_MISTAKES = [
    (
        "changelog:",
        "change_log:",
        [
            "1: the key 'changelog' is missing",
            "3: unknown key 'change_log' (did you mean 'changelog'?)",
        ],
    ),
    (
        "version: 1",
        "version: 2",
        ["2: says version 2 in a file named v1.yaml (make the two agree)"],
    ),
    ("version: 1", "version: '1'", ["2: 'version' must be a whole number, not '1'"]),
    (
        "prompt: refunds",
        "prompt: refundz",
        ["1: the prompt is called 'refundz', its folder 'refunds' (give both one name)"],
    ),
    ("[message]", "[message, order]", ["4: lists the variable 'order', which no message uses"]),
    (
        "[message]",
        "[]",
        ["9: uses the variable 'message', which 'variables' does not list (add it to 'variables')"],
    ),
    (
        "[message]",
        "[mesage]",
        [
            "4: lists the variable 'mesage', which no message uses (did you mean 'message'?)",
            "9: uses the variable 'message', which 'variables' does not list (did you mean 'mesage'?)",
        ],
    ),
    ("[message]", "[message, message]", ["4: lists the variable 'message' twice"]),
    (
        "[message]",
        "[message, input]",
        ["4: lists 'input', which every prompt has (list its keys alone)"],
    ),
    (
        "[message]",
        "[message]\nconstants: {message: hi}",
        [
            "4: lists the variable 'message', which is a constant of this prompt (rename one of them)"
        ],
    ),
    (
        "[message]",
        "[message]\nconstants: {input: hi}",
        ["5: 'input' is the sample's input, not a constant (rename it)"],
    ),
    (
        "role: user",
        "role: tool",
        ["8: 'messages.1.role' is 'tool' (one of 'system', 'user' or 'assistant')"],
    ),
    (
        "{{ message }}",
        "{{ message.__class__ }}",
        ["9: reaches for '__class__' (names of data do not start with '_')"],
    ),
    (
        "{{ message }}",
        "{{ message",
        ["9: is not a template: unexpected end of template, expected 'end of print statement'."],
    ),
    (
        '"Customer: {{ message }}"',
        "hello input",
        ["4: lists the variable 'message', which no message uses"],
    ),
    ("[message]", "[message]\noutput_schema: 5", ["5: 'output_schema' must be a mapping, not 5"]),
]

RUNNER_MISTAKES = [
    (
        "provider: python",
        "provider: pyton",
        ["2: there is no provider 'pyton' (did you mean 'python'?)"],
    ),
    (
        "provider: python",
        "provider: [python]",
        ["2: there is no provider ['python'] (did you mean 'python'?)"],
    ),
    (
        "provider: python\n",
        "",
        [
            "1: the key 'provider' is missing (known: anthropic, command, echo, http, openai, python, replay)"
        ],
    ),
    (
        "provider: python",
        "provider: echo",
        ["3: unknown key 'callable'"],
    ),
    (
        "always_refund.py:answer",
        "always.py:answer",
        [
            "3: 'callable' names 'always.py:answer', but runners/always.py cannot be read: No such file or directory (paths start at this file's folder)"
        ],
    ),
    (
        "always_refund.py:answer",
        "always_refund.py",
        ["3: 'callable' is 'always_refund.py' (write FILE.py:FUNCTION)"],
    ),
    (
        "runner: always_refund",
        "runner: never_refund",
        ["1: the runner is called 'never_refund', its file 'always_refund' (give both one name)"],
    ),
    (
        "provider: python",
        "provider: python\nconcurrency: 0\ntimeout_s: '5'\ndeterministic: yes",
        [
            "3: 'concurrency' should be greater than or equal to 1, not 0",
            "4: 'timeout_s' must be a number, not '5'",
            "5: 'deterministic' must be true or false, not 'yes'",
        ],
    ),
]

CARD_MISTAKES = [
    ("samples: 3", "samples: 4", ["10: says v1 has 4 samples (datasets/refunds/v1.jsonl has 3)"]),
    (
        "date: 2026-11-23",
        "date: 2026-13-23",
        ["10: 'versions.0.date' is '2026-13-23' (write a date as YYYY-MM-DD)"],
    ),
    (
        "date: 2026-11-23",
        "date: 20261123",
        ["10: 'versions.0.date' is 20261123 (write a date as YYYY-MM-DD)"],
    ),
    (
        "sha256: ''",
        "sha256: 'abc'",
        ["10: 'versions.0.sha256' is 'abc' (64 hex digits, or empty while the version is a draft)"],
    ),
    (
        "dataset: refunds",
        "dataset: refundz",
        ["1: the dataset is called 'refundz', its folder 'refunds' (give both one name)"],
    ),
    (
        "versions:",
        "versions:\n  - {version: 1, date: 2026-11-23, samples: 3, sha256: '', changes: x}",
        ["11: lists version 1 twice"],
    ),
    ("title: Refunds\n", "", ["1: the key 'title' is missing"]),
    ("title: Refunds\n", "title:\n", ["2: 'title' must be text, not empty"]),
]

LINE_MISTAKES = [
    ({"id": "s1"}, ["the id 's1' is taken by line 1 (ids are unique)"]),
    ({"input": 5}, ["'input' must be a mapping or text, not 5"]),
    (
        {"slices": {"kindd": "x"}},
        ["the slice 'kindd' is not declared in card.yaml (did you mean 'kind'?)"],
    ),
    ({"slices": {"kind": 5}}, ["'slices.kind' must be text or a list, not 5"]),
    (
        {"class": "musst_pass"},
        ["'class' is 'musst_pass' (one of 'statistical', 'must_pass' or 'quarantined')"],
    ),
    ({"class": "quarantined"}, ["a quarantined sample needs 'until' (a date) and 'why'"]),
    ({"until": "2026-01-01"}, ["'until' and 'why' belong to the class 'quarantined' alone"]),
    (
        {"class": "quarantined", "until": "soon", "why": "x"},
        ["'until' is 'soon' (write a date as YYYY-MM-DD)"],
    ),
    (
        {"exposure": {"amount_minor": 5, "currency": "EUX"}},
        [
            "exposure: 'EUX' is not an active ISO 4217 currency code; use one of list one as published on 2026-01-01, such as 'EUR'"
        ],
    ),
    (
        {"exposure": {"amount_minor": 5, "currency": "eur"}},
        ["'exposure.currency' is 'eur' (a three-letter ISO 4217 code, such as EUR)"],
    ),
    (
        {"exposure": {"amount_minor": -5, "currency": "EUR"}},
        ["'exposure.amount_minor' should be greater than or equal to 0, not -5"],
    ),
    (
        {"exposure": {"amount_minor": 5.0, "currency": "EUR"}},
        [
            "'amount_minor' is 5.0, not an integer in minor units (write the amount in the currency's smallest unit, as a whole number)"
        ],
    ),
    ({"expectd": 1}, ["unknown key 'expectd' (did you mean 'expected'?)"]),
    ({"id": "a\nb"}, ["'id' is 'a\\nb' (text without control characters, 200 characters at most)"]),
    ({"id": ""}, ["'id' is '' (text without control characters, 200 characters at most)"]),
    (
        {"input": {"message": "a", "amount_minor": "12"}},
        [
            "'amount_minor' is a string, not an integer in minor units (write the amount in the currency's smallest unit, as a whole number)"
        ],
    ),
    (
        {"expected": {"x": [{"fee_minor": True}]}},
        [
            "'fee_minor' is true, not an integer in minor units (write the amount in the currency's smallest unit, as a whole number)"
        ],
    ),
    (
        {"checks": [{"equals": {"field": "action"}}]},
        [
            "sample 's2' adds the check 'equals(action)', which the suite has (give the sample's check an 'id' of its own)"
        ],
    ),
    ({"checks": ["nopan"]}, ["checks[0]: there is no scorer 'nopan' (did you mean 'no-pan'?)"]),
    (
        {"checks": [{"contains": {"value": "x", "severity": "bad"}}]},
        ["checks[0]: contains: 'severity' is 'bad' (one of critical, major, minor)"],
    ),
    (
        {"input": {"amount_minor": 1}},
        ["sample 's2' has no input 'message' (prompts/refunds/v1.yaml uses it)"],
    ),
    ({"input": "text"}, ["sample 's2' has no input 'message' (prompts/refunds/v1.yaml uses it)"]),
    ({"case": 7}, ["'case' must be text, not 7"]),
    (
        {"input": {"mesage": "x"}},
        [
            "sample 's2' has no input 'message' (prompts/refunds/v1.yaml uses it; did you mean 'mesage'?)"
        ],
    ),
]


def mistakes(ended: Ended) -> list[str]:
    """The lines that name a file."""
    places = ("prompts", "datasets", "evals", "runners", "paygrade.", "pyproject.toml", ".:")
    return [line for line in ended.err.splitlines() if line.startswith(places) and ": " in line]


def second_line(changes: dict[str, Any]) -> list[dict[str, Any]]:
    """The three samples, the second of them changed."""
    return [SAMPLES[0], {**SAMPLES[1], **changes}, SAMPLES[2]]


@pytest.mark.parametrize(("old", "new", "expected"), PROMPT_MISTAKES)
def test_a_mistake_in_a_prompt_is_told_with_its_line_and_its_mend(
    workspace: WorkspaceFolder, paygrade: Paygrade, old: str, new: str, expected: list[str]
) -> None:
    """Each line is the file's own, and the sentence says what to do."""
    workspace.replace(PROMPT_FILE, old, new)
    ended = paygrade("check", "-w", workspace.root)
    assert (ended.code, mistakes(ended)) == (2, [f"{PROMPT_FILE}:{each}" for each in expected])


@pytest.mark.parametrize(("old", "new", "expected"), SUITE_MISTAKES)
def test_a_mistake_in_a_suite_is_told_with_its_line_and_its_mend(
    workspace: WorkspaceFolder, paygrade: Paygrade, old: str, new: str, expected: list[str]
) -> None:
    """Each line is the file's own, and the sentence says what to do."""
    workspace.replace(SUITE_FILE, old, new)
    ended = paygrade("check", "-w", workspace.root)
    assert (ended.code, mistakes(ended)) == (2, [f"{SUITE_FILE}:{each}" for each in expected])


@pytest.mark.parametrize(("old", "new", "expected"), RUNNER_MISTAKES)
def test_a_mistake_in_a_runner_is_told_with_its_line_and_its_mend(
    workspace: WorkspaceFolder, paygrade: Paygrade, old: str, new: str, expected: list[str]
) -> None:
    """Each line is the file's own, and the sentence says what to do."""
    workspace.replace(RUNNER_FILE, old, new)
    ended = paygrade("check", "-w", workspace.root)
    assert (ended.code, mistakes(ended)) == (2, [f"{RUNNER_FILE}:{each}" for each in expected])


@pytest.mark.parametrize(("old", "new", "expected"), CARD_MISTAKES)
def test_a_mistake_in_a_card_is_told_with_its_line_and_its_mend(
    workspace: WorkspaceFolder, paygrade: Paygrade, old: str, new: str, expected: list[str]
) -> None:
    """Each line is the file's own, and the sentence says what to do."""
    workspace.replace(CARD_FILE, old, new)
    ended = paygrade("check", "-w", workspace.root)
    assert (ended.code, mistakes(ended)) == (2, [f"{CARD_FILE}:{each}" for each in expected])


@pytest.mark.parametrize(("changes", "expected"), LINE_MISTAKES)
def test_a_mistake_in_a_sample_is_told_with_its_line_and_its_mend(
    workspace: WorkspaceFolder, paygrade: Paygrade, changes: dict[str, Any], expected: list[str]
) -> None:
    """The second line is wrong; the others are left in peace."""
    workspace.samples(second_line(changes))
    ended = paygrade("check", "-w", workspace.root)
    assert (ended.code, mistakes(ended)) == (2, [f"{DATA_FILE}:2: {each}" for each in expected])


def test_all_mistakes_of_all_files_are_told_at_once(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """One look at the list mends everything: files in order, lines in order, each once."""
    workspace.replace(PROMPT_FILE, "version: 1", "version: 3")
    workspace.replace(SUITE_FILE, "[kind]", "[kind]\nepoch: 2")
    workspace.replace(RUNNER_FILE, "provider: python", "provider: python\nretries: 3")
    workspace.samples(second_line({"expectd": 1, "clas": "must_pass"}))
    workspace.write("runners/other.yaml", "runner: other\nprovider: oracle\n")
    ended = paygrade("check", "-w", workspace.root)
    assert mistakes(ended) == [
        "datasets/refunds/v1.jsonl:2: unknown key 'expectd' (did you mean 'expected'?)",
        "datasets/refunds/v1.jsonl:2: unknown key 'clas' (did you mean 'class'?)",
        "evals/refunds/suite.yaml:6: unknown key 'epoch' (did you mean 'epochs'?)",
        "prompts/refunds/v1.yaml:2: says version 3 in a file named v1.yaml (make the two agree)",
        "runners/always_refund.yaml:3: unknown key 'retries' (did you mean 'max_retries'?)",
        "runners/other.yaml:2: there is no provider 'oracle' (known: anthropic, command, echo, http, openai, python, replay)",
    ]
    assert ended.err.endswith(": 6 mistakes\n")


def test_every_name_that_a_suite_gets_wrong_is_told(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """A missing prompt hides neither the missing dataset nor the missing runner."""
    workspace.write(SUITE_FILE, SUITE.replace("refunds@v1", "refund@v9").replace("always", "never"))
    assert mistakes(paygrade("check", "-w", workspace.root)) == [
        "evals/refunds/suite.yaml:2: there is no prompt 'refund@v9' (did you mean 'refunds@v1'?)",
        "evals/refunds/suite.yaml:3: there is no dataset 'refund' (did you mean 'refunds'?)",
        "evals/refunds/suite.yaml:4: there is no runner 'never_refund' (known: always_refund)",
    ]


def test_a_constant_is_never_hidden_by_a_sample(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Data cannot replace what the prompt's hash covers."""
    workspace.replace(PROMPT_FILE, "[message]", "[message]\nconstants: {amount_minor: 3}")
    ended = paygrade("check", "-w", workspace.root)
    assert mistakes(ended)[0] == (
        "datasets/refunds/v1.jsonl:1: sample 's1' has the input 'amount_minor', a constant of "
        "prompts/refunds/v1.yaml (rename one of them: the prompt would show its own)"
    )


def test_an_undeclared_slice_is_told_for_each_line(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """The card says which slices there are."""
    workspace.replace(CARD_FILE, "{kind: why they ask}", "{sort: why they ask}")
    assert mistakes(paygrade("check", "-w", workspace.root)) == [
        f"{DATA_FILE}:{line}: the slice 'kind' is not declared in card.yaml (known: sort)"
        for line in (1, 2, 3)
    ]


def test_a_prompt_that_ignores_its_input_is_a_mistake(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """The word "input" in prose is no use of the input."""
    workspace.replace(PROMPT_FILE, "[message]", "[]")
    workspace.replace(PROMPT_FILE, '"Customer: {{ message }}"', "Ignore all input.")
    assert mistakes(paygrade("check", "-w", workspace.root)) == [
        (
            "prompts/refunds/v1.yaml:7: no message uses the sample's input, so every sample would ask "
            "the same (use {{ input }} or its keys)"
        )
    ]


def test_a_suite_that_can_never_fail_is_a_mistake(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Advisory scorers alone would always pass the gate."""
    workspace.write(SUITE_FILE, SUITE.replace(SCORERS, "scorers:\n  - no-pan: {severity: minor}\n"))
    assert mistakes(paygrade("check", "-w", workspace.root)) == [
        (
            "evals/refunds/suite.yaml:6: every scorer is advisory, so nothing could ever fail "
            "(give at least one severity 'critical' or 'major', or role 'gating')"
        )
    ]


def test_files_that_nobody_reads_are_told(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """A file in the wrong place or with the wrong name cannot hide there."""
    for name in (
        "prompts/loose.yaml", "prompts/refunds/draft.yaml", "prompts/refunds/v2.yml",
        "datasets/loose.jsonl", "datasets/refunds/v2.jsonl", "datasets/bare/v1.jsonl",
        "evals/loose.yaml", "evals/refunds/suite.yml", "runners/loose.yml", "paygrade.yml",
    ):  # fmt: skip
        workspace.write(name, "x: 1\n")
    assert mistakes(paygrade("check", "-w", workspace.root)) == [
        "datasets/bare/v1.jsonl: has no card.yaml beside it (every dataset says where it comes from)",
        "datasets/loose.jsonl: is not read: it lies outside a folder of its own (move it to datasets/NAME/vN.jsonl beside card.yaml)",
        "datasets/refunds/v2.jsonl: is not read (list its version in card.yaml)",
        "evals/loose.yaml: is not read: it lies outside a folder of its own (move it to evals/NAME/suite.yaml)",
        "evals/refunds/suite.yml: is not read (name it .yaml)",
        "paygrade.yml: is not read (name it paygrade.yaml)",
        "prompts/loose.yaml: is not read: it lies outside a folder of its own (move it to prompts/NAME/vN.yaml)",
        "prompts/refunds/draft.yaml: is not read (a prompt version is named vN.yaml, such as v1.yaml)",
        "prompts/refunds/v2.yml: is not read (name it .yaml)",
        "runners/loose.yml: is not read (name it .yaml)",
    ]


def test_a_workspace_without_a_suite_says_how_to_start(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Nothing to run is nothing to be content with."""
    (workspace.root / SUITE_FILE).unlink()
    ended = paygrade("check", "-w", workspace.root)
    assert mistakes(ended) == [
        "evals: there is no suite in this workspace (start one with `paygrade init`)"
    ]


def test_a_clean_workspace_is_counted(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """No mistake: exit 0, and what was looked at."""
    ended = paygrade("check", "-w", workspace.root)
    assert ended.code == 0
    assert "1 prompt version" in ended.out
    assert "3 samples" in ended.out


def test_mistakes_come_as_json_too(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """For editors and CI: the same fields."""
    workspace.replace(SUITE_FILE, "[kind]", "[kind]\nepoch: 2")
    ended = paygrade("check", "--json", "-w", workspace.root)
    assert ended.code == 2
    assert ended.json["mistakes"] == [
        {
            "path": SUITE_FILE,
            "problem": "unknown key 'epoch'",
            "line": 6,
            "hint": "did you mean 'epochs'?",
        }
    ]


def test_checking_twice_finds_the_same(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """A schema that was damaged is written anew, and is no obstacle."""
    first = paygrade("check", "-w", workspace.root)
    schema = workspace.write(".paygrade/schemas/suite.json", b"\xff\xfe")
    second = paygrade("check", "-w", workspace.root)
    assert (second.code, second.out) == (0, first.out)
    assert json.loads(schema.read_text(encoding="utf-8"))["title"] == "paygrade suite"


def test_a_store_that_cannot_be_written_does_not_stop_a_check(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Schemas serve editors; a read-only checkout is checked without them."""
    workspace.write(".paygrade", "a file where the store's folder would be")
    assert paygrade("check", "-w", workspace.root).code == 0
