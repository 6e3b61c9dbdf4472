-- What is kept of the tree that a vote is committed to by, so that a release need not hash what it does not open.

ALTER TABLE votes ADD COLUMN kept VARCHAR; -- hex of two hashes; null for votes from before, and of the first version
