"""Make a store with so many attempts in seconds: DuckDB writes its rows itself, without journals.

Usage: python benchmarks/publish_big.py --attempts 1000000 --out FOLDER

Two runners of the suite `big` answer the same samples, ten to a case, in five epochs each, with
three checks an attempt and two slices a sample. There are no journals, so that whatever fills the
store from journals (`paygrade sql`, `list`) would empty it: read it with `store.database.reading`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from paygrade.store import database

_EPOCHS = 5
_RUNNERS = ("first", "second")
_DRAWN = "CREATE TEMP MACRO drawn(a, b, c, n) AS (hash(a, b, c) % n)::INTEGER"
_ROWS = """
INSERT INTO runs (run_id, suite, runner, provider, prompt, dataset, epochs, samples, attempts,
    state, started_at, deterministic, prompt_hash, dataset_hash, runner_hash, scorers_hash,
    git_commit, versions, selection, price, journal_bytes, purpose, tools_hash, slices)
VALUES ('{run}', 'big', '{runner}', 'python', 'big@v1', 'big@v1', {epochs}, {samples},
    {samples} * {epochs}, 'complete', TIMESTAMP '2026-11-27 12:00:00', false, 'p', 'd', '{runner}',
    's', '', '{{}}', '{{"suite": "big", "runner": "{runner}"}}', 'null', 0, 'run', '',
    '["amount", "kind"]');
INSERT INTO samples SELECT '{run}', printf('s%07d', i), printf('c%06d', i // 10),
    CASE WHEN i % 200 = 0 THEN 'quarantined' WHEN i % 50 = 1 THEN 'must_pass'
        ELSE 'statistical' END,
    100 + drawn(i, 0, 0, 100000),
    ['EUR', 'USD', 'JPY'][1 + i % 3], md5(i::VARCHAR), '{{}}', '{{}}', '[]'
    FROM range({samples}) AS t(i);
INSERT INTO sample_slices SELECT '{run}', printf('s%07d', i), 'kind',
    ['lost', 'stolen', 'twice', 'late', 'wrong'][1 + drawn(i, 1, 0, 5)]
    FROM range({samples}) AS t(i);
INSERT INTO sample_slices SELECT '{run}', printf('s%07d', i), 'amount',
    ['small', 'medium', 'large'][1 + drawn(i, 2, 0, 3)] FROM range({samples}) AS t(i);
INSERT INTO attempts (run_id, sample_id, epoch, kind, failed, error_kind, error, answer, finish,
    model, latency_s, input_tokens, output_tokens, cost_usd, answered_at, request_id, calls, cached,
    request_digest, sent)
SELECT '{run}', printf('s%07d', i), e, CASE WHEN bad THEN 'errored' ELSE 'scored' END,
    CASE WHEN bad THEN NULL ELSE drawn(i, e, {seed}, 100) < 12 + drawn(i // 10, 0, 0, 8) END,
    CASE WHEN bad THEN 'timeout' ELSE '' END, CASE WHEN bad THEN 'no answer' ELSE '' END,
    CASE WHEN bad THEN NULL ELSE concat('{{"action": "refund", "case": ', i, '}}') END,
    CASE WHEN bad THEN NULL ELSE 'stop' END, 'model', 0.2 + drawn(i, e, 9, 1000) / 500, 400, 90,
    0.0001 * (1 + drawn(i, e, 7, 50)), TIMESTAMP '2026-11-27 12:00:00', '', 1, false, '', '{{}}'
FROM (SELECT i, e, drawn(i, e, 10 + {seed}, 500) = 0 AS bad
    FROM range({samples}) AS t(i), range(1, {epochs} + 1) AS u(e));
INSERT INTO checks SELECT a.run_id, a.sample_id, a.epoch, c.check_id, c.scorer, c.severity, c.role,
    CASE WHEN NOT a.failed THEN 'pass'
        WHEN c.place = 0 OR drawn(a.sample_id, a.epoch, c.place, 3) = 0
        THEN 'fail' ELSE 'pass' END, NULL,
    CASE WHEN a.failed THEN 'another action' ELSE '' END, '{{}}'
FROM attempts AS a, (VALUES (0, 'equals(action)', 'equals', 'critical', 'gating'),
    (1, 'equals(amount)', 'equals', 'major', 'gating'),
    (2, 'schema', 'schema', 'minor', 'advisory')) AS c(place, check_id, scorer, severity, role)
WHERE a.run_id = '{run}' AND a.kind = 'scored';
"""


def make(folder: Path, attempts: int) -> None:
    """Make the store in `folder`, which has none yet.

    Raises:
        StoreError: the disk refuses.
    """
    samples = attempts // (len(_RUNNERS) * _EPOCHS)
    with database.writing(folder) as connection:
        connection.execute(_DRAWN).fetchall()
        for seed, runner in enumerate(_RUNNERS):
            run = f"20261127-120000.000-big-{runner}-000{seed}"
            text = _ROWS.format(run=run, runner=runner, seed=seed, samples=samples, epochs=_EPOCHS)
            connection.execute(text).fetchall()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    make(given.out, given.attempts)
