-- Which answer a page opened with where it shows one at a time. Null: nobody knows (an import, or a battle from before).

ALTER TABLE battles ADD COLUMN opens_first VARCHAR;
