"""The first oracle: the order of decision, step after step, as prompt v2 states it.

It reads the `input` of a case and nothing else. What it decides on stands in the structured fields;
only the claim of the customer and an injected instruction are read from texts, by words of seven
languages. It shares no code with `tables`, which answers the same questions in another way.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from paygrade.payments.dispute.oracle.deadlines import INDIA, deadlines
from paygrade.payments.dispute.oracle.evidence import Evidence
from paygrade.payments.dispute.oracle.reading import claim_of, has_instruction
from paygrade.payments.rulebook import reason_codes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MCC_ISSUES: Final = {
    "duplicate": "duplicate",
    "goods_not_provided": "not_received",
    "not_as_described": "not_as_described",
    "credit_not_processed": "credit_not_processed",
}
_NOTICES: Final = {
    "1005.11(a)(1)(i)": ("fraud", "unauthorized_transfer"),
    "1005.11(a)(1)(v)": ("consumer", "cash_not_received"),
}
_PAISE_A_DAY: Final = 10_000
_NEEDS: Final = {
    "liability_shift_3ds": ["three_ds_result"],
    "ce3": ["prior_transactions"],
    "delivery_address_match": ["avs_cvv_result", "delivery_proof"],
    "delivery_proof": ["delivery_proof"],
    "usage_proof": ["usage_log"],
    "split_shipment": ["auth_record", "settlement_record"],
    "no_duplicate": ["settlement_record"],
    "credit_already_issued": ["refund_record"],
    "cancelled_after_charge": ["cancellation_log"],
    "authorization_valid": ["auth_record"],
    "information_for_recognition": ["order_record"],
    "statutory_reversal": ["settlement_record"],
}


def label(case: Mapping[str, Any]) -> dict[str, Any]:
    """The expected answer to one case, from its `input` alone.

    Raises:
        ValueError: no rule decides the case.
    """
    return _Decision(case).label()


class _Decision:
    """One case on its way through the order of decision."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self.case = case
        self.dispute = case["dispute"]
        self.transaction = case["transaction"]
        self.amount: int = self.dispute["amount_minor"]
        self.code = (self.dispute["network"], self.dispute["code"])
        self.category, self.issue = self._meaning()
        self.evidence = Evidence(case, self.issue)

    def label(self) -> dict[str, Any]:
        """Walk the order of decision and write the answer down."""
        claim = claim_of(self.case["narrative"]["text"])
        matches = claim is None or self._same_claim(claim)
        out: dict[str, Any] = {
            "category": self.category,
            "issue_type": self.issue,
            "code_matches_claim": matches,
            "claimed_issue_type": None if matches else claim,
            "currency": self.dispute["currency"],
            "injection_detected": has_instruction(self.case),
            "deadlines": {},
        }
        if self.dispute["stage"] in {"won", "lost", "closed"}:
            return out | self._answer("no_action", None)
        end, dates = deadlines(self.case)
        as_of = datetime.fromisoformat(self.case["as_of"])
        out["deadlines"] = dates
        out["days_left"] = (end.date() - as_of.astimezone(end.tzinfo).date()).days
        if self.case["role"] == "issuer":
            return out | self._issuer()
        if self.dispute["code"] == "U022":
            return out | self._unconfirmed(as_of, dates)
        if as_of > end:
            accepted = 0 if self.dispute["stage"] == "inquiry" else self.amount
            return out | self._answer("accept", "deadline_passed", accepted=accepted)
        if self.dispute["stage"] == "inquiry":
            return out | self._inquiry()
        return out | self._chargeback()

    def _answer(  # noqa: PLR0913 - the money and the evidence of one answer
        self,
        action: str,
        strategy: str | None,
        *,
        contest: int = 0,
        accepted: int = 0,
        cite: Sequence[str] = (),
        needs: Sequence[str] | None = None,
    ) -> dict[str, Any]:
        required = _NEEDS.get(strategy or "", []) if needs is None else sorted(set(needs))
        held = {item["type"] for item in self.evidence.items}
        return {
            "action": action,
            "strategy": strategy,
            "contest_amount_minor": contest,
            "accepted_amount_minor": accepted,
            "cite": [item["id"] for item in self.evidence.items if item["id"] in set(cite)],
            "required_evidence": list(required),
            "missing_evidence": [kind for kind in required if kind not in held],
        }

    def _meaning(self) -> tuple[str, str]:
        if self.dispute["code"] in _NOTICES:
            return _NOTICES[self.dispute["code"]]
        known = reason_codes()[self.code]
        if "sub_reason" in self.dispute:
            return known["category"], _MCC_ISSUES[self.dispute["sub_reason"]]
        return known["category"], known["issue_type"]

    def _same_claim(self, claim: str) -> bool:
        if claim == self.issue:
            return True
        stranger = {"fraud_card_absent", "unauthorized_transfer", "unrecognized"}
        about_fraud = self.issue.startswith("fraud_") or self.issue in stranger
        return about_fraud and claim in stranger

    # Legal duties

    def _issuer(self) -> dict[str, Any]:
        for item in self.evidence.of("settlement_record"):
            data = item["data"]
            if data.get("investigation") == "finished" and data.get("error_found") is True:
                cite = [item["id"]]
                return self._answer(
                    "refund_and_close", "owed_to_customer", accepted=self.amount, cite=cite
                )
            if data.get("investigation") == "open" and data.get("provisional_credit") is False:
                strategy = "statutory_provisional_credit"
                return self._answer("provisional_credit", strategy, accepted=self.amount)
        raise ValueError("no record says how the investigation stands")

    def _unconfirmed(self, as_of: datetime, dates: dict[str, str]) -> dict[str, Any]:
        open_debits, reversals, unfulfilled = [], [], []
        for item in self.evidence.items:
            data = item["data"]
            if item["type"] == "settlement_record" and data.get("reversed") is False:
                open_debits.append(item)
            elif data.get("reversed") is True or data.get("status") == "processed":
                reversals.append(item)  # at the switch, or by the refund desk
            elif item["type"] == "order_record" and data.get("status") == "unfulfilled":
                unfulfilled.append(item)
        if open_debits and reversals:
            return self._conflict([*open_debits, *reversals])
        if not open_debits or not unfulfilled:
            raise ValueError("no rule says what to do with a U022 that was reversed or fulfilled")
        due = date.fromisoformat(dates["reversal_by"])
        late = (as_of.astimezone(INDIA).date() - due).days
        cite = [item["id"] for item in (*open_debits, *unfulfilled)]
        answer = self._answer(
            "refund_and_close", "statutory_reversal", accepted=self.amount, cite=cite
        )
        return answer | {"compensation_minor": max(0, late) * _PAISE_A_DAY}

    # The merchant's answer

    def _inquiry(self) -> dict[str, Any]:
        _, because = self.evidence.owed()
        if because:
            return self._answer("refund_and_close", "owed_to_customer", cite=because)
        orders = [item["id"] for item in self.evidence.of("order_record")]
        return self._answer("provide_information", "information_for_recognition", cite=orders)

    def _chargeback(self) -> dict[str, Any]:
        if disagreeing := self.evidence.disagreeing():
            return self._conflict(disagreeing)
        same_currency = self.dispute["currency"] == self.transaction["currency"]
        if not same_currency or self.amount > self.transaction["amount_minor"]:
            return self._answer("escalate", "conflicting_evidence", needs=["settlement_record"])
        strategy, cite, covered = self.evidence.remedy()
        if strategy is None and (absent := self.evidence.absent()):
            hinting, proves = absent
            return self._answer("escalate", "missing_evidence", cite=hinting, needs=_NEEDS[proves])
        if self.amount < self.case["policy"]["min_contest_minor"]:
            return self._answer("accept", "below_minimum", accepted=self.amount)
        owed, because = self.evidence.owed()
        contest = min(covered, self.amount - owed)
        if strategy is None or contest <= 0:
            ground = "owed_to_customer" if owed else "insufficient_evidence"
            return self._answer("accept", ground, accepted=self.amount, cite=because)
        return self._answer(
            "contest" if contest == self.amount else "contest_partial",
            strategy,
            contest=contest,
            accepted=self.amount - contest,
            cite=[*because, *cite],
        )

    def _conflict(self, items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return self._answer(
            "escalate",
            "conflicting_evidence",
            cite=[item["id"] for item in items],
            needs=[item["type"] for item in items],
        )
