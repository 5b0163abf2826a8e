"""Runner profiles: the keys of each provider, the mistakes in them, what their hash covers."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from paygrade.errors import WorkspaceError
from paygrade.workspace.config import find_layout
from paygrade.workspace.profiles import read_profile

if TYPE_CHECKING:
    from kit import Paygrade, WorkspaceFolder
    from paygrade.records.plan import RunnerProfile

OPENAI = "runner: r\nprovider: openai\nmodel: gpt-6-luna\n"
ANTHROPIC = "runner: r\nprovider: anthropic\nmodel: claude-haiku-5-5\n"
COMMAND = "runner: r\nprovider: command\ncommand: [python3, tool.py, --fast]\n"


def read(workspace: WorkspaceFolder, text: str) -> RunnerProfile:
    """Read the profile `r`."""
    workspace.write("runners/r.yaml", text)
    return read_profile(find_layout(workspace.root), "r")


def mistakes(workspace: WorkspaceFolder, text: str) -> list[str]:
    """What is wrong with the profile `r`, without its path."""
    with pytest.raises(WorkspaceError) as caught:
        read(workspace, text)
    return [str(each).removeprefix("runners/r.yaml:") for each in caught.value.mistakes]


def test_a_profile_of_openai(workspace: WorkspaceFolder) -> None:
    """What it does not say has its default."""
    found = read(workspace, OPENAI)
    assert found.options == {
        "model": "gpt-6-luna",
        "api": "responses",
        "key_env": "OPENAI_API_KEY",
    }
    assert (found.timeout_s, found.attempt_timeout_s, found.max_retries) == (60, 600, 3)
    assert (found.requests_per_minute, found.tokens_per_minute) == (None, None)
    assert (found.price, found.budget_usd) == (None, None)


def test_a_profile_of_anthropic(workspace: WorkspaceFolder) -> None:
    """An older version of the API stays text."""
    found = read(workspace, ANTHROPIC + "api_version: 2023-06-01\n")
    assert found.options == {
        "model": "claude-haiku-5-5",
        "key_env": "ANTHROPIC_API_KEY",
        "api_version": "2023-06-01",
    }


def test_a_profile_of_a_command(workspace: WorkspaceFolder) -> None:
    """The program with its arguments, and the variables that it may see."""
    found = read(workspace, COMMAND + "env: [MY_TOKEN]\n")
    assert found.options == {"command": ["python3", "tool.py", "--fast"], "env": ["MY_TOKEN"]}


def test_limits_price_and_budget(workspace: WorkspaceFolder) -> None:
    """A budget is exact: a tenth of a dollar is a tenth."""
    found = read(
        workspace,
        OPENAI + "max_retries: 0\nrequests_per_minute: 0.5\ntokens_per_minute: 20000\n"
        "price: {input_per_mtok: 1, output_per_mtok: 2.5}\nbudget: {usd: 0.1}\n",
    )
    assert (found.max_retries, found.requests_per_minute, found.tokens_per_minute) == (0, 0.5, 2e4)
    assert found.price == {"input_per_mtok": 1.0, "output_per_mtok": 2.5}
    assert found.budget_usd == Decimal("0.1")


def test_a_slow_call_makes_a_long_attempt(workspace: WorkspaceFolder) -> None:
    """The default must not cut a call short that was allowed to be slow."""
    assert read(workspace, OPENAI + "timeout_s: 900\n").attempt_timeout_s == 900


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("runner: r\nprovider: openai\n", ["1: the key 'model' is missing"]),
        (OPENAI + "api: completions\n",
         ["4: 'api' is 'completions' (one of 'responses' or 'chat')"]),
        (ANTHROPIC + "api: chat\n", ["4: unknown key 'api'"]),
        (ANTHROPIC + "api_version: 2023-13-01\n",
         ["4: 'api_version' is '2023-13-01' (write a date as YYYY-MM-DD)"]),
        (OPENAI + "base_url: localhost:8000\n",
         [("4: 'base_url' is 'localhost:8000' (an address such as http://127.0.0.1:8000/v1, "
          "without a password in it)")]),
        (OPENAI + "key_env: ''\n",
         [("4: 'key_env' is empty, which only a server of your own takes (set base_url, or name "
          "the variable that holds the key)")]),
        (OPENAI + "parameters:\n  max_tokens: 5\n  temperature: 0\n",
         ["5: there is no parameter 'max_tokens' (did you mean 'max_output_tokens'?)"]),
        (OPENAI + "timeout_s: 90\nattempt_timeout_s: 60\n",
         [("5: an attempt may take 60 s, one call of it alone 90 s ('attempt_timeout_s' is at "
          "least 'timeout_s')")]),
        (OPENAI + "max_retries: 21\n",
         ["4: 'max_retries' should be less than or equal to 20, not 21"]),
        (OPENAI + "requests_per_minute: 0\n",
         ["4: 'requests_per_minute' should be greater than 0, not 0"]),
        (OPENAI + "price: {input_per_mtok: -1}\n",
         ["4: 'price.input_per_mtok' should be greater than or equal to 0, not -1",
          "4: the key 'price.output_per_mtok' is missing"]),
        (OPENAI + "budget: {eur: 5}\n",
         ["4: the key 'budget.usd' is missing", "4: unknown key 'budget.eur' (known: usd)"]),
        (OPENAI + "budget: 5\n", ["4: 'budget' must be a mapping, not 5"]),
        (COMMAND.replace("[python3, tool.py, --fast]", "[]"),
         ["3: 'command' is empty (list at least one)"]),
        (COMMAND.replace("[python3, tool.py, --fast]", "python3 tool.py"),
         ["3: 'command' must be a list, not 'python3 tool.py'"]),
        (COMMAND.replace("python3", "./gone.sh"),
         [("3: 'command' names './gone.sh', but runners/gone.sh cannot be read: No such file or "
          "directory (paths start at this file's folder)")]),
        (COMMAND + "env: [MY-TOKEN]\n",
         ["4: 'env.0' is 'MY-TOKEN' (the name of an environment variable)"]),
    ],
)  # fmt: skip
def test_a_mistake_is_told(workspace: WorkspaceFolder, text: str, expected: list[str]) -> None:
    """With its line and its mend."""
    assert mistakes(workspace, text) == expected


@pytest.mark.parametrize("key", ["key_env", "model", "base_url", "api"])
def test_a_key_that_stands_in_the_file_is_not_shown(workspace: WorkspaceFolder, key: str) -> None:
    """Whoever pastes a key where its variable's name belongs must not find it in a CI's log."""
    text = "runner: r\nprovider: openai\n" + (f"{key}: ''\n" if key == "model" else "model: m\n")
    text += f"{'base_url' if key == 'model' else key}: sk-proj-0123456789abcdefABCDEF\n"
    assert "0123456789" not in "\n".join(mistakes(workspace, text))


def test_a_key_of_any_shape_is_not_shown(workspace: WorkspaceFolder) -> None:
    """Not every vendor's keys look like one."""
    [said] = mistakes(workspace, OPENAI + "key_env: 7f3c-not-a-name\n")
    assert said == (
        "4: 'key_env' does not name a variable "
        "(name the variable that holds the key; the key itself stands in no file)"
    )


