"""The peers that the runners of providers are tried against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from peers import running
from runners.vendors.asking import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def _no_authorities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("authorities")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, _no_authorities: Path) -> None:
    """Keys that are none; no certificates either, which every new client would read for 30 ms."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(_no_authorities))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, KEY)
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def _strict_process() -> Iterator[running.Strict]:
    with running.strict("--key", KEY) as peer:
        yield peer


@pytest.fixture
def strict(_strict_process: running.Strict) -> running.Strict:
    """Our strict peer, with an empty memory."""
    _strict_process.reset()
    return _strict_process


@pytest.fixture(scope="session")
def aimock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[running.Aimock]:
    """The third-party peer; skips where it is not installed."""
    if why := running.why_no_aimock():
        pytest.skip(f"the third-party peer cannot run: {why}")
    with running.aimock(tmp_path_factory.mktemp("aimock")) as peer:
        yield peer
