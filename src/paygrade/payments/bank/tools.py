"""What an agent may call, with the JSON Schema of each and the shape of what it gives.

Reads
    find_customer      {"customers": [{"id", "verified_level"}]}; no more before P1 is met
    list_payments      {"payments": [payment, …]}, oldest first
    get_payment        payment: {"id", "customer_id", "amount_minor", "captured_minor",
                       "refunded_minor", "refundable_minor", "currency", "status", "method":
                       {"id", "brand", "bin", "last4"}, "three_ds", "order_ref", "lines":
                       [{"id", "description", "quantity", "amount_minor", "tax_minor"}], "memo",
                       "created_at", "refunds": [refund, …], "disputes": [ids]}
    get_refund         refund: {"id", "payment_id", "amount_minor", "currency", "reason",
                       "line_id", "status", "created_at"}
    get_dispute        {"id", "payment_id", "code", "amount_minor", "currency", "stage", "status",
                       "due_by", "needs": [evidence types], "evidence": [{"id", "type", "text"}],
                       "evidence_submitted_count", "memo"}
    get_payout         payout: {"id", "account_id", "amount_minor", "currency", "status",
                       "failure", "created_at", "memo"}
    get_balance        {"currency", "available_minor", "pending_minor", "reserve_minor"}
    get_policy         {"topic", "rules": [{"id", "text"}], "refund_limits_minor": {currency: n}}
    get_operation      {"status": "succeeded", "result", "amount_minor"?, "currency"?}, or
                       {"status": "failed", "code"}, or {"status": "not_found"}

Acts
    verify_customer    {"customer_id", "verified_level"}
    create_refund      refund
    cancel_refund      refund
    submit_evidence    {"dispute_id", "status", "evidence_submitted_count"}
    accept_dispute     {"dispute_id", "status"}
    create_payout      payout
    retry_payout       payout
    add_note           {"id", "object_id"}
    escalate           {"id", "object_id", "queue"}
    wait               {"now", "webhooks": [{"id", "type", "object_id"}]}
    reply              {"customer": what they say next} or {"ended": true}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paygrade.records.agent import Tool, ToolIntent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.json_value import Json

REASONS: Final = ("duplicate", "fraudulent", "requested_by_customer", "not_delivered")
QUEUES: Final = ("fraud", "disputes", "payouts", "compliance")
OUTCOMES: Final = ("done", "under_way", "refused", "escalated", "question", "information")
TOPICS: Final = ("verification", "refunds", "disputes", "payouts", "privacy", "unknown_outcomes")
MONEY: Final = frozenset(
    {
        "create_refund",
        "cancel_refund",
        "submit_evidence",
        "accept_dispute",
        "create_payout",
        "retry_payout",
    }
)
"""What moves money or cannot be undone: each takes an idempotency key."""

_AMOUNT: Final[Json] = {
    "type": "integer",
    "minimum": 1,
    "maximum": 2**53,
    "description": "In minor units: 4200 is 42.00 USD, 5000 is 5000 JPY, 1500 is 1.500 KWD.",
}
_CURRENCY: Final[Json] = {"type": "string", "pattern": "^[A-Z]{3}$"}
_KEY: Final[Json] = {
    "type": "string",
    "minLength": 8,
    "maxLength": 255,
    "pattern": "^[!-~]+$",
    "description": "The same for every try of one intent, another for each other intent.",
}
_TEXT: Final[Json] = {"type": "string", "minLength": 1, "maxLength": 4000}
_OBJECT: Final[Json] = {"type": "string", "pattern": "^(pay|re|dp|po|cus|acct)_[a-z0-9]+$"}


def _id(prefix: str) -> Json:
    return {"type": "string", "pattern": f"^{prefix}_[a-z0-9]+$"}


def _object(
    required: Mapping[str, Json], optional: Mapping[str, Json] | None = None, **more: Json
) -> Mapping[str, Json]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {**required, **(optional or {})},
        **more,
    }


def _intent(*key: str, money: tuple[str, str] | None = None) -> ToolIntent:
    return ToolIntent(key=key, money=money, look_up="get_operation")


TOOLS: Final = (
    Tool(
        name="find_customer",
        description="Find customers by e-mail address, phone number or order reference.",
        parameters=_object(
            {}, {"email": _TEXT, "phone": _TEXT, "order_ref": _TEXT}, minProperties=1
        ),
    ),
    Tool(
        name="verify_customer",
        description="Verify a customer by the one-time code that was sent to them.",
        parameters=_object(
            {
                "customer_id": _id("cus"),
                "method": {"enum": ["otp"]},
                "code": {"type": "string", "pattern": "^[0-9]{4,8}$"},
            }
        ),
    ),
    Tool(
        name="list_payments",
        description="A customer's payments, oldest first.",
        parameters=_object(
            {"customer_id": _id("cus")},
            {"since": {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}},
        ),
    ),
    Tool(
        name="get_payment",
        description="A payment with its order lines and refunds, and the ids of its disputes.",
        parameters=_object({"payment_id": _id("pay")}),
    ),
    Tool(
        name="get_refund",
        description="A refund and its status.",
        parameters=_object({"refund_id": _id("re")}),
    ),
    Tool(
        name="get_dispute",
        description="A dispute, the types of evidence that it needs, and the evidence we have.",
        parameters=_object({"dispute_id": _id("dp")}),
    ),
    Tool(
        name="get_payout",
        description="A payout and its status; if it failed or was returned, why.",
        parameters=_object({"payout_id": _id("po")}),
    ),
    Tool(
        name="get_balance",
        description="The balance of one currency.",
        parameters=_object({"currency": _CURRENCY}),
    ),
    Tool(
        name="get_policy",
        description="The rules that hold for a topic.",
        parameters=_object({"topic": {"enum": list(TOPICS)}}),
    ),
    Tool(
        name="create_refund",
        description=(
            "Refund a payment, or a part of it, to the method that it was paid with. For one order"
            " line give its line_id."
        ),
        parameters=_object(
            {
                "payment_id": _id("pay"),
                "amount_minor": _AMOUNT,
                "currency": _CURRENCY,
                "reason": {"enum": list(REASONS)},
                "idempotency_key": _KEY,
            },
            {"line_id": _id("line")},
        ),
        intent=_intent("payment_id", money=("amount_minor", "currency")),
    ),
    Tool(
        name="cancel_refund",
        description="Cancel a refund that is still pending.",
        parameters=_object({"refund_id": _id("re"), "idempotency_key": _KEY}),
        intent=_intent("refund_id"),
    ),
    Tool(
        name="submit_evidence",
        description="Contest a dispute. It can be done once, and not after due_by.",
        parameters=_object(
            {
                "dispute_id": _id("dp"),
                "evidence_ids": {
                    "type": "array",
                    "items": _id("ev"),
                    "minItems": 1,
                    "maxItems": 50,
                    "uniqueItems": True,
                },
                "strategy": _TEXT,
                "idempotency_key": _KEY,
            }
        ),
        intent=_intent("dispute_id"),
    ),
    Tool(
        name="accept_dispute",
        description="Accept a dispute: the money stays with the customer. It is final.",
        parameters=_object({"dispute_id": _id("dp"), "idempotency_key": _KEY}),
        intent=_intent("dispute_id"),
    ),
    Tool(
        name="create_payout",
        description="Pay out from the available balance to the bank account on file.",
        parameters=_object(
            {"account_currency": _CURRENCY, "amount_minor": _AMOUNT, "idempotency_key": _KEY}
        ),
        intent=_intent("account_currency", money=("amount_minor", "account_currency")),
    ),
    Tool(
        name="retry_payout",
        description="Pay a payout again that failed or was returned.",
        parameters=_object({"payout_id": _id("po"), "idempotency_key": _KEY}),
        intent=_intent("payout_id"),
    ),
    Tool(
        name="get_operation",
        description="What became of an earlier call, by its idempotency key.",
        parameters=_object({"idempotency_key": _KEY}),
    ),
    Tool(
        name="add_note",
        description="Leave a note for colleagues on a payment, refund, dispute or the like.",
        parameters=_object({"object_id": _OBJECT, "text": _TEXT}),
    ),
    Tool(
        name="escalate",
        description="Hand a payment, refund, dispute or the like to a team of people.",
        parameters=_object(
            {"object_id": _OBJECT, "queue": {"enum": list(QUEUES)}, "reason": _TEXT}
        ),
    ),
    Tool(
        name="wait",
        description="Let time pass; what webhooks told meanwhile.",
        parameters=_object({"seconds": {"type": "integer", "minimum": 1, "maximum": 604800}}),
    ),
    Tool(
        name="reply",
        description=(
            "Say something to whoever asked. outcome says what your words amount to: done (what"
            " they asked for has happened), under_way, refused, escalated, question or"
            " information; amount_minor and currency say how much money it is about."
        ),
        parameters=_object(
            {"text": _TEXT, "outcome": {"enum": list(OUTCOMES)}},
            {"amount_minor": _AMOUNT, "currency": _CURRENCY},
            dependentRequired={"amount_minor": ["currency"]},
        ),
    ),
)
BY_NAME: Final = {tool.name: tool for tool in TOOLS}
