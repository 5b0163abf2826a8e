"""What a workspace wants masked: kinds, and patterns of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from paygrade.leaks import shapes
from paygrade.leaks.finding import KINDS, MASKED_KINDS

KEEPABLE = ("iban", "email")
"""Kinds that are masked unless a workspace keeps them."""
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_NAMES_TAKEN = frozenset({*KINDS, "masked"})
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Pattern:
    """What else must not be kept: `[NAME]` stands in the place of what `regex` matches.

    Raises:
        ValueError: the name or the regex will not do, and why.
    """

    name: str
    regex: str

    def __post_init__(self) -> None:
        """Refuse what could not be searched for, or could never be masked."""
        if not _NAME.fullmatch(self.name) or len(self.name) > _LONGEST_NAME:
            raise ValueError(
                f"the name {self.name[:_LONGEST_NAME]!r} is none: write small letters and digits, "
                "with '-' between them"
            )
        if self.name in _NAMES_TAKEN:
            raise ValueError(f"the name {self.name!r} is taken: it is a kind of its own")
        why = shapes.problem(self.regex)
        if why:
            raise ValueError(f"the regex of {self.name!r} will not do: {why}")
        written = " ".join(f'"[{each}]"' for each in (*sorted(_NAMES_TAKEN), self.name))
        if shapes.compiled(self.regex).search(f"[{written}]"):
            raise ValueError(
                f"the regex of {self.name!r} will not do: it matches what stands in the place of "
                "masked text, such as [email]"
            )


@dataclass(frozen=True, slots=True)
class Policy:
    """Which kinds of findings are masked, and the patterns that are, too.

    Raises:
        ValueError: a kind that is always masked is missing, one is unknown, or a name comes twice.
    """

    kinds: frozenset[str]
    patterns: tuple[Pattern, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a policy under which what must never be kept would be."""
        if not self.kinds >= MASKED_KINDS:
            missing = ", ".join(sorted(MASKED_KINDS - self.kinds))
            raise ValueError(f"{missing}: always masked")
        if not self.kinds <= KINDS:
            raise ValueError(f"no kinds: {', '.join(sorted(self.kinds - KINDS))}")
        names = [each.name for each in self.patterns]
        twice = sorted({each for each in names if names.count(each) > 1})
        if twice:
            raise ValueError(f"two patterns have the name {twice[0]!r}")

    def masks(self, kind: str) -> bool:
        """Whether findings of `kind` are taken out."""
        return kind in self.kinds or any(kind == each.name for each in self.patterns)


ALWAYS = Policy(MASKED_KINDS)
"""What no workspace can keep."""
DEFAULT = Policy(MASKED_KINDS | frozenset(KEEPABLE))
"""Of a workspace that says nothing."""
