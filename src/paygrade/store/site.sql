-- published --
-- The newest whole run of each suite and runner, with everything that is shown of it
SELECT * FROM published WHERE suite IN $suites ORDER BY suite, runner

-- overview.money --
SELECT r.suite, r.runner, m.* FROM money_at_risk AS m JOIN runs AS r USING (run_id)
WHERE m.run_id IN $runs ORDER BY r.suite, r.runner, m.currency

-- overview.masked --
SELECT r.suite, r.runner, m.* FROM masked AS m JOIN runs AS r USING (run_id)
WHERE m.run_id IN $runs ORDER BY r.suite, r.runner, m.kind, m.place

-- overview.trend --
SELECT suite, runner, run_id, started_at, failure_rate, low, high, scored, failed
FROM trend WHERE suite IN $suites ORDER BY suite, runner, started_at, run_id

-- suite.runs --
SELECT * FROM published WHERE suite = $suite ORDER BY suite, runner

-- suite.money --
SELECT r.suite, r.runner, m.* FROM money_at_risk AS m JOIN runs AS r USING (run_id)
WHERE m.run_id IN $runs ORDER BY r.runner, m.currency

-- suite.trend --
SELECT * FROM trend WHERE suite = $suite ORDER BY runner, started_at, run_id

-- suite.accepted --
SELECT * FROM accepted WHERE suite = $suite ORDER BY runner, accepted_at, digest

-- suite.severities --
SELECT r.runner, v.* FROM severity_rate AS v JOIN runs AS r USING (run_id)
WHERE v.run_id IN $runs
ORDER BY r.runner, list_position(['critical', 'major', 'minor'], v.severity)

-- suite.checks --
SELECT r.runner, v.* FROM check_rate AS v JOIN runs AS r USING (run_id)
WHERE v.run_id IN $runs
ORDER BY r.runner, list_position(['critical', 'major', 'minor'], v.severity), v.failed DESC, v.check_id

-- suite.slices --
SELECT r.runner, v.* FROM slice_rate AS v JOIN runs AS r USING (run_id)
WHERE v.run_id IN $runs AND v.declared ORDER BY v.slice, v.value, r.runner

-- suite.classes --
SELECT r.runner, v.* FROM class_rate AS v JOIN runs AS r USING (run_id)
WHERE v.run_id IN $runs
ORDER BY r.runner, list_position(['statistical', 'must_pass', 'quarantined'], v.case_class)

-- suite.errors --
SELECT r.runner, v.* FROM error_kinds AS v JOIN runs AS r USING (run_id)
WHERE v.run_id IN $runs ORDER BY r.runner, v.attempts DESC, v.error_kind

-- suite.pairs --
SELECT r.runner, o.runner AS other_runner, v.*
FROM run_pairs AS v JOIN runs AS r USING (run_id) JOIN runs AS o ON o.run_id = v.other_run_id
WHERE v.run_id IN $runs AND v.other_run_id IN $runs
    AND r.runner < o.runner AND r.prompt_hash = o.prompt_hash
    AND r.scorers_hash = o.scorers_hash AND r.tools_hash = o.tools_hash
ORDER BY r.runner, o.runner

-- suite.changes --
SELECT v.* FROM accepted_changes AS v WHERE v.run_id IN $runs ORDER BY v.runner

-- suite.flips --
SELECT v.* FROM accepted_flips AS v WHERE v.run_id IN $runs
ORDER BY v.runner, v.direction DESC, v.sample_id

-- agents.effects --
SELECT r.suite, r.runner, v.* FROM effect_rate AS v JOIN runs AS r USING (run_id)
WHERE v.run_id IN $runs ORDER BY r.suite, r.runner, list_position(['duplicate money', 'lost money', 'over-refunded', 'false done',
    'a policy broken', 'an invariant broken', 'calls over budget'], v.effect), v.fault

-- agents.money --
SELECT r.suite, r.runner, v.* FROM effect_money AS v JOIN runs AS r USING (run_id)
WHERE v.run_id IN $runs ORDER BY r.suite, r.runner, list_position(['duplicate money', 'lost money', 'over-refunded', 'false done',
    'a policy broken', 'an invariant broken', 'calls over budget'], v.effect), v.currency

-- agents.tries --
SELECT r.suite, r.runner, coalesce(g.guard, '') AS guard, v.*
FROM tries AS v JOIN runs AS r USING (run_id) LEFT JOIN run_guards AS g USING (run_id)
WHERE v.run_id IN $runs ORDER BY r.suite, r.runner, v.k

-- gate.verdicts --
SELECT * FROM verdicts WHERE suite IN $suites
ORDER BY started_at DESC, suite, runner LIMIT 200

-- gate.calibrations --
SELECT * EXCLUDE (record_bytes) FROM calibrations WHERE suite IN $suites
QUALIFY row_number() OVER (
    PARTITION BY suite, runner ORDER BY measured_at DESC, calibration_id DESC) = 1
ORDER BY suite, runner

-- gate.detects --
SELECT c.suite, c.runner, d.epochs, d.samples, d.rise
FROM calibration_detects AS d JOIN calibrations AS c USING (calibration_id)
WHERE d.calibration_id IN $calibrations
ORDER BY c.suite, c.runner, d.samples, d.epochs

-- gate.power --
SELECT p.suite, p.runner, p.epochs, p.rise
FROM accepted_power AS p JOIN accepted AS a USING (suite, runner, digest)
WHERE a.current AND p.suite IN $suites ORDER BY p.suite, p.runner, p.epochs
