-- Addresses that are told of a workspace's events, and what became of each.

CREATE TABLE webhooks (
    webhook_id VARCHAR NOT NULL,
    workspace VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    events VARCHAR NOT NULL,          -- JSON: a list of kinds
    secret VARCHAR NOT NULL,          -- what deliveries are signed with
    made_by VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    told VARCHAR NOT NULL             -- id of the last event that arrived; empty before the first
);

CREATE TABLE deliveries (
    webhook_id VARCHAR NOT NULL,
    event_id VARCHAR NOT NULL,
    event VARCHAR NOT NULL,           -- its kind
    attempts INTEGER NOT NULL,
    status INTEGER,                   -- what the address answered last; null where it did not answer
    problem VARCHAR,                  -- why not, in words; null where it arrived
    sent_at TIMESTAMP NOT NULL
);
