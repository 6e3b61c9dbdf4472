-- Prompts that are stored under the name of a set, and answers to them that were made beforehand.

CREATE TABLE prompts (
    set_name VARCHAR NOT NULL,
    ordinal BIGINT NOT NULL,          -- 1, 2, 3, ... in the order of the set
    prompt_id VARCHAR NOT NULL,       -- unique in its set
    messages VARCHAR NOT NULL,        -- JSON
    language VARCHAR,
    category VARCHAR,
    tags VARCHAR NOT NULL,            -- JSON
    gold_winner VARCHAR CHECK (gold_winner IN ('model_a', 'model_b', 'tie', 'both_bad')),
    gold_model_a VARCHAR,
    gold_model_b VARCHAR,
    gold_explanation VARCHAR,
    digest VARCHAR NOT NULL,          -- of what its file says: the same id with another digest is refused
    added_at TIMESTAMP NOT NULL
);

CREATE TABLE stored_answers (
    set_name VARCHAR NOT NULL,
    prompt_id VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    sample INTEGER NOT NULL,
    text VARCHAR NOT NULL,
    finish_reason VARCHAR,
    prompt_tokens BIGINT,
    completion_tokens BIGINT,
    seconds DOUBLE,
    generated_at TIMESTAMP,
    fingerprint VARCHAR,
    digest VARCHAR NOT NULL,          -- of text and finish reason: the same answer with another digest is refused
    added_at TIMESTAMP NOT NULL
);
