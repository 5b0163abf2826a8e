"""What a reader's browser is given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What one path answers. `policy` is its Content-Security-Policy; empty: nothing may load."""

    content: bytes
    media_type: str
    policy: str = ""
