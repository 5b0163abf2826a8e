-- delete_run --
-- Everything of one run, before it is filled again
DELETE FROM runs WHERE run_id = $run_id;
DELETE FROM samples WHERE run_id = $run_id;
DELETE FROM sample_slices WHERE run_id = $run_id;
DELETE FROM attempts WHERE run_id = $run_id;
DELETE FROM checks WHERE run_id = $run_id;
DELETE FROM findings WHERE run_id = $run_id;
DELETE FROM calls WHERE run_id = $run_id;
DELETE FROM judge_calls WHERE run_id = $run_id;
DELETE FROM tool_calls WHERE run_id = $run_id;
DELETE FROM effects WHERE run_id = $run_id;

-- delete_gate --
-- Everything of one invocation of the gate, before it is filled again
DELETE FROM gates WHERE gate_id = $gate_id;
DELETE FROM verdicts WHERE gate_id = $gate_id;
DELETE FROM hypotheses WHERE gate_id = $gate_id;

-- delete_calibration --
-- Everything of one calibration, before it is filled again
DELETE FROM calibrations WHERE calibration_id = $calibration_id;
DELETE FROM calibration_detects WHERE calibration_id = $calibration_id;

-- schema_version --
-- The number of the newest migration that was applied
SELECT max(version) FROM schema_version;

-- filled --
-- How much of each run's journal the store reflects
SELECT run_id, journal_bytes FROM runs;

-- filled_gates --
-- Which state of each record of the gate the store reflects
SELECT gate_id, record_bytes, record_changed_ns FROM gates;

-- filled_calibrations --
-- How large the record of each calibration was that the store reflects
SELECT calibration_id, record_bytes FROM calibrations;

-- known_answers --
-- The newest answer that was asked for, for each of the digests; never of runs on chosen samples
SELECT request_digest, answer, finish, model, latency_s, input_tokens, output_tokens,
    cached_tokens, cache_write_tokens, reasoning_tokens, request_id, answered_at::VARCHAR AS answered_at, trajectory,
    (SELECT to_json(list({'kind': f.kind, 'place': f.place, 'pointer': f.pointer} ORDER BY f.pointer, f.place))
        FROM findings AS f WHERE f.run_id = a.run_id AND f.sample_id = a.sample_id
            AND f.epoch = a.epoch) AS findings
FROM attempts AS a
WHERE request_digest IN (SELECT unnest($digests)) AND answer IS NOT NULL AND NOT cached
    AND run_id NOT IN (SELECT run_id FROM runs WHERE purpose IN ('confirm', 'repeat'))
QUALIFY row_number() OVER (PARTITION BY request_digest ORDER BY answered_at DESC) = 1;

-- runs --
-- One row a run, newest first, with its rate; a database that was not migrated yet answers as well
SELECT * EXCLUDE (dataset, started_at)
FROM failure_rate ORDER BY started_at DESC, run_id DESC LIMIT $most;

-- complete_rates --
-- The rates of those of the given runs that are complete
SELECT run_id, scored, failed, errored, failure_rate, low, high
FROM failure_rate WHERE state = 'complete' AND list_contains($run_ids, run_id);

-- export --
-- One row an attempt of the given runs, its checks and slices as JSON
SELECT r.run_id, r.suite, r.runner, r.prompt, r.dataset, r.git_commit, a.sample_id, s.case_id,
    s.case_class, a.epoch, a.kind, a.failed, a.error_kind, a.error, s.exposure_minor, s.currency,
    a.answer, a.finish, a.model, a.latency_s, a.input_tokens, a.output_tokens, a.cached_tokens,
    a.cost_usd, a.answered_at,
    (SELECT to_json(list({'check': c.check_id, 'scorer': c.scorer, 'severity': c.severity,
            'role': c.role, 'result': c.result, 'value': c.value, 'reason': c.reason}
            ORDER BY c.rowid))
        FROM checks AS c WHERE c.run_id = a.run_id AND c.sample_id = a.sample_id
            AND c.epoch = a.epoch) AS checks,
    (SELECT to_json(list({'slice': x.slice, 'value': x.value} ORDER BY x.slice, x.value))
        FROM sample_slices AS x WHERE x.run_id = a.run_id AND x.sample_id = a.sample_id) AS slices
FROM attempts AS a
JOIN runs AS r USING (run_id)
JOIN samples AS s USING (run_id, sample_id)
WHERE list_contains($run_ids, a.run_id)
ORDER BY r.started_at, r.run_id, a.sample_id, a.epoch;

-- delete_accepted --
-- Everything that was accepted, before it is filled again
DELETE FROM accepted;
DELETE FROM accepted_samples;
DELETE FROM accepted_power;

-- states --
-- Which runs are complete, and how much of each journal that is told of
SELECT run_id, state, journal_bytes FROM runs;

-- under_way --
-- Figures of incomplete whole runs that began after the published ones of their suite and runner
SELECT f.suite, f.runner, f.run_id, f.started_at, f.attempts, f.scored, f.failed, f.errored,
    f.failure_rate, f.low, f.high
FROM run_figures AS f LEFT JOIN published AS p USING (suite, runner)
WHERE f.state <> 'complete' AND f.whole AND f.purpose IN ('run', 'baseline', 'gate')
    AND f.run_id IN $run_ids AND (p.started_at IS NULL OR f.started_at > p.started_at)
ORDER BY f.suite, f.runner, f.started_at, f.run_id;
