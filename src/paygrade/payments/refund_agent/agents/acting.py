"""One task, from the message to the last words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from paygrade.errors import ToolError
from paygrade.payments.refund_agent.agents.desk import Desk, Habits, Row
from paygrade.payments.refund_agent.agents.reading import read
from paygrade.payments.refund_agent.agents.refunding import Refunding
from paygrade.payments.refund_agent.agents.speech import phrase
from pytx.money import format_minor

if TYPE_CHECKING:
    from paygrade.payments.refund_agent.agents.reading import Letter
    from paygrade.records.answer import Request
    from paygrade.records.protocols import Tools

_FRIDAY: Final = 4
_CLOSED: Final = "account_closed"


def act(request: Request, tools: Tools, habits: Habits) -> str:
    """Do what the message asks for, and return the last words."""
    desk = Desk(tools, f"{request.sample_id}.{request.epoch}", habits)
    letter = read(request.input["message"])
    task = _Task(desk, letter, request.input["now"])
    return task.done()


class _Task:
    def __init__(self, desk: Desk, letter: Letter, now: str) -> None:
        self._desk = desk
        self._letter = letter
        self._today = date.fromisoformat(now[:10])

    def done(self) -> str:
        """By what the letter wishes."""
        letter = self._letter
        if letter.wish == "refund" and letter.orders:
            return Refunding(self._desk, letter).done()
        if letter.wish in {"contest", "accept", "dispute_state"} and letter.disputes:
            dispute = letter.disputes[0]
            if letter.wish == "contest":
                return self._contest(dispute)
            return self._accept(dispute) if letter.wish == "accept" else self._state(dispute)
        if letter.wish == "payout" and letter.currency:
            return self._payout(letter.currency)
        if letter.wish == "payout_again" and letter.payouts:
            return self._payout_again(letter.payouts[0])
        return self._say("not_understood", "question")

    def _say(
        self, name: str, outcome: str, amount_minor: int = 0, currency: str = "", **gaps: str
    ) -> str:
        text = phrase(name, self._letter.language, **gaps)
        self._desk.reply(text, outcome, amount_minor, currency)
        return text

    def _hand_on(self, object_id: str, queue: str, reason: str) -> str:
        self._desk.read("escalate", object_id=object_id, queue=queue, reason=reason)
        return self._say("escalated", "escalated")

    def _contest(self, dispute_id: str) -> str:
        dispute = self._desk.read("get_dispute", dispute_id=dispute_id)
        held = {each["type"] for each in dispute["evidence"]}
        missing = sorted(set(dispute["needs"]) - held)
        if missing:
            return self._hand_on(dispute_id, "disputes", f"missing: {', '.join(missing)}")
        if dispute["evidence_submitted_count"]:
            return self._say("stands", "information", object=dispute_id, status=dispute["status"])
        outcome = self._desk.once(
            f"contest:{dispute_id}",
            "submit_evidence",
            lambda: self._dispute(dispute_id)["evidence_submitted_count"] > 0,
            dispute_id=dispute_id,
            evidence_ids=[each["id"] for each in dispute["evidence"]],
            strategy=f"answers {dispute['code']} with {', '.join(sorted(held))}",
        )
        if outcome.status == "done":
            return self._say("contested", "done", object=dispute_id)
        return self._hand_on(dispute_id, "disputes", outcome.code or "the outcome is unknown")

    def _accept(self, dispute_id: str) -> str:
        outcome = self._desk.once(
            f"accept:{dispute_id}",
            "accept_dispute",
            lambda: self._dispute(dispute_id)["status"] == "accepted",
            dispute_id=dispute_id,
        )
        if outcome.status == "done":
            return self._say("accepted", "done", object=dispute_id)
        return self._hand_on(dispute_id, "disputes", outcome.code or "the outcome is unknown")

    def _state(self, dispute_id: str) -> str:
        """What webhooks will tell is waited for: a dispute may not even be there yet."""
        if not self._desk.habits.trusts_first_read:
            self._desk.wait()
        try:
            status = self._dispute(dispute_id)["status"]
        except ToolError as error:
            status = error.code
        return self._say("stands", "information", object=dispute_id, status=status)

    def _dispute(self, dispute_id: str) -> Row:
        return self._desk.read("get_dispute", dispute_id=dispute_id)

    def _payout(self, currency: str) -> str:
        if self._today.weekday() > _FRIDAY:
            return self._say("no_banking_day", "refused")
        before = self._available(currency)
        amount = self._letter.amount_minor or before
        if amount > before:
            return self._say("refused", "refused", reason="insufficient_funds")
        outcome = self._desk.once(
            f"payout:{currency}",
            "create_payout",
            lambda: self._available(currency) == before - amount,
            account_currency=currency,
            amount_minor=amount,
        )
        if outcome.status == "done":
            shown = format_minor(amount, currency)
            return self._say("paid_out", "done", amount, currency, amount=shown)
        account = f"acct_{currency.lower()}"
        return self._hand_on(account, "payouts", outcome.code or "the outcome is unknown")

    def _available(self, currency: str) -> int:
        return int(self._desk.read("get_balance", currency=currency)["available_minor"])

    def _payout_again(self, payout_id: str) -> str:
        payout = self._desk.read("get_payout", payout_id=payout_id)
        if payout["failure"] == _CLOSED:
            return self._hand_on(payout_id, "payouts", "the account is closed")
        outcome = self._desk.once(
            f"again:{payout_id}",
            "retry_payout",
            lambda: (
                self._desk.read("get_payout", payout_id=payout_id)["status"]
                not in {"failed", "returned"}
            ),
            payout_id=payout_id,
        )
        if outcome.status == "done":
            amount, currency = payout["amount_minor"], payout["currency"]
            shown = format_minor(amount, currency)
            return self._say("paid_out", "done", amount, currency, amount=shown)
        return self._hand_on(payout_id, "payouts", outcome.code or "the outcome is unknown")
