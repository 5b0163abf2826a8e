"""Photographs the published pages for the README, in a real browser.

The shipped suites are run and published in a copy of the content. Run it after a change of what the
pages look like: `.venv/bin/python docs/shoot.py`. It needs Chromium and the extra `ci`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright

REPOSITORY = Path(__file__).resolve().parents[1]
IMAGES = REPOSITORY / "docs" / "images"
CONTENT = ("prompts", "datasets", "runners", "evals", "reports/baselines", "prompts.lock")
COMMANDS = (
    ("run", "--quiet"),
    ("run", "refund_agent", "-r", "agent-clumsy", "-r", "agent-clumsy-guarded", "--quiet"),
    ("gate", "--quiet"),
    ("publish",),
)


@dataclass(frozen=True, slots=True)
class Shot:
    """A page, how it is looked at, and the name of its picture."""

    page: str
    scheme: Literal["light", "dark"]
    width: int
    height: int
    name: str


SHOTS = (
    Shot("index.html", "light", 1280, 760, "pages-overview.png"),
    Shot("agents.html", "dark", 1280, 760, "pages-agents.png"),
)


def published(folder: Path) -> Path:
    """The pages of the shipped content, run anew in `folder`."""
    listed = subprocess.run(
        ["git", "ls-files", *CONTENT], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((REPOSITORY / name).read_bytes())
    (folder / "paygrade.yaml").write_text("publish: {title: Payments evals}\n", encoding="utf-8")
    for command in COMMANDS:
        subprocess.run([sys.executable, "-m", "paygrade", *command], cwd=folder, check=True)
    return folder / "reports" / "published"


def shoot(pages: Path) -> None:
    """Take all pictures."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for shot in SHOTS:
            page = browser.new_page(
                viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme
            )
            page.goto((pages / shot.page).as_uri())
            page.screenshot(path=IMAGES / shot.name)
        browser.close()


def main() -> None:
    """Make the pages, and take their pictures."""
    with tempfile.TemporaryDirectory() as folder:
        shoot(published(Path(folder) / "paygrade"))


if __name__ == "__main__":
    main()
