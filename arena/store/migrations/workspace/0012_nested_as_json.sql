-- Nested columns become JSON text: the write path uses only what PostgreSQL has too. In new columns, because the log
-- would repeat the expression of a changed type, and the functions of JSON are not there yet while it is read back.

ALTER TABLE battles ADD COLUMN history_json VARCHAR DEFAULT '[]';
ALTER TABLE battles ALTER COLUMN history_json SET NOT NULL;
UPDATE battles SET history_json = to_json(history)::VARCHAR WHERE len(history) > 0;
ALTER TABLE battles DROP COLUMN history;
ALTER TABLE battles RENAME COLUMN history_json TO history;
ALTER TABLE battles ALTER COLUMN history DROP DEFAULT;

ALTER TABLE votes ADD COLUMN tags_json VARCHAR DEFAULT '[]';
ALTER TABLE votes ALTER COLUMN tags_json SET NOT NULL;
UPDATE votes SET tags_json = to_json(tags)::VARCHAR WHERE len(tags) > 0;
ALTER TABLE votes DROP COLUMN tags;
ALTER TABLE votes RENAME COLUMN tags_json TO tags;
ALTER TABLE votes ALTER COLUMN tags DROP DEFAULT;
