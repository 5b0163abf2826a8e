-- What is published: failure rates of everything that a page shows, each with its interval.
-- A run is filled again from its journal, so that the new columns say what it holds. Floats become
-- decimals before they are added up: else a sum depends on the order in which threads come to it.

ALTER TABLE runs ADD COLUMN slices JSON NOT NULL DEFAULT '[]';    -- names that the suite declares
ALTER TABLE runs ADD COLUMN declared JSON NOT NULL DEFAULT '[]';  -- its checks: id, scorer, negated
ALTER TABLE attempts ADD COLUMN guard VARCHAR NOT NULL DEFAULT '';  -- of an agent; empty: unknown
UPDATE runs SET journal_bytes = -1;

-- Effective attempts of n judged ones in g cases, x of them found, at most `most` in one case; the
-- last three are sums over cases of n * n, n * x and x * x. Whole numbers until the end: equal
-- cases have no spread at all (Miller 2024, as `stats.interval`).
CREATE MACRO effective_attempts(n, x, g, most, nn, nx, xx) AS CASE
    WHEN most = 1 THEN n::DOUBLE
    WHEN g < 2 OR n::HUGEINT * n * xx - 2 * n::HUGEINT * x * nx + x::HUGEINT * x * nn = 0
        THEN g::DOUBLE
    ELSE least(
        (x / n) * (1 - x / n) / (
            (n::HUGEINT * n * xx - 2 * n::HUGEINT * x * nx + x::HUGEINT * x * nn)::DOUBLE
            / (n::DOUBLE ** 4) * g / (g - 1)
        ), n::DOUBLE)
END;

-- Wilson's interval (95 %) of a share p of e effective attempts; 0 to 1 where nothing was judged.
CREATE MACRO share_low(p, e) AS CASE WHEN p IS NULL OR p = 0 THEN 0.0 ELSE greatest(0.0,
    (p + 3.8414588206941254 / (2 * e) - 1.959963984540054 * sqrt(
        p * (1 - p) / e + 3.8414588206941254 / (4 * e * e))) / (1 + 3.8414588206941254 / e)) END;
CREATE MACRO share_high(p, e) AS CASE WHEN p IS NULL OR p = 1 THEN 1.0 ELSE least(1.0,
    (p + 3.8414588206941254 / (2 * e) + 1.959963984540054 * sqrt(
        p * (1 - p) / e + 3.8414588206941254 / (4 * e * e))) / (1 + 3.8414588206941254 / e)) END;
-- What nothing but zeros (or ones) leave possible in g cases, one-sided at 95 %.
CREATE MACRO share_bound(n, x, g) AS CASE WHEN n = 0 THEN NULL WHEN x = 0 THEN 1 - 0.05 ** (1.0 / g)
    WHEN x = n THEN 0.05 ** (1.0 / g) END;

-- Attempts that are in a rate: quarantined samples are in none.
CREATE VIEW rated_attempts AS
SELECT a.run_id, a.sample_id, a.epoch, a.kind, a.failed, a.error_kind, s.case_id
FROM attempts AS a JOIN samples AS s USING (run_id, sample_id)
WHERE s.case_class <> 'quarantined';

-- How often each sample of a run failed.
CREATE VIEW sample_shares AS
SELECT a.run_id, a.sample_id, any_value(s.case_id) AS case_id,
    any_value(s.content_hash) AS content_hash,
    count(*) FILTER (WHERE a.kind = 'scored') AS scored,
    count(*) FILTER (WHERE a.failed) AS failed,
    count(*) FILTER (WHERE a.kind = 'errored') AS errored
FROM attempts AS a JOIN samples AS s USING (run_id, sample_id)
WHERE s.case_class <> 'quarantined'
GROUP BY a.run_id, a.sample_id;

