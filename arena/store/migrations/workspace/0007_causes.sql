-- Whose matter a void battle is, in the words of today; and the battle that the arena opened in its place.

ALTER TABLE voids ADD COLUMN next_battle VARCHAR;

UPDATE voids SET cause = CASE
    WHEN cause = 'model_failed' THEN 'model'
    WHEN cause = 'stopped' THEN 'arena'
    WHEN detail = 'its rater left' THEN 'rater'
    ELSE 'expired'
END
WHERE cause IN ('model_failed', 'stopped', 'abandoned');
