-- Rows are only ever added. No secondary indexes: constraints are kept by the writer, the only one who writes.
-- Times are UTC without a zone, in microseconds.

CREATE TABLE models (
    ordinal BIGINT NOT NULL,          -- 1, 2, 3, ... in the order added; the newest row of a name wins
    name VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    endpoint VARCHAR NOT NULL,
    served_name VARCHAR NOT NULL,
    system_prompt VARCHAR,
    sampling VARCHAR NOT NULL,        -- JSON
    api_key_env VARCHAR
);

CREATE TABLE battles (
    ordinal BIGINT NOT NULL,          -- 1, 2, 3, ... in the order opened, whatever the clock said
    battle_id VARCHAR NOT NULL,
    conversation_id VARCHAR NOT NULL,
    turn INTEGER NOT NULL,
    continues VARCHAR,
    continued_side VARCHAR,
    campaign VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,
    prompt VARCHAR NOT NULL,
    history STRUCT("role" VARCHAR, "content" VARCHAR)[] NOT NULL,
    model_a VARCHAR NOT NULL,
    model_b VARCHAR NOT NULL,
    draw_probability DOUBLE NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE responses (
    battle_id VARCHAR NOT NULL,
    side VARCHAR NOT NULL CHECK (side IN ('a', 'b')),
    text VARCHAR NOT NULL,
    finish_reason VARCHAR NOT NULL,
    prompt_tokens BIGINT,
    completion_tokens BIGINT,
    first_token_seconds DOUBLE NOT NULL,
    total_seconds DOUBLE NOT NULL,
    completed_at TIMESTAMP NOT NULL
);

CREATE TABLE voids (
    battle_id VARCHAR NOT NULL,
    cause VARCHAR NOT NULL,
    failed_side VARCHAR CHECK (failed_side IN ('a', 'b')),
    detail VARCHAR NOT NULL,
    voided_at TIMESTAMP NOT NULL
);

CREATE TABLE votes (
    sequence BIGINT NOT NULL,         -- of its line in the ledger: the order in which votes were acknowledged
    vote_id VARCHAR NOT NULL,
    battle_id VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,
    winner VARCHAR NOT NULL CHECK (winner IN ('model_a', 'model_b', 'tie', 'both_bad')),
    strength VARCHAR CHECK (strength IN ('slightly', 'clearly')),
    tags VARCHAR[] NOT NULL,
    reason VARCHAR,
    edit VARCHAR,
    reading_seconds DOUBLE,
    cast_at TIMESTAMP NOT NULL,
    idempotency_key VARCHAR NOT NULL,
    request_sha256 VARCHAR NOT NULL,
    salt VARCHAR NOT NULL             -- opens the commitment in the ledger; erased together with the vote
);

CREATE TABLE ledger (
    sequence BIGINT NOT NULL,
    subject VARCHAR NOT NULL,
    commitment VARCHAR NOT NULL,
    previous VARCHAR NOT NULL,
    hash VARCHAR NOT NULL
);

CREATE TABLE releases (
    release_id VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    manifest VARCHAR NOT NULL,        -- JSON
    created_at TIMESTAMP NOT NULL
);

-- What counts: every vote on a battle that is not void.
CREATE VIEW counted_votes AS
SELECT
    votes.vote_id,
    votes.battle_id,
    battles.conversation_id,
    battles.campaign,
    votes.rater_id,
    battles.model_a,
    battles.model_b,
    votes.winner,
    votes.strength,
    votes.cast_at
FROM votes
JOIN battles ON battles.battle_id = votes.battle_id
WHERE votes.battle_id NOT IN (SELECT voids.battle_id FROM voids);
