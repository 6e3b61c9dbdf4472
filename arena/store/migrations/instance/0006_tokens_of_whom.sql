-- Who made a token, so that it ends with them, and the one campaign that it may be for.

ALTER TABLE tokens ADD COLUMN made_by VARCHAR; -- an e-mail, or the id of a token; null where nobody noted it
ALTER TABLE tokens ADD COLUMN campaign VARCHAR; -- null: the whole workspace
