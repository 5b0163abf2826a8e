"""Draws the screens of the docs from the real commands' output.

What `make demo` shows, and what the gate says: on a terminal, as a comment, as a step summary. Run
it after a change of what these show: `.venv/bin/python docs/capture.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import scene
from rich.console import Console
from rich.text import Text

REPOSITORY = Path(__file__).resolve().parents[1]
IMAGES = REPOSITORY / "docs" / "images"
HOW_TO = REPOSITORY / "docs" / "how-to"
COMMAND = ("run", "dispute_triage", "--runner", "rules")
WIDTH = 100

_NOTE = "<!-- written by docs/capture.py -->\n"

# rich's own page loads a font from the network; this one takes what the reader has
_PAGE = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg"
     role="img" aria-label="What paygrade prints">
<style>
.{unique_id}-matrix {{
    font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
    font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def printed() -> str:
    """What the command prints on a terminal, with its colours, run in a copy of the content."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "paygrade"
        tracked = subprocess.run(
            ["git", "ls-files", "prompts", "datasets", "runners", "evals", "prompts.lock"],
            cwd=REPOSITORY, capture_output=True, text=True, check=True,
        )  # fmt: skip
        for name in tracked.stdout.splitlines():
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((REPOSITORY / name).read_bytes())
        environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH)}
        done = subprocess.run(
            [sys.executable, "-m", "paygrade", *COMMAND],
            cwd=copy, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, check=False,
        )  # fmt: skip
    return done.stdout


def draw(name: str, command: str, screen: str) -> None:
    """Draw one screen into docs/images."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True)
        console.print(Text.from_ansi(f"$ {command}\n{screen}".rstrip()))
        svg = console.export_svg(title="paygrade", code_format=_PAGE, unique_id=name)
    IMAGES.mkdir(exist_ok=True)
    text = "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"
    (IMAGES / f"{name}.svg").write_text(text, encoding="utf-8")


def main() -> None:
    """Draw all of them."""
    draw("demo", f"paygrade {' '.join(COMMAND)}", printed())
    with tempfile.TemporaryDirectory() as folder:
        played = scene.play(Path(folder) / "refunds", WIDTH)
    draw("gate", played.command, played.terminal)
    (HOW_TO / "gate-comment.md").write_text(
        f"{_NOTE}# A comment on a pull request\n\nWhat `-o gate.md` holds, as GitHub shows it.\n\n"
        f"{played.comment}",
        encoding="utf-8",
    )
    (HOW_TO / "gate-summary.md").write_text(
        f"{_NOTE}# A step summary\n\nWhat a workflow shows below its steps.\n\n{played.summary}",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
