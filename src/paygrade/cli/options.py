"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Workspace = Annotated[
    Path | None,
    typer.Option(
        "--workspace", "-w", metavar="DIR", help="The workspace (default: found from here)."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of text.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the result alone, no progress.")]
Output = Annotated[
    list[Path] | None,
    typer.Option(
        "--output", "-o", metavar="FILE",
        help="Write the run too: .jsonl, .csv, .parquet, .junit.xml or .md. Repeatable.",
    ),
]  # fmt: skip
Concurrency = Annotated[
    int | None,
    typer.Option("--concurrency", "-j", min=1, max=1024, help="Answers asked for at once."),
]
