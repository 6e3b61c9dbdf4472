-- Who an organisation's server signs in: its own id of a person, and their account here.

CREATE TABLE subjects (
    issuer VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    since TIMESTAMP NOT NULL
);
