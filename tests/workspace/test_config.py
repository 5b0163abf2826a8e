"""Where a workspace starts, and what its configuration may say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paygrade.errors import UsageError, WorkspaceError
from paygrade.workspace.config import find_layout

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade, WorkspaceFolder


def test_a_workspace_is_found_from_any_folder_in_it(
    workspace: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """The nearest `paygrade.yaml` upwards."""
    deep = workspace.root / "evals" / "refunds"
    assert find_layout(deep).root == workspace.root
    assert paygrade("check", cwd=deep).code == 0


def test_a_folder_of_evals_is_a_workspace_without_any_configuration(tmp_path: Path) -> None:
    """All defaults hold."""
    (tmp_path / "evals" / "a").mkdir(parents=True)
    layout = find_layout(tmp_path / "evals" / "a")
    assert (layout.root, layout.prompts) == (tmp_path, tmp_path / "prompts")


def test_folders_may_be_renamed(workspace: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Everything is read from the new place, and mistakes name it."""
    workspace.write("paygrade.yaml", "folders: {prompts: llm/prompts, datasets: gold}\n")
    (workspace.root / "llm").mkdir()
    (workspace.root / "prompts").rename(workspace.root / "llm" / "prompts")
    (workspace.root / "datasets").rename(workspace.root / "gold")
    assert paygrade("check", "-w", workspace.root).code == 0
    workspace.replace("llm/prompts/refunds/v1.yaml", "version: 1", "version: 2")
    assert "llm/prompts/refunds/v1.yaml:2: says version 2" in (
        paygrade("check", "-w", workspace.root).err
    )


def test_a_site_has_the_name_of_its_folder_and_no_samples_unless_it_is_told(
    workspace: WorkspaceFolder,
) -> None:
    """What leaks is masked unless publishing is to be refused."""
    layout = find_layout(workspace.root)
    assert (layout.publish_title, layout.publish_samples, layout.on_leak) == ("ws", False, "mask")
    workspace.write("paygrade.yaml", "publish: {title: Payments, samples: true, on_leak: refuse}\n")
    layout = find_layout(workspace.root)
    assert (layout.publish_title, layout.publish_samples) == ("Payments", True)
    assert layout.on_leak == "refuse"


def test_pyproject_may_hold_the_configuration(workspace: WorkspaceFolder) -> None:
    """Where there is no `paygrade.yaml`."""
    (workspace.root / "paygrade.yaml").unlink()
    workspace.write(
        "pyproject.toml",
        '[project]\nname = "x"\n\n[tool.paygrade]\nstore = "out"\n\n'
        "[tool.paygrade.defaults]\nconcurrency = 3\n",
    )
    layout = find_layout(workspace.root)
    assert (layout.store, layout.default_concurrency) == (workspace.root / "out", 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[tool.paygrade]\nstore = "x"\nstor = 1\n',
         "3: unknown key 'stor' (did you mean 'store'?)"),
        ("[tool.paygrade]\n[tool.paygrade.folders]\nprompts = 5\n",
         "3: 'folders.prompts' must be text, not 5"),
        ("[tool.paygrade]\nfolders.prompts = 5\n", "2: 'folders.prompts' must be text, not 5"),
        ("  [tool.paygrade]\n\nstore = true\n", "3: 'store' must be text, not true"),
        ("[tool]\npaygrade = 5\n", "1: is not a mapping of keys to values"),
        ("[tool.paygrade]\nstore = x\n", "2: is not TOML that can be read: Invalid value"),
        ("[tool.paygrade]\nstore = " + "[" * 100_000 + "\n",
         "1: is not TOML that can be read: maximum recursion depth exceeded"),
        ('[tool.paygrade]\nstore = "a\\u0000b"\n',
         "2: 'store' is 'a\\x00b' (text without control characters, 200 characters at most)"),
    ],
)  # fmt: skip
def test_a_mistake_in_pyproject_has_its_line(tmp_path: Path, text: str, expected: str) -> None:
    """As in every other file."""
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(WorkspaceError) as caught:
        find_layout(tmp_path)
    assert str(caught.value).startswith(f"pyproject.toml:{expected}")


@pytest.mark.parametrize(
    "text", ['[project]\nname = "uses-paygrade"\n', "[broken\n", "# paygrade\n[broken\n", "\n"]
)
def test_a_pyproject_of_somebody_else_is_left_alone(tmp_path: Path, text: str) -> None:
    """It says nothing about a workspace, so nothing in it is our mistake."""
    (tmp_path / "pyproject.toml").write_text(text)
    assert find_layout(tmp_path).root == tmp_path


def test_a_folder_that_is_none_is_a_wrong_name(tmp_path: Path) -> None:
    """The hint says how to name another."""
    with pytest.raises(UsageError, match=r"there is no folder .*nowhere \(name a workspace with"):
        find_layout(tmp_path / "nowhere")