def test_only_vendors_know_the_names_of_parameters(workspace: WorkspaceFolder) -> None:
    """A command or a callable takes what it likes."""
    assert read(workspace, COMMAND + "parameters: {beams: 4}\n").parameters == {"beams": 4}


@pytest.mark.parametrize(
    "more",
    [
        "concurrency: 2", "timeout_s: 5", "attempt_timeout_s: 700", "max_retries: 1",
        "requests_per_minute: 5", "tokens_per_minute: 5", "key_env: MY_KEY", "budget: {usd: 1}",
        "price: {input_per_mtok: 1, output_per_mtok: 1}", "deterministic: true",
    ],
)  # fmt: skip
def test_what_does_not_change_the_answer_is_not_in_the_hash(
    workspace: WorkspaceFolder, more: str
) -> None:
    """A run goes on with another key, other limits or another budget."""
    assert read(workspace, f"{OPENAI}{more}\n").content_hash == read(workspace, OPENAI).content_hash


@pytest.mark.parametrize(
    "more", ["api: chat", "base_url: http://127.0.0.1:1/v1", "parameters: {seed: 1}"]
)
def test_what_changes_the_answer_is_in_the_hash(workspace: WorkspaceFolder, more: str) -> None:
    """Another server or another parameter is another runner."""
    assert read(workspace, f"{OPENAI}{more}\n").content_hash != read(workspace, OPENAI).content_hash


@pytest.mark.parametrize("command", ["[python3, tool.py]", "[./tool.py]", "[sh, -e, in/tool.py]"])
def test_the_script_of_a_command_is_in_the_hash(workspace: WorkspaceFolder, command: str) -> None:
    """An edited script answers otherwise under the same name."""
    text = COMMAND.replace("[python3, tool.py, --fast]", command)
    file = "runners/in/tool.py" if "in/" in command else "runners/tool.py"
    workspace.write(file, "print(1)\n")
    before = read(workspace, text).content_hash
    workspace.write(file, "print(2)\n")
    assert read(workspace, text).content_hash != before


def test_a_programs_name_is_no_file(workspace: WorkspaceFolder) -> None:
    """`python3` is the system's, whatever lies beside the profile; so is an absolute path."""
    text = COMMAND.replace("tool.py", str(workspace.write("elsewhere.py", "1\n")))
    before = read(workspace, text).content_hash
    workspace.write("runners/python3", "#!/bin/sh\n")
    workspace.write("elsewhere.py", "2\n")
    assert read(workspace, text).content_hash == before


@pytest.mark.parametrize(
    "key", ["price: {input_per_mtok: 1, output_per_mtok: 1}", "budget: {usd: 1}"]
)
def test_a_budget_that_could_not_be_kept_is_refused(
    workspace: WorkspaceFolder, paygrade: Paygrade, key: str
) -> None:
    """A limit that is ignored would be a silent promise."""
    text = (workspace.root / "runners/always_refund.yaml").read_text()
    workspace.write("runners/always_refund.yaml", f"{text}{key}\n")
    ended = paygrade("check", "-w", workspace.root)
    assert ended.code == 2
    name = key.partition(":")[0]
    assert (
        f"runners/always_refund.yaml:4: {name!r} cannot be kept for provider 'python'" in ended.err
    )
