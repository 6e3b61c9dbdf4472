-- Who left: everything of an erased rater is blank or gone, everything of a withdrawn one counts no more.

CREATE TABLE removals (
    sequence BIGINT NOT NULL,         -- of its line in the ledger
    removal_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('erased', 'withdrawn')),
    rater VARCHAR NOT NULL,           -- id of a withdrawn rater; SHA-256 of the id of an erased one
    removed_at TIMESTAMP NOT NULL,
    purged BOOLEAN NOT NULL           -- whether the file was written anew since, so that no freed part of it holds a text
);

CREATE TABLE removed_votes (
    removal_id VARCHAR NOT NULL,
    battle_id VARCHAR NOT NULL,
    vote_id VARCHAR NOT NULL
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
WHERE votes.battle_id NOT IN (SELECT voids.battle_id FROM voids)
AND votes.rater_id NOT IN (SELECT removals.rater FROM removals WHERE removals.kind = 'withdrawn')
AND battles.rater_id NOT IN (SELECT removals.rater FROM removals WHERE removals.kind = 'withdrawn');
