"""`action.yml`, its steps run as written: the exit code comes through, whatever inputs hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci.actions import Job
from ci.tools import Tools
from kit import REPOSITORY

pytestmark = pytest.mark.real  # each runs the action in shells

CODES = (0, 2, 100, 101, 102, 103)
FILES = ("gate.json", "gate.md", "gate.junit.xml", "gate.svg", "gate.badge.json")
PULL = {"event": {"pull_request": {"number": 12}}}


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    """A fake `paygrade` and a fake `python`."""
    return Tools(tmp_path / "tools")


@pytest.fixture
def job(tmp_path: Path, tools: Tools) -> Job:
    """A job of pull request 12."""
    return Job(
        temp=tmp_path / "temp",
        workspace=tmp_path / "project",
        path=(tools.folder,),
        github=PULL,
    )


def _options(arguments: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    """What the gate was asked: options with their values, and the suites."""
    assert arguments[0] == "gate"
    end = arguments.index("--")
    pairs = arguments[1:end]
    assert len(pairs) % 2 == 0
    options: dict[str, list[str]] = {}
    for flag, value in zip(pairs[::2], pairs[1::2], strict=True):
        options.setdefault(flag, []).append(value)
    return options, arguments[end + 1 :]


@pytest.mark.parametrize("code", CODES)
def test_the_action_ends_as_the_gate_ended(job: Job, tools: Tools, code: int) -> None:
    """Each exit code comes through, and stands in the output too."""
    tools.gate(code=code)
    ended = job.run(REPOSITORY)
    assert (ended.code, ended.failed) == (code, code != 0)
    assert ended.outputs["exit-code"] == str(code)


@pytest.mark.parametrize("code", CODES)
def test_store_and_report_are_kept_before_it_ends(job: Job, tools: Tools, code: int) -> None:
    """The last step is the one that fails; cache and artifact came before it."""
    tools.gate(code=code)
    ended = job.run(REPOSITORY)
    assert [name for name, step in ended.steps.items() if step.outcome == "failure"] == (
        ["end"] if code else []
    )
    assert list(ended.steps)[-3:] == ["Keep the store", "Upload the report", "end"]
    assert ended.steps["Keep the store"].outcome == "success"
    assert ended.steps["Upload the report"].outcome == "success"


@pytest.mark.parametrize("code", [3, 126, 127, 137, 255])
def test_a_code_that_no_gate_has_ends_with_1(job: Job, tools: Tools, code: int) -> None:
    """A killed gate is not a verdict of its own."""
    tools.gate(code=code)
    ended = job.run(REPOSITORY)
    assert (ended.code, ended.outputs["exit-code"]) == (1, "1")
    assert "This is not a pass." in ended.out


def test_a_gate_that_never_began_ends_with_1(job: Job, tools: Tools) -> None:
    """Nothing could be installed: there is no code, and that is not a pass."""
    (tools.folder / "python").write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    ended = job.run(REPOSITORY)
    assert ended.steps["gate"].outcome == "skipped"
    assert ended.steps["Upload the report"].outcome == "skipped"
    assert (ended.code, ended.outputs["exit-code"]) == (1, "1")
    assert tools.calls == []


def test_a_missing_command_ends_with_1(job: Job, tools: Tools) -> None:
    """The shell's own 127 is not handed on as if the gate had said it."""
    (tools.folder / "paygrade").unlink()
    ended = job.run(REPOSITORY)
    assert (ended.failed, ended.code) == (True, 1)


def test_a_green_without_a_report_is_not_green(job: Job, tools: Tools) -> None:
    """Something ended with 0 and was not the gate."""
    tools.gate(code=0, writes=False)
    ended = job.run(REPOSITORY)
    assert ended.code == 1
    assert "wrote no report" in ended.out


def test_what_the_gate_claims_does_not_replace_how_it_ended(job: Job, tools: Tools) -> None:
    """The output `exit_code` that the gate's process wrote is overruled by its exit code."""
    tools.gate(code=100, outputs="exit_code=0\nverdict=pass\n")
    assert job.run(REPOSITORY).code == 100


def test_an_output_that_never_ends_is_not_a_pass(job: Job, tools: Tools) -> None:
    """Code of the workspace that swallows the rest of GITHUB_OUTPUT gains nothing."""
    tools.gate(code=100, outputs="verdict<<END\n")
    assert job.run(REPOSITORY).code == 1


