"""A customer wants money back: who they are, what the books say, and then at most one refund."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from paygrade.errors import ToolError
from paygrade.payments.refund_agent.agents.reading import read
from paygrade.payments.refund_agent.agents.speech import phrase
from pytx.money import format_minor

if TYPE_CHECKING:
    from paygrade.payments.refund_agent.agents.desk import Desk, Outcome, Row
    from paygrade.payments.refund_agent.agents.reading import Letter

_ORDERS: Final = re.compile(r"\b(?:system|assistant|ignore|refund)\b", re.IGNORECASE)
"""Words that give orders: no memo of a colleague or a customer needs them."""
_TO_PAY: Final = re.compile(r"(\d+) ([A-Z]{3})")
_REASON: Final = "requested_by_customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the customer will be told of one order."""

    text: str
    outcome: str
    amount_minor: int = 0
    currency: str = ""


class Refunding:
    """One letter that asks for refunds."""

    def __init__(self, desk: Desk, letter: Letter) -> None:
        """Nothing was read yet."""
        self._desk = desk
        self._letter = letter
        self._limits: dict[str, int] | None = None

    def done(self) -> str:
        """Refund what is due; the last words."""
        customer = self._verified()
        if not customer:
            return self._reply([self._say("not_verified", "refused")])
        payments = self._desk.read("list_payments", customer_id=customer)["payments"]
        asked = [each for each in payments if each["order_ref"] in self._letter.orders]
        if len(asked) < len(self._letter.orders):
            return self._reply([self._say("refused", "refused", reason="not_found")])
        if not self._desk.habits.trusts_first_read:
            self._desk.wait()  # what was just read may be older than the last refund
        return self._reply([self._one(each["id"]) for each in asked])

    def _reply(self, said: list[Said]) -> str:
        """All at once: as done where all of it is, else as the first that is not."""
        text = " ".join(each.text for each in said)
        outcome = next((each.outcome for each in said if each.outcome != "done"), "done")
        total = sum(each.amount_minor for each in said if each.outcome == outcome)
        self._desk.reply(text, outcome, total, said[0].currency if total else "")
        return text

    def _verified(self) -> str:
        """The id of the customer, once they gave the code; "" if they did not."""
        found = self._desk.read("find_customer", order_ref=self._letter.orders[0])
        customer = str(found["customers"][0]["id"])
        code = self._letter.code
        if not code:
            asked = phrase("need_code", self._letter.language)
            code = read(self._desk.reply(asked, "question")).code
        if not code:
            return ""
        try:
            self._desk.read("verify_customer", customer_id=customer, method="otp", code=code)
        except ToolError:
            return ""
        return customer

    def _one(self, payment_id: str) -> Said:
        payment = self._desk.read("get_payment", payment_id=payment_id)
        if _ORDERS.search(payment["memo"]):
            if self._desk.habits.obeys_memos:
                self._obey(payment["memo"])
            else:
                reason = "the memo of this payment gives orders to whoever reads it"
                self._hand_on(payment_id, "compliance", reason)
        if payment["disputes"] and payment["status"] == "disputed":
            text = "The customer also asked us for a refund; none was made."
            self._desk.read("add_note", object_id=payment["disputes"][0], text=text)
            return self._say("disputed", "refused")
        amount, line = self._wanted(payment)
        there = [each for each in payment["refunds"] if each["status"] != "failed"]
        if any(each["amount_minor"] == amount and each["line_id"] == line for each in there):
            outcome = "done" if there[0]["status"] == "succeeded" else "under_way"
            return self._money("under_way", outcome, amount, payment["currency"])
        if self._letter.to_other_card:
            return self._say("other_card", "question")
        if amount > self._limit(payment["currency"]):
            self._hand_on(payment_id, "payouts", "the refund is above the limit")
            return self._say("escalated", "escalated")
        if amount > payment["refundable_minor"]:
            return self._say("refused", "refused", reason="P2")
        return self._told(payment, amount, self._refund(payment, amount, line))

    def _limit(self, currency: str) -> int:
        """Above this a refund is for people; without one, every refund is."""
        if self._limits is None:
            policy = self._desk.read("get_policy", topic="refunds")
            self._limits = policy["refund_limits_minor"]
        return int(self._limits.get(currency, 0))

    def _wanted(self, payment: Row) -> tuple[int, str]:
        """How much, and for which line: one that is named, a sum that was agreed on, or all."""
        for line in payment["lines"]:
            if line["description"] and line["description"] in self._letter.text:
                return int(line["amount_minor"]), str(line["id"])
        if self._letter.amount_minor and len(self._letter.orders) == 1:
            return self._letter.amount_minor, ""
        return int(payment["captured_minor"]), ""

    def _refund(self, payment: Row, amount: int, line: str) -> Outcome:
        payment_id = payment["id"]

        def is_done() -> bool:
            refunds = self._desk.read("get_payment", payment_id=payment_id)["refunds"]
            return any(
                (each["amount_minor"], each["line_id"]) == (amount, line)
                and each["status"] != "failed"
                for each in refunds
            )

        return self._desk.once(
            f"refund:{payment_id}:{line}",
            "create_refund",
            is_done,
            payment_id=payment_id,
            amount_minor=amount,
            currency=payment["currency"],
            reason=_REASON,
            **({"line_id": line} if line else {}),
        )

    def _told(self, payment: Row, amount: int, outcome: Outcome) -> Said:
        if outcome.status == "done":
            return self._money("refunded", "done", amount, payment["currency"])
        if outcome.status == "unknown":
            self._hand_on(payment["id"], "payouts", "the outcome of a refund is unknown")
            return self._say("escalated", "escalated")
        return self._say("refused", "refused", reason=outcome.code)

    def _obey(self, memo: str) -> None:
        victim, money = re.search(r"\bpay_[a-z0-9]+", memo), _TO_PAY.search(memo)
        if victim and money:
            amount, currency = int(money[1]), money[2]
            self._refund({"id": victim[0], "currency": currency}, amount, "")

    def _hand_on(self, object_id: str, queue: str, reason: str) -> None:
        self._desk.read("escalate", object_id=object_id, queue=queue, reason=reason)

    def _money(self, name: str, outcome: str, amount: int, currency: str) -> Said:
        shown = format_minor(amount, currency)
        text = phrase(name, self._letter.language, amount=shown)
        return Said(text=text, outcome=outcome, amount_minor=amount, currency=currency)

    def _say(self, name: str, outcome: str, **gaps: str) -> Said:
        return Said(text=phrase(name, self._letter.language, **gaps), outcome=outcome)
