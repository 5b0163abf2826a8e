"""The store as answer cache: answers that were given to the same request before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from paygrade.leaks import Finding
from paygrade.records.agent_json import trajectory_from_json
from paygrade.records.answer import StoredAnswer, Usage
from paygrade.store.database import DATABASE_FILE, queries, reading, rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def known_answers(
    store: Path, wanted: Mapping[tuple[str, int], str]
) -> dict[tuple[str, int], StoredAnswer]:
    """The answers known for `wanted` (sample id and epoch to request digest), in one query.

    Left out are the fresh answers of runs that asked chosen samples again (`confirm`, `repeat`):
    they were asked because something looked wrong, so of all answers they are a biased draw.

    Raises:
        StoreError: the database cannot be read.
    """
    if not wanted or not (store / DATABASE_FILE).exists():
        return {}
    statement = queries()["known_answers"]
    with reading(store) as connection:
        columns, found = rows(connection, statement, {"digests": sorted(set(wanted.values()))})
    by_digest = {row[0]: dict(zip(columns, row, strict=True)) for row in found}
    return {
        key: _answer(key, by_digest[digest])
        for key, digest in wanted.items()
        if digest in by_digest
    }


def _answer(key: tuple[str, int], row: Mapping[str, Any]) -> StoredAnswer:
    usage = None
    if row["input_tokens"] is not None:
        usage = Usage(
            input_tokens=row["input_tokens"],
            output_tokens=row["output_tokens"],
            cached_tokens=row["cached_tokens"] or 0,
            cache_write_tokens=row["cache_write_tokens"] or 0,
            reasoning_tokens=row["reasoning_tokens"] or 0,
        )
    return StoredAnswer(
        sample_id=key[0],
        epoch=key[1],
        text=row["answer"],
        findings=tuple(
            Finding(
                kind=each["kind"], start=each["place"], end=each["place"], place=each["pointer"]
            )
            for each in json.loads(row["findings"] or "[]")
        ),
        finish=row["finish"],
        model=row["model"],
        usage=usage,
        cost_usd=0.0,
        latency_s=row["latency_s"],
        at=f"{str(row['answered_at']).replace(' ', 'T')}Z",
        request_id=row["request_id"],
        calls=0,
        cached=True,
        digest=row["request_digest"],
        trajectory=trajectory_from_json(json.loads(row["trajectory"]))
        if row["trajectory"]
        else None,
    )