def test_a_gate_that_is_killed_with_its_shell_ends_with_1(job: Job, tools: Tools) -> None:
    """Nothing is noted then; store and report are kept all the same."""
    tools.gate(kills=True, outputs="exit_code=0\nended=0\nverdict=pass\n")
    ended = job.run(REPOSITORY)
    assert ended.steps["gate"].outcome == "failure"
    assert ended.steps["Keep the store"].outcome == "success"
    assert ended.steps["Upload the report"].outcome == "success"
    assert (ended.code, ended.outputs["exit-code"]) == (1, "1")


@pytest.mark.parametrize("action", ["actions/upload-artifact", "actions/cache/save"])
def test_a_failed_upload_does_not_hide_the_verdict(job: Job, tools: Tools, action: str) -> None:
    """The last step runs all the same and ends as the gate did."""
    tools.gate(code=100)
    job.failing = frozenset({action})
    ended = job.run(REPOSITORY)
    assert ended.steps["end"].code == 100


def test_a_failed_upload_is_seen_even_where_the_gate_is_green(job: Job) -> None:
    """A report that is lost is a failed job, not a pass."""
    job.failing = frozenset({"actions/upload-artifact"})
    assert job.run(REPOSITORY).failed


def test_all_inputs_reach_the_gate(job: Job, tools: Tools) -> None:
    """Each as its option; suites after the double dash."""
    ended = job.run(
        REPOSITORY,
        {
            "suites": "refunds disputes",
            "runners": "rules\ngpt_small",
            "baseline": "reports/baselines",
            "prompt": "refund@v3",
            "epochs": "5",
            "confirm": "stored",
            "on-inconclusive": "fail",
            "workspace": "evals/pay",
        },
    )
    options, suites = _options(tools.arguments)
    report = ended.steps["prepare"].outputs["report"]
    assert options == {
        "--runner": ["rules", "gpt_small"],
        "--baseline": ["reports/baselines"],
        "--prompt": ["refund@v3"],
        "--epochs": ["5"],
        "--confirm": ["stored"],
        "--on-inconclusive": ["fail"],
        "--workspace": ["evals/pay"],
        "-o": [f"{report}/{name}" for name in FILES],
    }
    assert suites == ["refunds", "disputes"]


def test_empty_inputs_are_not_said(job: Job, tools: Tools) -> None:
    """The suites' own settings hold then."""
    job.run(REPOSITORY)
    options, suites = _options(tools.arguments)
    assert (set(options), suites) == ({"--workspace", "-o"}, [])


@pytest.mark.parametrize(
    "text", ["a b", "a\nb", " a\t b \n\n", "a\r\nb\r\n", "\n  a\n  b\n"], ids=repr
)
def test_names_are_separated_by_any_white_space(job: Job, tools: Tools, text: str) -> None:
    """A list in YAML, on one line or many, from whatever editor."""
    job.run(REPOSITORY, {"suites": text, "runners": text})
    options, suites = _options(tools.arguments)
    assert options["--runner"] == suites == ["a", "b"]


def test_the_last_newline_of_a_block_is_not_part_of_a_value(job: Job, tools: Tools) -> None:
    """`baseline: |` in YAML ends with one."""
    job.run(REPOSITORY, {"baseline": "reports/baselines\n"})
    assert _options(tools.arguments)[0]["--baseline"] == ["reports/baselines"]


HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "a;touch pwned",
    "a|touch pwned",
    "a&&touch pwned",
    "';touch pwned;'",
    '";touch pwned;"',
    "a\\",
    "${IFS}$PATH",
    "$((1/0))",
    "a[$(touch pwned)]",
    "*",
    "?",
    "[a-z]*",
    "{a,b}",
    "~",
    "!!",
    "%0A::error::x",
    "::add-mask::x",
    "#x",
    "rückzahlung_支払い_💶",
    "a\u2028b",
    "a\u00a0b",
]


