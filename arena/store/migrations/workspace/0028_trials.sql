-- Questions that a lab asked models by their names, to look at the answers. They are counted nowhere, and kept for a while.

CREATE TABLE trials (
    trial_id VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,        -- who asked: a rater's id, or the id of a token
    continues VARCHAR,                -- the trial that this one goes on from; null for a first question
    prompt VARCHAR NOT NULL,
    asked_at TIMESTAMP NOT NULL
);

CREATE TABLE trial_answers (
    trial_id VARCHAR NOT NULL,
    ordinal INTEGER NOT NULL,         -- in the order in which the models were named
    model VARCHAR NOT NULL,
    text VARCHAR,                     -- null where the model failed
    problem VARCHAR,                  -- why, in a sentence
    finish_reason VARCHAR,
    completion_tokens INTEGER,
    reasoning_tokens INTEGER,
    first_token_seconds DOUBLE PRECISION,
    total_seconds DOUBLE PRECISION
);
