-- What people decided of raters' standing, which votes are held by it, and what raters asked to be looked at again.

CREATE TABLE standing_decisions (
    sequence BIGINT NOT NULL,         -- of its line in the ledger
    decision_id VARCHAR NOT NULL,
    follows VARCHAR,                  -- the same decision on another rater of the account
    rater_id VARCHAR NOT NULL,        -- empty once the rater is erased
    rater_sha256 VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    standing VARCHAR CHECK (standing IN ('new', 'qualified', 'probation', 'suspended')), -- null where it undoes another
    reason VARCHAR NOT NULL,          -- empty once the rater is erased
    ends_at TIMESTAMP,
    undoes VARCHAR,
    answers VARCHAR,                  -- the appeal that was decided by it
    decided_by VARCHAR NOT NULL,
    salt VARCHAR NOT NULL,            -- empty once the rater is erased
    decided_at TIMESTAMP NOT NULL
);

CREATE TABLE holds (
    sequence BIGINT NOT NULL,         -- of the line in the ledger that says so
    hold_id VARCHAR NOT NULL,         -- the subject of that line: of a person's hold, the decision
    rater_id VARCHAR NOT NULL,        -- empty once the rater is erased
    field VARCHAR NOT NULL,
    held_for VARCHAR NOT NULL CHECK (held_for IN ('finding', 'probation', 'suspended')),
    since TIMESTAMP,                  -- of the votes' casting; null: from the first on
    until TIMESTAMP,                  -- not included; null: without end
    model VARCHAR                     -- null: whatever the models
);

CREATE TABLE appeals (
    appeal_id VARCHAR NOT NULL,
    decision_id VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,        -- empty once the rater is erased
    field VARCHAR NOT NULL,
    text VARCHAR NOT NULL,            -- empty once the rater is erased
    asked_at TIMESTAMP NOT NULL
);

-- Holds in force: those of decisions that were not undone, until a later decision makes the rater qualified again.
CREATE VIEW holds_in_force AS
SELECT
    holds.sequence,
    holds.rater_id,
    holds.field,
    holds.held_for,
    holds.since,
    holds.until,
    holds.model
FROM holds
WHERE holds.rater_id <> ''
AND holds.hold_id NOT IN (
    SELECT decided.decision_id FROM standing_decisions AS decided
    JOIN standing_decisions AS undoing ON undoing.undoes = coalesce(decided.follows, decided.decision_id)
)
AND NOT EXISTS (
    SELECT * FROM standing_decisions AS lifting
    WHERE lifting.standing = 'qualified'
    AND lifting.rater_id = holds.rater_id
    AND lifting.field = holds.field
    AND lifting.sequence > holds.sequence
    AND coalesce(lifting.follows, lifting.decision_id) NOT IN (
        SELECT undone.undoes FROM standing_decisions AS undone WHERE undone.undoes IS NOT NULL
    )
);
