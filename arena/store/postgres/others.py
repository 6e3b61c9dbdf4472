"""What other processes committed, taken over into this one's memory: the rows behind the places where it stands.

Everything is read before anything is changed, so that a lost connection leaves the memory as it was. Where a rater
left, too much changes: then whoever asks reads all of it anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from arena.domain import ledger
from arena.domain.assignment import Assignment, TurnEnd
from arena.domain.ids import BattleId, ModelName, RaterId
from arena.domain.model import Model
from arena.store import assignments, ledger_rows, models, rows, votes
from arena.store.connections import Connection
from arena.store.votes import StoredVote
from arena.store.writing import key_hashes, stored_turns
from arena.store.writing.stored_turns import OpenedItem
from arena.store.writing.writer_cache import WriterCache

READ = (
    "ledger", "models", "battles", "origins", "responses", "voids", "items", "assignments", "assignment_ends", "votes",
    "removals", "releases", "prompts", "stored_answers", "reports", "report_answers", "campaigns", "model_changes",
    "standing_decisions",
)  # fmt: skip
"""The tables of which something is kept in memory."""
SETS = ("prompts", "stored_answers")
MARKED = {
    "reports": "reports",
    "report_answers": "reports",
    "campaigns": "campaigns",
    "model_changes": "models",
    "standing_decisions": "standing",
}
"""Tables of which services keep something, and the mark that tells them."""
PLACES = f"SELECT {', '.join(f'(SELECT coalesce(max(place), 0) FROM {table})' for table in READ)}"
Places = Mapping[str, int]
"""The place of the last row of each table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OthersRows:
    """What is new, in the order in which it was committed."""

    moved: frozenset[str]
    """The tables that have new rows."""
    line: ledger.Line | None
    models: list[Model]
    """All that are known, where one is new."""
    model_rows: int
    battles: list[tuple[BattleId, RaterId, str]]
    """Each with its rater and its campaign."""
    origins: list[tuple[BattleId, str]]
    """Each with its digest."""
    answered: list[BattleId]
    """One for each answer."""
    voids: list[tuple[BattleId, bool]]
    """Each with whether its answers are there: then its rater stopped it."""
    items: list[OpenedItem]
    given: list[Assignment]
    ended: list[TurnEnd]
    votes: list[StoredVote]
    compared: Mapping[BattleId, tuple[ModelName, ModelName]]
    """The models of the battles of `votes`."""
    releases: int
    sets: list[str]


def places(connection: Connection) -> Places:
    """Where each table ends, as this transaction sees it."""
    return dict(zip(READ, rows.fetched(connection, PLACES)[0], strict=True))


def read(connection: Connection, since: Places, until: Places) -> OthersRows:
    """What was committed behind some places. Inside a transaction that saw `until`."""
    moved = frozenset(table for table in READ if until[table] > since[table])

    def new(table: str, columns: str, condition: str = "") -> list[tuple[str, ...]]:
        if table not in moved:
            return []
        query = f"SELECT {columns} FROM {table} WHERE place > ? {condition} ORDER BY place"
        return rows.fetched(connection, query, [since[table]])

    voted = "SELECT battle_id FROM votes WHERE place > ?"
    compared = f"SELECT battle_id, model_a, model_b FROM battles WHERE battle_id IN ({voted})"
    found = rows.fetched(connection, compared, [since["votes"]]) if "votes" in moved else []
    sets = {one for table in SETS for (one,) in new(table, "set_name")}
    return OthersRows(
        moved=moved,
        line=ledger_rows.last(connection) if "ledger" in moved else None,
        models=models.registered(connection) if "models" in moved else [],
        model_rows=len(new("models", "name")),
        battles=[
            (BattleId(battle_id), RaterId(rater_id), campaign)
            for battle_id, rater_id, campaign in new("battles", "battle_id, rater_id, campaign")
        ],
        origins=[(BattleId(battle_id), digest) for battle_id, digest in new("origins", "battle_id, digest")],
        answered=[BattleId(battle_id) for (battle_id,) in new("responses", "battle_id")],
        voids=stopped(connection, since["voids"]) if "voids" in moved else [],
        items=stored_turns.opened_items(connection, since["items"]) if "items" in moved else [],
        given=assignments.behind(connection, since["assignments"]) if "assignments" in moved else [],
        ended=assignments.ends_behind(connection, since["assignment_ends"]) if "assignment_ends" in moved else [],
        votes=votes.stored(connection, "place > ?", [since["votes"]]) if "votes" in moved else [],
        compared={BattleId(battle_id): (ModelName(a), ModelName(b)) for battle_id, a, b in found},
        releases=len(new("releases", "release_id")),
        sets=sorted(sets),
    )


def stopped(connection: Connection, since: int) -> list[tuple[BattleId, bool]]:
    """The battles that became void behind a place, each with whether its answers are there."""
    found = rows.fetched(
        connection,
        "SELECT battle_id, EXISTS (SELECT * FROM responses WHERE responses.battle_id = voids.battle_id) "
        "FROM voids WHERE place > ? ORDER BY place",
        [since],
    )
    return [(BattleId(battle_id), bool(complete)) for battle_id, complete in found]


def take_over(known: WriterCache, new: OthersRows) -> None:
    """Change the memory as it would be, had this process written these rows."""
    _battles(known, new)
    _turns(known, new)
    for table, mark in MARKED.items():
        if table in new.moved:
            known.marks.change(mark)
    for name in new.sets:
        known.marks.change(f"set {name}")
    known.models.update({model.name: model for model in new.models})
    known.head = replace(
        known.head,
        models=known.head.models + new.model_rows,
        battles=known.head.battles + len(new.battles),
        responses=known.head.responses + len(new.answered),
        voids=known.head.voids + len(new.voids),
        releases=known.head.releases + new.releases,
    )
    if new.line is not None:
        known.line = new.line
        known.head = replace(known.head, votes=new.line.sequence, hash=new.line.hash)


def _battles(known: WriterCache, new: OthersRows) -> None:
    imported = {battle_id for battle_id, _ in new.origins}
    for battle_id, rater_id, campaign in new.battles:
        known.unique.battle_id.add(key_hashes.hashed(battle_id))
        if battle_id not in imported:
            known.openers.add(key_hashes.hashed(rater_id))
            known.opened.add(campaign)
    known.recent.opened_elsewhere([one[:2] for one in new.battles if one[0] not in imported])
    for _, digest in new.origins:
        known.unique.origin_digest.add(key_hashes.hashed(digest))
    ended = {*new.answered, *(battle_id for battle_id, _ in new.voids)}
    known.unfinished.update(battle_id for battle_id, _, _ in new.battles)
    known.unfinished.difference_update(ended)
    known.stopped.update(battle_id for battle_id, complete in new.voids if complete)
    known.recent.changed_elsewhere({*ended, *(one.vote.battle_id for one in new.votes)})


def _turns(known: WriterCache, new: OthersRows) -> None:
    for item in new.items:
        known.turns.opened(item.battle_id, **item.told())
    for given in new.given:
        known.turns.given(given)
    for end in new.ended:
        known.turns.ended(end)
    for one in new.votes:
        vote = one.vote
        known.unique.assignment.add(key_hashes.hashed(vote.rater_id, vote.turn))
        known.unique.rater_key.add(key_hashes.hashed(vote.rater_id, vote.idempotency_key))
        known.unique.vote_id.add(key_hashes.hashed(vote.vote_id))
        known.counts.add(vote, *new.compared[vote.battle_id], one.sequence)
        known.turns.cast(vote)
