"""From a log of votes, whatever its form, to counts per pair of models. `vote_log.read` is the way in."""