ONE = ("baseline", "prompt", "epochs", "confirm", "on-inconclusive")


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_an_input_is_never_read_as_shell(job: Job, tools: Tools, value: str) -> None:
    """It arrives letter by letter, as one argument or one for each word; nothing else happens."""
    (job.workspace / "abc").touch()
    job.run(REPOSITORY, dict.fromkeys(("suites", "runners", *ONE), value))
    options, suites = _options(tools.arguments)
    assert suites == options["--runner"] == value.split(" ")
    assert [options[f"--{name}"] for name in ONE] == [[value]] * len(ONE)
    assert [each.name for each in job.workspace.iterdir()] == ["abc"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("suites", value) for value in ("-o/etc/passwd", "--help", "-", "--", "a --dry-run")),
        *(("runners", value) for value in ("-o/etc/passwd", "a\n-oX.json", "a\x1b[2Jb", "a\x7f")),
        *(("baseline", value) for value in ("--help", "-", "a\nb", "a\n-oX", "a\tb", "a\x1b[2Jb")),
        *((name, "-o/etc/passwd") for name in ONE),
    ],
    ids=ascii,
)
def test_an_input_never_becomes_an_option(job: Job, tools: Tools, name: str, value: str) -> None:
    """A dash in front, a control character inside: refused as a mistake, and no gate is run."""
    ended = job.run(REPOSITORY, {name: value})
    assert tools.calls == []
    assert ended.code == 2
    assert f"::error title=paygrade gate::input {name}:" in ended.out
    assert len(value) < 3 or value not in ended.out


@pytest.mark.parametrize(
    "value", ["-x", "~/x", "a*", "a?", "a[b]", "a{b,c}", "!a", "a#b", "a\nb", "a\x1bb"], ids=ascii
)
def test_a_workspace_is_a_plain_path(job: Job, tools: Tools, value: str) -> None:
    """It becomes a pattern of the cache: what has a meaning there is refused."""
    ended = job.run(REPOSITORY, {"workspace": value})
    assert tools.calls == []
    assert (ended.steps["prepare"].code, ended.failed) == (2, True)


@pytest.mark.parametrize("value", ["../x", "a/b", "a b", "a,b", ".hidden", "", "-a", "a" * 101])
def test_the_name_of_the_artifact_is_a_name(job: Job, tools: Tools, value: str) -> None:
    """It becomes a folder, and part of a key."""
    ended = job.run(REPOSITORY, {"artifact": value})
    assert tools.calls == []
    assert ended.failed
    assert ended.code != 0


def test_store_cache_is_true_or_false(job: Job, tools: Tools) -> None:
    """`True` would else quietly mean that nothing is remembered."""
    assert job.run(REPOSITORY, {"store-cache": "True"}).failed
    assert tools.calls == []


def test_the_store_is_kept_by_pull_request_run_and_attempt(job: Job) -> None:
    """The newest of the same pull request is fetched; each attempt writes its own."""
    ended = job.run(REPOSITORY)
    fetched, kept = ended.steps["Fetch the store of earlier runs"], ended.steps["Keep the store"]
    assert fetched.given == {
        "path": "./.paygrade",
        "key": "paygrade-store-Linux-paygrade-gate-12-1001-1",
        "restore-keys": "paygrade-store-Linux-paygrade-gate-12-",
    }
    assert kept.given == {"path": fetched.given["path"], "key": fetched.given["key"]}


def test_a_second_attempt_fetches_what_the_first_one_kept(job: Job) -> None:
    """Its key is new, and what it looks for begins the older one."""
    first = job.run(REPOSITORY).steps["Keep the store"].given["key"]
    job.env = {"GITHUB_RUN_ATTEMPT": "2"}
    again = job.run(REPOSITORY).steps["Fetch the store of earlier runs"].given
    assert again["key"] != first
    assert first.startswith(again["restore-keys"])


def test_a_push_keeps_its_store_by_branch(job: Job) -> None:
    """There is no pull request then; a key may not hold a comma."""
    job.github, job.env = {"event": {}}, {"GITHUB_REF_NAME": "feature/a,b"}
    ended = job.run(REPOSITORY, {"workspace": "evals/pay/"})
    assert ended.steps["Keep the store"].given == {
        "path": "evals/pay/.paygrade",
        "key": "paygrade-store-Linux-paygrade-gate-feature-a-b-1001-1",
    }


def test_the_store_is_not_kept_where_that_is_not_wanted(job: Job, tools: Tools) -> None:
    """Neither fetched nor kept; the gate runs as ever."""
    ended = job.run(REPOSITORY, {"store-cache": "false"})
    assert ended.steps["Fetch the store of earlier runs"].outcome == "skipped"
    assert ended.steps["Keep the store"].outcome == "skipped"
    assert len(tools.calls) == 1


def test_the_artifact_holds_report_and_number(job: Job) -> None:
    """What the comment's job needs is in it: the number of the pull request, one line."""
    ended = job.run(REPOSITORY, {"artifact": "gate-a"})
    given = ended.steps["Upload the report"].given
    assert given["name"] == "gate-a"
    folder = Path(given["path"])
    assert {each.name for each in folder.iterdir()} == {*FILES, "pr.txt"}
    assert (folder / "pr.txt").read_text("utf-8") == "12\n"


