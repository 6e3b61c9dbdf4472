-- The second step of signing in, for accounts that have one: a secret that a device makes codes of.

CREATE TABLE second_steps (
    account_id VARCHAR NOT NULL,
    secret VARCHAR NOT NULL,          -- base32; both sides need it, so it cannot be a hash
    recovery VARCHAR NOT NULL,        -- JSON: SHA-256 of each recovery code that was not used
    last_step BIGINT NOT NULL,        -- of the newest code that was taken: none is taken twice
    since TIMESTAMP NOT NULL
);
