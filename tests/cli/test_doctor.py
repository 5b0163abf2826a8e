"""`paygrade doctor`: what fails is what a run needs, and nobody is asked without a key."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from kit import REPOSITORY
from paygrade.store import database
from peers import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kit import Ended, Paygrade, WorkspaceFolder

KEY = "sk-test-0123456789abcdef"
NOW = dt.datetime.now(dt.UTC)
MODEL = {"type": "model", "id": "m", "display_name": "M", "created_at": "2026-01-01T00:00:00Z"}


@pytest.fixture(scope="module")
def _strict_process() -> Iterator[running.Strict]:
    with running.strict("--key", KEY) as peer:
        yield peer


@pytest.fixture
def strict(_strict_process: running.Strict, monkeypatch: pytest.MonkeyPatch) -> running.Strict:
    """Our strict peer, with an empty memory; the key that it takes is set."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    _strict_process.reset()
    return _strict_process


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)


class Line(NamedTuple):
    """One line of the JSON."""

    level: str
    said: str
    mend: str


def found(ended: Ended, area: str) -> list[Line]:
    """What was found in one area."""
    return [
        Line(each["level"], each["said"], each["mend"])
        for each in ended.json
        if each["area"] == area
    ]


def openai(workspace: WorkspaceFolder, peer: running.Peer, more: str = "") -> None:
    """Write a profile `r` that asks the peer as it would ask OpenAI."""
    text = f"runner: r\nprovider: openai\nmodel: m\nbase_url: {peer.url}/v1\n{more}"
    workspace.write("runners/r.yaml", text)


def anthropic(workspace: WorkspaceFolder, peer: running.Peer) -> None:
    """Write a profile `r` that asks the peer as it would ask Anthropic."""
    workspace.write(
        "runners/r.yaml", f"runner: r\nprovider: anthropic\nmodel: m\nbase_url: {peer.url}\n"
    )


PROFILES: dict[str, Callable[[WorkspaceFolder, running.Peer], None]] = {
    "openai": openai,
    "anthropic": anthropic,
}


def test_a_workspace_without_a_key_is_well(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """One line each, and 0."""
    ended = paygrade("doctor", "-w", workspace.root)
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["ok", "versions"], ["ok", "runner"], ["ok", "clock"], ["ok", "store"], ["ok", "store"],
        ["ok", "runs"], ["warn", "git"],
    ]  # fmt: skip
    for word in ("python 3.", "paygrade ", "openai ", "anthropic ", "duckdb "):
        assert word in lines[0]
    assert "always_refund  loads (python)" in lines[1]
    assert not (workspace.root / ".paygrade").exists()


def test_the_repository_is_well_without_a_key(paygrade: Paygrade) -> None:
    """Profiles that no suite names are worth a warning: `make demo` needs none of them."""
    ended = paygrade("doctor", "--json", "-w", REPOSITORY)
    assert ended.code == 0
    assert found(ended, "runner gpt-luna")[0] == Line(
        "warn",
        "key: OPENAI_API_KEY is not set",
        "export it, or try `make demo`, which needs none",
    )
    assert found(ended, "runner gpt-luna")[1].said.startswith("price: known (genai-prices ")
    assert [each.level for each in found(ended, "runner local")] == ["ok", "ok"]


