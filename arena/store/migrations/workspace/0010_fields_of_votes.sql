-- What the second version of a vote's commitment covers, and turns of raters who did not ask the prompt.

ALTER TABLE votes ADD COLUMN commitment_version INTEGER DEFAULT 1; -- how its line in the ledger commits to it
ALTER TABLE votes ADD COLUMN rater_kind VARCHAR DEFAULT 'person';  -- person, program or judge
ALTER TABLE votes ADD COLUMN criteria VARCHAR;                     -- JSON: pairs of criterion and winner; null for none
ALTER TABLE votes ADD COLUMN shown_left VARCHAR;                   -- the side the rater saw left; null where nobody knows
ALTER TABLE votes ADD COLUMN assignment_id VARCHAR;                -- null: the turn of whoever asked, or an import

ALTER TABLE battles ADD COLUMN parts VARCHAR;                      -- JSON: messages and prompt where one is not only a text
ALTER TABLE battles ADD COLUMN answers VARCHAR DEFAULT 'live';     -- live or stored

CREATE TABLE assignments (
    assignment_id VARCHAR NOT NULL,
    battle_id VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,        -- empty once the rater is erased
    since TIMESTAMP NOT NULL,
    deadline TIMESTAMP,
    shown_first VARCHAR NOT NULL CHECK (shown_first IN ('a', 'b')),
    repeat BOOLEAN NOT NULL           -- whether the rater voted on the battle before
);
