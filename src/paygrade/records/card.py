"""What a dataset's card tells, with what its file of samples really holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class CardVersion:
    """One version as the card lists it; `sha256` is empty while it is a draft."""

    version: int
    date: str
    samples: int
    sha256: str
    changes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """A card, and counts over the samples of one version.

    `by_slice` counts samples by slice and value, `by_class` and `by_origin` by class and by how
    they were made, `money` sums exposures in minor units by currency.
    """

    dataset: str
    version: int
    title: str
    description: str
    licence: str
    labels: str
    contact: str
    sources: tuple[str, ...]
    known_gaps: tuple[str, ...]
    slices: Mapping[str, str]
    versions: tuple[CardVersion, ...]
    content_hash: str
    canary: str
    samples: int
    cases: int
    by_slice: Mapping[str, Mapping[str, int]]
    by_class: Mapping[str, int]
    by_origin: Mapping[str, int]
    money: Mapping[str, int]
