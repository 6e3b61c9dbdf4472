-- Campaigns, each a row a change with all its keys, and the version of its campaign that a battle was drawn under.

CREATE TABLE campaigns (
    sequence BIGINT NOT NULL,         -- of its line in the ledger
    change_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    version INTEGER NOT NULL,         -- from 1, another one where a key is another
    state VARCHAR NOT NULL CHECK (state IN ('draft', 'running', 'paused', 'closed')),
    keys VARCHAR NOT NULL,            -- JSON, all of them
    reason VARCHAR NOT NULL,
    changed_by VARCHAR NOT NULL,      -- who, by the id of a token or a rater; arena where it closed by its own rules
    salt VARCHAR NOT NULL,
    changed_at TIMESTAMP NOT NULL
);

ALTER TABLE battles ADD COLUMN campaign_version INTEGER;  -- null: of a campaign that is not stored
