"""Two oracles must find, from what a model sees, the label that a case was drawn to have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Label = Callable[[Any], dict[str, Any]]


class DisagreementError(AssertionError):
    """The oracles and the label that a case was drawn to have are not all the same."""


def agree(line: Mapping[str, Any], oracles: Mapping[str, Label]) -> None:
    """Compare the label of a generated line with what each oracle finds in its input.

    Args:
        line: A sample, with `id`, `input`, `expected` and `provenance`.
        oracles: From an oracle's name to what finds a label in an input.

    Raises:
        DisagreementError: one of them finds another label; the text names the keys that differ.
    """
    entailed = line["expected"]
    for name, label in oracles.items():
        found = label(line["input"])
        if found != entailed:
            keys = sorted(entailed.keys() | found.keys())
            wrong = {key: (entailed.get(key), found.get(key)) for key in keys}
            wrong = {key: pair for key, pair in wrong.items() if pair[0] != pair[1]}
            where = f"{line['id']} ({line['provenance']})"
            raise DisagreementError(f"{where}: entailed and found by {name}: {wrong}")
