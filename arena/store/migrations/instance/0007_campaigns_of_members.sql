-- Campaigns that a member was invited to: they enter these, also where only some raters are let in.

ALTER TABLE members ADD COLUMN campaigns VARCHAR; -- JSON: their names; null: none