def test_what_an_earlier_job_left_is_not_uploaded(job: Job) -> None:
    """A runner of one's own may keep its folders."""
    left = job.temp / "paygrade-gate" / "paygrade-gate" / "left.json"
    left.parent.mkdir(parents=True)
    left.touch()
    ended = job.run(REPOSITORY)
    assert ended.steps["Upload the report"].given["path"] == str(left.parent)
    assert not left.exists()


def test_a_push_writes_no_number(job: Job) -> None:
    """There is no pull request to comment on."""
    job.github = {"event": {}}
    ended = job.run(REPOSITORY)
    assert not (Path(ended.steps["Upload the report"].given["path"]) / "pr.txt").exists()


def test_the_outputs_are_what_the_gate_said(job: Job, tools: Tools) -> None:
    """Figures by the gate, paths by the action, also when the verdict is red."""
    tools.gate(code=100)
    ended = job.run(REPOSITORY)
    report = ended.steps["prepare"].outputs["report"]
    assert ended.outputs == {
        "verdict": "regressed",
        "exit-code": "100",
        "rise-points": "4.2",
        "p-value": "0.003",
        "headline": "refunds got worse by 4.2 points",
        "report": f"{report}/gate.json",
        "junit": f"{report}/gate.junit.xml",
        "comment": f"{report}/gate.md",
    }


def test_the_gate_writes_the_summary_of_the_step(job: Job) -> None:
    """It is told where, as GitHub tells it."""
    job.run(REPOSITORY)
    assert job.summary.read_text("utf-8") == "# Verdict\n"


def test_an_empty_key_is_no_key(job: Job, tools: Tools) -> None:
    """A secret that is not set arrives as an empty text."""
    job.env = {"OPENAI_API_KEY": "", "ANTHROPIC_API_KEY": "k"}
    job.run(REPOSITORY)
    (call,) = tools.calls
    assert "OPENAI_API_KEY" not in call["env"]
    assert call["env"]["ANTHROPIC_API_KEY"] == "k"


def test_paygrade_is_installed_from_the_actions_own_commit(job: Job, tools: Tools) -> None:
    """With the package that it needs of the same commit."""
    job.run(REPOSITORY)
    assert tools.installed == [f"{REPOSITORY}/pytx", str(REPOSITORY)]


@pytest.mark.parametrize(
    "value", ["paygrade==0.1.0", "paygrade>=0.1,<0.2", "./a b.whl", "$(touch pwned)"]
)
def test_a_version_is_one_requirement(job: Job, tools: Tools, value: str) -> None:
    """One word for pip, whatever is in it."""
    job.run(REPOSITORY, {"version": value})
    assert tools.installed == [value]
    assert list(job.workspace.iterdir()) == []


@pytest.mark.parametrize("value", ["-e.", "--index-url=x", "0.1.0", "v1", "a\nb"])
def test_a_version_that_is_no_requirement_is_refused(job: Job, tools: Tools, value: str) -> None:
    """An option of pip, or a number without a name."""
    ended = job.run(REPOSITORY, {"version": value})
    assert not (tools.folder / "python.txt").exists()
    assert (ended.code, tools.calls) == (1, [])
    assert "input version:" in ended.out


def test_python_is_set_up_unless_there_is_one(job: Job) -> None:
    """An empty version leaves the Python that the job has."""
    step = "Set up Python"
    assert job.run(REPOSITORY).steps[step].given == {"python-version": "3.12"}
    assert job.run(REPOSITORY, {"python-version": ""}).steps[step].outcome == "skipped"


def test_windows_is_told_so(job: Job) -> None:
    """At once, and not by what breaks first."""
    job.env = {"RUNNER_OS": "Windows"}
    ended = job.run(REPOSITORY)
    assert "paygrade runs on Linux and macOS" in ended.out
    assert ended.failed


def test_the_scripts_need_no_newer_bash_than_macos_has() -> None:
    """Version 3.2: no `mapfile`, no references to names, no upper case by sign."""
    newer = ("mapfile", "readarray", "local -n", "declare -A", "^^}", ",,}", "|&", "&>>")
    for name in ("prepare.sh", "install.sh", "gate.sh"):
        text = (REPOSITORY / "ci" / name).read_text("utf-8")
        assert not [each for each in newer if each in text]
