-- What audits found in the votes, by which policy, and which decisions on standing follow from it.

CREATE TABLE policies (
    sequence BIGINT NOT NULL,         -- of the line in the ledger that says it is used from now on
    use_id VARCHAR NOT NULL,          -- the subject of that line
    version VARCHAR NOT NULL,
    rules VARCHAR NOT NULL,           -- JSON
    used_at TIMESTAMP NOT NULL
);

CREATE TABLE findings (
    sequence BIGINT NOT NULL,         -- of its line in the ledger
    finding_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    model VARCHAR,                    -- null: about none in particular
    strength DOUBLE NOT NULL,
    since TIMESTAMP,                  -- of the votes that speak for it; null: all that the raters had
    votes BIGINT NOT NULL,
    pending BOOLEAN NOT NULL,
    sentence VARCHAR NOT NULL,        -- empty, as the salt, once every rater of it is erased
    policy VARCHAR NOT NULL,
    salt VARCHAR NOT NULL,
    found_at TIMESTAMP NOT NULL
);

CREATE TABLE finding_raters (
    finding_id VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,        -- empty once the rater is erased
    rater_sha256 VARCHAR NOT NULL,
    votes BIGINT NOT NULL,            -- of this rater, that speak for it
    first_at TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL
);

CREATE TABLE finding_ends (
    sequence BIGINT NOT NULL,         -- of its line in the ledger
    end_id VARCHAR NOT NULL,
    finding_id VARCHAR NOT NULL,
    policy VARCHAR NOT NULL,
    ended_at TIMESTAMP NOT NULL
);

ALTER TABLE standing_decisions ADD COLUMN finding_id VARCHAR;  -- the finding it follows from; null where a person decided
