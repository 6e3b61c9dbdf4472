-- Items of a prompt set that several raters vote on: which battle each is, how turns at them ended without a vote, and
-- what raters reported of battles.

ALTER TABLE battles ADD COLUMN language VARCHAR;  -- as the prompt set says it
ALTER TABLE battles ADD COLUMN category VARCHAR;  -- as the prompt set says it

ALTER TABLE prompts ADD COLUMN language_detected BOOLEAN DEFAULT false;

CREATE TABLE items (
    campaign VARCHAR NOT NULL,
    set_name VARCHAR NOT NULL,
    prompt_id VARCHAR NOT NULL,
    battle_id VARCHAR NOT NULL
);

CREATE TABLE assignment_ends (
    assignment_id VARCHAR NOT NULL,
    battle_id VARCHAR NOT NULL,
    cause VARCHAR NOT NULL CHECK (cause IN ('skipped', 'reported', 'expired')),
    reason VARCHAR,
    ended_at TIMESTAMP NOT NULL
);

CREATE TABLE reports (
    report_id VARCHAR NOT NULL,
    battle_id VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,        -- empty once the rater is erased
    kind VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,          -- empty once the rater is erased
    reported_at TIMESTAMP NOT NULL
);

CREATE TABLE report_answers (
    report_id VARCHAR NOT NULL,
    keep BOOLEAN NOT NULL,            -- whether the item is given to raters again
    reason VARCHAR NOT NULL,
    answered_by VARCHAR NOT NULL,
    answered_at TIMESTAMP NOT NULL
);
