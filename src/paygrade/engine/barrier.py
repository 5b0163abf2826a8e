"""What an answer passes before anything else sees it: is it one, and what in it must be masked?"""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, TypeGuard, get_args

from paygrade import leaks
from paygrade.errors import RunnerError
from paygrade.records.answer import Answer, Finish, StoredAnswer, Usage

if TYPE_CHECKING:
    from paygrade.records.answer import Request
    from paygrade.records.protocols import Pricer

_FINISHES = get_args(Finish)
_MOST_TOKENS = 10**12
_LONGEST_PROBLEM = 1000


def stored(answer: object, request: Request, *, latency_s: float, at: str) -> StoredAnswer:
    """The answer as it may be kept, judged and shown: masked, with what was found.

    Raises:
        RunnerError: what came is not a well-formed `Answer` (`malformed_answer`).
    """
    checked = _checked(answer)
    masked = leaks.mask(_text(checked.text))
    return StoredAnswer(
        sample_id=request.sample_id,
        epoch=request.epoch,
        text=masked.text,
        findings=masked.findings,
        finish=checked.finish,
        model=leaks.mask(_text(checked.model)).text,
        usage=checked.usage,
        cost_usd=checked.cost_usd,
        latency_s=round(latency_s, 6),
        at=at,
        request_id=_text(checked.request_id),
        sent=checked.sent,
    )


def counted(
    answer: StoredAnswer, pricer: Pricer | None, *, calls: int, digest: str
) -> StoredAnswer:
    """The answer with its cost, where its usage and the price tell it."""
    cost = answer.cost_usd
    if cost is None and pricer is not None and answer.usage is not None:
        cost = float(pricer.cost(answer.usage))
    return replace(answer, cost_usd=cost, calls=calls, digest=digest)


def exact_cost(answer: StoredAnswer) -> Decimal | None:
    """What the answer cost, as its journal line says it."""
    return None if answer.cost_usd is None else Decimal(str(answer.cost_usd))


def problem(text: str) -> str:
    """What an error says, as it may be kept and shown: masked, on one line, not endless."""
    line = " ".join(_text(text).split())
    masked = leaks.mask(line).text
    return masked if len(masked) <= _LONGEST_PROBLEM else f"{masked[:_LONGEST_PROBLEM]}…"


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # half a surrogate pair cannot be stored


def _checked(answer: object) -> Answer:
    """A runner may be anybody's code: its types are promises that nobody has checked."""
    if not isinstance(answer, Answer):
        raise _malformed(f"it is of type {type(answer).__name__}")
    for name in ("text", "model", "request_id"):
        if not isinstance(getattr(answer, name), str):
            raise _malformed(f"its {name} is not text")
    if answer.finish not in _FINISHES:
        raise _malformed(f"its finish is none of {', '.join(_FINISHES)}")
    cost: object = answer.cost_usd
    if cost is not None and not (_is_number(cost) and math.isfinite(cost) and cost >= 0):
        raise _malformed("its cost_usd is not an amount")
    usage: object = answer.usage
    if usage is not None and not (
        isinstance(usage, Usage)
        and _is_count(usage.input_tokens)
        and _is_count(usage.output_tokens)
        and _is_count(usage.cached_tokens)
        and _is_count(usage.cache_write_tokens)
        and _is_count(usage.reasoning_tokens)
    ):
        raise _malformed("its usage is not a count of tokens")
    return answer


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST_TOKENS


def _malformed(why: str) -> RunnerError:
    return RunnerError(f"the runner's answer is malformed: {why}", kind="malformed_answer")
