"""A first, naive answer to refund requests, to have something that a model should beat."""

from paygrade import Request


def answer(request: Request) -> dict[str, object]:
    """Decide by the order alone: this never reads what the customer asks for."""
    order = request.input["order"]
    days = order["delivered_days_ago"]
    in_time = days is None or days < 30  # a bug on purpose: the policy says "within 30 days"
    if order["amount_minor"] > 50_000:
        return {"decision": "escalate", "amount_minor": 0, "currency": order["currency"]}
    amount = order["amount_minor"] if in_time else 0
    decision = "refund" if in_time else "refuse"
    return {"decision": decision, "amount_minor": amount, "currency": order["currency"]}
