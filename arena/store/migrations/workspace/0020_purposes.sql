-- Tasks whose votes count for nothing but their rater's record: gold, repeats, practice and tests; qualifications and what
-- raters made of them. Null or false in older rows: what counts there counts as before.

ALTER TABLE assignments ADD COLUMN purpose VARCHAR;        -- gold, repeat, practice or test; null: an ordinary turn
ALTER TABLE assignments ADD COLUMN nonce VARCHAR;          -- opens what the id of the turn commits to
ALTER TABLE votes ADD COLUMN purpose VARCHAR;              -- as its turn has it
ALTER TABLE items ADD COLUMN gold BOOLEAN DEFAULT false;   -- whether the outcome is known: gold of a campaign, or of a qualification

CREATE TABLE qualifications (
    field VARCHAR NOT NULL,
    gold_set VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    practice INTEGER NOT NULL,
    items INTEGER NOT NULL,
    needed INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    wait_days INTEGER NOT NULL,
    valid_days INTEGER NOT NULL,
    guidelines VARCHAR NOT NULL,
    created_by VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE qualification_results (
    sequence BIGINT NOT NULL,         -- of its line in the ledger
    result_id VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    rater_id VARCHAR NOT NULL,        -- empty once the rater is erased
    rater_sha256 VARCHAR NOT NULL,
    last_turn VARCHAR NOT NULL,
    correct INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    needed INTEGER NOT NULL,
    passed BOOLEAN NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    valid_until TIMESTAMP,            -- null where it was not passed
    salt VARCHAR NOT NULL
);

CREATE OR REPLACE VIEW counted_votes AS
SELECT
    votes.vote_id,
    votes.battle_id,
    battles.conversation_id,
    battles.campaign,
    votes.rater_id,
    battles.model_a,
    battles.model_b,
    votes.winner,
    votes.strength,
    votes.cast_at
FROM votes
JOIN battles ON battles.battle_id = votes.battle_id
WHERE votes.purpose IS NULL
AND votes.battle_id NOT IN (SELECT voids.battle_id FROM voids)
AND votes.rater_id NOT IN (SELECT removals.rater FROM removals WHERE removals.kind = 'withdrawn')
AND battles.rater_id NOT IN (SELECT removals.rater FROM removals WHERE removals.kind = 'withdrawn');
