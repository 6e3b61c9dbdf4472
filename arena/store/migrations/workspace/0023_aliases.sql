-- What a model is called to raters and on public boards, from a change on; null: by its name.

ALTER TABLE model_changes ADD COLUMN alias VARCHAR;
