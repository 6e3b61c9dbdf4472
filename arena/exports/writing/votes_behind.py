"""The votes behind the rows of a release, in the order of their leaves: items, openings, proof tree and credit."""

from collections import Counter

from arena.domain.ids import RaterId
from arena.exports.folder import files
from arena.exports.folder.row_order import RowPlace, UnitRows
from arena.exports.folder.tables import TableWriter
from arena.exports.proofs import merkle
from arena.exports.writing.openings_file import OpeningsFile


class VotesBehind:
    """Notes them while rows are placed."""

    def __init__(self, items: TableWriter, openings: OpeningsFile) -> None:
        self._items = items
        self._openings = openings
        self.tree = merkle.Tree()
        self.weights: Counter[RaterId] = Counter()
        """Votes by rater."""

    def placed(self, part: str, unit: UnitRows, place: RowPlace) -> None:
        """Note the votes behind rows that were written."""
        for vote in unit.votes:
            item = {
                "split": part,
                "row": place.row,
                "rows": len(unit.lines),
                "step": place.step,
                "battle_id": vote.battle_id,
                "vote_id": vote.vote_id,
                "line": vote.line,
                "commitment": vote.commitment,
            }
            self._items.add(files.json_line(item))
            if vote.opening is not None:
                self._openings.add(self.tree.leaves, vote.opening)
            self.weights[vote.rater_id] += 1
            if vote.commitment is not None:
                self.tree.add(vote.commitment)
