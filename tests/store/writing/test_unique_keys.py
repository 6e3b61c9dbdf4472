"""Keys that the writer keeps unique from memory: each constraint holds in the tables, and a second row is refused."""

import dataclasses

import pytest

from arena import errors
from arena.store.workspace import Workspace
from arena.store.writing import commands
from arena.store.writing.unique_keys import CONSTRAINTS, UniqueKeys
from tests.store import making
from tests.store.writing.test_batch import imported, page


def test_each_constraint_has_its_keys_in_memory() -> None:
    assert [field.name for field in dataclasses.fields(UniqueKeys)] == list(CONSTRAINTS)


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_a_stored_key_is_known_after_a_restart(workspace: Workspace, name: str) -> None:
    making.cast(workspace)
    workspace.submit(page(imported(1))).result()
    table, key = CONSTRAINTS[name]
    with workspace.reading() as connection:
        read = getattr(UniqueKeys.of(connection), name)
        joined = " || chr(31) || ".join(key)
        hashes = [row[0] for row in connection.execute(f"SELECT md5_number_lower({joined}) FROM {table}").fetchall()]
    written = getattr(workspace._writer.known.unique, name)
    assert hashes
    assert all(read.may_hold(one) and written.may_hold(one) for one in hashes)
    assert not read.may_hold(1)


def test_a_vote_under_the_id_of_another_is_refused(workspace: Workspace) -> None:
    """As two imports of one arena's releases would bring it: there the rater has a pseudonym of each release."""
    first = making.cast(workspace).vote
    record = making.completed(workspace)
    again = making.vote(record.battle.battle_id, "r_other", vote_id=first.vote_id)
    with pytest.raises(errors.Conflict, match="is stored already"):
        workspace.submit(commands.CastVote(vote=again, record=record)).result()
    assert making.loaded(workspace, record.battle.battle_id).votes == ()
    assert workspace.verify().problems == ()


def test_two_votes_under_one_id_in_one_transaction_are_one(workspace: Workspace) -> None:
    records = [making.completed(workspace) for _ in range(2)]
    one = making.vote(records[0].battle.battle_id)
    two = making.vote(records[1].battle.battle_id, "r_other", vote_id=one.vote_id)
    with making.holding(workspace):
        told = [
            workspace.submit(commands.CastVote(vote=vote, record=record))
            for vote, record in zip((one, two), records, strict=True)
        ]
    assert told[0].result().vote == one
    assert isinstance(told[1].exception(30), errors.Conflict)
