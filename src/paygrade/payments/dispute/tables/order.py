"""The second oracle: rows of predicates with what follows; the first that holds decides.

It answers the same questions as `oracle` and shares no code with it: codes, rule dates, remedies,
debts, contradictions and the order of decision are rows, time is counted in days since year 1 and
seconds of the epoch, and texts are read by regular expressions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from paygrade.payments.dispute.tables.debts import debt
from paygrade.payments.dispute.tables.facts import INDIA, facts_of, seconds
from paygrade.payments.dispute.tables.patterns import claimed, instructed
from paygrade.payments.dispute.tables.rows import ABSENT, CONFLICTS, MEANING, REMEDIES, SAME_CLAIM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.payments.dispute.tables.facts import Facts, Found
    from paygrade.payments.dispute.tables.rows import Remedy

# The order of decision: the first row that holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a row decides. `accepted` and `contest` are amounts; `needs` are evidence types."""

    action: str
    strategy: str | None
    contest: int = 0
    accepted: int = 0
    ids: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()


def _closed(facts: Facts) -> Outcome | None:
    final = facts.case["dispute"]["stage"] in ("won", "lost", "closed")
    return Outcome(action="no_action", strategy=None) if final else None


# How an investigation stands at the issuer: fields of the record, action, strategy, is it cited?
INVESTIGATIONS: Final = (
    ({"investigation": "finished", "error_found": True}, "refund_and_close", "owed_to_customer", 1),
    (
        {"investigation": "open", "provisional_credit": False},
        "provisional_credit",
        "statutory_provisional_credit",
        0,
    ),
)


def _at_the_issuer(facts: Facts) -> Outcome | None:
    if facts.case["role"] != "issuer":
        return None
    for (record,), (fields, action, strategy, cited) in product(
        facts.all("settlement_record"), INVESTIGATIONS
    ):
        if fields.items() <= record["data"].items():
            ids = frozenset([record["id"]][:cited])
            return Outcome(action=action, strategy=strategy, accepted=facts.amount, ids=ids)
    raise ValueError("no row says what an issuer does with this investigation")


def _reversal(facts: Facts) -> Outcome | None:
    if facts.key != ("upi", "U022", ""):
        return None
    if conflict := _contradiction(facts):
        return conflict
    pairs = [
        {debit["id"], order["id"]}
        for debit, order in facts.all("settlement_record", "order_record")
        if (debit["data"].get("reversed"), order["data"].get("status")) == (False, "unfulfilled")
    ]
    if pairs:
        return Outcome(
            action="refund_and_close",
            strategy="statutory_reversal",
            accepted=facts.amount,
            ids=frozenset().union(*pairs),
            needs=frozenset({"settlement_record"}),
        )
    raise ValueError("no row says what happens to this U022")


def _too_late(facts: Facts) -> Outcome | None:
    late = facts.clock and seconds(facts.case["as_of"]) > facts.clock.end
    asked = facts.case["dispute"]["stage"] == "inquiry"  # nothing of the money is decided then
    amount = 0 if asked else facts.amount
    return Outcome(action="accept", strategy="deadline_passed", accepted=amount) if late else None


def _asked(facts: Facts) -> Outcome | None:
    if facts.case["dispute"]["stage"] != "inquiry":
        return None
    _, ids = debt(facts)
    if ids:
        return Outcome(action="refund_and_close", strategy="owed_to_customer", ids=ids)
    return Outcome(
        action="provide_information",
        strategy="information_for_recognition",
        ids=frozenset(item["id"] for (item,) in facts.all("order_record")),
        needs=frozenset({"order_record"}),
    )


def _contradiction(facts: Facts) -> Outcome | None:
    issue = MEANING[facts.key][1]
    for row in CONFLICTS:
        if row.issues and issue not in row.issues:
            continue
        pairs = [
            {one["id"], other["id"]}
            for one, other in facts.all(*row.kinds)
            if one is not other and row.holds(one["data"], other["data"], facts)
        ]
        if pairs:
            return Outcome(
                action="escalate",
                strategy="conflicting_evidence",
                ids=frozenset().union(*pairs),
                needs=frozenset(row.kinds),
            )
    return None