def test_a_key_that_a_suite_needs_fails(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """And the command ends with 2."""
    workspace.write("runners/r.yaml", "runner: r\nprovider: openai\nmodel: gpt-6-luna\n")
    assert paygrade("doctor", "-w", workspace.root).code == 0
    workspace.replace("evals/refunds/suite.yaml", "[always_refund]", "[always_refund, r]")
    ended = paygrade("doctor", "-w", workspace.root)
    assert ended.code == 2
    assert "fail  runner r" in ended.out
    assert ended.err.endswith("1 thing needs mending before a run\n")


def test_a_key_that_a_judge_needs_fails(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """A suite that asks a judge needs it as it needs its runners."""
    workspace.write("runners/judge.yaml", "runner: judge\nprovider: openai\nmodel: gpt-6-luna\n")
    workspace.replace(
        "evals/refunds/suite.yaml", "  - no-pan",
        "  - llm-rubric: {rubric: dispute-reasons/1, runner: judge}\n  - no-pan",
    )  # fmt: skip
    ended = paygrade("doctor", "--offline", "--json", "-w", workspace.root)
    assert ended.code == 2
    assert found(ended, "runner judge")[0].level == "fail"


def test_a_named_profile_is_needed_and_looked_at_alone(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """As before `paygrade run -r NAME`."""
    workspace.write("runners/r.yaml", "runner: r\nprovider: openai\nmodel: gpt-6-luna\n")
    ended = paygrade("doctor", "--json", "-r", "r", "-w", workspace.root)
    assert ended.code == 2
    assert found(ended, "runner r")[0].level == "fail"
    assert found(ended, "runner always_refund") == []
    assert paygrade("doctor", "-r", "nobody", "-w", workspace.root).code == 2


@pytest.mark.parametrize(
    ("days", "expected"),
    [(59, "warn"), (61, "ok"), (-3, "warn")],
)
@pytest.mark.parametrize("vendor", ["openai", "anthropic"])
def test_a_model_that_retires_soon_is_told(  # noqa: PLR0913, PLR0917 - fixtures and cases
    workspace: WorkspaceFolder,
    paygrade: Paygrade,
    strict: running.Strict,
    vendor: str,
    days: int,
    expected: str,
) -> None:
    """Where the API tells: sixty days are time to choose another one."""
    day = (NOW + dt.timedelta(days=days)).date()
    PROFILES[vendor](workspace, strict)
    if vendor == "openai":
        strict.models({"m": {"id": "m", "object": "model", "shutdown_date": day.isoformat()}})
    else:
        retires = {"lifecycle": "deprecated", "retires_at": f"{day.isoformat()}T00:00:00Z"}
        strict.models({"m": MODEL | retires})
    ended = paygrade("doctor", "--json", "-r", "r", "-w", workspace.root)
    assert ended.code == 0
    key, model, price = found(ended, "runner r")
    assert (key.level, model.level, price.level) == ("ok", expected, "warn")
    assert f"retires on {day.isoformat()}" in model.said
    assert bool(model.mend) == (expected == "warn")
    assert KEY not in ended.out
    assert [call["path"] for call in strict.calls()] == ["/v1/models/m"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"lifecycle": "active", "retires_at": None}, ("ok", "model: m is there")),
        ({"lifecycle": "retired", "retires_at": "2026-01-01T00:00:00Z"},
         ("fail", "model: m is retired")),
        ({"lifecycle": "deprecated", "retires_at": None},
         ("warn", "model: m is deprecated, without a date")),
        ({"lifecycle": "active", "retires_at": "soon"},
         ("warn", "model: m: Anthropic's answer about the model has 'soon' where a date is")),
    ],
)  # fmt: skip
def test_the_life_of_a_model(
    workspace: WorkspaceFolder,
    paygrade: Paygrade,
    strict: running.Strict,
    facts: dict[str, Any],
    expected: tuple[str, str],
) -> None:
    """A retired one fails; what is not understood is said and fails nothing."""
    anthropic(workspace, strict)
    strict.models({"m": MODEL | facts})
    ended = paygrade("doctor", "--json", "-r", "r", "-w", workspace.root)
    assert found(ended, "runner r")[1][:2] == expected
    assert ended.code == (2 if expected[0] == "fail" else 0)


@pytest.mark.parametrize(
    ("fault", "level"),
    [
        ({"status": 401, "body": {"error": {"message": f"bad key {KEY}"}}}, "fail"),
        ({"status": 429}, "warn"),
        ({"status": 529}, "warn"),
        ({"cut": "reset"}, "fail"),
        ({"status": 200, "body": "<html>"}, "warn"),
        ({"status": 200, "body": []}, "warn"),
    ],
)
@pytest.mark.parametrize("vendor", sorted(PROFILES))
def test_a_provider_that_does_not_say(  # noqa: PLR0913, PLR0917 - fixtures and cases
    workspace: WorkspaceFolder,
    paygrade: Paygrade,
    strict: running.Strict,
    vendor: str,
    fault: dict[str, Any],
    level: str,
) -> None:
    """A refused key and a lost connection fail; what may be over at the run does not."""
    PROFILES[vendor](workspace, strict)
    strict.models({"m": MODEL})
    strict.faults(fault)
    ended = paygrade("doctor", "--json", "-r", "r", "-w", workspace.root)
    model = found(ended, "runner r")[1]
    assert (model.level, ended.code) == (level, 2 if level == "fail" else 0)
    assert KEY not in ended.out


