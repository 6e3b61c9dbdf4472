-- Who earned what of an amount settled for a release: one row and one line of the ledger a part.

CREATE TABLE settlements (
    sequence BIGINT NOT NULL,         -- of its line in the ledger
    subject VARCHAR NOT NULL,         -- what that line is about
    settlement_id VARCHAR NOT NULL,   -- the same for all parts that were settled together
    release VARCHAR NOT NULL,         -- SHA-256 of the release's manifest
    root VARCHAR,                     -- of the tree of its votes; null where there is none
    total BIGINT NOT NULL,            -- the amount settled: the sum of the release's parts up to and with this settlement
    unit VARCHAR NOT NULL,
    contributor VARCHAR NOT NULL,     -- a pseudonym of the release
    weight BIGINT NOT NULL,
    amount BIGINT NOT NULL,           -- in the unit; negative where a correction takes something back
    salt VARCHAR NOT NULL,
    settled_at TIMESTAMP NOT NULL
);
