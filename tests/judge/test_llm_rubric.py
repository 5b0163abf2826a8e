"""`llm-rubric` in a suite: what it judges, what it may decide, and what it never does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from judge.recorded import good, record, says
from judge.test_certify_command import labels_file, peoples
from paygrade.scorers import RUBRICS

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Ended, Paygrade, WorkspaceFolder

DISPUTES = "dispute-reasons/1"
YES = json.dumps(dict.fromkeys(RUBRICS[DISPUTES].questions, True))
NO = json.dumps({**json.loads(YES), "grounded": False})
SUITE = """\
suite: refunds
prompt: refunds@v1
dataset: refunds@v1
runners: [explains]
slices: [kind]
scorers:
  - equals: {field: action, severity: critical}
  - llm-rubric: {rubric: dispute-reasons/1, runner: judge, field: reasons}
"""
EXPLAINS = '''\
"""Refunds everybody, and says why."""


def answer(request):
    """Say yes."""
    amount = request.input["amount_minor"]
    reasons = [f"Refund {amount / 100:.2f} EUR.", "The customer says so."]
    return {"action": "refund", "amount_minor": amount, "currency": "EUR", "reasons": reasons}
'''


@pytest.fixture
def judged(workspace: WorkspaceFolder) -> WorkspaceFolder:
    """A workspace whose answers are explained, and a judge that says yes, no and nothing."""
    workspace.write("evals/refunds/suite.yaml", SUITE)
    workspace.write("runners/explains.py", EXPLAINS)
    workspace.write(
        "runners/explains.yaml",
        "runner: explains\nprovider: python\ncallable: explains.py:answer\ndeterministic: true\n",
    )
    says(workspace, [{"id": "s1", "text": YES}, {"id": "s2", "text": NO}])
    return workspace


def run(paygrade: Paygrade, workspace: WorkspaceFolder, *options: object) -> Ended:
    """Run the suite."""
    return paygrade("run", *options, "--json", "-w", workspace.root)


def checks(paygrade: Paygrade, workspace: WorkspaceFolder) -> dict[str, tuple[str, str]]:
    """Result and reason of the rubric's check by sample, of the newest run."""
    found = paygrade(
        "sql",
        "SELECT sample_id, result, reason FROM checks WHERE scorer = 'llm-rubric' AND run_id = "
        "(SELECT max(run_id) FROM runs)",
        "--json", "-w", workspace.root,
    ).json  # fmt: skip
    return {each["sample_id"]: (each["result"], each["reason"]) for each in found}


def gating(workspace: WorkspaceFolder) -> None:
    """Let the judge gate, if it may."""
    workspace.replace(
        "evals/refunds/suite.yaml", "field: reasons}", "field: reasons, role: gating}"
    )


def certify(
    paygrade: Paygrade, workspace: WorkspaceFolder, tmp_path: Path, count: int = 100
) -> None:
    """Certify the judge on labels of one's own people, beside what it says in the suite."""
    labels = peoples(count)
    record(workspace, DISPUTES, good, labels)
    lines = (workspace.root / "runners/judge.jsonl").read_text("utf-8").splitlines()
    more = [{"id": "s1", "text": YES}, {"id": "s2", "text": NO}]
    says(workspace, [*map(json.loads, lines), *more])
    ended = paygrade(
        "judge", "certify", DISPUTES, "-r", "judge", "--labels", labels_file(tmp_path, labels),
        "-w", workspace.root,
    )  # fmt: skip
    assert ended.code == 0, ended.out


def test_a_judge_says_yes_no_or_nothing(judged: WorkspaceFolder, paygrade: Paygrade) -> None:
    """A no names its question; no answer is an error of the check; none moves the failure rate."""
    [summary] = run(paygrade, judged).json
    assert (summary["overall"]["failed"], summary["overall"]["scored"]) == (1, 3)  # s3's action
    found = checks(paygrade, judged)
    assert found["s1"] == ("pass", "")
    assert found["s2"][0] == "fail"
    assert RUBRICS[DISPUTES].questions["grounded"] in found["s2"][1]
    assert found["s3"][0] == "error"
    assert "the judge judge gave no answer: no answer is recorded for 's3'" in found["s3"][1]


