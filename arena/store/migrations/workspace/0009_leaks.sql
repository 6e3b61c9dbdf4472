-- Answers in which a model says who it is. Null: nobody looked (an import, or an answer from before this column).

ALTER TABLE responses ADD COLUMN IF NOT EXISTS leak BOOLEAN;
