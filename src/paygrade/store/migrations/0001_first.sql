-- The first schema. A released migration is never edited: the next number is written.
-- Times are UTC. Money is in integer minor units. Hashes are SHA-256 in hex.

CREATE TABLE runs (
    run_id           VARCHAR NOT NULL,
    suite            VARCHAR NOT NULL,
    runner           VARCHAR NOT NULL,
    provider         VARCHAR NOT NULL,
    prompt           VARCHAR NOT NULL,   -- NAME@vN
    dataset          VARCHAR NOT NULL,   -- NAME@vN
    epochs           INTEGER NOT NULL,
    samples          INTEGER NOT NULL,
    attempts         INTEGER NOT NULL,   -- planned: samples x epochs
    state            VARCHAR NOT NULL,   -- complete or incomplete
    started_at       TIMESTAMP NOT NULL,
    deterministic    BOOLEAN NOT NULL,
    max_failure_rate DOUBLE,
    prompt_hash      VARCHAR NOT NULL,
    dataset_hash     VARCHAR NOT NULL,
    runner_hash      VARCHAR NOT NULL,
    scorers_hash     VARCHAR NOT NULL,
    git_commit       VARCHAR NOT NULL,   -- empty outside a git checkout
    git_dirty        BOOLEAN,
    versions         JSON NOT NULL,
    selection        JSON NOT NULL,
    price            JSON NOT NULL,      -- the price snapshot; null without one
    budget_usd       DOUBLE,
    journal_bytes    BIGINT NOT NULL     -- how much of the journal this row reflects
);

CREATE TABLE samples (
    run_id         VARCHAR NOT NULL,
    sample_id      VARCHAR NOT NULL,
    case_id        VARCHAR NOT NULL,
    case_class     VARCHAR NOT NULL,     -- statistical, must_pass or quarantined
    exposure_minor BIGINT,
    currency       VARCHAR NOT NULL,     -- of the exposure; empty without one
    content_hash   VARCHAR NOT NULL,
    input          JSON NOT NULL,
    expected       JSON NOT NULL,
    messages       JSON NOT NULL         -- the rendered prompt, masked
);

CREATE TABLE sample_slices (
    run_id    VARCHAR NOT NULL,
    sample_id VARCHAR NOT NULL,
    slice     VARCHAR NOT NULL,
    value     VARCHAR NOT NULL
);

CREATE TABLE attempts (
    run_id        VARCHAR NOT NULL,
    sample_id     VARCHAR NOT NULL,
    epoch         INTEGER NOT NULL,
    kind          VARCHAR NOT NULL,      -- scored or errored
    failed        BOOLEAN,               -- NULL when errored
    error_kind    VARCHAR NOT NULL,
    error         VARCHAR NOT NULL,
    answer        VARCHAR,               -- masked; NULL when no answer came
    finish        VARCHAR,
    model         VARCHAR,
    latency_s     DOUBLE,
    input_tokens  BIGINT,
    output_tokens BIGINT,
    cached_tokens BIGINT,                -- of input_tokens: read from the provider's cache
    cache_write_tokens BIGINT,           -- of input_tokens: written to it
    reasoning_tokens BIGINT,             -- of output_tokens
    cost_usd      DOUBLE,                -- NULL when nobody knows
    answered_at   TIMESTAMP,
    request_id    VARCHAR NOT NULL,      -- the provider's own; empty without one
    calls         INTEGER,               -- how many it took to get the answer
    cached        BOOLEAN,               -- given to the same request in an earlier run
    request_digest VARCHAR NOT NULL,     -- SHA-256 of the request; empty where nothing is reused
    sent          JSON NOT NULL          -- parameters that really went out
);

