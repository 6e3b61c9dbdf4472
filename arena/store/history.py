"""A rater's own votes, searched: in their prompts, reasons and edits, and in the answers they saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from arena.domain.ids import RaterId
from arena.domain.vote import Winner
from arena.store import database, rows
from arena.store.connections import Analytical

SEEN = (
    "CASE WHEN votes.shown_left = 'b' AND votes.winner = 'model_a' THEN 'model_b' "
    "WHEN votes.shown_left = 'b' AND votes.winner = 'model_b' THEN 'model_a' ELSE votes.winner END"
)
"""The outcome with the sides as the rater was shown them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySearch:
    """Which of somebody's votes are looked for."""

    words: str = ""
    """Found as they stand, whatever their case. Empty: all."""
    winners: tuple[Winner, ...] = ()
    """With the sides as they were shown; none: all."""
    campaign: str | None = None
    own: bool | None = None
    """Whether on their own prompts, or on others'. None: both."""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVotes:
    """What a search found."""

    sequences: tuple[int, ...]
    """Ledger lines of the votes of one page, newest first."""
    found: int
    """How many there are on all pages."""
    of: int
    """How many votes they cast in all."""


def search(
    connection: Analytical, rater_ids: Sequence[RaterId], wanted: HistorySearch, before: int | None, limit: int
) -> FoundVotes:
    """The votes of these raters that fit, from before a line of the ledger on, newest first."""
    mine = "votes.rater_id IN (SELECT unnest(CAST(? AS VARCHAR[])))"
    ids = list(rater_ids)
    conditions, parameters = [mine], list[Any]([ids])
    for condition, values in _conditions(wanted, ids):
        conditions.append(condition)
        parameters += values
    joined = f"FROM votes JOIN battles ON battles.battle_id = votes.battle_id WHERE {' AND '.join(conditions)}"
    page = rows.fetched(
        connection,
        f"SELECT votes.sequence {joined} AND votes.sequence < ? ORDER BY votes.sequence DESC LIMIT ?",
        [*parameters, before if before is not None else 2**62, limit],
    )
    return FoundVotes(
        sequences=tuple(row[0] for row in page),
        found=rows.number(connection, f"SELECT count(*) {joined}", parameters),
        of=rows.number(connection, f"SELECT count(*) FROM votes WHERE {mine}", [ids]),
    )


def _conditions(wanted: HistorySearch, ids: Sequence[str]) -> list[tuple[str, list[Any]]]:
    found: list[tuple[str, list[Any]]] = []
    if wanted.words:
        texts = ("battles.prompt", "coalesce(votes.reason, '')", "coalesce(votes.edit, '')")
        somewhere = " OR ".join(f"contains(lower({text}), lower(?))" for text in texts)
        answered = (
            "EXISTS (SELECT 1 FROM responses WHERE responses.battle_id = votes.battle_id "
            "AND contains(lower(responses.text), lower(?)))"
        )
        found.append((f"({somewhere} OR {answered})", [wanted.words] * 4))
    if wanted.winners:
        found.append((f"{SEEN} IN (SELECT unnest(CAST(? AS VARCHAR[])))", [[str(one) for one in wanted.winners]]))
    if wanted.campaign is not None:
        found.append(("battles.campaign = ?", [wanted.campaign]))
    if wanted.own is not None:
        others = "" if wanted.own else "NOT "
        found.append((f"battles.rater_id {others}IN (SELECT unnest(CAST(? AS VARCHAR[])))", [list(ids)]))
    for bound, comparison in ((wanted.since, ">="), (wanted.until, "<")):
        if bound is not None:
            found.append((f"votes.cast_at {comparison} ?", [database.stored_time(bound)]))
    return found
