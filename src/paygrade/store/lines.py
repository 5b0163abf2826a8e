"""What stands on a journal's lines, and how it becomes our records again.

A journal is JSON Lines. Its first line is the run's header with `"v": 3`; then follow `sample`,
`sent`, `call`, `turn`, `answer`, `judge`, `outcome` and `retry` lines in the order in which things
happened. Format 2 is the same without judges and agents (`turn` lines, an answer's `trajectory`,
the hash of the tools in the header's `identity`); format 1 without the header's `purpose` too: its
runs were all ordinary ones.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from typing import TYPE_CHECKING, Any

from paygrade import leaks
from paygrade.errors import JournalError
from paygrade.leaks import Barrier, Finding
from paygrade.records.agent_json import trajectory_from_json, trajectory_to_json
from paygrade.records.answer import StoredAnswer, Usage
from paygrade.records.check import Check, CheckSpec
from paygrade.records.outcome import Errored, Scored
from paygrade.records.plan import Identity, Selection
from paygrade.records.run import RunHeader, SampleRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from paygrade.records.call import Call
    from paygrade.records.outcome import Outcome

VERSION = 3
READABLE = (1, 2, VERSION)


_USUAL = Barrier()


def encode(payload: Mapping[str, Any], barrier: Barrier = _USUAL) -> bytes:
    """One line. Whatever a card number or a secret hides in, it is masked here at the latest.

    What else the barrier masks is masked where words stand (`_WORDS`): names that lines find each
    other by, times and figures stay what they are.

    Only the hashes that paygrade itself made stay as they are: one in a thousand reads as a card
    number, and a run whose hashes are masked could not go on.

    Raises:
        JournalError: the exposure of a sample reads as a card number; masked, it is no amount.
    """
    line = text(payload)
    plain = payload.get("t") in _FLAT and "\\" not in line
    said = line if plain else _unescaped(payload)
    if any(barrier.policy.masks(finding.kind) for finding in barrier.find(said)):
        line = text(_masked(payload, barrier))
    return line.encode("utf-8", "replace") + b"\n"  # half a surrogate pair is no text


_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def text(payload: Mapping[str, Any]) -> str:
    """JSON in one line; what is no number is null."""
    try:
        return _WRITER.encode(payload)
    except ValueError:  # NaN and infinity are no JSON, and no figures
        return _WRITER.encode(_finite(payload))


_FLAT = ("outcome", "call")  # no text in lists, and no keys but our own
_WORDS = (
    "input", "expected", "messages", "slices", "text", "model", "sent", "trajectory", "checks",
    "error", "problem",
)  # fmt: skip
_DIGESTS = ("content_hash", "identity", "commit", "digest")
_DIGEST = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")


def _masked(payload: Mapping[str, Any], barrier: Barrier) -> dict[str, Any]:
    digests = {name: payload[name] for name in _DIGESTS if is_digest(payload.get(name))}
    rest = {key: value for key, value in payload.items() if key not in digests}
    words = {key: value for key, value in rest.items() if key in _WORDS}
    masked: Any = leaks.mask_value({**rest, **dict.fromkeys(words)})[0]
    masked |= barrier.mask_value(words)[0]
    acted = payload.get("trajectory")
    if acted and is_digest(acted.get("snapshot_hash")):
        masked["trajectory"] = {
            **masked["trajectory"], "snapshot_hash": acted["snapshot_hash"]
        }  # fmt: skip
    if masked.get("exposure_minor") != payload.get("exposure_minor"):
        name = masked.get("sample_id")
        raise JournalError(
            f"sample {name!r}: its exposure reads as a card number, which is never stored",
            hint="correct the amount, or leave the exposure out",
        )
    return {**payload, **masked}


def is_digest(value: object) -> bool:
    """Whether it is a hash as paygrade and git write it, or an object of nothing else."""
    if isinstance(value, dict):
        return all(is_digest(each) for each in value.values())
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _unescaped(payload: object) -> str:
    """What a line says, without the escapes of JSON, which double the work of finding leaks.

    Items of a list each stand beside the list's key: it may say what a bare `737` is.
    """
    parts: list[str] = []
    _say(payload, "", parts.append)
    return "".join(parts)


def _say(value: object, key: str, say: Callable[[str], None]) -> None:
    if isinstance(value, str):
        say(f'"{value}",')
    elif isinstance(value, dict):
        for name, item in value.items():
            say(f'"{name}":')
            _say(item, name, say)
    elif isinstance(value, list | tuple):
        for item in value:
            say(f'"{key}":')
            _say(item, key, say)
    elif value is not None and not isinstance(value, bool):
        say(f"{value},")


def _finite(value: object) -> object:
    """The same without numbers that are none: nothing is known of them."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def header_line(header: RunHeader) -> dict[str, Any]:
    """The first line of a journal."""
    line = {"t": "run", "v": VERSION, **dataclasses.asdict(header)}
    if not header.identity.tools:
        del line["identity"]["tools"]
    return line