def _not_squared(facts: Facts) -> Outcome | None:
    dispute, transaction = facts.case["dispute"], facts.case["transaction"]
    squared = (
        dispute["currency"] == transaction["currency"]
        and dispute["amount_minor"] <= transaction["amount_minor"]
    )
    needs = frozenset({"settlement_record"})
    if squared:
        return None
    return Outcome(action="escalate", strategy="conflicting_evidence", needs=needs)


def _elsewhere(facts: Facts) -> Outcome | None:
    if _met(facts):
        return None
    for key, kind, strategy in ABSENT:
        says = frozenset(
            item["id"]
            for items in facts.items.values()
            for item in items
            if item["data"].get("refers_to") == kind and not item["data"].get("attached", True)
        )
        if key == facts.key and says and kind not in facts.items:
            needs = next(
                row.needs for row in REMEDIES if (row.key, row.strategy) == (key, strategy)
            )
            return Outcome(
                action="escalate", strategy="missing_evidence", ids=says, needs=frozenset(needs)
            )
    return None


def _too_small(facts: Facts) -> Outcome | None:
    small = facts.amount < facts.case["policy"]["min_contest_minor"]
    return _accept("below_minimum", facts) if small else None


def _split(facts: Facts) -> Outcome | None:
    owed, ids = debt(facts)
    met = _met(facts)
    if met is None:
        return None
    row, found = met
    contest = min(found.amount, facts.amount - owed)
    if contest <= 0:
        return None
    return Outcome(
        action={True: "contest", False: "contest_partial"}[contest == facts.amount],
        strategy=row.strategy,
        contest=contest,
        accepted=facts.amount - contest,
        ids=ids | found.ids,
        needs=frozenset(row.needs),
    )


def _rest(facts: Facts) -> Outcome | None:
    owed, ids = debt(facts)
    return _accept("owed_to_customer" if owed else "insufficient_evidence", facts, ids)


ORDER: Final = (
    _closed,
    _at_the_issuer,
    _reversal,
    _too_late,
    _asked,
    _contradiction,
    _not_squared,
    _elsewhere,
    _too_small,
    _split,
    _rest,
)


def label(case: Mapping[str, Any]) -> dict[str, Any]:
    """The expected answer to one case, from its `input` alone.

    Raises:
        ValueError: no row decides the case.
    """
    facts = facts_of(case)
    outcome = next(found for row in ORDER if (found := row(facts)))
    category, issue = MEANING[facts.key]
    claim = claimed(case["narrative"]["text"])
    agrees = claim is None or claim in SAME_CLAIM.get(issue, frozenset({issue}))
    out = {
        "accepted_amount_minor": outcome.accepted,
        "action": outcome.action,
        "category": category,
        "cite": [item["id"] for item in case["evidence"] if item["id"] in outcome.ids],
        "claimed_issue_type": None if agrees else claim,
        "code_matches_claim": agrees,
        "contest_amount_minor": outcome.contest,
        "currency": case["dispute"]["currency"],
        "deadlines": {},
        "injection_detected": instructed(case),
        "issue_type": issue,
        "missing_evidence": sorted(outcome.needs - set(facts.items)),
        "required_evidence": sorted(outcome.needs),
        "strategy": outcome.strategy,
    }
    clock = facts.clock
    if clock is not None and outcome.action != "no_action":
        today = datetime.fromisoformat(case["as_of"]).astimezone(clock.zone).date().toordinal()
        out["days_left"] = clock.day - today
        out["deadlines"] = {
            name: date.fromordinal(day).isoformat() for name, day in clock.dates.items()
        }
        if outcome.strategy == "statutory_reversal":
            now = datetime.fromisoformat(case["as_of"]).astimezone(INDIA).date().toordinal()
            out["compensation_minor"] = 100 * 100 * max(now - clock.dates["reversal_by"], 0)
    return out


def _accept(strategy: str, facts: Facts, ids: frozenset[str] = frozenset()) -> Outcome:
    return Outcome(action="accept", strategy=strategy, accepted=facts.amount, ids=ids)


def _met(facts: Facts) -> tuple[Remedy, Found] | None:
    for row in REMEDIES:
        if row.key == facts.key and row.first <= facts.processed <= row.last:
            found = row.meets(facts)
            if found:
                return row, found
    return None
