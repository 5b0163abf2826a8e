"""The gate's second stage: what was suspected is confirmed or dropped, hypothesis by hypothesis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from paygrade.analysis.pairing import Pairs, scored
from paygrade.analysis.screen import WHOLE, exact_rise
from paygrade.analysis.trial import rate_of, try_samples
from paygrade.records.verdict import Change, Hypothesis
from paygrade.stats.multiple import holm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paygrade.analysis.screen import Screened, Tried
    from paygrade.analysis.trial import Trial
    from paygrade.records.baseline import ArmSample
    from paygrade.records.policy import Confirm

Finding = Literal["pass", "improved", "inconclusive", "regressed"]

_IMPROVED = 0.05
_SATURATED = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One suite of an invocation: its screen, and the fresh outcomes where some were asked for.

    `level` is what a corrected p-value must not exceed: the policy's, halved with each look.
    """

    screened: Screened
    mode: Confirm
    level: float
    fresh: Pairs | None = None


def fresh_pairs(
    screened: Screened, before: Mapping[str, ArmSample], after: Mapping[str, ArmSample]
) -> Pairs:
    """Outcomes of the fresh attempts; a sample that errored throughout on a side is dropped."""
    left = {name: scored(each.sessions) for name, each in before.items()}
    right = {name: scored(each.sessions) for name, each in after.items()}
    names = [name for name in screened.discordant if left.get(name) and right.get(name)]
    cases = screened.pairing.pairs.cases
    return Pairs(
        before={name: left[name] for name in names},
        after={name: right[name] for name in names},
        cases={name: cases[name] for name in names},
    )


@dataclass(frozen=True, slots=True)
class _Confirmed:
    trial: Trial
    samples: int


def decide(inquiries: Sequence[Inquiry]) -> list[tuple[Hypothesis, ...]]:
    """Judge every hypothesis of one invocation, in the order of `inquiries`.

    Holm's correction runs over all that was flagged in any suite; with `confirm: off` there is no
    second stage, and it runs over all that was tested.
    """
    confirmed = [
        [_confirm(inquiry, tried) for tried in inquiry.screened.tried] for inquiry in inquiries
    ]
    fresh = [each.trial.tails.more for row in confirmed for each in row if each]
    corrected = iter(holm(fresh))
    single = iter(
        holm(
            [
                tried.trial.tails.more
                for inquiry in inquiries
                if _single(inquiry)
                for tried in inquiry.screened.tried
            ]
        )
    )
    return [
        tuple(
            _hypothesis(
                inquiry,
                tried,
                found,
                next(corrected) if found else next(single) if _single(inquiry) else None,
            )
            for tried, found in zip(inquiry.screened.tried, row, strict=True)
        )
        for inquiry, row in zip(inquiries, confirmed, strict=True)
    ]


def _single(inquiry: Inquiry) -> bool:
    return inquiry.mode == "off" and not inquiry.screened.terms.exact


def _confirm(inquiry: Inquiry, tried: Tried) -> _Confirmed | None:
    if not tried.flagged or inquiry.fresh is None:
        return None
    names = [name for name in tried.names if name in inquiry.fresh.before]
    trial = try_samples(names, inquiry.fresh, inquiry.screened.terms.unit, _size(inquiry, tried))
    return _Confirmed(trial, len(names))


def _size(inquiry: Inquiry, tried: Tried) -> int:
    """How many samples the fresh ones stand for.

    All of the hypothesis, as those that did not differ count as unchanged. Where only some of
    those that did differ were asked again, the others are not unchanged: the same share is left
    out of the size, so that the rise is not understated.
    """
    names = set(tried.names)
    differ = [name for name in inquiry.screened.discordant if name in names]
    asked = [name for name in differ if inquiry.fresh and name in inquiry.fresh.before]
    if len(asked) in (0, len(differ)):
        return len(tried.names)
    return max(len(asked), round(len(tried.names) * len(asked) / len(differ)))


def _hypothesis(
    inquiry: Inquiry, tried: Tried, confirmed: _Confirmed | None, p_adjusted: float | None
) -> Hypothesis:
    terms, pairing = inquiry.screened.terms, inquiry.screened.pairing
    trial, tails = tried.trial, tried.trial.tails
    change = trial.change
    if terms.exact:
        rise = float(exact_rise(tried.names, pairing.pairs))
        change = Change(rise=rise, low=rise, high=rise)
    before = rate_of(tried.names, pairing.pairs.before, pairing.pairs.cases)
    after = rate_of(tried.names, pairing.pairs.after, pairing.pairs.cases)
    if tried.name == WHOLE:
        before = replace(before, errored=pairing.errors_before.errored)
        after = replace(after, errored=pairing.errors_after.errored)
    fresh = confirmed.trial.change if confirmed else None
    if terms.exact:
        verdict, reason = _exact(tried, inquiry)
    else:
        verdict, reason = _found(inquiry, tried, fresh, p_adjusted)
    if verdict in ("pass", "improved") and (before.rate or 0.0) >= _SATURATED:
        verdict = "inconclusive"
        reason = "saturated: the baseline fails nearly everything, so nothing could get worse"
    return Hypothesis(
        name=tried.name,
        samples=len(tried.names),
        before=before,
        after=after,
        p_more=tails.more,
        p_fewer=tails.fewer,
        p_cases=trial.p_cases,
        informative=tails.informative,
        change=change,
        flagged=tried.flagged,
        verdict=verdict,
        reason=reason,
        p_fresh=confirmed.trial.tails.more if confirmed else None,
        p_adjusted=p_adjusted,
        fresh=fresh,
        fresh_samples=confirmed.samples if confirmed else 0,
    )


def _exact(tried: Tried, inquiry: Inquiry) -> tuple[Finding, str]:
    """For versions that always answer alike the tolerance is the whole rule."""
    rise = exact_rise(tried.names, inquiry.screened.pairing.pairs)
    if rise > Fraction(str(inquiry.screened.terms.policy.tolerance)):
        return "regressed", "it fails more, and both versions always answer alike"
    if rise < 0:
        return "improved", "it fails less, and both versions always answer alike"
    return "pass", "no rise above the tolerance, and both versions always answer alike"


def _found(
    inquiry: Inquiry, tried: Tried, fresh: Change | None, p_adjusted: float | None
) -> tuple[Finding, str]:
    policy = inquiry.screened.terms.policy
    judged = fresh or tried.trial.change
    excluded: Finding = "pass" if judged.high <= policy.margin else "inconclusive"
    if p_adjusted is not None and p_adjusted <= inquiry.level:
        if policy.tolerance == 0 or judged.low > policy.tolerance:
            return "regressed", "the rise is confirmed" if fresh else "the rise is significant"
        return excluded, "worse, but a rise within the tolerance cannot be excluded"
    if tried.flagged and fresh is None and inquiry.mode != "off":
        return "inconclusive", "a rise is suspected and could not be confirmed"
    if not tried.flagged and tried.trial.tails.fewer <= _IMPROVED:
        return "improved", "it fails less"
    return excluded, _unconfirmed(excluded, asked_again=fresh is not None)


def _unconfirmed(excluded: Finding, *, asked_again: bool) -> str:
    if excluded == "inconclusive":
        return "no confirmed rise, but one above the margin cannot be excluded"
    if asked_again:
        return "a rise was suspected, and fresh attempts do not confirm it"
    return "no sign of a rise, and one above the margin is excluded"
