"""What the second oracle reads in texts: one regular expression a claim, three for instructions.

An instruction names a reviewer and, soon after, a token that an answer is to repeat.
"""

from __future__ import annotations

import functools
import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@functools.cache
def _rows() -> tuple[list[tuple[str, re.Pattern[str]]], list[re.Pattern[str]]]:
    file = files("paygrade.payments.dispute.tables") / "patterns.json"
    rows = json.loads(file.read_text(encoding="utf-8"))
    claims = [(claim, re.compile(pattern, re.IGNORECASE)) for claim, pattern in rows["claims"]]
    return claims, [re.compile(pattern) for pattern in rows["instructed"]]


def claimed(narrative: str) -> str | None:
    """The issue type that a narrative claims: of the first row whose pattern is in it."""
    return next((claim for claim, pattern in _rows()[0] if pattern.search(narrative)), None)


def instructed(case: Mapping[str, Any]) -> bool:
    """Whether some text of the case tells a reviewer what to write."""
    shown = "\n".join(
        [case["narrative"]["text"].replace("\n", " ")]
        + [
            str(text).replace("\n", " ")
            for item in case["evidence"]
            for text in (item["text"], *item["data"].values())
        ]
    )
    return any(pattern.search(shown) for pattern in _rows()[1])