def test_it_is_minor_and_advisory_unless_told(judged: WorkspaceFolder, paygrade: Paygrade) -> None:
    """As every check that a judge decides."""
    [summary] = run(paygrade, judged).json
    [check] = [each for each in summary["checks"] if each["check"] == "llm-rubric(reasons)"]
    assert (check["severity"], check["role"]) == ("minor", "advisory")


def test_a_wrong_number_is_found_without_a_call(
    judged: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """The judge would have said yes."""
    judged.replace("runners/explains.py", "{amount / 100:.2f}", "{amount / 100 + 1:.2f}")
    run(paygrade, judged)
    assert checks(paygrade, judged)["s1"] == (
        "fail", "the explanation has a number from nowhere: 43.00",
    )  # fmt: skip
    calls = paygrade("sql", "SELECT count(*) AS n FROM judge_calls", "--json", "-w", judged.root)
    assert calls.json == [{"n": 0}]


def test_amounts_count_in_the_decimals_of_their_currency(
    judged: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """4,200 yen are not 42.00 of anything."""
    judged.replace("runners/explains.py", '"EUR", "reasons"', '"JPY", "reasons"')
    run(paygrade, judged)
    assert checks(paygrade, judged)["s1"][1].endswith("from nowhere: 42.00")
    judged.replace("runners/explains.py", "{amount / 100:.2f}", "{amount:,}")
    run(paygrade, judged)
    assert checks(paygrade, judged)["s1"] == ("pass", "")


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        ('""', "there is no explanation"),
        ("[]", "there is no explanation"),
        ("[1]", "neither text nor a list of texts"),
        ('{"a": "b"}', "neither text nor a list of texts"),
    ],
)
def test_no_explanation_is_a_failure(
    judged: WorkspaceFolder, paygrade: Paygrade, reasons: str, said: str
) -> None:
    """Nobody is asked about nothing."""
    text = EXPLAINS.replace('"reasons": reasons', f'"reasons": {reasons}')
    judged.write("runners/explains.py", text)
    run(paygrade, judged)
    result, reason = checks(paygrade, judged)["s1"]
    assert (result, said in reason) == ("fail", True)


def test_a_judge_without_a_certificate_may_not_gate(
    judged: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Check and run say so at the check's line, with the mend; nothing runs."""
    gating(judged)
    for ended in (paygrade("check", "-w", judged.root), run(paygrade, judged)):
        assert ended.code == 2
        assert "evals/refunds/suite.yaml:8: llm-rubric(reasons): the judge judge " in ended.err
        assert "may not gate: the judge has no certificate" in ended.err
        assert "paygrade judge certify dispute-reasons/1 --runner judge --labels FILE" in ended.err


def test_a_judge_that_people_certified_may_gate(
    judged: WorkspaceFolder, paygrade: Paygrade, tmp_path: Path
) -> None:
    """Then its no is a failure, and its silence an error of the attempt."""
    gating(judged)
    certify(paygrade, judged, tmp_path)
    assert paygrade("check", "-w", judged.root).code == 0
    [summary] = run(paygrade, judged).json
    overall = summary["overall"]
    assert (overall["failed"], overall["scored"], overall["errored"]) == (1, 2, 1)
    assert summary["errors"] == {"scorer_error": 1}


def test_a_run_remembers_how_good_its_judge_is(
    judged: WorkspaceFolder, paygrade: Paygrade, tmp_path: Path
) -> None:
    """Its model, its rubric's hash and its calibration are in the run's record."""
    [before] = run(paygrade, judged).json
    [known] = before["header"]["judges"]
    assert (known["labels"], known["kappa"], known["may_gate"]) == (0, None, False)
    assert known["rubric_sha256"] == RUBRICS[DISPUTES].fingerprint
    certify(paygrade, judged, tmp_path)
    [after] = run(paygrade, judged).json
    [known] = after["header"]["judges"]
    assert (known["labels"], known["origin"], known["may_gate"]) == (100, "human", True)
    assert known["kappa"] == 1.0


def test_labels_that_ship_never_let_a_judge_gate(
    judged: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """However well it does on them."""
    gating(judged)
    record(judged, DISPUTES, good)
    ended = paygrade("judge", "certify", DISPUTES, "-r", "judge", "-w", judged.root)
    assert ended.code == 0
    ended = run(paygrade, judged)
    assert ended.code == 2
    assert "its labels are by construction, not by your own people" in ended.err


def test_a_judge_that_changed_needs_a_new_certificate(
    judged: WorkspaceFolder, paygrade: Paygrade, tmp_path: Path
) -> None:
    """Another recorded answer is other code."""
    gating(judged)
    certify(paygrade, judged, tmp_path)
    judged.replace("runners/judge.jsonl", '"s2"', '"s3"')
    ended = run(paygrade, judged)
    assert ended.code == 2
    assert "parameters or code changed since it was certified" in ended.err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"false_negative": 0', '"false_negative": 9', "figures do not follow from its counts"),
        ('"origin": "human"', '"origin": "angels"', "origin"),
        ("{", "[", "is not JSON"),
        ('"faults": []', '"faults": [], "note": "fine"', "note"),
        ("certificate/1", "certificate/9", "format"),
    ],
)
def test_an_edited_certificate_is_none(  # noqa: PLR0913, PLR0917 - fixtures
    judged: WorkspaceFolder, paygrade: Paygrade, tmp_path: Path, old: str, new: str, said: str
) -> None:
    """It is named with what is wrong, and nothing runs."""
    certify(paygrade, judged, tmp_path)
    name = "reports/judges/dispute-reasons-1.judge.json"
    text = (judged.root / name).read_text("utf-8")
    assert old in text
    judged.write(name, text.replace(old, new, 1))
    ended = run(paygrade, judged)
    assert ended.code == 2
    assert name in ended.err
    assert said in ended.err


