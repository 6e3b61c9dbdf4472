"""What lies behind a board: a model against each other, two models beside each other, how ratings moved, what few votes
could change, and whether one scale describes the votes.
"""

import dataclasses
from dataclasses import dataclass

import leaderboards
from arena.domain.principal import Principal
from arena.errors import Conflict, DoesNotFit, NotFound
from arena.services.aliases import Aliases
from arena.services.board_settings import BoardSettings
from arena.services.boards import Boards
from arena.services.ranking import Ranking
from arena.services.remembered import Remembered
from leaderboards.showing import influence, matrix, pairs, tiers

MOST_PARTS = 12
"""Categories in which two models are compared, those with the most votes."""
BLOCK = 20
"""Neighbours that are fitted again together."""
KEPT = 256
KEPT_NUMBERS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPair:
    """Two models on the votes of one category."""

    value: str
    match: pairs.Match | None
    """None where they never met in it."""
    difference: pairs.RatingDifference | None
    """None where one of them has no rating in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPair:
    """Two models beside each other."""

    match: pairs.Match | None
    difference: pairs.RatingDifference | None
    parts: tuple[CategoryPair, ...]
    head: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighedBoard:
    """The board where each vote weighs what makes up for how its pair was drawn, beside the plain one."""

    board: leaderboards.Board
    differing: tuple[str, ...]
    """Models whose weighed rating lies outside their plain interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What a board leaves open."""

    neighbours: tuple[tiers.Gap, ...]
    """Some of them."""
    flips: tuple[influence.Flip, ...]
    """The votes that hold each of those in order."""
    total: int
    """Neighbours of the board."""
    fit: matrix.Diagnosis
    size: int = 1000


class BoardDetails:
    """The boards of a workspace, looked at closely."""

    def __init__(self, boards: Boards, aliases: Aliases) -> None:
        self._boards = boards
        self._aliases = aliases
        self._doubts: Remembered[Doubts] = Remembered(most=KEPT, size=KEPT_NUMBERS, at_once=1)

    async def matches(
        self, principal: Principal, name: str, asked: BoardSettings, model: str
    ) -> tuple[Ranking, str, tuple[pairs.Match, ...]]:
        """A model against each that it met; with the ranking, and the name that it has there."""
        found = await self._one(principal, name, asked)
        known = self._named(principal, found, model)
        return found, known, pairs.matches(found.board, known)

    async def pair(self, principal: Principal, name: str, asked: BoardSettings, first: str, second: str) -> ModelPair:
        """Two models beside each other, over all votes of a board and in each category."""
        found = await self._one(principal, name, asked)
        one, other = (self._named(principal, found, model) for model in (first, second))
        if one == other:
            raise DoesNotFit(f"first and second are both {first}; name two models.")
        parts = []
        values = () if asked.by or asked.cut.category else (await self._boards.values(principal))["category"]
        for value in values[:MOST_PARTS] if len(values) > 1 else ():
            of_value = dataclasses.replace(asked, cut=dataclasses.replace(asked.cut, category=value))
            board = (await self._boards.find(principal, name, of_value)).board
            parts.append(
                CategoryPair(value=value, match=_match(board, one, other), difference=_difference(board, one, other))
            )
        return ModelPair(
            match=_match(found.board, one, other),
            difference=_difference(found.board, one, other),
            parts=tuple(parts),
            head=found.head,
        )

    async def doubts(
        self, principal: Principal, name: str, asked: BoardSettings, after: int, limit: int
    ) -> tuple[Ranking, Doubts]:
        """How few votes hold each of some neighbours in order, and how well one scale describes the votes."""
        found = await self._one(principal, name, asked)
        if found.board.fit is None or len(found.board.rated) < 2:
            raise Conflict(
                f"Nothing can be said of this board yet: {found.reason or 'its ratings are not fitted again'}"
            )

        blocks = []
        for number in range(after // BLOCK, (after + limit - 1) // BLOCK + 1):
            blocks.append(await self._block(found, number))
            if (number + 1) * BLOCK >= blocks[-1].total:
                break
        skipped = after % BLOCK
        some = slice(skipped, skipped + limit)
        return found, dataclasses.replace(
            blocks[0],
            neighbours=tuple(gap for block in blocks for gap in block.neighbours)[some],
            flips=tuple(flip for block in blocks for flip in block.flips)[some],
        )

    async def _block(self, found: Ranking, number: int) -> Doubts:
        """So many neighbours at once: whatever part of them is asked for, each is fitted again once."""

        def make() -> Doubts:
            gaps = tiers.read(found.board).neighbours
            some = gaps[number * BLOCK : (number + 1) * BLOCK]
            flips = influence.fewest(found.board, [(gap.higher, gap.lower) for gap in some])
            return Doubts(neighbours=some, flips=flips, total=len(gaps), fit=matrix.diagnose(found.board))

        return await self._doubts.get((found.asked, number), lambda: (found.head, found.votes), make)

    async def weighed(
        self, principal: Principal, name: str, asked: BoardSettings, plain: Ranking
    ) -> WeighedBoard | None:
        """The fit weighed by how likely each pair was drawn; None where that is not known of every vote."""
        heavy = await self._one(principal, name, dataclasses.replace(asked, weighed=True))
        ratings = {entry.model: entry.rating for entry in heavy.board.rated}
        differing = [
            entry.model
            for entry in plain.board.rated
            if entry.lower is not None
            and entry.upper is not None
            and (rating := ratings.get(entry.model)) is not None
            and not entry.lower <= rating <= entry.upper
        ]
        return WeighedBoard(board=heavy.board, differing=tuple(differing)) if ratings else None

    async def _one(self, principal: Principal, name: str, asked: BoardSettings) -> Ranking:
        if asked.each:
            raise DoesNotFit("This is about one board; name its value beside by.")
        return await self._boards.find(principal, name, asked)

    def _named(self, principal: Principal, found: Ranking, model: str) -> str:
        """The name of a model on a board, of what a principal calls it. A name that they are not told is not here."""
        name = self._aliases.named(principal, model)
        if name is None or name not in {entry.model for entry in found.board.entries}:
            told = [entry.model for entry in found.board.entries if self._aliases.named(principal, entry.model)]
            near = leaderboards.errors.nearest(model, told) if told else "nobody is on it yet."
            raise NotFound(f"There is no model {leaderboards.errors.quoted(model)} on this board; {near}")
        return name


def _match(board: leaderboards.Board, first: str, second: str) -> pairs.Match | None:
    found = pairs.matches(board, first) if first in board else ()
    return next((one for one in found if one.model == second), None)


def _difference(board: leaderboards.Board, first: str, second: str) -> pairs.RatingDifference | None:
    if any(name not in board or board[name].rating is None for name in (first, second)):
        return None
    return pairs.difference(board, first, second)