-- Calls that gave no answer, each with what became of it.
CREATE TABLE calls (
    run_id     VARCHAR NOT NULL,
    sample_id  VARCHAR NOT NULL,
    epoch      INTEGER NOT NULL,
    number     INTEGER NOT NULL,         -- of the attempt's calls, from 1
    kind       VARCHAR NOT NULL,
    problem    VARCHAR NOT NULL,
    request_id VARCHAR NOT NULL,
    latency_s  DOUBLE NOT NULL,
    retry_in_s DOUBLE,                   -- NULL when it was the last
    cost_usd   DOUBLE,                   -- what it counts with in a budget
    ended_at   TIMESTAMP NOT NULL
);

CREATE TABLE checks (
    run_id    VARCHAR NOT NULL,
    sample_id VARCHAR NOT NULL,
    epoch     INTEGER NOT NULL,
    check_id  VARCHAR NOT NULL,
    scorer    VARCHAR NOT NULL,
    severity  VARCHAR NOT NULL,          -- critical, major or minor
    role      VARCHAR NOT NULL,          -- invariant, gating or advisory
    result    VARCHAR NOT NULL,          -- pass, fail or error
    value     DOUBLE,
    reason    VARCHAR NOT NULL,
    partial   JSON NOT NULL
);

CREATE TABLE findings (
    run_id    VARCHAR NOT NULL,
    sample_id VARCHAR NOT NULL,
    epoch     INTEGER NOT NULL,
    kind      VARCHAR NOT NULL,          -- pan, track, cvv, secret, iban, ...
    place     INTEGER NOT NULL           -- character offset in the original answer
);

-- Failure rate of each run with its 95 % interval: Wilson on effective counts, clustered by case.
-- Quarantined samples are in no rate.
CREATE VIEW failure_rate AS
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
    CASE WHEN b.p IS NULL OR b.p = 1 THEN 1.0 ELSE least(b.centre + b.half, 1) END AS high
FROM runs AS r
LEFT JOIN counts AS c USING (run_id)
LEFT JOIN bounds AS b USING (run_id);

-- Samples whose failing share differs from the run before of the same suite and runner.
CREATE VIEW flips AS
WITH shares AS (
    SELECT run_id, sample_id, avg(failed::INTEGER) AS share
    FROM attempts WHERE kind = 'scored' GROUP BY run_id, sample_id
),
ordered AS (
    SELECT run_id, suite, runner,
        lag(run_id) OVER (PARTITION BY suite, runner ORDER BY started_at, run_id) AS previous_run_id
    FROM runs
)
SELECT o.suite, o.runner, o.run_id, o.previous_run_id, now_.sample_id,
    before_.share AS failed_share_before, now_.share AS failed_share,
    CASE WHEN now_.share > before_.share THEN 'worse' ELSE 'better' END AS direction
FROM ordered AS o
JOIN shares AS now_ ON now_.run_id = o.run_id
JOIN shares AS before_ ON before_.run_id = o.previous_run_id AND before_.sample_id = now_.sample_id
WHERE now_.share <> before_.share;

-- Tokens and US dollars of each run, of answers that were asked for: cached ones cost nothing.
-- NULL where no runner reported any.
CREATE VIEW cost AS
SELECT r.run_id, r.suite, r.runner, count(a.answer) AS answers,
    sum(a.input_tokens) AS input_tokens, sum(a.output_tokens) AS output_tokens,
    sum(a.cached_tokens) AS cached_tokens, sum(a.cost_usd) AS usd
FROM runs AS r LEFT JOIN attempts AS a ON a.run_id = r.run_id AND NOT coalesce(a.cached, false)
GROUP BY r.run_id, r.suite, r.runner;

-- Seconds from sending a request to its answer, of answers that were asked for.
CREATE VIEW latency AS
SELECT r.run_id, r.suite, r.runner, count(a.latency_s) AS answers,
    quantile_cont(a.latency_s, 0.5) AS p50_s, quantile_cont(a.latency_s, 0.95) AS p95_s,
    max(a.latency_s) AS max_s
FROM runs AS r LEFT JOIN attempts AS a ON a.run_id = r.run_id AND NOT coalesce(a.cached, false)
GROUP BY r.run_id, r.suite, r.runner;
