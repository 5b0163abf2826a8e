-- The gate: why a run was made, and what was said of it.

ALTER TABLE runs ADD COLUMN purpose VARCHAR NOT NULL DEFAULT 'run';  -- older runs are ordinary ones

-- One row an invocation of the gate, also of one that was killed before it said anything.
CREATE TABLE gates (
    gate_id           VARCHAR NOT NULL,
    started_at        TIMESTAMP NOT NULL,
    state             VARCHAR NOT NULL,  -- running or done
    record_bytes      BIGINT NOT NULL,   -- the record that this row reflects: its size,
    record_changed_ns BIGINT NOT NULL    -- and when it was written (nanoseconds since 1970)
);

-- One row for each suite and runner that an invocation came to a verdict on.
CREATE TABLE verdicts (
    gate_id          VARCHAR NOT NULL,
    started_at       TIMESTAMP NOT NULL,
    suite            VARCHAR NOT NULL,
    runner           VARCHAR NOT NULL,
    verdict          VARCHAR NOT NULL,
    headline         VARCHAR NOT NULL,
    codes            JSON NOT NULL,
    baseline_digest  VARCHAR NOT NULL,
    candidate        VARCHAR NOT NULL,   -- its fingerprint
    candidate_run_id VARCHAR NOT NULL,   -- empty when nothing ran
    prompt           VARCHAR NOT NULL,   -- of the candidate; empty when nothing was compared
    git_commit       VARCHAR NOT NULL,   -- of the candidate; empty outside a git checkout
    look             INTEGER NOT NULL,
    level            DOUBLE NOT NULL,
    mode             VARCHAR NOT NULL,   -- both, stored or off; empty when nothing was compared
    usable           INTEGER NOT NULL,   -- samples
    rise             DOUBLE,             -- the judged change of the whole suite
    rise_low         DOUBLE,
    rise_high        DOUBLE,
    p_more           DOUBLE,
    p_adjusted       DOUBLE,
    detects          DOUBLE,
    exit_code        INTEGER             -- of the whole invocation; NULL while it is running
);

-- One row for each thing that a verdict tested: the suite, or one value of one of its slices.
CREATE TABLE hypotheses (
    gate_id    VARCHAR NOT NULL,
    suite      VARCHAR NOT NULL,
    runner     VARCHAR NOT NULL,
    name       VARCHAR NOT NULL,         -- suite or NAME=VALUE
    samples    INTEGER NOT NULL,
    before     DOUBLE,                   -- failure rates; NULL when nothing was scored
    after      DOUBLE,
    rise       DOUBLE,                   -- the change that its verdict rests on
    low        DOUBLE,
    high       DOUBLE,
    p_more     DOUBLE,
    p_fewer    DOUBLE,
    p_cases    DOUBLE,
    p_fresh    DOUBLE,
    p_adjusted DOUBLE,
    flagged    BOOLEAN NOT NULL,
    verdict    VARCHAR NOT NULL
);

-- Failure rate of each run with its 95 % interval: Wilson on effective counts, clustered by case.
-- Quarantined samples are in no rate.
CREATE OR REPLACE VIEW failure_rate AS
WITH counted AS (
    SELECT a.*, s.case_id
    FROM attempts AS a JOIN samples AS s USING (run_id, sample_id)
    WHERE s.case_class <> 'quarantined'
),
cases AS (
    SELECT run_id, case_id, count(*) AS n, count(*) FILTER (WHERE failed) AS x
    FROM counted WHERE kind = 'scored' GROUP BY run_id, case_id
),
totals AS (
    SELECT run_id, sum(n)::DOUBLE AS n, sum(x)::DOUBLE AS x, count(*)::DOUBLE AS g, max(n) AS most
    FROM cases GROUP BY run_id
),
spread AS (
    SELECT run_id,  -- whole numbers until they are squared: equal cases have no spread at all
        sum((c.x * t.n - t.x * c.n) ** 2) / t.n ** 4 * t.g / nullif(t.g - 1, 0) AS v
    FROM cases AS c JOIN totals AS t USING (run_id)
    GROUP BY run_id, t.n, t.g
),
effective AS (
    SELECT t.run_id, t.x / t.n AS p, CASE
        WHEN t.most = 1 THEN t.n
        WHEN coalesce(s.v, 0) = 0 THEN t.g
        ELSE least(t.x / t.n * (1 - t.x / t.n) / s.v, t.n)
    END AS e
    FROM totals AS t JOIN spread AS s USING (run_id)
),
bounds AS (
    SELECT run_id, p,
        (p + z * z / (2 * e)) / (1 + z * z / e) AS centre,
        z * sqrt(p * (1 - p) / e + z * z / (4 * e * e)) / (1 + z * z / e) AS half
    FROM effective, (SELECT 1.959963984540054 AS z)
),
counts AS (
    SELECT run_id,
        count(*) FILTER (WHERE kind = 'scored') AS scored,
        count(*) FILTER (WHERE failed) AS failed,
        count(*) FILTER (WHERE kind = 'errored') AS errored
    FROM counted GROUP BY run_id
)
SELECT r.run_id, r.suite, r.runner, r.prompt, r.dataset, r.state, r.started_at,
    coalesce(c.scored, 0) AS scored, coalesce(c.failed, 0) AS failed,
    coalesce(c.errored, 0) AS errored,
    b.p AS failure_rate,
    CASE WHEN b.p IS NULL OR b.p = 0 THEN 0.0 ELSE greatest(b.centre - b.half, 0) END AS low,
    CASE WHEN b.p IS NULL OR b.p = 1 THEN 1.0 ELSE least(b.centre + b.half, 1) END AS high,
    r.purpose
FROM runs AS r
LEFT JOIN counts AS c USING (run_id)
LEFT JOIN bounds AS b USING (run_id);

-- Samples whose failing share differs from the run before of the same suite and runner. Runs that
-- asked chosen samples again, or that calibrate, are no run and no run before.
CREATE OR REPLACE VIEW flips AS
WITH shares AS (
    SELECT run_id, sample_id, avg(failed::INTEGER) AS share
    FROM attempts WHERE kind = 'scored' GROUP BY run_id, sample_id
),
ordered AS (
    SELECT run_id, suite, runner, purpose,
        lag(run_id) OVER (PARTITION BY suite, runner ORDER BY started_at, run_id) AS previous_run_id
    FROM runs WHERE purpose IN ('run', 'baseline', 'gate')
)
SELECT o.suite, o.runner, o.run_id, o.previous_run_id, now_.sample_id,
    before_.share AS failed_share_before, now_.share AS failed_share,
    CASE WHEN now_.share > before_.share THEN 'worse' ELSE 'better' END AS direction,
    o.purpose
FROM ordered AS o
JOIN shares AS now_ ON now_.run_id = o.run_id
JOIN shares AS before_ ON before_.run_id = o.previous_run_id AND before_.sample_id = now_.sample_id
WHERE now_.share <> before_.share;
