"""Canonical form and hashes: what makes two prompts, samples or suites the same thing.

SHA-256 over the canonical JSON text (`records.json_value`) in UTF-8, in hex.
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING

from paygrade.records.json_value import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

    from paygrade.records.answer import Message, Request
    from paygrade.records.plan import RunnerProfile, RunPlan
    from paygrade.records.sample import Sample


def digest(value: object) -> str:
    """SHA-256 of the canonical form, 64 hex digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def file_digest(stream: BinaryIO) -> str:
    """SHA-256 of a whole file, 64 hex digits."""
    found = hashlib.sha256()
    while piece := stream.read(1_000_000):
        found.update(piece)
    return found.hexdigest()


def request_digest(plan: RunPlan, sample: Sample, messages: Iterable[Message], epoch: int) -> str:
    """What one request is: equal digests ask the same of the same model in the same epoch."""
    profile = plan.runner
    asked: dict[str, object] = {
        "runner": profile.content_hash,  # provider, model, address, parameters, scripts
        "parameters": {**plan.prompt.parameters, **profile.parameters},
        "output_schema": plan.prompt.output_schema,
        "messages": [[message.role, message.content] for message in messages],
        "epoch": epoch,
    }
    if plan.toolbox is not None:
        asked |= {
            "tools": plan.toolbox.content_hash,
            "world": sample.world,
            "faults": [dataclasses.asdict(each) for each in sample.faults],
        }
    return digest(asked)


def judge_digest(profile: RunnerProfile, request: Request) -> str:
    """What one request to a judge is: equal digests ask the same of it in the same epoch."""
    return digest(
        {
            "runner": profile.content_hash,
            "output_schema": request.output_schema,
            "messages": [[message.role, message.content] for message in request.messages],
            "epoch": request.epoch,
        }
    )


def digest_of_all(digests: Iterable[str]) -> str:
    """One hash over many that does not depend on their order."""
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()
