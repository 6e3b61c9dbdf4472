"""Which votes are held, in numbers: for what, by the kind of what an audit found, and on which models."""

from collections.abc import Mapping
from dataclasses import dataclass

from arena.domain.cut import WHOLE, Cut
from arena.domain.ids import ModelName
from arena.domain.standing import HeldFor
from arena.store import board_votes, holding, rows, tally
from arena.store.connections import Analytical


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldVotes:
    """Votes of a board that are kept and held."""

    votes: Mapping[tuple[HeldFor, str | None], int]
    """By what they are held for and, for what an audit found, its kind; most first. Each vote once: of several findings
    the strongest counts."""
    on: Mapping[ModelName, int]
    """How many are on battles with a model; most first. Each vote is on two."""


def read(connection: Analytical, cut: Cut = WHOLE, upto: int | None = None) -> HeldVotes:
    """Those of a cut; with `upto`, of the votes up to this line of the ledger."""
    condition, parameters = tally.of_cut(cut)
    if upto is not None:
        condition += board_votes.UP_TO
        parameters["last"] = upto
    found = rows.fetched(
        connection,
        f"""
        SELECT vote.model_a, vote.model_b, vote.held_for, of_vote.kind, count(*)
        FROM ({holding.votes(connection, condition)}) AS vote
        LEFT JOIN ({holding.kinds(condition)}) AS of_vote
            ON of_vote.vote_id = vote.vote_id AND vote.held_for = '{HeldFor.FINDING}'
        WHERE vote.held_for IS NOT NULL
        GROUP BY ALL
        """,
        parameters,
    )
    votes: dict[tuple[HeldFor, str | None], int] = {}
    on: dict[ModelName, int] = {}
    for model_a, model_b, held_for, kind, count in found:
        why = HeldFor(held_for), kind
        votes[why] = votes.get(why, 0) + count
        for model in (ModelName(model_a), ModelName(model_b)):
            on[model] = on.get(model, 0) + count
    return HeldVotes(
        votes=dict(sorted(votes.items(), key=lambda one: (-one[1], str(one[0])))),
        on=dict(sorted(on.items(), key=lambda one: (-one[1], one[0]))),
    )
