-- Calls to models that judge: one row for each that answered (kind 'answer') or failed.
CREATE TABLE judge_calls (
    run_id VARCHAR NOT NULL,
    sample_id VARCHAR NOT NULL,
    epoch INTEGER NOT NULL,
    judge VARCHAR NOT NULL,
    rubric VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    model VARCHAR,
    input_tokens BIGINT,
    output_tokens BIGINT,
    cost_usd DOUBLE,
    latency_s DOUBLE,
    ended_at TIMESTAMP
);
