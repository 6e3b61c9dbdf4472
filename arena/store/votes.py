"""Votes and what is told about each: its line in the ledger and the salt that opens the commitment."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson

from arena import errors
from arena.domain import ledger
from arena.domain.battle import Side
from arena.domain.ids import BattleId, VoteId
from arena.domain.purpose import Purpose
from arena.domain.vote import RaterKind, Strength, Tag, Vote, Winner
from arena.store import database, ledger_rows, quick, rows
from arena.store.connections import Connection
from arena.store.writing import commands

WINNERS = {winner.value: winner for winner in Winner}
"""A look-up takes a tenth of the time that the enumeration does."""
RATER_KINDS = {kind.value: kind for kind in RaterKind}
NONE = "[]"
"""Tags of most votes."""
COLUMNS = {
    "sequence": "BIGINT",
    "vote_id": "VARCHAR",
    "battle_id": "VARCHAR",
    "rater_id": "VARCHAR",
    "winner": "VARCHAR",
    "strength": "VARCHAR",
    "tags": "VARCHAR",  # JSON
    "reason": "VARCHAR",
    "edit": "VARCHAR",
    "reading_seconds": "DOUBLE PRECISION",
    "cast_at": "TIMESTAMP",
    "idempotency_key": "VARCHAR",
    "request_sha256": "VARCHAR",
    "salt": "VARCHAR",
    "commitment_version": "INTEGER",
    "rater_kind": "VARCHAR",
    "criteria": "VARCHAR",
    "shown_left": "VARCHAR",
    "assignment_id": "VARCHAR",
    "kept": "VARCHAR",
    "purpose": "VARCHAR",
}


VOTE, BATTLE, SALT, VERSION, KEPT = map(
    list(COLUMNS).index, ("vote_id", "battle_id", "salt", "commitment_version", "kept")
)
"""Places of columns."""


class StoredVote(NamedTuple):
    """A vote with what is kept beside it."""

    sequence: int
    vote: Vote
    opener: ledger.Opener


_made = quick.maker(Vote)


def result(connection: Connection, vote_id: VoteId) -> commands.CastResult:
    """A vote with its receipt; `NotFound` when it is not known here."""
    found = results(connection, "vote_id BETWEEN ? AND ?", [vote_id, vote_id])
    if not found:
        raise errors.NotFound(f"There is no vote {vote_id} here; check the id.")
    return found[0]


def of_battles(
    connection: rows.Asked, battle_ids: Sequence[BattleId], fetch: rows.Fetch[rows.Asked] = rows.columns
) -> rows.Columns:
    """The columns of the votes on these battles, in ledger order; rows of them are for `read`."""
    condition, parameters = rows.among("battle_id", battle_ids)
    if len(battle_ids) > 1:
        return fetch(connection, list(COLUMNS), f"FROM votes WHERE {condition} ORDER BY sequence", parameters)
    found = fetch(connection, list(COLUMNS), f"FROM votes WHERE {condition}", parameters)
    sequences = found[0]  # few, so that they are put in order here: the database takes longer to plan it
    places = [place for _, place in sorted(zip(sequences, range(len(sequences)), strict=True))]
    return rows.picked(found, places) if len(places) > 1 else found


def known(connection: Connection, vote_ids: Sequence[VoteId]) -> frozenset[str]:
    """Those of these votes that are stored."""
    if not vote_ids:
        return frozenset()
    condition, parameters = rows.among("vote_id", vote_ids)
    return frozenset(
        row[0] for row in rows.fetched(connection, f"SELECT vote_id FROM votes WHERE {condition}", parameters)
    )


def stored(connection: Connection, condition: str, parameters: Sequence[Any]) -> list[StoredVote]:
    """Votes that meet a condition on the columns of `votes`, in ledger order."""
    return [StoredVote(row[0], read(row), opener(row)) for row in _rows(connection, condition, parameters)]


def results(connection: Connection, condition: str, parameters: Sequence[Any]) -> list[commands.CastResult]:
    """Votes that meet a condition on the columns of `votes`, with their receipts, in ledger order."""
    return told(connection, stored(connection, condition, parameters))


def told(connection: Connection, cast: Iterable[StoredVote]) -> list[commands.CastResult]:
    """Stored votes with their receipts."""
    return [
        commands.CastResult(vote=one.vote, line=line, **one.opener._asdict(), replayed=False)
        for one in cast
        for line in ledger_rows.between(connection, one.sequence, one.sequence)
    ]


def of_columns(found: rows.Columns, made: Sequence[Vote]) -> list[StoredVote]:
    """Votes that were made from columns of `COLUMNS`, with what is kept beside each."""
    openers = map(ledger.Opener, found[SALT], found[VERSION], found[KEPT])
    return list(map(StoredVote, found[0], made, openers))


def append(connection: Connection, cast: Iterable[commands.CastResult]) -> None:
    """Add votes."""
    added = list(cast)
    rows.append(
        connection,
        "votes",
        COLUMNS,
        [
            (
                one.line.sequence,
                one.vote.vote_id,
                one.vote.battle_id,
                one.vote.rater_id,
                one.vote.winner,
                one.vote.strength,
                orjson.dumps(one.vote.tags).decode(),
                one.vote.reason,
                one.vote.edit,
                one.vote.reading_seconds,
                database.stored_time(one.vote.cast_at),
                one.vote.idempotency_key,
                one.vote.request_sha256,
                one.salt,
                one.version,
                one.vote.rater_kind,
                json.dumps(one.vote.criteria) if one.vote.criteria else None,
                one.vote.shown_left,
                one.vote.assignment_id,
                one.kept,
                one.vote.purpose,
            )
            for one in added
        ],
    )


def opener(row: tuple[Any, ...]) -> ledger.Opener:
    """What a row of `COLUMNS` says to open the commitment."""
    return ledger.Opener(row[SALT], row[VERSION], row[KEPT])


def openers(found: rows.Columns) -> dict[VoteId, ledger.Opener]:
    """The same of every vote in columns of `COLUMNS`, by its id."""
    return dict(zip(found[VOTE], map(ledger.Opener, found[SALT], found[VERSION], found[KEPT]), strict=True))


def read(row: tuple[Any, ...]) -> Vote:
    """The vote in a row of `COLUMNS`."""
    _, vote_id, battle_id, rater_id, winner, strength, tags, reason, edit, reading_seconds, *more = row
    cast_at, key, sha256, _, _, rater_kind, criteria, shown_left, assignment_id, _, purpose = more
    return _made(
        vote_id,
        battle_id,
        rater_id,
        WINNERS[winner],
        None if strength is None else Strength(strength),
        () if tags == NONE else _tags(tags),
        reason,
        edit,
        reading_seconds,
        database.read_time(cast_at),
        key,
        sha256,
        RATER_KINDS[rater_kind],
        () if criteria is None else tuple((name, Winner(won)) for name, won in json.loads(criteria)),
        None if shown_left is None else Side(shown_left),
        assignment_id,
        None if purpose is None else Purpose(purpose),
    )


def _tags(stored: str) -> tuple[Tag, ...]:
    try:
        return tuple([Tag(tag) for tag in orjson.loads(stored)])
    except TypeError as error:
        raise ValueError(f"{stored[:40]!r} is no list of tags") from error


def _rows(connection: Connection, condition: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    return rows.fetched(
        connection, f"SELECT {', '.join(COLUMNS)} FROM votes WHERE {condition} ORDER BY sequence", parameters
    )