-- Share of attempts with at least one miss of each severity.
CREATE VIEW severity_rate AS
WITH missed AS (
    SELECT run_id, sample_id, epoch, bool_or(severity = 'critical') AS critical,
        bool_or(severity = 'major') AS major, bool_or(severity = 'minor') AS minor
    FROM checks WHERE result = 'fail' GROUP BY run_id, sample_id, epoch
),
cases AS (
    SELECT r.run_id, r.case_id, count(*) FILTER (WHERE r.kind = 'scored') AS n,
        count(*) FILTER (WHERE r.kind = 'errored') AS errors,
        [count(*) FILTER (WHERE r.kind = 'scored' AND m.critical),
         count(*) FILTER (WHERE r.kind = 'scored' AND m.major),
         count(*) FILTER (WHERE r.kind = 'scored' AND m.minor)] AS found
    FROM rated_attempts AS r LEFT JOIN missed AS m USING (run_id, sample_id, epoch)
    GROUP BY r.run_id, r.case_id
),
spread AS (
    SELECT run_id, n, errors, unnest(['critical', 'major', 'minor']) AS severity,
        unnest(found) AS x
    FROM cases
),
sums AS (
    SELECT run_id, severity, sum(n)::BIGINT AS judged, sum(x)::BIGINT AS failed,
        sum(errors)::BIGINT AS errored, count(*) FILTER (WHERE n > 0) AS cases, max(n) AS most,
        sum(n * n) AS nn, sum(n * x) AS nx, sum(x * x) AS xx
    FROM spread GROUP BY run_id, severity
),
rated AS (
    SELECT *, failed / nullif(judged, 0) AS rate,
        effective_attempts(judged, failed, cases, most, nn, nx, xx) AS effective
    FROM sums
)
SELECT r.run_id, r.severity, coalesce(t.judged, 0) AS judged, coalesce(t.failed, 0) AS failed,
    coalesce(t.errored, 0) AS errored, coalesce(t.cases, 0) AS cases, t.rate,
    share_low(t.rate, t.effective) AS low, share_high(t.rate, t.effective) AS high
FROM (SELECT run_id, unnest(['critical', 'major', 'minor']) AS severity FROM runs) AS r
LEFT JOIN rated AS t USING (run_id, severity);

-- Each check of a run. A `must_pass` sample makes an invariant of what is gating: the figures stand
-- under gating.
CREATE VIEW check_rate AS
WITH judged AS (
    SELECT c.run_id, c.check_id, s.case_id, any_value(c.scorer) AS scorer,
        min(list_position(['critical', 'major', 'minor'], c.severity)) AS severity,
        min(list_position(['gating', 'advisory', 'invariant'], c.role)) AS role,
        count(*) FILTER (WHERE c.result <> 'error') AS n,
        count(*) FILTER (WHERE c.result = 'fail') AS x,
        count(*) FILTER (WHERE c.result = 'error') AS errors
    FROM checks AS c JOIN samples AS s USING (run_id, sample_id)
    WHERE s.case_class <> 'quarantined'
    GROUP BY c.run_id, c.check_id, s.case_id
),
sums AS (
    SELECT run_id, check_id, any_value(scorer) AS scorer, min(severity) AS severity,
        min(role) AS role, sum(n)::BIGINT AS judged, sum(x)::BIGINT AS failed,
        sum(errors)::BIGINT AS errored, count(*) FILTER (WHERE n > 0) AS cases, max(n) AS most,
        sum(n * n) AS nn, sum(n * x) AS nx, sum(x * x) AS xx
    FROM judged GROUP BY run_id, check_id
),
rated AS (
    SELECT *, failed / nullif(judged, 0) AS rate,
        effective_attempts(judged, failed, cases, most, nn, nx, xx) AS effective
    FROM sums
)
SELECT run_id, check_id, scorer, ['critical', 'major', 'minor'][severity] AS severity,
    ['gating', 'advisory', 'invariant'][role] AS role, judged, failed, errored, cases, rate,
    share_low(rate, effective) AS low, share_high(rate, effective) AS high
FROM rated;

-- Samples that carry one value of a slice; `thin` ones are too few to judge.
CREATE VIEW slice_rate AS
WITH judged AS (
    SELECT r.run_id, x.slice, x.value, r.case_id, count(DISTINCT r.sample_id) AS samples,
        count(*) FILTER (WHERE r.kind = 'scored') AS n, count(*) FILTER (WHERE r.failed) AS x,
        count(*) FILTER (WHERE r.kind = 'errored') AS errors
    FROM rated_attempts AS r JOIN sample_slices AS x USING (run_id, sample_id)
    GROUP BY r.run_id, x.slice, x.value, r.case_id
),
sums AS (
    SELECT run_id, slice, value, sum(samples)::BIGINT AS samples, sum(n)::BIGINT AS judged,
        sum(x)::BIGINT AS failed, sum(errors)::BIGINT AS errored,
        count(*) FILTER (WHERE n > 0) AS cases, max(n) AS most, sum(n * n) AS nn,
        sum(n * x) AS nx, sum(x * x) AS xx
    FROM judged GROUP BY run_id, slice, value
),
rated AS (
    SELECT *, failed / nullif(judged, 0) AS rate,
        effective_attempts(judged, failed, cases, most, nn, nx, xx) AS effective
    FROM sums
)
SELECT t.run_id, t.slice, t.value, list_contains(r.slices::VARCHAR[], t.slice) AS declared,
    t.samples, t.judged, t.failed, t.errored, t.cases, t.rate,
    share_low(t.rate, t.effective) AS low, share_high(t.rate, t.effective) AS high,
    t.samples < 30 AS thin
