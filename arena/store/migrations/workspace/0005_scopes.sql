-- What raters chose that their prompts and votes may be used for: the last row of a rater holds.

CREATE TABLE scopes (
    sequence BIGINT NOT NULL,         -- of its line in the ledger
    choice_id VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,        -- empty once the rater is erased
    rater_sha256 VARCHAR NOT NULL,    -- of the id; what the line commits to
    scope VARCHAR NOT NULL CHECK (scope IN ('public', 'private')),
    chosen_at TIMESTAMP NOT NULL
);
