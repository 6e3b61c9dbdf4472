"""How many votes each rater has cast and each pair of models has had, counted without the file.

Every answer to a vote tells how many came before it on the same two models, and scanning a million votes for that
takes 50 ms. The counts of the file are read once when it is opened; the writer adds what it commits.

Votes that count for nothing but their rater's record are told to that rater alone, as if they counted: else the number
would say which of their tasks were gold or repeats.
"""

from array import array
from bisect import bisect_right

import numpy as np

from arena.domain.ids import ModelName, RaterId
from arena.domain.vote import Vote
from arena.store.connections import Analytical
from arena.store.writing import key_hashes


class VoteCounts:
    """Votes by rater and by pair. Its writer is one thread, its readers are any."""

    def __init__(self) -> None:
        self._raters: dict[int, int] = {}
        """By the hash of the rater's id: 64 bits are enough to tell them apart."""
        self._pairs: dict[tuple[str, str], array[int]] = {}
        """Sequences in the ledger, ascending, by the models' names in order: 8 bytes a vote."""
        self._apart: dict[tuple[int, str, str], array[int]] = {}
        """The same of votes that are for their rater's record alone, by rater."""

    @classmethod
    def of(cls, connection: Analytical) -> "VoteCounts":
        """The counts of the file."""
        counts = cls()
        raters = connection.execute(
            "SELECT md5_number_lower(rater_id) AS hash, count(*) AS votes FROM votes GROUP BY hash"
        ).fetchnumpy()
        counts._raters = dict(zip(raters["hash"].tolist(), raters["votes"].tolist(), strict=True))
        pairs = connection.sql(
            "SELECT least(model_a, model_b), greatest(model_a, model_b), list(sequence ORDER BY sequence) "
            "FROM votes JOIN battles ON battles.battle_id = votes.battle_id WHERE purpose IS NULL GROUP BY ALL"
        ).to_arrow_table()
        first, second, sequences = (column.to_numpy(zero_copy_only=False) for column in pairs.columns)
        for low, high, ordered in zip(first, second, sequences, strict=True):
            counts._pairs[low, high] = array("q", np.asarray(ordered, dtype=np.int64).tobytes())
        apart = connection.execute(
            "SELECT votes.rater_id, model_a, model_b, sequence "
            "FROM votes JOIN battles ON battles.battle_id = votes.battle_id WHERE purpose IS NOT NULL ORDER BY sequence"
        ).fetchall()
        for rater_id, model_a, model_b, sequence in apart:
            counts._keep_apart(RaterId(rater_id), ModelName(model_a), ModelName(model_b), sequence)
        return counts

    def of_rater(self, rater_id: RaterId) -> int:
        """How many votes this rater has cast."""
        return self._raters.get(key_hashes.hashed(rater_id), 0)

    def of_pair(self, model_a: ModelName, model_b: ModelName, up_to: int, rater_id: RaterId) -> int:
        """How many votes compared these two models, whichever was left, up to a line of the ledger, as this rater is
        told it."""
        pair = _pair(model_a, model_b)
        kept = (self._pairs.get(pair), self._apart.get((key_hashes.hashed(rater_id), *pair)))
        return sum(bisect_right(sequences, up_to) for sequences in kept if sequences is not None)

    def add(self, vote: Vote, model_a: ModelName, model_b: ModelName, sequence: int) -> None:
        """Count a vote that is now in the file, at this line of the ledger."""
        rater = key_hashes.hashed(vote.rater_id)
        self._raters[rater] = self._raters.get(rater, 0) + 1
        if vote.purpose is None:
            self._pairs.setdefault(_pair(model_a, model_b), array("q")).append(sequence)
        else:
            self._keep_apart(vote.rater_id, model_a, model_b, sequence)

    def _keep_apart(self, rater_id: RaterId, model_a: ModelName, model_b: ModelName, sequence: int) -> None:
        key = (key_hashes.hashed(rater_id), *_pair(model_a, model_b))
        self._apart.setdefault(key, array("q")).append(sequence)


def _pair(model_a: ModelName, model_b: ModelName) -> tuple[str, str]:
    return (model_a, model_b) if model_a < model_b else (model_b, model_a)