FROM rated AS t JOIN runs AS r USING (run_id);

-- Samples by what the gate does with them. Quarantined ones stand here, and in no other rate.
CREATE VIEW class_rate AS
WITH judged AS (
    SELECT a.run_id, s.case_class, s.case_id, count(DISTINCT a.sample_id) AS samples,
        count(*) FILTER (WHERE a.kind = 'scored') AS n, count(*) FILTER (WHERE a.failed) AS x,
        count(*) FILTER (WHERE a.kind = 'errored') AS errors
    FROM attempts AS a JOIN samples AS s USING (run_id, sample_id)
    GROUP BY a.run_id, s.case_class, s.case_id
),
sums AS (
    SELECT run_id, case_class, sum(samples)::BIGINT AS samples, sum(n)::BIGINT AS judged,
        sum(x)::BIGINT AS failed, sum(errors)::BIGINT AS errored,
        count(*) FILTER (WHERE n > 0) AS cases, max(n) AS most, sum(n * n) AS nn,
        sum(n * x) AS nx, sum(x * x) AS xx
    FROM judged GROUP BY run_id, case_class
),
rated AS (
    SELECT *, failed / nullif(judged, 0) AS rate,
        effective_attempts(judged, failed, cases, most, nn, nx, xx) AS effective
    FROM sums
)
SELECT run_id, case_class, samples, judged, failed, errored, cases, rate,
    share_low(rate, effective) AS low, share_high(rate, effective) AS high
FROM rated;

-- Why attempts gave no outcome.
CREATE VIEW error_kinds AS
SELECT run_id, error_kind, count(*) AS attempts
FROM rated_attempts WHERE kind = 'errored' GROUP BY run_id, error_kind;