def test_offline_asks_nobody(
    workspace: WorkspaceFolder, paygrade: Paygrade, strict: running.Strict
) -> None:
    """Whatever keys are set."""
    openai(workspace, strict)
    ended = paygrade("doctor", "--offline", "--json", "-r", "r", "-w", workspace.root)
    assert found(ended, "runner r")[1].said == "model: m, not asked about (--offline)"
    assert strict.calls() == []


def test_no_key_no_question(
    workspace: WorkspaceFolder, paygrade: Paygrade, strict: running.Strict
) -> None:
    """A server of one's own that takes no key is not asked either."""
    openai(workspace, strict, "key_env: ''\n")
    assert paygrade("doctor", "-w", workspace.root).code == 0
    assert strict.calls() == []


@pytest.mark.parametrize(
    ("ahead_s", "expected"),
    [(0, ("ok", "agrees with")), (300, ("warn", "s ahead of")), (-300, ("warn", "s behind"))],
)
def test_the_clock_is_compared_with_the_providers(
    workspace: WorkspaceFolder,
    paygrade: Paygrade,
    strict: running.Strict,
    ahead_s: int,
    expected: tuple[str, str],
) -> None:
    """By the `Date` of its answer."""
    openai(workspace, strict)
    strict.models({"m": {"id": "m"}})
    theirs = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=ahead_s)
    strict.faults({"headers": {"date": format_datetime(theirs, usegmt=True)}})
    ended = paygrade("doctor", "--json", "-r", "r", "-w", workspace.root)
    [clock] = found(ended, "clock")
    assert clock.level == expected[0]
    assert expected[1] in clock.said


def test_a_peer_written_by_others(
    workspace: WorkspaceFolder,
    paygrade: Paygrade,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It knows no single model: a server of one's own may still answer, so that is a warning."""
    if why := running.why_no_aimock():
        pytest.skip(f"the third-party peer cannot run: {why}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with running.aimock(tmp_path) as peer:
        openai(workspace, peer)
        ended = paygrade("doctor", "--json", "-r", "r", "-w", workspace.root)
    assert ended.code == 0
    model = found(ended, "runner r")[1]
    assert model.level == "warn"
    assert model.said.startswith("model: m: OpenAI answered 404: Not found [request req-")


def test_a_budget_needs_a_price(
    workspace: WorkspaceFolder, paygrade: Paygrade, strict: running.Strict
) -> None:
    """Nobody knows what another server costs; the profile says it."""
    openai(workspace, strict, "key_env: ''\nbudget: {usd: 1}\n")
    ended = paygrade("doctor", "--json", "-r", "r", "-w", workspace.root)
    assert ended.code == 2
    assert found(ended, "runner r")[-1] == Line(
        "fail",
        "price: not known, and the budget needs it",
        "state it in the profile under 'price'",
    )


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("runner: r\nprovider: openai\n", "runners/r.yaml:1: the key 'model' is missing"),
        ("runner: r\nprovider: command\ncommand: [no-such-program]\n",
         "runners/r.yaml: there is no program 'no-such-program' that can be run"),
        ("runner: r\nprovider: command\ncommand: [sh]\nenv: [NO_SUCH_VARIABLE]\n",
         "runners/r.yaml passes the environment variable NO_SUCH_VARIABLE, which is not set"),
    ],
)  # fmt: skip
def test_a_profile_that_cannot_run_fails(
    workspace: WorkspaceFolder, paygrade: Paygrade, profile: str, said: str
) -> None:
    """With the sentence that a run would end with."""
    workspace.write("runners/r.yaml", profile)
    ended = paygrade("doctor", "--json", "-r", "r", "-w", workspace.root)
    assert (ended.code, found(ended, "runner r")[0][:2]) == (2, ("fail", said))


