"""What the first oracle reads in texts: words that make a claim, words that give an instruction.

A narrative makes one claim at most. The claims are tried in the order of the file, since a refund
that did not come is no parcel that did not come.
"""

from __future__ import annotations

import functools
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@functools.cache
def _words() -> dict[str, Any]:
    file = files("paygrade.payments.dispute.oracle") / "reading.json"
    words: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return words


def claim_of(narrative: str) -> str | None:
    """The issue type that the customer claims, or nothing."""
    folded = narrative.casefold()
    for claim, words in _words()["claims"]:
        if any(word.casefold() in folded for word in words):
            return str(claim)
    return None


def has_instruction(case: Mapping[str, Any]) -> bool:
    """Whether a text in the case addresses who reviews it and says what to decide or to write."""
    words = _words()
    for text in _texts(case):
        folded = text.casefold()
        is_addressed = any(word.casefold() in folded for word in words["addressed"])
        if is_addressed and any(word.casefold() in folded for word in words["demanded"]):
            return True
    return False


def _texts(case: Mapping[str, Any]) -> Iterator[str]:
    yield case["narrative"]["text"]
    for item in case["evidence"]:
        yield item["text"]
        for value in item["data"].values():
            if isinstance(value, str):
                yield value
