"""What can be proved of a release: who signed it, that it is unchanged, and that a vote is in it."""
