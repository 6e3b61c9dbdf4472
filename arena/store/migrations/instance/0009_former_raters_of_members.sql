-- Whom a member was before they erased themselves, so that they begin nothing anew that they had begun.

ALTER TABLE members ADD COLUMN former VARCHAR; -- JSON: SHA-256 of each erased id; null: none
