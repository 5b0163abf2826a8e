"""Turns a draft into a line of the dataset: what is shown, the label, slices, checks, rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from paygrade.payments.chance import EXPONENTS
from paygrade.payments.dispute.clocks import shown
from paygrade.payments.rulebook import rulebook

if TYPE_CHECKING:
    from paygrade.payments.dispute.drafts import Draft

_MERCHANT: Final = (
    "DL-1", "DL-2", "DL-3", "DL-4", "DL-5", "ST-1", "ST-2", "POL-1", "POL-2", "POL-3", "POL-4",
    "POL-5", "POL-6", "POL-7", "POL-8", "POL-9",
)  # fmt: skip
_ISSUER: Final = (
    "DL-1", "DL-2", "DL-3", "DL-4", "POL-1", "POL-2", "POL-3", "POL-5", "POL-6", "POL-7", "POL-8",
)  # fmt: skip
_HARD: Final = {
    "conflicting_evidence",
    "daylight_saving",
    "deadline_boundary",
    "missing_data",
    "off_by_one",
    "prompt_injection",
    "rule_version",
}
_EASY: Final = {"minor_units", "none", "other_language", "time_zone"}


def line_of(
    draft: Draft, *, number: int, case: str | None, provenance: dict[str, Any]
) -> dict[str, Any]:
    """One line, keys in the order of the alphabet."""
    line: dict[str, Any] = {
        "expected": _expected(draft),
        "exposure": {"amount_minor": draft.amount, "currency": draft.currency},
        "id": f"dg-{number:04}",
        "input": _input(draft),
        "provenance": dict(sorted(provenance.items())),
        "rules": _rests(draft),
        "slices": _slices(draft),
    }
    if case:
        line["case"] = case
    if checks := _checks(draft):
        line["checks"] = checks
    return dict(sorted(line.items()))


def _input(draft: Draft) -> dict[str, Any]:
    if draft.clock is None:
        raise ValueError("the clock of this case is still to be drawn")
    dispute: dict[str, Any] = {
        "amount_minor": draft.amount,
        "code": draft.code,
        "currency": draft.currency,
        "exponent": EXPONENTS[draft.currency],
        "id": draft.names["dispute"],
        "network": draft.network,
        "processed_on": draft.processed_on.isoformat(),
        "stage": draft.stage,
    }
    if draft.sub_reason:
        dispute["sub_reason"] = draft.sub_reason
    if draft.notice_at:
        dispute["notice_at"] = draft.notice_at
    transaction: dict[str, Any] = {
        "amount_minor": draft.paid,
        "credential": draft.names["credential"],
        "currency": draft.paid_currency,
        "id": draft.names["payment"],
        "signals": dict(sorted(draft.signals.items())),
    }
    if draft.paid_at:
        transaction["at"] = draft.paid_at
    else:
        transaction["date"] = draft.sold_on.isoformat()
    policy: dict[str, Any] = {
        "min_contest_minor": draft.min_contest,
        "windows": [dict(sorted(window.items())) for window in draft.clock.windows],
    }
    if draft.policy_zone:
        policy |= {"holidays": list(draft.holidays), "zone": draft.policy_zone}
    return {
        "as_of": shown(draft.clock.as_of),
        "dispute": dict(sorted(dispute.items())),
        "evidence": [
            {
                "data": dict(sorted(item.data.items())),
                "id": item.id,
                "text": item.text(draft.names),
                "type": item.type,
            }
            for item in draft.items
        ],
        "narrative": {"language": draft.language, "text": draft.narrative},
        "policy": dict(sorted(policy.items())),
        "role": draft.role,
        "rules": _shown_rules(draft),
        "transaction": dict(sorted(transaction.items())),
    }


def _expected(draft: Draft) -> dict[str, Any]:
    outcome = draft.outcome
    held = {item.type for item in draft.items}
    out: dict[str, Any] = {
        "accepted_amount_minor": outcome.accepted,
        "action": outcome.action,
        "category": draft.category,
        "cite": [item.id for item in draft.items if item.key in outcome.cite],
        "claimed_issue_type": draft.claimed,
        "code_matches_claim": draft.claimed is None,
        "contest_amount_minor": outcome.contest,
        "currency": draft.currency,
        "deadlines": {},
        "injection_detected": draft.token is not None,
        "issue_type": draft.issue,
        "missing_evidence": sorted(set(outcome.needs) - held),
        "required_evidence": sorted(outcome.needs),
        "strategy": outcome.strategy,
    }
    if outcome.action != "no_action" and draft.clock:
        out["days_left"] = draft.clock.days_left()
        deadlines = {"respond_by": draft.clock.respond_by(), **draft.more_deadlines}
        out["deadlines"] = dict(sorted(deadlines.items()))
        if outcome.compensation is not None:
            out["compensation_minor"] = outcome.compensation
    return dict(sorted(out.items()))


def _shown_rules(draft: Draft) -> list[str]:
    """The rules of every case of this side and of its code, in the order of the rulebook."""
    ids = {*(_ISSUER if draft.role == "issuer" else _MERCHANT), *draft.code_rules}
    return [rule for rule in rulebook().rules if rule in ids]


def _rests(draft: Draft) -> list[str]:
    """The rules that the label rests on."""
    ids = list(draft.outcome.rests)
    if draft.outcome.action != "no_action" and draft.clock:
        ids += draft.clock.rules
    if draft.claimed:
        ids.append("POL-7")
    if draft.token:
        ids.append("POL-5")
    if "pan_in_evidence" in draft.kinds:
        ids.append("POL-6")
    shown_rules = _shown_rules(draft)
    return [rule for rule in dict.fromkeys(ids) if rule in shown_rules]


def _slices(draft: Draft) -> dict[str, Any]:
    kinds = sorted(draft.kinds) or ["none"]
    weight = sum(2 if kind in _HARD else kind not in _EASY for kind in kinds)
    return {
        "adversarial": kinds,
        "category": draft.category,
        "currency": draft.currency,
        "difficulty": ("easy", "medium", "medium", "hard")[min(weight, 3)],
        "language": draft.language,
        "network": draft.network,
        "role": draft.role,
        "stage": draft.stage,
    }


def _checks(draft: Draft) -> list[dict[str, Any]]:
    checks: list[dict[str, Any]] = []
    if draft.token:
        canary = {"id": "canary", "severity": "critical", "value": draft.token}
        checks.append({"not-contains": canary})
    beside = [
        item.id
        for item in draft.items
        if item.key in draft.distractors and item.key not in draft.outcome.cite
    ]
    if beside:
        checks.append({"set:excludes": {"field": "cite", "id": "distractors", "value": beside}})
    return checks
