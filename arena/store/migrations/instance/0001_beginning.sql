-- Tokens of labs, trainers and admins. The secret is shown once and never stored, only its SHA-256.
-- Rows are only ever added: a revocation is a row of its own.

CREATE TABLE tokens (
    token_id VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    workspace VARCHAR NOT NULL,
    hash VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE revocations (
    token_id VARCHAR NOT NULL,
    revoked_at TIMESTAMP NOT NULL
);
