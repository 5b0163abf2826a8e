"""Which files become items, and how items are chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from plugin.conftest import Evals, Session

pytestmark = pytest.mark.real  # each a session of its own

pytest_plugins = ["pytester"]

ITEM = "evals/refunds/suite.yaml::player::"


def _collected(result: pytest.RunResult) -> list[str]:
    """The samples that a quiet collection lists."""
    return [line.rpartition("::")[2] for line in result.outlines if line.startswith("evals/")]


def test_every_sample_is_an_item_below_its_runner(session: Session, evals: Evals) -> None:
    """The node id is the file, the runner and the sample. Nobody is asked to collect."""
    result = session("--collect-only", "-q", "evals/")
    assert result.outlines[:3] == [f"{ITEM}s1", f"{ITEM}s2", f"{ITEM}s3"]
    assert evals.asked == []


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ((f"{ITEM}s2",), ["s2"]),
        (("evals/refunds/suite.yaml",), ["s1", "s2", "s3"]),
        (("evals", "-k", "lost"), ["s1"]),
        (("evals", "-k", "kind:lost or kind:regret"), ["s1", "s3"]),
        (("evals", "-k", "refunds and not s1"), ["s2", "s3"]),
        (("evals", "-k", "family"), ["s3"]),
        (("evals", "-m", "must_pass"), ["s2"]),
        (("evals", "-m", "refunds and statistical"), ["s1", "s3"]),
        (("evals", "-m", "paygrade(kind='defect')"), ["s2"]),
        (("evals", "-m", "paygrade(suite='refunds', sample='s3')"), ["s3"]),
        (("evals", "-m", "paygrade(runner='another')"), []),
    ],
)
def test_samples_are_chosen_as_tests_are(
    session: Session, evals: Evals, arguments: tuple[str, ...], found: list[str]
) -> None:
    """By node id, by keyword and by marker, with strict markers."""
    evals.sample("s2", **{"class": "must_pass"})
    evals.sample("s3", case="family")
    result = session("--collect-only", "-q", "--strict-markers", *arguments)
    assert _collected(result) == found


def test_a_suite_with_the_name_of_a_marker_gets_no_marker(session: Session, evals: Evals) -> None:
    """A suite called `skip` does not skip its samples; it can be chosen all the same."""
    evals.other_suite("skip")
    result = session("-q", "evals", "-m", "paygrade(suite='skip')")
    result.assert_outcomes(passed=3, deselected=3)


def test_any_slice_and_any_id_can_be_chosen_by(session: Session, evals: Evals) -> None:
    """Names that mean something to Python or to pytest are names like others."""
    evals.sample("s1", id="a::b[1] §", slices={"self": "in store", "kind": ["x", "y"]})
    evals.replace("datasets/refunds/card.yaml", "{kind: ", "{self: itself, kind: ")
    for chosen in (("-k", "self:in"), ("-m", "paygrade(kind='x') and paygrade(kind='y')")):
        result = session("-q", "evals", *chosen)
        result.assert_outcomes(passed=1, deselected=2)


def test_pytest_alone_asks_no_model(session: Session, evals: Evals) -> None:
    """A suite may cost money: its folder must be named."""
    evals.write("test_ordinary.py", "def test_ordinary():\n    pass\n")
    session().assert_outcomes(passed=1)
    session(".").assert_outcomes(passed=1)
    assert evals.asked == []


@pytest.mark.parametrize(
    "ini", ["testpaths = evals", "testpaths = tests evals", "paygrade_collect = true"]
)
def test_the_configuration_names_it_for_good(session: Session, evals: Evals, ini: str) -> None:
    """By `testpaths`, or by collecting everywhere."""
    (evals.root / "tests").mkdir()
    evals.write("pytest.ini", f"[pytest]\n{ini}\n")
    session().assert_outcomes(passed=3)


def test_pytests_own_toml_names_it_too(session: Session, evals: Evals) -> None:
    """There a setting has a type."""
    evals.write("pytest.toml", "[pytest]\npaygrade_collect = true\npaygrade_gate = false\n")
    session().assert_outcomes(passed=3)


@pytest.mark.parametrize(
    "argument", [("-o", "paygrade_collect=false"), ("-p", "no:paygrade")], ids=["ini", "plugin"]
)
def test_it_can_be_switched_off(session: Session, argument: tuple[str, str]) -> None:
    """By the setting, or with the whole plugin."""
    assert session(*argument, "evals").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_inside_the_folder_it_is_named(
    session: Session, evals: Evals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standing in it counts as naming it."""
    monkeypatch.chdir(evals.root / "evals/refunds")
    session().assert_outcomes(passed=3)


