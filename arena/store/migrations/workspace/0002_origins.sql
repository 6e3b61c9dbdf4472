-- Battles that were imported, and what an import cannot know: how an answer was written, how a pair was drawn.

CREATE TABLE origins (
    battle_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    item VARCHAR NOT NULL,
    language VARCHAR,
    category VARCHAR,
    timed BOOLEAN NOT NULL,           -- whether the source says when it was voted on
    digest VARCHAR NOT NULL           -- SHA-256 over source, item, models and texts: no two rows have the same
);

ALTER TABLE responses ALTER COLUMN finish_reason DROP NOT NULL;
ALTER TABLE responses ALTER COLUMN first_token_seconds DROP NOT NULL;
ALTER TABLE responses ALTER COLUMN total_seconds DROP NOT NULL;
ALTER TABLE battles ALTER COLUMN draw_probability DROP NOT NULL;