-- What the failed samples stand for, of what all stand for: exposure times the failing share, in
-- whole numbers over a common denominator, and rounded half to even once.
CREATE VIEW money_at_risk AS
WITH parts AS (
    SELECT h.run_id, s.currency, h.scored,
        sum(s.exposure_minor::HUGEINT * h.failed)::HUGEINT AS lost,
        sum(s.exposure_minor)::HUGEINT AS exposed
    FROM sample_shares AS h JOIN samples AS s USING (run_id, sample_id)
    WHERE s.exposure_minor IS NOT NULL AND h.scored > 0
    GROUP BY h.run_id, s.currency, h.scored
),
common AS (
    SELECT run_id, currency, list_reduce(list(scored::HUGEINT), lambda a, b: lcm(a, b)) AS parted
    FROM parts GROUP BY run_id, currency
),
sums AS (
    SELECT p.run_id, p.currency, c.parted, sum(p.exposed)::HUGEINT AS exposed,
        sum(p.lost // p.scored)::HUGEINT AS whole,
        sum(p.lost % p.scored * (c.parted // p.scored))::HUGEINT AS rest
    FROM parts AS p JOIN common AS c USING (run_id, currency)
    GROUP BY p.run_id, p.currency, c.parted
),
split AS (
    SELECT run_id, currency, parted, exposed, whole + rest // parted AS whole,
        2 * (rest % parted) AS twice
    FROM sums
)
SELECT run_id, currency,
    (whole + (twice > parted OR (twice = parted AND whole % 2 = 1))::INTEGER)::BIGINT
        AS at_risk_minor,
    exposed::BIGINT AS exposed_minor
FROM split;

-- The checks that the suite itself declares.
CREATE VIEW declared_checks AS
SELECT run_id, spec.id AS check_id, spec.scorer AS scorer, spec.negated AS negated
FROM (SELECT run_id, unnest(from_json(declared,
        '[{"id": "VARCHAR", "scorer": "VARCHAR", "negated": "BOOLEAN"}]')) AS spec FROM runs);

-- What agents did to money and customers, by what struck them: `fault` is a value of that slice,
-- empty for all attempts. Each scorer is counted once for an attempt, however many checks it has.
CREATE VIEW effect_checks AS
WITH judged AS (
    SELECT c.run_id, c.sample_id, c.epoch, c.scorer, bool_or(c.result = 'fail') AS failed,
        bool_or(c.result = 'error') AS broke
    FROM checks AS c
    WHERE c.scorer IN ('effect:at-most-once', 'effect:lost', 'effect:over-refund',
            'effect:false-done', 'effect:policy', 'effect:invariants', 'call_budget')
        AND NOT starts_with(c.check_id, 'not-')
        AND NOT EXISTS (SELECT 1 FROM declared_checks AS d WHERE d.run_id = c.run_id
            AND d.check_id = c.check_id AND d.negated)
    GROUP BY c.run_id, c.sample_id, c.epoch, c.scorer
),
unasked AS (  -- no answer came, so that nothing was checked
    SELECT DISTINCT a.run_id, a.sample_id, a.epoch, d.scorer
    FROM attempts AS a JOIN declared_checks AS d USING (run_id)
    WHERE a.kind = 'errored' AND NOT d.negated
        AND d.scorer IN ('effect:at-most-once', 'effect:lost', 'effect:over-refund',
            'effect:false-done', 'effect:policy', 'effect:invariants', 'call_budget')
)
SELECT run_id, sample_id, epoch, scorer,
    CASE WHEN failed THEN 'found' WHEN broke THEN 'error' ELSE 'not found' END AS result
FROM judged
UNION ALL
SELECT u.run_id, u.sample_id, u.epoch, u.scorer, 'error'
FROM unasked AS u ANTI JOIN judged AS j USING (run_id, sample_id, epoch, scorer);

-- How tools reached the agents of each run.
CREATE VIEW run_guards AS
SELECT run_id, string_agg(DISTINCT guard, ' and ' ORDER BY guard) AS guard
FROM attempts WHERE guard <> '' GROUP BY run_id;

CREATE VIEW effect_rate AS
WITH placed AS (
    SELECT e.run_id, e.scorer, e.result, s.case_id, '' AS fault
    FROM effect_checks AS e JOIN samples AS s USING (run_id, sample_id)
    WHERE s.case_class <> 'quarantined'
    UNION ALL
    SELECT e.run_id, e.scorer, e.result, s.case_id, x.value
    FROM effect_checks AS e JOIN samples AS s USING (run_id, sample_id)
        JOIN sample_slices AS x USING (run_id, sample_id)
    WHERE s.case_class <> 'quarantined' AND x.slice = 'fault'
),
judged AS (
    SELECT run_id, scorer, fault, case_id, count(*) FILTER (WHERE result <> 'error') AS n,
        count(*) FILTER (WHERE result = 'found') AS x,
        count(*) FILTER (WHERE result = 'error') AS errors
    FROM placed GROUP BY run_id, scorer, fault, case_id
),
sums AS (
    SELECT run_id, scorer, fault, sum(n)::BIGINT AS judged, sum(x)::BIGINT AS found,
        sum(errors)::BIGINT AS errored, count(*) FILTER (WHERE n > 0) AS cases, max(n) AS most,
        sum(n * n) AS nn, sum(n * x) AS nx, sum(x * x) AS xx
    FROM judged GROUP BY run_id, scorer, fault
),
rated AS (
    SELECT *, found / nullif(judged, 0) AS rate,
        effective_attempts(judged, found, cases, most, nn, nx, xx) AS effective
    FROM sums
)
SELECT t.run_id, coalesce(g.guard, '') AS guard, CASE t.scorer
        WHEN 'effect:at-most-once' THEN 'duplicate money' WHEN 'effect:lost' THEN 'lost money'
        WHEN 'effect:over-refund' THEN 'over-refunded' WHEN 'effect:false-done' THEN 'false done'
        WHEN 'effect:policy' THEN 'a policy broken'
        WHEN 'effect:invariants' THEN 'an invariant broken' ELSE 'calls over budget'
    END AS effect,
    t.fault, t.judged, t.found, t.errored, t.cases, t.rate,
    share_low(t.rate, t.effective) AS low, share_high(t.rate, t.effective) AS high,
    share_bound(t.judged, t.found, t.cases) AS bound
FROM rated AS t LEFT JOIN run_guards AS g USING (run_id);

-- Money that moved twice, was lost, or was refunded too much, in minor units of its currency.
CREATE VIEW effect_money AS
WITH figures AS (
    SELECT c.run_id, c.sample_id, c.epoch, c.scorer,
        unnest(map_entries(c.partial::MAP(VARCHAR, DOUBLE))) AS figure
    FROM checks AS c JOIN effect_checks AS e USING (run_id, sample_id, epoch, scorer)
        JOIN samples AS s USING (run_id, sample_id)
    WHERE NOT EXISTS (
            SELECT 1 FROM declared_checks AS d
            WHERE d.run_id = c.run_id AND d.check_id = c.check_id AND d.negated)
        AND c.scorer IN ('effect:at-most-once', 'effect:lost', 'effect:over-refund')
        AND e.result <> 'error' AND s.case_class <> 'quarantined'
        AND NOT starts_with(c.check_id, 'not-')
),
named AS (
    SELECT run_id, sample_id, epoch, scorer, figure.key AS name,
        max(round_even(figure.value, 0))::BIGINT AS minor  -- two checks of one attempt saw the same
    FROM figures GROUP BY ALL
)
SELECT n.run_id, coalesce(g.guard, '') AS guard, CASE n.scorer
        WHEN 'effect:at-most-once' THEN 'duplicate money' WHEN 'effect:lost' THEN 'lost money'
        ELSE 'over-refunded' END AS effect,
    split_part(n.name, ' ', 2) AS currency, sum(n.minor)::BIGINT AS minor
FROM named AS n LEFT JOIN run_guards AS g USING (run_id)
WHERE n.minor > 0 AND split_part(n.name, ' ', 2) <> ''
    AND split_part(n.name, ' ', 1) = CASE n.scorer
    WHEN 'effect:at-most-once' THEN 'duplicate' WHEN 'effect:lost' THEN 'lost' ELSE 'over' END
GROUP BY ALL;

-- pass^k and pass@k over the samples of which every epoch was scored.
CREATE VIEW tries AS
WITH whole AS (
    SELECT h.run_id, r.epochs, h.scored - h.failed AS good, count(*) AS many
    FROM sample_shares AS h JOIN runs AS r USING (run_id)
    WHERE r.epochs > 1 AND h.scored = r.epochs
    GROUP BY h.run_id, r.epochs, good
),
left_out AS (
    SELECT h.run_id, count(*) FILTER (WHERE h.scored <> r.epochs) AS samples
    FROM sample_shares AS h JOIN runs AS r USING (run_id) GROUP BY h.run_id
),
tried AS (
    SELECT run_id, epochs, good, many, unnest(range(1, epochs + 1)) AS k FROM whole
),
chances AS (
    SELECT run_id, epochs, k, good, many,
        list_reduce(list_transform(range(0, k), lambda i: greatest(good - i, 0) / (epochs - i)),
            lambda a, b: a * b) AS all_pass,
        1 - list_reduce(
            list_transform(range(0, k), lambda i: greatest(epochs - good - i, 0) / (epochs - i)),
            lambda a, b: a * b) AS any_passes
    FROM tried
)
SELECT c.run_id, c.k, c.epochs, sum(c.many)::BIGINT AS samples, any_value(l.samples) AS left_out,
    sum(c.many * c.all_pass ORDER BY c.good) / sum(c.many) AS all_pass,
    sum(c.many * c.any_passes ORDER BY c.good) / sum(c.many) AS any_passes
FROM chances AS c JOIN left_out AS l USING (run_id)
GROUP BY c.run_id, c.k, c.epochs;

-- One row a run, with every figure that a page shows of it as a whole. A `whole` run asked every
-- sample of its suite.
CREATE VIEW run_figures AS
WITH sums AS (
    SELECT run_id, count(*) FILTER (WHERE n > 0) AS cases
    FROM (SELECT run_id, case_id, count(*) FILTER (WHERE kind = 'scored') AS n
        FROM rated_attempts GROUP BY run_id, case_id)
    GROUP BY run_id
),
broken AS (
    SELECT c.run_id, count(*) AS invariant_failures
    FROM checks AS c JOIN samples AS s USING (run_id, sample_id)
    WHERE c.role = 'invariant' AND c.result = 'fail' AND s.case_class <> 'quarantined'
    GROUP BY c.run_id
),
prices AS (
    SELECT run_id, sum(cost_usd::DECIMAL(38, 12))::DOUBLE AS usd,
        1000 * sum(cost_usd::DECIMAL(38, 12))::DOUBLE / count(cost_usd) AS usd_per_1000,
        count(*) AS asked, count(cost_usd) AS priced
    FROM attempts WHERE NOT coalesce(cached, false) GROUP BY run_id
)
SELECT r.run_id, r.suite, r.runner, r.provider, r.deterministic, r.purpose, r.state,
    coalesce(r.selection ->> 'limit', '') = ''
        AND coalesce(r.selection ->> 'filter_class', '') = ''
        AND coalesce(json_array_length(r.selection, '$.filter_id'), 0) = 0
        AND coalesce(json_array_length(r.selection, '$.filter_slice'), 0) = 0
        AND coalesce(json_array_length(r.selection, '$.only_samples'), 0) = 0 AS whole,
    r.started_at, r.prompt, r.dataset, r.epochs, r.samples, r.attempts, r.git_commit, r.git_dirty,
    r.prompt_hash, r.dataset_hash, r.runner_hash, r.scorers_hash, r.tools_hash,
    r.max_failure_rate, f.scored, f.failed, f.errored, coalesce(s.cases, 0) AS cases,
    f.failure_rate, f.low, f.high, coalesce(b.invariant_failures, 0) AS invariant_failures,
    p.usd, p.usd_per_1000, l.p50_s, l.p95_s, coalesce(p.asked, 0) AS asked,
    coalesce(p.priced, 0) AS priced, l.answers AS timed
FROM runs AS r
LEFT JOIN failure_rate AS f USING (run_id)
LEFT JOIN sums AS s USING (run_id)
LEFT JOIN broken AS b USING (run_id)
LEFT JOIN prices AS p USING (run_id)
LEFT JOIN latency AS l USING (run_id);

-- What was accepted: filled from the baseline files and their history whenever pages are made.
CREATE TABLE accepted (
    suite        VARCHAR NOT NULL,
    runner       VARCHAR NOT NULL,
    digest       VARCHAR NOT NULL,
    accepted_at  TIMESTAMP NOT NULL,
    reason       VARCHAR NOT NULL,
    prompt       VARCHAR NOT NULL,
    dataset      VARCHAR NOT NULL,
    git_commit   VARCHAR NOT NULL,       -- empty where it was not clean
    prompt_hash  VARCHAR NOT NULL,
    dataset_hash VARCHAR NOT NULL,
    runner_hash  VARCHAR NOT NULL,
    scorers_hash VARCHAR NOT NULL,
    tools_hash   VARCHAR NOT NULL,
    epochs       INTEGER NOT NULL,       -- over all its sessions
    source       VARCHAR NOT NULL,       -- a file, or a commit with the file
    current      BOOLEAN NOT NULL,
    scored       BIGINT NOT NULL,
    failed       BIGINT NOT NULL,
    errored      BIGINT NOT NULL,
    cases        BIGINT NOT NULL,
    failure_rate DOUBLE,
    low          DOUBLE NOT NULL,
    high         DOUBLE NOT NULL
);

-- The samples of current baselines.
CREATE TABLE accepted_samples (
    suite        VARCHAR NOT NULL,
    runner       VARCHAR NOT NULL,
    digest       VARCHAR NOT NULL,
    sample_id    VARCHAR NOT NULL,
    content_hash VARCHAR NOT NULL,
    case_id      VARCHAR NOT NULL,
    case_class   VARCHAR NOT NULL,
    scored       INTEGER NOT NULL,
    failed       INTEGER NOT NULL,
    errored      INTEGER NOT NULL
);

-- The smallest rise that is found with so many epochs of a candidate; NULL: none looked at.
CREATE TABLE accepted_power (
    suite  VARCHAR NOT NULL,
    runner VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    epochs INTEGER NOT NULL,
    rise   DOUBLE
);

-- The newest complete whole run of each suite and runner, what the gate said of its version last,
-- and when its baseline was accepted.
CREATE VIEW published AS
WITH newest AS (
    SELECT * FROM run_figures
    WHERE state = 'complete' AND whole AND purpose IN ('run', 'baseline', 'gate')
    QUALIFY row_number() OVER (
        PARTITION BY suite, runner ORDER BY started_at DESC, run_id DESC) = 1
),
said AS (
    SELECT n.run_id, v.verdict, v.started_at AS verdict_at, v.gate_id, v.rise, v.rise_low,
        v.rise_high, v.detects
    FROM newest AS n
    JOIN verdicts AS v ON v.suite = n.suite AND v.runner = n.runner
    LEFT JOIN runs AS r ON r.run_id = v.candidate_run_id
    LEFT JOIN accepted AS a ON a.suite = n.suite AND a.runner = n.runner AND a.current
    WHERE (v.candidate_run_id = n.run_id
        OR (r.prompt_hash = n.prompt_hash AND r.dataset_hash = n.dataset_hash
            AND r.runner_hash = n.runner_hash AND r.scorers_hash = n.scorers_hash
            AND r.tools_hash = n.tools_hash))
        AND (a.digest IS NULL OR v.baseline_digest IN ('', a.digest))  -- not of another baseline
    QUALIFY row_number() OVER (
        PARTITION BY n.run_id
        ORDER BY v.candidate_run_id = n.run_id DESC, v.started_at DESC, v.gate_id DESC) = 1
)
SELECT n.*, s.verdict, s.verdict_at, s.gate_id, s.rise, s.rise_low, s.rise_high, s.detects,
    a.accepted_at, a.reason AS accepted_reason
FROM newest AS n
LEFT JOIN said AS s USING (run_id)
LEFT JOIN accepted AS a ON a.suite = n.suite AND a.runner = n.runner AND a.current;

-- Whole runs, and what differs from the one before of the same suite and runner.
CREATE VIEW trend AS
WITH kept AS (
    SELECT * FROM run_figures
    WHERE state = 'complete' AND whole AND purpose IN ('run', 'baseline', 'gate')
),
beside AS (
    SELECT *, lag(run_id) OVER w AS run_before, lag(prompt) OVER w AS prompt_before,
        lag(dataset) OVER w AS dataset_before, lag(prompt_hash) OVER w AS prompt_was,
        lag(dataset_hash) OVER w AS dataset_was, lag(runner_hash) OVER w AS runner_was,
        lag(scorers_hash) OVER w AS scorers_was, lag(tools_hash) OVER w AS tools_was
    FROM kept WINDOW w AS (PARTITION BY suite, runner ORDER BY started_at, run_id)
)
SELECT * EXCLUDE (run_before, prompt_before, dataset_before, prompt_was, dataset_was, runner_was,
        scorers_was, tools_was),
    CASE WHEN run_before IS NULL THEN '' ELSE concat_ws('; ',
        CASE WHEN prompt <> prompt_before THEN 'prompt ' || prompt_before || ' to ' || prompt
            WHEN prompt_hash <> prompt_was THEN 'prompt edited' END,
        CASE WHEN dataset <> dataset_before THEN 'dataset ' || dataset_before || ' to ' || dataset
            WHEN dataset_hash <> dataset_was THEN 'dataset edited' END,
        CASE WHEN runner_hash <> runner_was THEN 'runner changed' END,
        CASE WHEN scorers_hash <> scorers_was THEN 'scorers changed' END,
        CASE WHEN tools_hash <> tools_was THEN 'tools changed' END) END AS changed
FROM beside;

-- Two runs of one suite, sample by sample: by how much the other fails more (95 %). With n samples
-- and D the sum of a case's differences the bounds are
-- (n d -/+ 1.96 sqrt(sum D * D + 2)) / (n + 2): two pseudo-samples, after Bonett and Price 2012.
CREATE VIEW run_pairs AS
WITH paired AS (
    SELECT a.run_id, b.run_id AS other_run_id, r.suite, a.case_id,
        a.failed / a.scored AS share, b.failed / b.scored AS other_share
    FROM sample_shares AS a
    JOIN sample_shares AS b ON a.sample_id = b.sample_id AND a.content_hash = b.content_hash
    JOIN runs AS r ON r.run_id = a.run_id
    JOIN runs AS o ON o.run_id = b.run_id AND o.suite = r.suite
    WHERE a.run_id <> b.run_id AND a.scored > 0 AND b.scored > 0
),
cases AS (
    SELECT run_id, other_run_id, suite, case_id, count(*) AS n,
        sum(share::DECIMAL(38, 15)) AS x, sum(other_share::DECIMAL(38, 15)) AS y,
        count(*) FILTER (WHERE share > other_share) AS only_first,
        count(*) FILTER (WHERE other_share > share) AS only_other
    FROM paired GROUP BY ALL
),
sums AS (
    SELECT run_id, other_run_id, suite, sum(n)::BIGINT AS samples, count(*) AS cases,
        sum(x)::DOUBLE AS x, sum(y)::DOUBLE AS y, sum(y - x)::DOUBLE AS d,
        sum(((y - x)::DOUBLE ** 2)::DECIMAL(38, 12))::DOUBLE AS v,
        sum(only_first)::BIGINT AS only_first, sum(only_other)::BIGINT AS only_other
    FROM cases GROUP BY run_id, other_run_id, suite
)
SELECT run_id, other_run_id, suite, samples, cases, x / samples AS rate, y / samples AS other_rate,
    d / samples AS difference,
    greatest(-1.0, (d - 1.959963984540054 * sqrt(v + 2)) / (samples + 2)) AS low,
    least(1.0, (d + 1.959963984540054 * sqrt(v + 2)) / (samples + 2)) AS high,
    only_first, only_other
FROM sums;

-- Samples whose failing share differs from the current baseline's.
CREATE VIEW accepted_flips AS
SELECT r.run_id, r.suite, r.runner, h.sample_id, b.failed AS before_failed,
    b.scored AS before_scored, h.failed, h.scored,
    CASE WHEN h.failed * b.scored > b.failed * h.scored THEN 'worse' ELSE 'better' END AS direction
FROM runs AS r
JOIN sample_shares AS h USING (run_id)
JOIN accepted_samples AS b ON b.suite = r.suite AND b.runner = r.runner
    AND b.sample_id = h.sample_id AND b.content_hash = h.content_hash
WHERE b.case_class <> 'quarantined' AND h.scored > 0 AND b.scored > 0
    AND h.failed * b.scored <> b.failed * h.scored;

-- A sample that is quarantined on either side is in none of these.
CREATE VIEW accepted_changes AS
WITH ran AS (
    SELECT r.run_id, r.suite, r.runner, s.sample_id, s.content_hash, s.case_class,
        coalesce(h.scored, 0) AS scored, coalesce(h.failed, 0) AS failed
    FROM samples AS s JOIN runs AS r ON r.run_id = s.run_id
    LEFT JOIN sample_shares AS h ON h.run_id = s.run_id AND h.sample_id = s.sample_id
    SEMI JOIN accepted AS a ON a.suite = r.suite AND a.runner = r.runner AND a.current
),
expected AS (
    SELECT r.run_id, r.suite, r.runner, b.sample_id, b.content_hash, b.case_class, b.scored,
        b.failed
    FROM runs AS r JOIN accepted_samples AS b ON b.suite = r.suite AND b.runner = r.runner
),
beside AS (
    SELECT coalesce(n.run_id, b.run_id) AS run_id, coalesce(n.suite, b.suite) AS suite,
        coalesce(n.runner, b.runner) AS runner, n.content_hash, b.content_hash AS before_hash,
        CASE WHEN n.content_hash = b.content_hash AND n.scored > 0 AND b.scored > 0
            THEN sign(n.failed * b.scored - b.failed * n.scored) END AS rise
    FROM ran AS n FULL JOIN expected AS b ON b.run_id = n.run_id AND b.sample_id = n.sample_id
    WHERE coalesce(n.case_class, '') <> 'quarantined'
        AND coalesce(b.case_class, '') <> 'quarantined'
)
SELECT run_id, suite, runner, count(*) FILTER (WHERE rise > 0) AS worse,
    count(*) FILTER (WHERE rise < 0) AS better, count(*) FILTER (WHERE rise = 0) AS same,
    count(*) FILTER (WHERE content_hash <> before_hash) AS edited,
    count(*) FILTER (WHERE before_hash IS NULL) AS added,
    count(*) FILTER (WHERE content_hash IS NULL) AS removed
FROM beside GROUP BY run_id, suite, runner;

-- What the leak barrier found in answers on arrival.
CREATE VIEW masked AS
SELECT run_id, kind, CASE WHEN pointer = '' THEN 'answer' ELSE 'trajectory' END AS place,
    count(*) AS findings, count(DISTINCT (sample_id, epoch)) AS attempts
FROM findings GROUP BY ALL;

-- What the gate does on a suite when nothing changed, as `paygrade calibrate` measured it.
CREATE TABLE calibrations (
    calibration_id VARCHAR NOT NULL,
    measured_at    TIMESTAMP NOT NULL,
    suite          VARCHAR NOT NULL,
    runner         VARCHAR NOT NULL,
    deterministic  BOOLEAN NOT NULL,
    samples        INTEGER NOT NULL,
    epochs         INTEGER NOT NULL,
    stored_epochs  INTEGER NOT NULL,
    invocations    INTEGER NOT NULL,
    alarms         INTEGER NOT NULL,     -- invocations that ended regressed
    alarm_rate     DOUBLE,               -- NULL where nothing is left to chance
    low            DOUBLE NOT NULL,
    high           DOUBLE NOT NULL,
    inconclusive   INTEGER NOT NULL,
    power_target   DOUBLE NOT NULL,
    promised       DOUBLE,               -- the policy's must_detect
    kept           BOOLEAN,
    notes          JSON NOT NULL,
    record_bytes   BIGINT NOT NULL
);

CREATE TABLE calibration_detects (
    calibration_id VARCHAR NOT NULL,
    epochs         INTEGER NOT NULL,
    samples        INTEGER NOT NULL,
    rise           DOUBLE                -- NULL: none of those looked at
);
