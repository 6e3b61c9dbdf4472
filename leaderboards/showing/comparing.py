"""Two boards side by side, and what moved: a raw one and one controlled for style, or last month's and this one's."""

import csv
import io
from dataclasses import dataclass
from typing import Any

from leaderboards import board, errors
from leaderboards.showing import documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One model on both boards; what a board does not know of it is None."""

    model: str
    rating_before: float | None
    rating_after: float | None
    moved: float | None
    """Rating after minus rating before; the mean of both boards is the same, so this is relative to the field."""
    rank_before: int | None
    rank_after: int | None
    places: int | None
    """Places climbed; negative when it fell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Every model of either board, in the order of the second."""

    before: board.Board
    after: board.Board
    moves: tuple[Move, ...]
    titles: tuple[str, str]
    """What tables call the two boards."""

    def to_dicts(self) -> list[dict[str, Any]]:
        """The moves as plain values."""
        return [{name: getattr(move, name) for name in Move.__slots__} for move in self.moves]

    def to_dict(self) -> dict[str, Any]:
        """The document `comparison/1`: both boards, each `leaderboard/1`, and the moves."""
        return {
            "schema": "comparison/1",
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
            "moves": self.to_dicts(),
        }

    def to_json(self) -> str:
        """The document as JSON text."""
        return documents.as_json(self.to_dict())

    def to_csv(self) -> str:
        """One line per model."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(Move.__slots__)
        for row in self.to_dicts():
            row["model"] = documents.cell(row["model"])
            writer.writerow(["" if value is None else value for value in row.values()])
        return text.getvalue()

    def to_markdown(self) -> str:
        """A table in Markdown."""
        titles, *lines = [f"| {' | '.join(map(documents.escaped, row))} |" for row in self._rows()]
        sentences = [f"{documents.escaped(text)}\n" for text in self._summaries()]
        return "\n".join([titles, "|---|---:|---:|---:|---:|", *lines, "", *sentences])

    def to_table(self) -> str:
        """The same for a terminal."""
        sides = (str.ljust, str.rjust, str.rjust, str.rjust, str.rjust)
        return "\n".join([*documents.aligned(self._rows(), sides), "", *(f"{text}\n" for text in self._summaries())])

    def _rows(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = [("model", *self.titles, "moved", "rank")]
        for move in self.moves:
            before, after = ("-" if r is None else f"{r:.1f}" for r in (move.rating_before, move.rating_after))
            moved = "-" if move.moved is None else f"{move.moved:+.1f}"
            ranks = "-" if move.places is None else f"{move.rank_before} to {move.rank_after}"
            rows.append((move.model, before, after, moved, ranks))
        return rows

    def _summaries(self) -> list[str]:
        boards = zip(self.titles, (self.before, self.after), strict=True)
        return [f"{title}: {documents.summary(ranked)}" for title, ranked in boards]


def compare(before: board.Board, after: board.Board, titles: tuple[str, str] | None = None) -> Comparison:
    """What moved between two boards on one scale. Raises InputError when the scales differ."""
    board.demand(before)
    board.demand(after)
    if before.scale != after.scale:
        raise errors.InputError("The boards have different scales; fit both with the same method and anchor.")
    known = {entry.model: entry for entry in before.entries}
    later = {entry.model for entry in after.entries}
    moves = [_move(entry.model, known.get(entry.model), entry) for entry in after.entries]
    moves += [_move(entry.model, entry, None) for entry in before.entries if entry.model not in later]
    return Comparison(before=before, after=after, moves=tuple(moves), titles=titles or _titles(before, after))


def _move(model: str, old: board.Entry | None, new: board.Entry | None) -> Move:
    ratings = (None if old is None else old.rating, None if new is None else new.rating)
    ranks = (None if old is None else old.rank, None if new is None else new.rank)
    return Move(
        model=model,
        rating_before=ratings[0],
        rating_after=ratings[1],
        moved=None if ratings[0] is None or ratings[1] is None else ratings[1] - ratings[0],
        rank_before=ranks[0],
        rank_after=ranks[1],
        places=None if ranks[0] is None or ranks[1] is None else ranks[0] - ranks[1],
    )


def _titles(before: board.Board, after: board.Board) -> tuple[str, str]:
    """What tells the boards apart: their controls, or which came first."""
    found = _title(before), _title(after)
    return found if found[0] != found[1] else ("before", "after")


def _title(ranked: board.Board) -> str:
    return f"controlled for {', '.join(ranked.controls)}" if ranked.controls else "raw"
