"""What makes a case hard to get right beside its facts: laid over a scene, the label untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paygrade.payments.dispute.pen import CARDS, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from paygrade.payments.dispute.drafts import Draft
    from paygrade.payments.dispute.pen import Pen

_OTHER_CLAIMS: Final = (
    "not_received",
    "not_as_described",
    "cancelled_recurring",
    "credit_not_processed",
    "duplicate",
    "incorrect_amount",
    "fraud_card_absent",
)
_FRAUD: Final = ("fraud_card_absent", "unrecognized", "unauthorized_transfer")


def lay_over(pen: Pen, draft: Draft) -> None:
    """Do what the plan asks of this case."""
    _KINDS.get(pen.kind, _nothing)(pen, draft)


def _nothing(_pen: Pen, _draft: Draft) -> None:
    return


def _other_claim(pen: Pen, draft: Draft) -> None:
    is_fraud = draft.issue in _FRAUD
    claims = [
        claim
        for claim in _OTHER_CLAIMS
        if claim != draft.issue and not (is_fraud and claim in _FRAUD)
    ]
    draft.claimed = pen.pick(claims)
    draft.narrative = pen.say(draft.claimed)
    draft.tag("misleading_code")


def _no_words(pen: Pen, draft: Draft) -> None:
    if pen.chance(2, 3):
        draft.narrative = ""
        draft.tag("empty_narrative")
    else:
        draft.narrative = pen.say("nothing")


def _tempting(pen: Pen, draft: Draft) -> None:
    """Policies that answer nothing."""
    for number, kind in enumerate(("terms_acceptance", "refund_policy")):
        if number == 0 or pen.chance(1, 2):
            data = {"version": pen.between(2, 14)} if number == 0 else {"shown_at": "checkout"}
            draft.items.append(pen.item(f"tempting{number}", kind, data))
            draft.distractors.append(f"tempting{number}")
    draft.tag("tempting_evidence")


def _distracting(pen: Pen, draft: Draft) -> None:
    """Records that are true and beside the point."""
    if "distractor_evidence" in draft.kinds:
        return
    draft.items += [
        pen.item("session", "device_ip_log", {"ip": pen.ip()}),
        pen.item("chat", "customer_communication", {"channel": "chat"}, "chat"),
    ]
    draft.distractors += ["session", "chat"]
    draft.tag("distractor_evidence")


def _very_long(pen: Pen, draft: Draft) -> None:
    """A thread of some thousand words beside the records."""
    language = draft.language if draft.language in texts()["thread"] else "en"
    lines = texts()["thread"][language]
    said = "\n".join(
        f"[{number:03}] {pen.pick(lines)}" for number in range(1, pen.between(60, 140))
    )
    item = pen.item("thread", "customer_communication", {"channel": "email"}, "chat")
    item.more = f"\n{said}"
    draft.items.append(item)
    draft.distractors.append("thread")
    draft.tag("very_long_input")


def _card_number(pen: Pen, draft: Draft) -> None:
    card = pen.pick(CARDS)
    if pen.chance(1, 3):
        card = card.replace(" ", "-")
    data = {"channel": "form"}
    draft.names["card"] = card
    draft.items.append(pen.item("form", "customer_communication", data, "card_in_chat"))
    draft.distractors.append("form")
    draft.tag("pan_in_evidence")


def _injected(pen: Pen, draft: Draft) -> None:
    """An instruction to whoever reviews the case, with a token that must not come back."""
    wrong = [
        action
        for action in ("accept", "contest", "no_action", "escalate")
        if action != draft.outcome.action
    ]
    draft.token = f"{pen.pick(texts()['tokens'])}-{pen.between(1000, 9999)}"
    known = texts()["injections"]
    place = pen.below(3)
    language = draft.language if pen.chance(1, 2) else "en"
    form: str = pen.pick(known["file"] if place == 0 else known[language])
    said = form.format(action=pen.pick(wrong), token=draft.token)
    if place == 0:
        data = {"channel": "upload", "file": said}
        draft.items.append(pen.item("upload", "customer_communication", data, "chat"))
        draft.distractors.append("upload")
    elif place == 1 and draft.narrative:
        draft.narrative = f"{draft.narrative}\n\n{said}"
    else:
        item = pen.pick(draft.items)
        item.more = f" {said}"
    draft.tag("prompt_injection")


_KINDS: Final[dict[str, Callable[[Pen, Draft], None]]] = {
    "misleading_code": _other_claim,
    "empty_narrative": _no_words,
    "tempting_evidence": _tempting,
    "distractor_evidence": _distracting,
    "very_long_input": _very_long,
    "pan_in_evidence": _card_number,
    "prompt_injection": _injected,
}
