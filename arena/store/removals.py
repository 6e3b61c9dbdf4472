"""Removals as stored: what left, and the SQL that makes it leave."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from arena import errors
from arena.domain import ledger
from arena.domain.ids import BattleId, RaterId, VoteId
from arena.domain.removal import Removal, RemovalKind, commitment, hashed
from arena.store import (
    agreements,
    appeals,
    assignments,
    consent_choices,
    credit_lines,
    database,
    findings,
    origins,
    prompt_sets,
    qualification_results,
    reports,
    rows,
    standing_decisions,
    trials,
)
from arena.store.connections import Connection

REMOVALS = {
    "sequence": "BIGINT",
    "removal_id": "VARCHAR",
    "kind": "VARCHAR",
    "rater": "VARCHAR",
    "removed_at": "TIMESTAMP",
    "purged": "BOOLEAN",
}
REMOVED_VOTES = {"removal_id": "VARCHAR", "battle_id": "VARCHAR", "vote_id": "VARCHAR"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRemoval:
    """A removal as its line in the ledger has to be."""

    sequence: int
    kind: RemovalKind
    votes: frozenset[str]
    commitment: str


def votes_of(connection: Connection, rater_id: RaterId) -> list[tuple[BattleId, VoteId]]:
    """Every vote by a rater, and every vote on a battle whose prompt is theirs."""
    found = rows.fetched(
        connection,
        "SELECT votes.battle_id, votes.vote_id FROM votes JOIN battles ON battles.battle_id = votes.battle_id "
        "WHERE votes.rater_id = ? OR battles.rater_id = ? ORDER BY votes.vote_id",
        [rater_id, rater_id],
    )
    return [(BattleId(battle_id), VoteId(vote_id)) for battle_id, vote_id in found]


def battles_of(connection: Connection, rater_id: RaterId) -> list[BattleId]:
    """Every battle whose prompt is this rater's."""
    found = rows.fetched(connection, "SELECT battle_id FROM battles WHERE rater_id = ? ORDER BY ordinal", [rater_id])
    return [BattleId(row[0]) for row in found]


def refuse_again(connection: Connection, rater_id: RaterId, kind: RemovalKind) -> None:
    """Raise `Conflict` for a rater who left that way before. Who withdrew may still be erased."""
    known = hashed(rater_id) if kind is RemovalKind.ERASED else rater_id
    query = "SELECT count(*) FROM removals WHERE rater = ? AND kind = ?"
    if rows.number(connection, query, [known, kind]):
        raise errors.Conflict(f"This rater is {kind} already; nothing more is to be done.")


def refuse_gone(connection: Connection, rater_id: RaterId) -> None:
    """Raise `Conflict` for a rater who left in any way."""
    query = "SELECT count(*) FROM removals WHERE rater IN (?, ?)"
    if rows.number(connection, query, [rater_id, hashed(rater_id)]):
        raise errors.Conflict("This rater has left: nothing of theirs is used for anything.")


def concerns(connection: Connection, rater_id: RaterId) -> bool:
    """Whether anything here is, or was, by this rater: a battle, a vote, a choice, or a removal."""
    query = (
        "SELECT (SELECT count(*) FROM battles WHERE rater_id = ?) + (SELECT count(*) FROM votes WHERE rater_id = ?)"
        " + (SELECT count(*) FROM scopes WHERE rater_id = ?) + (SELECT count(*) FROM removals WHERE rater IN (?, ?))"
    )
    return rows.number(connection, query, [rater_id, rater_id, rater_id, rater_id, hashed(rater_id)]) > 0


def raters(connection: Connection) -> list[RaterId]:
    """Every rater of whom there is something here, but for those who were erased and those who ask the prompts of
    sets."""
    found = rows.fetched(
        connection,
        "SELECT rater_id FROM battles UNION SELECT rater_id FROM votes UNION SELECT rater_id FROM scopes "
        "UNION SELECT rater FROM removals WHERE kind = 'withdrawn' EXCEPT SELECT '' ORDER BY 1",
    )
    owners = prompt_sets.owners(connection)
    return [RaterId(row[0]) for row in found if row[0] not in owners]


def append(connection: Connection, made: Sequence[tuple[Removal, RaterId, ledger.Line]]) -> None:
    """Add removals, each beside its line, and let what is erased go, inside the transaction of the connection.

    Rows of battles and answers stay, blank: the heads file counts them. Votes are gone with their salts.
    """
    for removal, rater_id, line in made:
        erased = removal.kind is RemovalKind.ERASED
        rows.append(
            connection,
            "removals",
            REMOVALS,
            [
                (
                    line.sequence,
                    removal.removal_id,
                    removal.kind,
                    hashed(rater_id) if erased else rater_id,
                    database.stored_time(removal.removed_at),
                    not erased,
                )
            ],
        )
        rows.append(connection, "removed_votes", REMOVED_VOTES, [(removal.removal_id, *one) for one in removal.votes])
        if erased:
            _erase(connection, rater_id, [vote_id for _, vote_id in removal.votes])


