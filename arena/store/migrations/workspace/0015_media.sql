-- Answers that are pictures, sounds or films. The files lie in the workspace's folder, by their hash.

ALTER TABLE responses ADD COLUMN media VARCHAR;                    -- JSON, parts as in a message; null for text alone
ALTER TABLE stored_answers ADD COLUMN media VARCHAR;               -- the same
