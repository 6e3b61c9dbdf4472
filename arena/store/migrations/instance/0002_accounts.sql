-- People: accounts, what they are in which workspace, invitations, sessions, and who changed any of it.
-- No table holds a password, a token of a session, an invitation or a link; only hashes of them.

CREATE TABLE accounts (
    account_id VARCHAR NOT NULL,
    email VARCHAR NOT NULL,           -- empty once its owner closed it, as are name and password
    name VARCHAR NOT NULL,
    password VARCHAR NOT NULL,        -- argon2id, with its parameters and salt
    created_at TIMESTAMP NOT NULL,
    disabled_at TIMESTAMP,
    closed_at TIMESTAMP
);

CREATE TABLE members (
    account_id VARCHAR NOT NULL,
    workspace VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,        -- as stored in that workspace: another one in each
    others VARCHAR NOT NULL,          -- JSON: ids of raters that its browsers were before they signed in
    since TIMESTAMP NOT NULL
);

CREATE TABLE invitations (
    invitation_id VARCHAR NOT NULL,
    hash VARCHAR NOT NULL,
    workspace VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    campaign VARCHAR,
    uses INTEGER NOT NULL,
    used INTEGER NOT NULL,
    made_by VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL
);

CREATE TABLE sessions (
    session_id VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    hash VARCHAR NOT NULL,
    client VARCHAR NOT NULL,          -- such as "Firefox on Linux"
    created_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP NOT NULL,  -- to the hour
    expires_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);

CREATE TABLE password_links (
    hash VARCHAR NOT NULL,
    account_id VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);

CREATE TABLE audit_entries (
    noted_at TIMESTAMP NOT NULL,
    workspace VARCHAR,                -- null: of the installation
    who VARCHAR NOT NULL,
    did VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    reason VARCHAR,
    sent_from VARCHAR NOT NULL
);