def recorded(connection: Connection) -> dict[str, RecordedRemoval]:
    """Every removal by its id."""
    left: dict[str, set[str]] = defaultdict(set)
    for removal_id, vote_id in rows.fetched(connection, "SELECT removal_id, vote_id FROM removed_votes"):
        left[removal_id].add(vote_id)
    return {
        removal_id: RecordedRemoval(
            sequence=sequence,
            kind=RemovalKind(kind),
            votes=frozenset(left[removal_id]),
            commitment=commitment(removal_id, RemovalKind(kind), left[removal_id]),
        )
        for sequence, removal_id, kind in rows.fetched(
            connection, "SELECT sequence, removal_id, kind FROM removals ORDER BY sequence"
        )
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftVote:
    """A vote that left."""

    battle_id: BattleId
    vote_id: VoteId
    removal_id: str | None
    """None, as what follows, for a vote that a withdrawn rater cast later."""
    kind: RemovalKind | None
    line: int | None


def listed(connection: Connection) -> list[LeftVote]:
    """The removal list, with the lines that say so: a vote stands in it once for each removal. By vote, then line."""
    found = rows.fetched(
        connection,
        """
        SELECT removed_votes.battle_id, removed_votes.vote_id, removals.removal_id, removals.kind, removals.sequence
        FROM removed_votes JOIN removals ON removals.removal_id = removed_votes.removal_id
        ORDER BY removed_votes.vote_id, removals.sequence
        """,
    )
    named = [
        LeftVote(battle_id=battle_id, vote_id=vote_id, removal_id=removal_id, kind=RemovalKind(kind), line=line)
        for battle_id, vote_id, removal_id, kind, line in found
    ]
    known = {one.vote_id for one in named}
    later = [
        LeftVote(battle_id=battle_id, vote_id=vote_id, removal_id=None, kind=None, line=None)
        for battle_id, vote_id in published(connection)
        if vote_id not in known
    ]
    return sorted([*named, *later], key=lambda one: (one.vote_id, one.line or 0))


def published(connection: Connection) -> list[tuple[BattleId, VoteId]]:
    """Every vote that ever left, also those a withdrawn rater cast later. By vote."""
    found = rows.fetched(
        connection,
        """
        SELECT battle_id, vote_id FROM removed_votes
        UNION
        SELECT votes.battle_id, votes.vote_id FROM votes JOIN battles ON battles.battle_id = votes.battle_id
        WHERE votes.rater_id IN (SELECT rater FROM removals WHERE kind = 'withdrawn')
        OR battles.rater_id IN (SELECT rater FROM removals WHERE kind = 'withdrawn')
        ORDER BY vote_id
        """,
    )
    return [(BattleId(battle_id), VoteId(vote_id)) for battle_id, vote_id in found]


def withdrawn(connection: Connection) -> frozenset[RaterId]:
    """Raters whose consent is withdrawn."""
    found = rows.fetched(connection, "SELECT rater FROM removals WHERE kind = 'withdrawn'")
    return frozenset(RaterId(row[0]) for row in found)


def erased(connection: Connection) -> frozenset[str]:
    """Hashes of the ids of erased raters."""
    found = rows.fetched(connection, "SELECT rater FROM removals WHERE kind = 'erased'")
    return frozenset(str(row[0]) for row in found)


def erased_at(connection: Connection, digests: Sequence[str]) -> datetime | None:
    """When the last of these raters was erased, who are named by SHA-256 of their ids; None where none was."""
    theirs, parameters = rows.among("rater", digests)
    found = rows.fetched(
        connection, f"SELECT max(removed_at) FROM removals WHERE kind = 'erased' AND {theirs}", parameters
    )
    return None if found[0][0] is None else database.read_time(found[0][0])


def erased_votes(connection: Connection) -> frozenset[str]:
    """Ids of the votes that were erased."""
    found = rows.fetched(
        connection,
        "SELECT vote_id FROM removed_votes WHERE removal_id IN (SELECT removal_id FROM removals WHERE kind = 'erased')",
    )
    return frozenset(str(row[0]) for row in found)


def unlike(connection: Connection) -> list[str]:
    """Ids of removals that name another battle than their votes are on, or that withdraw the consent of somebody who
    gave neither vote nor prompt: their line commits to the votes alone.
    """
    found = rows.fetched(
        connection,
        """
        SELECT DISTINCT removals.removal_id FROM removed_votes
        JOIN removals ON removals.removal_id = removed_votes.removal_id
        LEFT JOIN votes ON votes.vote_id = removed_votes.vote_id
        LEFT JOIN battles ON battles.battle_id = removed_votes.battle_id
        WHERE battles.battle_id IS NULL OR votes.battle_id <> removed_votes.battle_id
        OR (removals.kind = 'withdrawn' AND removals.rater NOT IN (votes.rater_id, battles.rater_id))
        ORDER BY removals.removal_id
        """,
    )
    return [str(row[0]) for row in found]


PURGED = "UPDATE anew.removals SET purged = true"
"""Notes in a file that was written anew that it was."""


def unpurged(connection: Connection) -> bool:
    """Whether something was erased since the file was last written anew."""
    return rows.number(connection, "SELECT count(*) FROM removals WHERE NOT purged") > 0


def _erase(connection: Connection, rater_id: RaterId, vote_ids: Sequence[VoteId]) -> None:
    connection.execute("UPDATE removals SET rater = ? WHERE rater = ?", [hashed(rater_id), rater_id])
    connection.execute("DELETE FROM votes WHERE vote_id IN (SELECT unnest(CAST(? AS VARCHAR[])))", [list(vote_ids)])
    connection.execute(
        "UPDATE responses SET text = '' WHERE battle_id IN (SELECT battle_id FROM battles WHERE rater_id = ?)",
        [rater_id],
    )
    assignments.forget(connection, rater_id)
    reports.forget(connection, rater_id)
    origins.forget(connection, rater_id)
    consent_choices.forget(connection, rater_id)
    standing_decisions.forget(connection, rater_id)
    appeals.forget(connection, rater_id)
    findings.forget(connection, rater_id)
    credit_lines.forget(connection, rater_id)
    agreements.forget(connection, rater_id)
    trials.forget(connection, rater_id)
    qualification_results.forget(connection, rater_id)
    connection.execute(
        "UPDATE battles SET prompt = '', history = '[]', parts = NULL, rater_id = '' WHERE rater_id = ?", [rater_id]
    )
