"""The gate's first stage: every hypothesis is tested loosely, the suspicious ones are flagged."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from paygrade.analysis.exposure import money_of
from paygrade.analysis.pairing import pair
from paygrade.analysis.trial import discordant, try_samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paygrade.analysis.exposure import Exposed
    from paygrade.analysis.pairing import Pairing, Pairs
    from paygrade.analysis.trial import Trial, Unit
    from paygrade.records.baseline import ArmSample
    from paygrade.records.policy import GatePolicy
    from paygrade.records.sample import Sample

WHOLE = "suite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a suite is judged: today's samples, the slices that are tested, the policy.

    With `exact` both versions always answer alike: nothing is tested, the rise is what it is.
    """

    samples: tuple[Sample, ...]
    slices: tuple[str, ...]
    policy: GatePolicy
    unit: Unit = "runs"
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A hypothesis after the screen. `names` are its usable samples."""

    name: str
    names: tuple[str, ...]
    trial: Trial
    flagged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """One suite after the screen.

    `discordant` are the samples that a confirmation asks again: those that differ, in either
    direction, in any flagged hypothesis, or that carry money whose limit seems exceeded.
    """

    terms: Terms
    pairing: Pairing
    tried: tuple[Tried, ...]
    thin: tuple[str, ...]
    money: tuple[Exposed, ...]
    discordant: tuple[str, ...]

    @property
    def suspicious(self) -> bool:
        """Something has to be confirmed."""
        return any(each.flagged for each in self.tried) or any(each.flagged for each in self.money)


def screen(
    before: Mapping[str, ArmSample], after: Mapping[str, ArmSample], terms: Terms
) -> Screened:
    """Test the suite, and each value of each slice that has enough usable samples."""
    pairing = pair(before, after, terms.samples, terms.policy)
    groups, thin = _groups(pairing, terms)
    tried = tuple(_try(name, names, pairing, terms) for name, names in groups)
    money = money_of(pairing, terms.samples, terms.policy, exact=terms.exact)
    return assembled(terms, pairing, tried, money, thin)


def assembled(
    terms: Terms,
    pairing: Pairing,
    tried: tuple[Tried, ...],
    money: tuple[Exposed, ...],
    thin: tuple[str, ...] = (),
) -> Screened:
    """Put a screen together: what would be asked again follows from what was flagged."""
    asked = {name for each in tried if each.flagged for name in each.names}
    asked |= {name for each in money if each.flagged for name in each.weights}
    return Screened(
        terms=terms,
        pairing=pairing,
        tried=tried,
        thin=thin,
        money=money,
        discordant=discordant((name for name in pairing.usable if name in asked), pairing.pairs),
    )


def _groups(
    pairing: Pairing, terms: Terms
) -> tuple[list[tuple[str, tuple[str, ...]]], tuple[str, ...]]:
    """The hypotheses with their samples, and the slices that are too thin to be tested."""
    groups = [(WHOLE, pairing.usable)] if pairing.usable else []
    thin = []
    for name in terms.slices:
        values: dict[str, list[str]] = {}
        for sample in pairing.usable:
            for value in pairing.slices[sample].get(name, ()):
                values.setdefault(value, []).append(sample)
        for value in sorted(values):
            if len(values[value]) < terms.policy.min_slice:
                thin.append(f"{name}={value}")
            else:
                groups.append((f"{name}={value}", tuple(values[value])))
    return groups, tuple(thin)


def _try(name: str, names: tuple[str, ...], pairing: Pairing, terms: Terms) -> Tried:
    trial = try_samples(names, pairing.pairs, terms.unit, len(names))
    flagged = trial.tails.more <= terms.policy.alpha_screen
    if terms.exact:
        flagged = exact_rise(names, pairing.pairs) > Fraction(str(terms.policy.tolerance))
    return Tried(name=name, names=names, trial=trial, flagged=flagged)


def exact_rise(names: Iterable[str], pairs: Pairs) -> Fraction:
    """The rise of the mean share of failures over `names`, without rounding."""
    rises = [
        Fraction(sum(pairs.after[name]), len(pairs.after[name]))
        - Fraction(sum(pairs.before[name]), len(pairs.before[name]))
        for name in names
    ]
    return sum(rises, Fraction(0)) / len(rises)


def chosen(screened: Screened, arms: int, seed: str) -> tuple[str, ...]:
    """The samples to ask again: all discordant ones, or so many as the policy's calls allow.

    `arms` is how many versions are asked. The draw depends on `seed` alone (see the gate's
    procedure: the fingerprint of the candidate and the suite).
    """
    limit = screened.terms.policy.max_confirm_calls
    each = arms * screened.terms.policy.confirm_epochs
    names = screened.discordant
    if limit is None or each * len(names) <= limit:
        return names
    drawn = set(random.Random(seed).sample(sorted(names), limit // each))  # noqa: S311 - no secret: anyone must be able to draw the same samples again
    return tuple(name for name in names if name in drawn)
