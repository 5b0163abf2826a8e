"""What a profile remembers of an idempotency key, as `pytx.testing.Provider` does it for money."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paygrade.errors import ToolError
from pytx.testing import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.payments.bank.books import Books
    from pytx.testing import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came under a key: which tool, and the hash of its other arguments."""

    key: str
    tool: str
    params_hash: str


def asked(tool: str, args: Mapping[str, Any]) -> Asked:
    """A call's."""
    others = {name: value for name, value in args.items() if name != "idempotency_key"}
    text = json.dumps(others, sort_keys=True)
    return Asked(
        key=args["idempotency_key"],
        tool=tool,
        params_hash=hashlib.sha256(text.encode()).hexdigest(),
    )


class Keys:
    """The idempotency records."""

    def __init__(self, books: Books, profile: Profile) -> None:
        """Keep what the profile says."""
        self._books = books
        self._rules = RULES[profile]

    def kept(self, key: str, at: float) -> dict[str, Any] | None:
        """What is remembered of a key."""
        row = self._books.row("SELECT * FROM idempotency WHERE key = ?", key)
        if row is None or at >= row["created_at"] + self._rules.window:
            return None
        return row if self._rules.keeps_failures or row["status"] == "ok" else None

    def need_same(self, kept: Mapping[str, Any], asked: Asked) -> None:
        """Refuse another request under a key.

        Raises:
            ToolError: the profile compares, and they differ.
        """
        same = (kept["tool"], kept["params_hash"]) == (asked.tool, asked.params_hash)
        if self._rules.compares and not same:
            raise ToolError("idempotency_mismatch", "this key came with another request before")

    def keep(self, asked: Asked, status: str, response: object, at: float) -> None:
        """Remember what was answered; of two under a key the newer."""
        self._books.run(
            "INSERT OR REPLACE INTO idempotency"
            " (key, tool, params_hash, status, response, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            asked.key,
            asked.tool,
            asked.params_hash,
            status,
            json.dumps(response),
            int(at),
        )
