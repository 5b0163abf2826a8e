-- Agents: the tools of a run, what an agent did, and what it did to the world.

ALTER TABLE runs ADD COLUMN tools_hash VARCHAR NOT NULL DEFAULT '';  -- empty without tools
ALTER TABLE attempts ADD COLUMN trajectory JSON;  -- masked; NULL where nobody called tools

-- Where in an answer `place` counts: a JSON pointer into its trajectory, or empty for its text.
ALTER TABLE findings ADD COLUMN pointer VARCHAR NOT NULL DEFAULT '';

-- One row for each call that an agent made.
CREATE TABLE tool_calls (
    run_id    VARCHAR NOT NULL,
    sample_id VARCHAR NOT NULL,
    epoch     INTEGER NOT NULL,
    step      INTEGER NOT NULL,          -- of the trajectory, from 1
    position  INTEGER NOT NULL,          -- among the calls of its step, from 1
    tool      VARCHAR NOT NULL,
    status    VARCHAR NOT NULL,          -- ok, error, malformed_arguments or unknown_tool
    fault     VARCHAR NOT NULL,          -- the kind that struck it; empty if none
    guard     VARCHAR NOT NULL,          -- what a guard did; empty if there was none
    arguments JSON NOT NULL,
    result    JSON NOT NULL
);

-- One row for each effect that the world's own books have: two of one intent are a duplicate.
CREATE TABLE effects (
    run_id       VARCHAR NOT NULL,
    sample_id    VARCHAR NOT NULL,
    epoch        INTEGER NOT NULL,
    intent       VARCHAR NOT NULL,
    effect_id    VARCHAR NOT NULL,
    amount_minor BIGINT NOT NULL,        -- 0 where no money moves
    currency     VARCHAR NOT NULL,
    subject      VARCHAR NOT NULL        -- what effects add up on, such as a payment
);
