"""A runner profile as a workspace would bind it, and a request for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paygrade.records.answer import Message, Request
from paygrade.records.plan import RunnerProfile

if TYPE_CHECKING:
    from pathlib import Path

    from paygrade.records.json_value import Json


def profile(folder: Path, provider: str, **options: Json) -> RunnerProfile:
    """The profile `runners/r.yaml` in `folder`."""
    return RunnerProfile(
        name="r",
        provider=provider,
        path="runners/r.yaml",
        folder=folder,
        options=options,
        parameters={},
        concurrency=1,
        timeout_s=5.0,
        deterministic=False,
        content_hash="",
    )


def request(sample_id: str = "s1", epoch: int = 1) -> Request:
    """What an engine would send."""
    return Request(
        sample_id=sample_id,
        epoch=epoch,
        prompt="p@v1",
        messages=(
            Message(role="system", content="Answer."),
            Message(role="user", content=f"Hello from {sample_id}"),
        ),
        input={"message": "Hello"},
    )
