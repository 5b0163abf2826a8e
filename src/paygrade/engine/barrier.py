"""What an answer passes before anything else sees it: is it one, and what in it must be masked?"""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeGuard, get_args

from paygrade import leaks
from paygrade.errors import RunnerError
from paygrade.records.agent import Trajectory
from paygrade.records.agent_json import trajectory_from_json, trajectory_to_json
from paygrade.records.answer import Answer, Finish, StoredAnswer, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.leaks import Barrier, Finding
    from paygrade.records.answer import Request
    from paygrade.records.json_value import Json
    from paygrade.records.protocols import Pricer

_FINISHES = get_args(Finish)
_MANY = ("steps", "deliveries", "effects", "claims", "violations", "faults")
"""Tuples in a trajectory; a world of a user's own may well make lists of them."""
_SHA256 = re.compile("[0-9a-f]{64}")
_MOST_TOKENS = 10**12
_LONGEST_PROBLEM = 1000


def stored(  # noqa: PLR0913 - what an answer does not know of itself
    barrier: Barrier,
    answer: object,
    request: Request,
    *,
    latency_s: float,
    at: str,
    calls: int,
    digest: str,
) -> StoredAnswer:
    """The answer as it may be kept, judged and shown: masked, with what was found.

    Raises:
        RunnerError: what came is not a well-formed `Answer` (`malformed_answer`).
    """
    checked = _checked(answer)
    text = _text(checked.text)
    masked = barrier.mask(text)
    acted, found = _acted(barrier, checked.trajectory)
    return StoredAnswer(
        sample_id=request.sample_id,
        epoch=request.epoch,
        text=masked.text,
        findings=(*_given(text, masked.findings, request.input), *found),
        finish=checked.finish,
        model=barrier.mask(_text(checked.model)).text,
        usage=checked.usage,
        cost_usd=checked.cost_usd,
        latency_s=round(latency_s, 6),
        at=at,
        request_id=_text(checked.request_id),
        sent=checked.sent,
        calls=calls,
        digest=digest,
        trajectory=acted,
    )


def again(barrier: Barrier, answer: StoredAnswer) -> StoredAnswer:
    """An answer that is known already, as it may be judged and shown by the policy of today.

    An earlier session, or an earlier version of this package, may have kept more. What was found
    then stays found.
    """
    masked = barrier.mask(answer.text)
    acted, _ = _acted(barrier, answer.trajectory)
    if masked.text == answer.text and acted == answer.trajectory:
        return answer
    known = {each.kind for each in answer.findings if not each.place.startswith("/trajectory/")}
    fresh = tuple(each for each in masked.findings if each.kind not in known)
    return replace(answer, text=masked.text, findings=(*answer.findings, *fresh), trajectory=acted)


def priced(answer: object, pricer: Pricer | None) -> Answer:
    """The answer with its cost, where its usage and the price tell it.

    Raises:
        RunnerError: as `stored`.
    """
    checked = _checked(answer)
    cost = checked.cost_usd
    if cost is None and pricer is not None and checked.usage is not None:
        cost = float(pricer.cost(checked.usage))
    return replace(checked, cost_usd=cost)


def exact_cost(answer: Answer) -> Decimal | None:
    """What the answer cost, as a journal says it."""
    return None if answer.cost_usd is None else Decimal(str(answer.cost_usd))


def problem(barrier: Barrier, text: str) -> str:
    """What an error says, as it may be kept and shown: masked, on one line, not endless."""
    line = " ".join(_text(text).split())
    masked = barrier.mask(line).text
    return masked if len(masked) <= _LONGEST_PROBLEM else f"{masked[:_LONGEST_PROBLEM]}…"


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # half a surrogate pair cannot be stored


def _given(text: str, findings: tuple[Finding, ...], given: Json) -> tuple[Finding, ...]:
    """The findings; of what an answer may repeat, with the place in the input that holds it.

    It is looked for here, for once it is masked nobody can compare it.
    """
    if not any(each.kind in leaks.KEEPABLE for each in findings):
        return findings
    places = [(pointer, _bare(said)) for pointer, said in _strings(given, "/input")]
    found = []
    for each in findings:
        told = _bare(text[each.start : each.end])
        place = next((pointer for pointer, said in places if told in said), "")
        found.append(replace(each, place=place) if each.kind in leaks.KEEPABLE else each)
    return tuple(found)


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _strings(value: Json, pointer: str) -> Iterator[tuple[str, str]]:
    """Every string in a JSON value, with its JSON pointer; read from a file, it is not deep."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(item, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, f"{pointer}/{index}")


def _acted(barrier: Barrier, trajectory: object) -> tuple[Trajectory | None, tuple[Finding, ...]]:
    """What an agent did, masked by the form in which it is kept, and what was found in it.

    The hash of the snapshot stays: it says what the world was before anything was masked.
    """
    if trajectory is None:
        return None, ()
    if not isinstance(trajectory, Trajectory):
        raise _malformed(f"its trajectory is of type {type(trajectory).__name__}")
    many: dict[str, Any] = {each: getattr(trajectory, each) for each in _MANY}
    lists: dict[str, Any] = {
        name: tuple(value) for name, value in many.items() if isinstance(value, list)
    }
    try:
        written = trajectory_to_json(replace(trajectory, **lists))
        text = json.dumps(written, ensure_ascii=False, allow_nan=False)
        plain = json.loads(_text(text))
        trajectory_from_json(plain)
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        raise _malformed(f"its trajectory is none: {error}") from error
    snapshot_hash = plain.pop("snapshot_hash")
    if not _SHA256.fullmatch(snapshot_hash):
        raise _malformed("the snapshot_hash of its trajectory is no SHA-256")
    masked: Any
    masked, found = barrier.mask_value(plain)
    try:
        kept = trajectory_from_json({**masked, "snapshot_hash": snapshot_hash})
    except ValueError as error:
        why = "a number in its trajectory reads as a card number, or what must not be stored"
        raise _malformed(why) from error
    return kept, tuple(replace(each, place=f"/trajectory{each.place}") for each in found)


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
