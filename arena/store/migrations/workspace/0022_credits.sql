-- Credits: the terms of the campaign of the configuration, what people held back, what is kept of erased votes, and what
-- settlements of campaigns paid. Amounts of credits are in hundredths. Raters stand here as SHA-256 of their id.

CREATE TABLE credit_terms (
    sequence BIGINT NOT NULL,         -- of its line in the ledger
    terms_id VARCHAR NOT NULL,
    campaign VARCHAR NOT NULL,
    reward BIGINT NOT NULL,
    reward_edit BIGINT NOT NULL,
    audit_window INTEGER NOT NULL,
    salt VARCHAR NOT NULL,
    since TIMESTAMP NOT NULL
);

CREATE TABLE credit_decisions (
    sequence BIGINT NOT NULL,         -- of its line in the ledger
    decision_id VARCHAR NOT NULL,
    rater_sha256 VARCHAR NOT NULL,
    campaign VARCHAR NOT NULL,
    amount BIGINT NOT NULL,           -- negative where credits are given back
    reason VARCHAR NOT NULL,          -- empty, as the salt, once the rater is erased
    decided_by VARCHAR NOT NULL,
    salt VARCHAR NOT NULL,
    decided_at TIMESTAMP NOT NULL
);

CREATE TABLE kept_credits (
    line BIGINT NOT NULL,             -- of the ledger, that says what is kept after the removal
    subject VARCHAR NOT NULL,         -- what that line is about
    sequence BIGINT NOT NULL,         -- of the line of the erased vote
    vote_id VARCHAR NOT NULL,
    rater_sha256 VARCHAR NOT NULL,
    campaign VARCHAR NOT NULL,
    edited BOOLEAN NOT NULL,
    given_at TIMESTAMP NOT NULL,      -- when the turn was given
    cast_at TIMESTAMP NOT NULL
);

CREATE TABLE campaign_payments (
    sequence BIGINT NOT NULL,         -- of its line in the ledger
    subject VARCHAR NOT NULL,         -- what that line is about
    settlement_id VARCHAR NOT NULL,   -- the same for all lines that were settled together
    campaign VARCHAR NOT NULL,
    total BIGINT NOT NULL,            -- the amount settled: the sum of the campaign's lines up to and with this settlement
    unit VARCHAR NOT NULL,
    rater_sha256 VARCHAR NOT NULL,
    contributor VARCHAR NOT NULL,     -- whom to pay, by the name that answers show
    credits BIGINT NOT NULL,          -- paid with this line for the first time
    amount BIGINT NOT NULL,
    salt VARCHAR NOT NULL,
    paid_at TIMESTAMP NOT NULL
);
