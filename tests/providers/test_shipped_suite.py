"""The shipped suite through both SDKs against a peer written by others."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from peers import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kit import Paygrade
    from peers.running import Aimock

pytestmark = pytest.mark.real  # each through an SDK, against a server

PROFILES = {
    "responses": ("provider: openai\nmodel: gpt-6-luna\n", "/v1"),
    "chat": ("provider: openai\nmodel: gpt-6-luna\napi: chat\n", "/v1"),
    "claude": ("provider: anthropic\nmodel: claude-haiku-5-5\n", ""),
}
ACCEPT = {
    "category": "fraud", "issue_type": "fraud_card_absent", "code_matches_claim": True,
    "claimed_issue_type": None, "action": "accept", "strategy": "insufficient_evidence",
    "deadlines": {"respond_by": "2026-11-20"}, "days_left": 11, "currency": "USD",
    "contest_amount_minor": 0, "accepted_amount_minor": 18490, "cite": [],
    "required_evidence": [], "missing_evidence": [], "injection_detected": False,
    "reasons": ["nothing in the case meets a remedy"],
}  # fmt: skip


@pytest.fixture
def aimock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aimock]:
    """The peer in its own process, or a skip with the reason."""
    if running.why_no_aimock():
        pytest.skip(f"the third-party peer cannot run: {running.why_no_aimock()}")
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, "sk-test")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    (tmp_path / "fixtures").mkdir()
    with running.aimock(tmp_path / "fixtures") as peer:
        yield peer


@pytest.fixture
def shipped(repository: Path, tmp_path: Path, aimock: Aimock) -> Path:
    """The repository's own content, with runners that ask the peer."""
    content = ["prompts", "datasets", "runners/rules.py", "runners/rules.yaml", "evals"]
    listed = subprocess.run(
        ["git", "ls-files", *content, "prompts.lock"],
        cwd=repository, capture_output=True, text=True, check=True,
    )  # fmt: skip
    root = tmp_path / "shipped"
    for name in listed.stdout.splitlines():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes((repository / name).read_bytes())
    for name, (lines, path) in PROFILES.items():
        text = f"runner: {name}\n{lines}base_url: {aimock.url}{path}\nmax_retries: 0\n"
        price = "price: {input_per_mtok: 2, output_per_mtok: 10}\n"
        (root / "runners" / f"{name}.yaml").write_text(text + price, encoding="utf-8")
    return root


@pytest.mark.parametrize("runner", PROFILES)
def test_the_shipped_suite_runs_through_the_sdk(
    shipped: Path, aimock: Aimock, paygrade: Paygrade, runner: str
) -> None:
    """One constant answer fits few samples of 400; usage, cost and classes are in the store."""
    usage = {
        "input_tokens": 700,
        "output_tokens": 90,
        "prompt_tokens": 700,
        "completion_tokens": 90,
    }
    aimock.script({"response": {"content": json.dumps(ACCEPT), "usage": usage}})
    ended = paygrade("run", "dispute_triage", "-r", runner, "--json", "-w", shipped)
    assert ended.code in (0, 100), ended.err  # a must_pass sample may fail
    [run] = ended.json
    assert (run["overall"]["scored"], run["overall"]["errored"]) == (400, 0)
    assert 0 < run["overall"]["failed"] < 400
    assert (run["bill"]["input_tokens"], run["bill"]["output_tokens"]) == (400 * 700, 400 * 90)
    assert run["bill"]["usd"] == pytest.approx(400 * (700 * 2 + 90 * 10) / 1e6)
    [passed] = paygrade(
        "sql", "SELECT sample_id FROM attempts WHERE NOT failed AND sample_id = 'dt-0002'",
        "--json", "-w", shipped,
    ).json  # fmt: skip
    assert passed == {"sample_id": "dt-0002"}


@pytest.mark.parametrize(
    ("chaos", "named"),
    [
        ({"rateLimitRate": 1.0}, "rate_limited"),
        ({"malformedRate": 1.0}, "malformed_response"),
        ({"disconnectRate": 1.0}, "connection"),
        ({"dropRate": 1.0}, "server_error"),
    ],
)
@pytest.mark.parametrize(
    "runner",
    ["chat", *(pytest.param(each, marks=pytest.mark.real) for each in ("responses", "claude"))],
)
def test_every_fault_of_the_peer_ends_in_its_class(  # noqa: PLR0913, PLR0917 - fixtures
    shipped: Path,
    aimock: Aimock,
    paygrade: Paygrade,
    chaos: dict[str, float],
    named: str,
    runner: str,
) -> None:
    """All calls fail: there is no rate, nothing passes, and the class is in the store."""
    aimock.script({"response": {"content": "{}"}}, **chaos)
    ended = paygrade("run", "dispute_triage", "-r", runner, "--limit", 4, "--json", "-w", shipped)
    assert ended.code == 102
    [run] = ended.json
    assert run["errors"] == {named: 4}
    assert run["overall"]["rate"] is None