def test_a_workspace_needs_no_file_that_says_so(session: Session, evals: Evals) -> None:
    """It is one when it has all that a suite names."""
    (evals.root / "paygrade.yaml").unlink()
    session("evals").assert_outcomes(passed=3)


def test_folders_may_have_other_names(session: Session, evals: Evals) -> None:
    """The workspace's configuration says where its suites are, in pyproject.toml too."""
    (evals.root / "paygrade.yaml").unlink()
    evals.write("pyproject.toml", '[tool.paygrade]\nfolders = {evals = "quality/suites"}\n')
    (evals.root / "quality").mkdir()
    (evals.root / "evals").rename(evals.root / "quality/suites")
    session("quality").assert_outcomes()
    session("quality/suites").assert_outcomes(passed=3)


def test_a_workspace_may_lie_below_the_root(session: Session, evals: Evals) -> None:
    """Its own folder is the workspace, wherever pytest starts."""
    below = evals.root / "team"
    below.mkdir()
    for each in ("paygrade.yaml", "prompts", "datasets", "runners", "evals"):
        (evals.root / each).rename(below / each)
    evals.write("pytest.ini", "[pytest]\n")
    result = session("team/evals", "-v")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["team/evals/refunds/suite.yaml::player::s1 PASSED*"])


@pytest.mark.parametrize(
    "place", ["docs/refunds/suite.yaml", "evals/suite.yaml", "evals/a/b/suite.yaml"]
)
def test_a_suite_file_elsewhere_is_left_alone(session: Session, evals: Evals, place: str) -> None:
    """Only `evals/NAME/suite.yaml` is one, even where everything is collected."""
    evals.write(place, "not: [ours")
    result = session("-o", "paygrade_collect=true", "--collect-only", "-q")
    assert _collected(result) == ["s1", "s2", "s3"]
    assert result.ret == 0


def test_a_foreign_project_is_left_alone(pytester: pytest.Pytester) -> None:
    """Its `evals/x/suite.yaml` is not ours, whatever it holds."""
    pytester.makefile(".yaml", **{"evals/x/suite": "not: [ours"})
    result = pytester.runpytest_inprocess("evals")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_mistakes_are_lines_with_a_place_and_a_hint(session: Session, evals: Evals) -> None:
    """All of them, and no traceback. The place is as seen from here."""
    evals.sample("s2", **{"class": "must_pas"})
    evals.replace("prompts/refunds/v1.yaml", "{{ message }}", "{{ massage }}")
    result = session("evals")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(
        [
            "*ERROR collecting evals/refunds/suite.yaml*",
            "datasets/refunds/v1.jsonl:2: 'class'*'must_pas'*",
            "prompts/refunds/v1.yaml:4: lists the variable 'message'*",
            "prompts/refunds/v1.yaml:9: uses the variable 'massage'*did you mean 'message'?)",
            "*short test summary info*",
        ],
        consecutive=True,
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    assert evals.asked == []


def test_a_mistake_in_the_configuration_is_told_too(session: Session, evals: Evals) -> None:
    """Where the folders cannot be known, the suite that was named says why."""
    evals.write("paygrade.yaml", "folder: {}\n")
    result = session("evals")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["paygrade.yaml:1: unknown key 'folder'*did you mean*"])


def test_a_value_that_looks_like_a_secret_is_not_shown(session: Session, evals: Evals) -> None:
    """Messages about a file are masked."""
    evals.replace("evals/refunds/suite.yaml", "field: action", "field: action, x: 4111111111111111")
    result = session("evals")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.no_fnmatch_line("*4111111111111111*")


def test_nothing_to_run_is_no_pass(session: Session, evals: Evals) -> None:
    """An empty dataset ends with 102, as on the command line."""
    evals.samples([])
    assert session("evals").ret == 102


def test_other_runners_can_be_asked(session: Session, evals: Evals) -> None:
    """`--paygrade-runner` takes the place of those that the suite names."""
    del evals
    result = session("evals", "--paygrade-runner", "always_refund", "-q", "--collect-only")
    assert result.outlines[0] == "evals/refunds/suite.yaml::always_refund::s1"
    result = session("evals", "--paygrade-runner", "nobody")
    result.stdout.fnmatch_lines(["there is no runner 'nobody'*"])


@pytest.mark.parametrize("option", ["--collect-only", "--setup-plan", "--setup-only"])
def test_looking_asks_nobody(session: Session, evals: Evals, option: str) -> None:
    """What pytest only shows costs nothing."""
    assert session("evals", option).ret == 0
    assert evals.asked == []
    assert evals.runs == []
