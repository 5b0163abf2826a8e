"""The shipped profiles: current models with known prices, and a suite that needs none of them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from kit import REPOSITORY
from paygrade.runners.prices import pricer
from paygrade.scorers import CATALOGUE
from paygrade.workspace.config import find_layout
from paygrade.workspace.profiles import names, read_profile
from paygrade.workspace.suites import names as suite_names
from paygrade.workspace.suites import read_suite

if TYPE_CHECKING:
    from pathlib import Path

    from kit import Paygrade

VARIABLES = {
    "gpt-luna": "OPENAI_API_KEY",
    "gpt-sol": "OPENAI_API_KEY",
    "claude-haiku": "ANTHROPIC_API_KEY",
    "claude-sonnet": "ANTHROPIC_API_KEY",
}
AGENTS = {
    "agent-reference",
    "agent-new-key",
    "agent-stale",
    "agent-gullible",
    "agent-clumsy",
    "agent-clumsy-guarded",
}
LAYOUT = find_layout(REPOSITORY)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """This repository's workspace elsewhere, without what earlier runs left."""
    for folder in ("prompts", "datasets", "runners", "evals"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    shutil.copy(REPOSITORY / "prompts.lock", tmp_path)
    return tmp_path


def test_every_profile_is_read_and_priced() -> None:
    """Those that cost money have a price and a budget; a server of one's own costs nothing."""
    profiles = {name: read_profile(LAYOUT, name) for name in names(LAYOUT)}
    assert set(profiles) == {"rules", "local", "recorded_share", *AGENTS, *VARIABLES}
    for name in VARIABLES:
        assert pricer(profiles[name]), name
        assert profiles[name].budget_usd, name
    local = pricer(profiles["local"])
    assert local is not None
    assert local.ceiling(1000, 1000) == 0


def test_no_suite_needs_a_key() -> None:
    """Whoever clones the repository runs it first and gets a key later."""
    for name in suite_names(LAYOUT):
        for runner in read_suite(LAYOUT, name, CATALOGUE).model.runners:
            assert read_profile(LAYOUT, runner).provider not in {"openai", "anthropic"}


@pytest.mark.parametrize("name", VARIABLES)
def test_without_a_key_the_sentence_says_how_to_go_on(
    name: str, copy: Path, paygrade: Paygrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the variable, the profile and what needs no key; no empty run is left behind."""
    monkeypatch.delenv(VARIABLES[name], raising=False)
    ended = paygrade("run", "leak_probes", "-q", "-r", name, "--limit", "1", "-w", copy)
    assert ended.code == 2
    assert ended.err.splitlines()[0] == (
        f"runners/{name}.yaml needs an API key in the environment variable {VARIABLES[name]}, "
        "which is not set (export it, or try `make demo`, which needs none)"
    )
    assert not list(copy.glob(".paygrade/runs/*"))