def test_faults_that_were_taken_out_are_found_again(
    judged: WorkspaceFolder, paygrade: Paygrade, tmp_path: Path
) -> None:
    """What a certificate says of itself counts for nothing; its counts do."""
    gating(judged)
    labels = [{**each, "label": "good"} for each in peoples(100)]
    for each in labels:
        each.pop("defect", None)
    record(judged, DISPUTES, good, labels)
    ended = paygrade(
        "judge", "certify", DISPUTES, "-r", "judge", "--labels", labels_file(tmp_path, labels),
        "-w", judged.root,
    )  # fmt: skip
    assert ended.code == 100
    name = "reports/judges/dispute-reasons-1.judge.json"
    written: dict[str, Any] = json.loads((judged.root / name).read_text("utf-8"))
    judged.write(name, json.dumps({**written, "faults": []}))
    ended = run(paygrade, judged)
    assert ended.code == 2
    assert "it is not usable: kappa is not defined on these labels" in ended.err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("field: reasons}", "field: reasons, severity: major}", "a judge decides minor checks"),
        ("dispute-reasons/1", "dispute-reasons/2", "is none of dispute-reasons/1"),
        ("runner: judge", "runner: jugde", "there is no runner 'jugde' to judge with"),
        ("field: reasons}", "feild: reasons}", "did you mean 'field'?"),
        (", runner: judge", "", "missing key 'runner'"),
    ],
)
def test_what_is_wrong_with_a_check_stands_at_its_line(
    judged: WorkspaceFolder, paygrade: Paygrade, old: str, new: str, said: str
) -> None:
    """Once, with a mend."""
    judged.replace("evals/refunds/suite.yaml", old, new)
    ended = paygrade("check", "-w", judged.root)
    assert ended.code == 2
    assert "evals/refunds/suite.yaml:8: " in ended.err
    assert said in ended.err
    assert "1 mistake" in ended.err


