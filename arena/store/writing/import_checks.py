"""What stands against a page of imported battles: whoever made it has looked before, so this is what came since."""

import duckdb

from arena import errors
from arena.domain.ids import RaterId
from arena.domain.removal import hashed
from arena.store import removals, rows
from arena.store.writing import commands, key_hashes
from arena.store.writing.prepare import Entered, Entering
from arena.store.writing.writer_cache import WriterCache

Found = dict[tuple[RaterId, str], commands.CastResult]


def refuse_known(looking: duckdb.DuckDBPyConnection, known: WriterCache, page: Entering, found: Found) -> None:
    """Raise `Conflict` when a battle or a vote is here already, or somebody in it has been erased.

    `found` are the votes that were looked up for the ballots.
    """
    for entered in page.battles:
        battle_id = entered.battle.battle_id
        if _holds(looking, known, entered) or (
            known.battles.may_hold(key_hashes.hashed(battle_id))
            and rows.number(looking, "SELECT count(*) FROM battles WHERE battle_id = ?", [battle_id])
        ):
            raise errors.Conflict(f"Battle {battle_id} was imported meanwhile; import the file again.")
    for ballot in page.ballots:
        if (ballot.vote.rater_id, ballot.vote.turn) in found:
            raise errors.Conflict(f"Vote {ballot.vote.vote_id} was imported meanwhile; import the file again.")
    if gone := removals.erased(looking):
        people = {ballot.vote.rater_id for ballot in page.ballots}
        people |= {entered.battle.rater_id for entered in page.battles}
        if any(hashed(rater_id) in gone for rater_id in people):
            raise errors.Conflict("A rater of this page was erased meanwhile; import the file again.")


def _holds(looking: duckdb.DuckDBPyConnection, known: WriterCache, entered: Entered) -> bool:
    """Whether a battle with this digest is stored; a hash alone may be another's."""
    return known.origins.may_hold(entered.by_digest) and bool(
        rows.number(looking, "SELECT count(*) FROM origins WHERE digest = ?", [entered.origin.digest])
    )
