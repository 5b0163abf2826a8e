"""The page on agents, followed to the letter."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from docs.pages import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kit import Paygrade, WorkspaceFolder

PAGE = "how-to/agents.md"
BLOCKS = blocks(PAGE)
[SHOWN] = [each.text for each in BLOCKS if not each.language]


@pytest.fixture
def shop(workspace: WorkspaceFolder, paygrade: Paygrade) -> WorkspaceFolder:
    """The workspace that the page writes, with the card that it asks for."""
    for block in BLOCKS:
        if block.title:
            workspace.write(block.title, block.text)
    ended = paygrade("datasets", "card", "shop_refunds", "--new", cwd=workspace.root)
    assert ended.code == 0, ended.err
    return workspace


def beside(printed: str) -> list[str]:
    """The lines of the table of runs side by side, without the spaces around them."""
    _, _, table = printed.partition("shop_refunds: 2 runs side by side")
    return [line.strip() for line in table.splitlines() if line.strip()]


def test_the_shop_gives_what_is_shown(shop: WorkspaceFolder, paygrade: Paygrade) -> None:
    """Money moves twice without a guard, under a lost reply and a killed process, and once with."""
    ended = paygrade("run", "shop_refunds", cwd=shop.root)
    assert ended.code == 0, ended.err
    assert beside(ended.out) == beside(SHOWN)


def test_the_calls_played_again_end_the_same(shop: WorkspaceFolder, paygrade: Paygrade) -> None:
    """What `paygrade replay` says of the page's own run."""
    assert paygrade("run", "shop_refunds", cwd=shop.root).code == 0
    ended = paygrade("replay", "latest", cwd=shop.root)
    assert (ended.code, ended.out.splitlines()[-1]) == (
        0,
        "3 of 3 attempts end the same, 0 otherwise; 0 could not be replayed",
    )


def test_the_same_tools_as_a_server_give_the_same(
    shop: WorkspaceFolder, paygrade: Paygrade
) -> None:
    """Faults and kills strike on our side, whatever the tools are written in."""
    folder = shop.root / "evals" / "shop_refunds"
    suite = (folder / "suite.yaml").read_text("utf-8")
    port = _free_port()
    url = f'tools: {{url: "http://127.0.0.1:{port}"}}  #'
    shop.write("evals/shop_refunds/suite.yaml", suite.replace("tools: tools.py:Shop", url))
    server = (folder / "shop_server.py").read_text("utf-8")
    shop.write("evals/shop_refunds/shop_server.py", server.replace("9000", str(port)))
    with _running([sys.executable, str(folder / "shop_server.py")], port):
        ended = paygrade("run", "shop_refunds", cwd=shop.root)
    assert ended.code == 0, ended.err
    assert beside(ended.out) == beside(SHOWN)


@pytest.mark.parametrize(
    "title", ["evals/shop_refunds/tools.py", "evals/shop_refunds/shop_server.py"]
)
def test_what_a_user_writes_is_short(title: str) -> None:
    """Fewer than fifty lines of code, whichever way."""
    [text] = [each.text for each in BLOCKS if each.title == title]
    assert sum(bool(line.strip()) for line in text.splitlines()) < 50


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextlib.contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    """A server of the user's, until the block ends."""
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(100):
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                if process.poll() is not None:
                    pytest.fail("the server ended")
                time.sleep(0.05)
            yield
        finally:
            process.kill()