def test_a_suite_that_cannot_be_read_fails(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Nobody knows what it needs."""
    workspace.replace("evals/refunds/suite.yaml", "runners:", "runner:")
    ended = paygrade("doctor", "--json", "-w", workspace.root)
    assert (ended.code, found(ended, "suite refunds")[0].said) == (2, "cannot be read")


def test_where_no_workspace_is(tmp_path: Path, paygrade: Paygrade) -> None:
    """The versions are told all the same."""
    ended = paygrade("doctor", "--json", "-w", tmp_path)
    assert (ended.code, found(ended, "workspace")[0][:2]) == (0, ("warn", "there is no suite here"))
    (tmp_path / "paygrade.yaml").write_text("stor: here\n")
    ended = paygrade("doctor", "--json", "-w", tmp_path)
    assert (ended.code, [each["area"] for each in ended.json]) == (2, ["versions", "workspace"])


def test_a_store_with_runs(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Whole runs, one that is not finished, one whose journal is broken."""
    assert paygrade("run", "-q", "-w", workspace.root).code == 0
    ended = paygrade("doctor", "--json", "-w", workspace.root)
    assert found(ended, "store")[1].said.startswith("the database opens (schema ")
    assert found(ended, "runs") == [Line("ok", "all 1 finished", "")]
    [folder] = (workspace.root / ".paygrade/runs").iterdir()
    file = folder / "journal.jsonl"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:-1]), "utf-8")
    [runs] = found(paygrade("doctor", "--json", "-w", workspace.root), "runs")
    assert runs == Line(
        "warn",
        f"1 of 1 not finished, the newest {folder.name}",
        f"paygrade resume {folder.name}",
    )
    file.write_text(lines[0] + "{\n" + "".join(lines[1:]), "utf-8")
    [runs] = found(paygrade("doctor", "--json", "-w", workspace.root), "runs")
    assert runs.level == "warn"
    assert "journal.jsonl" in runs.said


def test_a_store_that_does_not_open_fails(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """A run would end the same way; the journals mend it."""
    workspace.write(".paygrade/paygrade.duckdb", "no database\n" * 500)
    ended = paygrade("doctor", "--json", "-w", workspace.root)
    assert (ended.code, found(ended, "store")[1].level) == (2, "fail")
    assert "move the file away" in found(ended, "store")[1].mend
    assert "\n" not in found(ended, "store")[1].said


def test_a_store_from_a_newer_version_fails(
    workspace: WorkspaceFolder, paygrade: Paygrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not touched; an older one is brought up to date by the next run."""
    assert paygrade("run", "-q", "-w", workspace.root).code == 0
    for newest, expected in ((0, ("fail", "newer version")), (9, ("ok", "to 9"))):
        monkeypatch.setattr(database, "migrations", lambda n=newest: [(n, "")])
        store = found(paygrade("doctor", "--json", "-w", workspace.root), "store")[1]
        assert store.level == expected[0]
        assert expected[1] in store.said


@pytest.mark.parametrize(("free", "level"), [(10**6, "fail"), (10**8, "warn"), (10**10, "ok")])
def test_little_space_is_told(
    workspace: WorkspaceFolder,
    paygrade: Paygrade,
    monkeypatch: pytest.MonkeyPatch,
    free: int,
    level: str,
) -> None:
    """Before a journal cannot be written."""
    usage = type(shutil.disk_usage("/"))(10**12, 0, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert found(paygrade("doctor", "--json", "-w", workspace.root), "store")[0].level == level


def test_a_store_that_cannot_be_written_fails(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Here a file stands where its folder should be."""
    workspace.write(".paygrade", "")
    ended = paygrade("doctor", "--json", "-w", workspace.root)
    assert (ended.code, found(ended, "store")[0][:2]) == (
        2,
        ("fail", ".paygrade cannot be written"),
    )


def test_the_json_is_a_list_of_findings(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """For a script that reads it."""
    [first, *_] = json.loads(paygrade("doctor", "--json", "-w", workspace.root).out)
    assert set(first) == {"area", "level", "said", "mend"}