def test_a_judge_whose_profile_is_wrong_is_named_there(
    judged: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Not at the check that asks it."""
    judged.write("runners/judge.yaml", "runner: judge\nprovider: replay\nanswers: gone.jsonl\n")
    ended = run(paygrade, judged)
    assert ended.code == 2
    assert "runners/judge.yaml:3: 'answers' names 'gone.jsonl'" in ended.err
    assert "1 mistake, nothing ran" in ended.err


def test_a_judge_of_the_answers_own_family_may_not_gate(
    judged: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Check says so of the suite's runners, run of the one that is chosen."""
    gating(judged)
    model = "provider: openai\nkey_env: ''\nbase_url: http://127.0.0.1:9/v1\napi: chat\n"
    judged.write("runners/judge.yaml", f"runner: judge\n{model}model: qwen4-judge\n")
    judged.write("runners/small.yaml", f"runner: small\n{model}model: acme/Qwen4-8b\n")
    said = "the judge judge and the runner small are of one model family (qwen)"
    assert said not in paygrade("check", "-w", judged.root).err
    judged.replace("evals/refunds/suite.yaml", "runners: [explains]", "runners: [small]")
    assert said in paygrade("check", "-w", judged.root).err
    judged.replace("evals/refunds/suite.yaml", ", role: gating", "")
    assert paygrade("check", "-w", judged.root).code == 0


def test_what_a_judge_said_is_not_asked_again(judged: WorkspaceFolder, paygrade: Paygrade) -> None:
    """`score` takes it from the run; a judge that said nothing there gives an error."""
    run(paygrade, judged)
    before = checks(paygrade, judged)
    ended = paygrade("score", "latest", "--json", "-w", judged.root)
    assert ended.code == 0, ended.err
    after = checks(paygrade, judged)
    assert {name: after[name] for name in ("s1", "s2")} == {
        name: before[name] for name in ("s1", "s2")
    }
    assert after["s3"] == ("error", "the judge judge has not judged this answer before")


def test_a_resumed_run_judges_what_is_left(judged: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Its journal loses the last outcome, as a kill would have it: the answer of then counts."""
    [whole] = run(paygrade, judged).json
    [journal] = judged.root.glob(".paygrade/runs/*/journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    cut = max(place for place, line in enumerate(lines) if b'"t":"outcome"' in line)
    del lines[cut]
    journal.write_bytes(b"".join(lines))
    heard = sum(b'"t":"judge"' in line for line in lines)
    ended = paygrade("resume", "latest", "--json", "-w", judged.root)
    assert ended.code == 0, ended.err
    [resumed] = ended.json
    assert resumed["checks"] == whole["checks"]
    assert sum(b'"of":"answer"' in line for line in journal.read_bytes().splitlines()) == 2
    assert heard == 3  # two answers and a call that gave none


def test_a_judge_may_be_negated(judged: WorkspaceFolder, paygrade: Paygrade) -> None:
    """For samples whose explanation ought to be bad."""
    judged.replace("evals/refunds/suite.yaml", "- llm-rubric", "- not-llm-rubric")
    run(paygrade, judged)
    found = checks(paygrade, judged)
    assert found["s1"] == ("fail", "reasons: the judge says yes to every question")
    assert found["s2"][0] == "pass"


def test_a_whole_answer_may_be_the_explanation(judged: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Without a field the judge reads the answer's text, and nothing was decided beside it."""
    judged.replace("evals/refunds/suite.yaml", ", field: reasons", "")
    judged.write(
        "runners/explains.py",
        '"""Talks."""\n\n\ndef answer(request):\n    """In prose."""\n    return "Refund 42.00."\n',
    )
    run(paygrade, judged)
    found = checks(paygrade, judged)
    assert found["s1"] == ("pass", "")
    assert found["s2"] == ("fail", "the explanation has a number from nowhere: 42.00")


def test_the_gate_judges_with_a_certified_judge(
    judged: WorkspaceFolder, paygrade: Paygrade, tmp_path: Path
) -> None:
    """Accepted, it passes; when the explanations become worse, their samples are named."""
    gating(judged)
    labels = peoples(100)
    record(judged, DISPUTES, good, labels)
    lines = (judged.root / "runners/judge.jsonl").read_text("utf-8").splitlines()
    says(judged, [*map(json.loads, lines), *({"id": f"s{n}", "text": YES} for n in (1, 2, 3))])
    file = labels_file(tmp_path, labels)
    options = ("--runner", "judge", "--labels", file, "-w", judged.root)
    assert paygrade("judge", "certify", DISPUTES, *options).code == 0
    ended = paygrade("accept", "--now", "-y", "--reason", "first", "-w", judged.root)
    assert ended.code == 0, ended.err
    ended = paygrade("gate", "--json", "-w", judged.root)
    assert ended.code == 0, ended.err + ended.out
    judged.replace("runners/explains.py", "{amount / 100:.2f}", "{amount / 100 + 1:.2f}")
    ended = paygrade("gate", "--json", "-w", judged.root)
    assert ended.code in (100, 101), ended.err
    assert "llm-rubric(reasons)" in ended.out
