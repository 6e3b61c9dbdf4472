-- An appeal is a line of the ledger when it is asked. Those that were asked before have none.

ALTER TABLE appeals ADD COLUMN sequence BIGINT;
ALTER TABLE appeals ADD COLUMN rater_sha256 VARCHAR;
ALTER TABLE appeals ADD COLUMN salt VARCHAR;
