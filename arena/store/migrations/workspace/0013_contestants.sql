-- What a contestant is beyond its sampling, since when it is here, and what happened to it; how long an answer was
-- thought about. Null or the default: what held before.

ALTER TABLE models ADD COLUMN api VARCHAR DEFAULT 'chat';          -- chat or completions
ALTER TABLE models ADD COLUMN plain_template VARCHAR;              -- how a conversation becomes the text of completions
ALTER TABLE models ADD COLUMN chat_template_kwargs VARCHAR;        -- JSON
ALTER TABLE models ADD COLUMN extra_body VARCHAR;                  -- JSON
ALTER TABLE models ADD COLUMN replicas VARCHAR;                    -- JSON: endpoints of its further servers
ALTER TABLE models ADD COLUMN strict_name BOOLEAN DEFAULT false;
ALTER TABLE models ADD COLUMN added_at TIMESTAMP;                  -- null where nobody noted it

ALTER TABLE responses ADD COLUMN reasoning_tokens BIGINT;          -- of the completion tokens; null where there were none
ALTER TABLE responses ADD COLUMN reasoning_seconds DOUBLE;         -- from the first to the last of them

CREATE TABLE model_changes (
    sequence BIGINT NOT NULL,         -- of its line in the ledger
    change_id VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    added BOOLEAN NOT NULL,           -- whether the change made the model known here
    state VARCHAR NOT NULL CHECK (state IN ('announced', 'active', 'paused', 'retired')),
    reason VARCHAR NOT NULL,
    changed_by VARCHAR NOT NULL,      -- who, by the id of a token
    salt VARCHAR NOT NULL,
    changed_at TIMESTAMP NOT NULL
);
