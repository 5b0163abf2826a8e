"""Attempts with their words, for pages that tell why a sample failed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from paygrade.records.site import CheckTold, SampleTold
from paygrade.store.database import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paygrade.store.database import Connection

_AT_ONCE = 200

_FAILING = """
SELECT p.runner, count(*) FROM attempts AS a JOIN published AS p USING (run_id)
WHERE p.suite = $suite AND (a.failed OR a.kind = 'errored') GROUP BY p.runner ORDER BY p.runner
"""
_IDS = """
SELECT a.sample_id, a.epoch FROM attempts AS a JOIN published AS p USING (run_id)
WHERE p.suite = $suite AND p.runner = $runner AND (a.failed OR a.kind = 'errored')
ORDER BY a.sample_id, a.epoch LIMIT $most
"""
_TOLD = """
WITH wanted AS (SELECT unnest($ids) AS sample_id, unnest($epochs) AS epoch),
before AS (
    SELECT sample_id, any_value(answer ORDER BY epoch) AS answer FROM attempts
    WHERE run_id = $baseline AND sample_id IN (SELECT sample_id FROM wanted) GROUP BY sample_id
),
sliced AS (
    SELECT sample_id,
        to_json(list({'slice': slice, 'value': value} ORDER BY slice, value)) AS slices
    FROM sample_slices
    WHERE run_id = $run_id AND sample_id IN (SELECT sample_id FROM wanted) GROUP BY sample_id
),
judged AS (
    SELECT sample_id, epoch, to_json(list({'check': check_id, 'severity': severity, 'role': role,
        'result': result, 'reason': reason} ORDER BY c.rowid)) AS checks
    FROM checks AS c
    WHERE run_id = $run_id AND sample_id IN (SELECT sample_id FROM wanted)
    GROUP BY sample_id, epoch
)
SELECT a.sample_id, a.epoch, s.case_id, s.case_class, s.exposure_minor, s.currency, s.messages,
    s.expected, a.kind, a.failed, a.error_kind, a.error, a.answer, a.finish, a.trajectory, x.slices,
    c.checks, b.answer AS baseline_answer
FROM attempts AS a JOIN wanted USING (sample_id, epoch)
JOIN samples AS s ON s.run_id = $run_id AND s.sample_id = a.sample_id
LEFT JOIN sliced AS x ON x.sample_id = a.sample_id
LEFT JOIN judged AS c ON c.sample_id = a.sample_id AND c.epoch = a.epoch
LEFT JOIN before AS b ON b.sample_id = a.sample_id
WHERE a.run_id = $run_id ORDER BY a.sample_id, a.epoch
"""
_RUNS = """
SELECT p.run_id, coalesce((
    SELECT max(r.run_id) FROM runs AS r JOIN accepted AS a
        ON a.suite = r.suite AND a.runner = r.runner AND a.current
    WHERE r.suite = p.suite AND r.runner = p.runner AND r.purpose = 'baseline'
        AND r.run_id <> p.run_id AND r.started_at <= a.accepted_at
        AND r.prompt_hash = a.prompt_hash AND r.dataset_hash = a.dataset_hash
        AND r.runner_hash = a.runner_hash), '')
FROM published AS p WHERE p.suite = $suite AND p.runner = $runner
"""


def failing_of(connection: Connection, suite: str) -> dict[str, int]:
    """How many attempts of each runner's published run failed or errored: those that are told.

    Raises:
        StoreError: the database cannot be read.
    """
    return dict(rows(connection, _FAILING, {"suite": suite})[1])


def told(connection: Connection, suite: str, runner: str, *, most: int) -> Iterator[SampleTold]:
    """Tell the failed and errored attempts of a published run, by sample, at most so many.

    Raises:
        StoreError: the database cannot be read.
    """
    of = {"suite": suite, "runner": runner}
    runs = rows(connection, _RUNS, dict(of))[1]
    keys = rows(connection, _IDS, {**of, "most": most})[1]
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        [[run_id, baseline]] = runs
        parameters: dict[str, Any] = {
            "ids": [sample_id for sample_id, _ in some],
            "epochs": [epoch for _, epoch in some],
            "run_id": run_id,
            "baseline": baseline,
        }
        columns, found = rows(connection, _TOLD, parameters)
        for row in found:
            yield _told(suite, runner, run_id, dict(zip(columns, row, strict=True)))


def _told(suite: str, runner: str, run_id: str, row: dict[str, Any]) -> SampleTold:
    slices: dict[str, tuple[str, ...]] = {}
    for each in json.loads(row["slices"] or "[]"):
        slices[each["slice"]] = (*slices.get(each["slice"], ()), each["value"])
    return SampleTold(
        suite=suite,
        runner=runner,
        run_id=run_id,
        sample_id=row["sample_id"],
        epoch=row["epoch"],
        case=row["case_id"],
        case_class=row["case_class"],
        slices=slices,
        exposure_minor=row["exposure_minor"],
        currency=row["currency"],
        messages=tuple((role, content) for role, content in json.loads(row["messages"])),
        expected=json.loads(row["expected"]),
        kind=row["kind"],
        failed=row["failed"],
        error_kind=row["error_kind"],
        error=row["error"],
        answer=row["answer"],
        finish=row["finish"] or "",
        trajectory=json.loads(row["trajectory"] or "null"),
        checks=tuple(CheckTold(**each) for each in json.loads(row["checks"] or "[]")),
        baseline_answer=row["baseline_answer"],
    )