def sample_line(row: SampleRow) -> dict[str, Any]:
    """A sample, written before its first answer."""
    return {"t": "sample", **_fields(row)}


def answer_line(answer: StoredAnswer) -> dict[str, Any]:
    """A masked answer, written before it is scored."""
    line: dict[str, Any] = {"t": "answer", **_fields(answer)}
    line["findings"] = [_fields(finding) for finding in answer.findings]
    line["usage"] = _fields(answer.usage) if answer.usage else None
    if answer.trajectory is None:
        del line["trajectory"]
    else:
        line["trajectory"] = trajectory_to_json(answer.trajectory)
    return line


def sent_line(sample_id: str, epoch: int, ceiling_usd: Decimal) -> dict[str, Any]:
    """A call under a budget, written before it leaves."""
    return {"t": "sent", "sample_id": sample_id, "epoch": epoch, "ceiling_usd": str(ceiling_usd)}


def retry_line(sample_id: str, epoch: int) -> dict[str, Any]:
    """The attempt's outcome before this line is void: it is done again."""
    return {"t": "retry", "sample_id": sample_id, "epoch": epoch}


def turn_line(sample_id: str, epoch: int, cost_usd: Decimal | None) -> dict[str, Any]:
    """A model answered in an attempt of an agent, which goes on."""
    cost = None if cost_usd is None else float(cost_usd)
    return {"t": "turn", "sample_id": sample_id, "epoch": epoch, "cost_usd": cost}


def call_line(call: Call) -> dict[str, Any]:
    """A call that gave no answer."""
    return {"t": "call", **_fields(call)}


def judge_line(judge: str, rubric: str, line: Mapping[str, Any]) -> dict[str, Any]:
    """A line of a call to a judge: `of` says which of `sent`, `call` and `answer` it is."""
    rest = {key: value for key, value in line.items() if key != "t"}
    return {"t": "judge", "of": line["t"], "judge": judge, "rubric": rubric, **rest}


def judge_answer_from(line: Mapping[str, Any]) -> StoredAnswer:
    """What a judge said back from its line."""
    rest = {key: value for key, value in line.items() if key not in ("of", "judge", "rubric")}
    return answer_from(rest)


def outcome_line(outcome: Outcome) -> dict[str, Any]:
    """How an attempt ended."""
    kind = "scored" if isinstance(outcome, Scored) else "errored"
    line: dict[str, Any] = {"t": "outcome", "kind": kind, **_fields(outcome)}
    line["checks"] = [_fields(check) for check in outcome.checks]
    return line


def _fields(record: Any) -> dict[str, Any]:  # noqa: ANN401 - any of our slotted records
    """A record's own fields, one level deep: `asdict` copies all below at ten times the cost."""
    return {name: getattr(record, name) for name in record.__slots__}


def header_from(line: Mapping[str, Any]) -> RunHeader:
    """The header back from its line."""
    data = {key: value for key, value in line.items() if key not in ("t", "v")}
    selection: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in data["selection"].items()
    }
    data["selection"] = Selection(**selection)
    data["identity"] = Identity(**data["identity"])
    data["slices"] = tuple(data["slices"])
    data["checks"] = tuple(CheckSpec(**each) for each in data["checks"])
    data["judges"] = tuple(data.get("judges", ()))
    return RunHeader(**data)


def sample_from(line: Mapping[str, Any]) -> SampleRow:
    """A sample back from its line."""
    data = {key: value for key, value in line.items() if key != "t"}
    data["slices"] = {name: tuple(values) for name, values in data["slices"].items()}
    data["messages"] = tuple((role, content) for role, content in data["messages"])
    return SampleRow(**data)


def answer_from(line: Mapping[str, Any]) -> StoredAnswer:
    """An answer back from its line."""
    data = {key: value for key, value in line.items() if key != "t"}
    data["findings"] = tuple(Finding(**each) for each in data["findings"])
    data["usage"] = Usage(**data["usage"]) if data["usage"] else None
    if data.get("trajectory") is not None:
        data["trajectory"] = trajectory_from_json(data["trajectory"])
    return StoredAnswer(**data)


def outcome_from(line: Mapping[str, Any]) -> Outcome:
    """An outcome back from its line."""
    checks = tuple(Check(**each) for each in line["checks"])
    if line["kind"] == "scored":
        return Scored(
            sample_id=line["sample_id"], epoch=line["epoch"], failed=line["failed"], checks=checks
        )
    return Errored(
        sample_id=line["sample_id"],
        epoch=line["epoch"],
        error_kind=line["error_kind"],
        error=line["error"],
        checks=checks,
        request_id=line.get("request_id", ""),
    )
