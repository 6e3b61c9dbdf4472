"""What another process committed is in this one's memory as if it had read everything anew."""

import contextlib
import time
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from arena import errors
from arena.domain.battle import BattleState, VoidCause
from arena.domain.ids import RaterId
from arena.domain.removal import RemovalKind
from arena.store.workspace import Workspace
from arena.store.writing import commands, kept_items, writer_cache
from arena.store.writing.kept_turns import KeptTurns
from arena.store.writing.key_hashes import Presence
from arena.store.writing.transactions import DurableRows
from arena.store.writing.writer_cache import WriterCache
from tests.store import making
from tests.store.conftest import Opener
from tests.store.writing.test_plain_sql import sent

pytestmark = pytest.mark.postgres

PATIENCE = 60.0
"""Seconds until a test gives up."""


def wait_until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.01)


def held(presence: Presence) -> set[int]:
    return {int(one) for one in presence._sorted} | presence._recent


def turns(kept: KeptTurns) -> dict[str, Any]:
    """What is kept of turns, whatever order the items came in."""
    names = [item.battle_id for item in kept._items]
    return {
        "open": kept._open,
        "withdrawn": kept._withdrawn,
        "items": {
            item.battle_id: (
                item.campaign, item.set_name, item.prompt_id, item.models, item.gold, item.counted,
                item.for_a, item.for_b, sorted(item.had), sorted(item.tested), item.open,
            )
            for item in kept._items
        },
        "raters": {
            (rater_id, campaign): (
                list(one.given_at), one.records,
                {name: sorted(names[number] for number in numbers) for name, numbers in one.had.items()},
                [(names[number], *more) for number, *more in map(kept_items.unpacked, one.voted)],
                sorted(names[number] for number in one.tested), {names[number] for number in one.repeated},
            )
            for rater_id, campaigns in kept._raters.items()
            for campaign, one in campaigns.items()
        },
    }  # fmt: skip


def remembered(known: WriterCache) -> dict[str, Any]:
    """Everything that decides, in a shape that can be compared."""
    counts = known.counts
    return {
        "head": known.head,
        "line": known.line,
        "models": known.models,
        "unfinished": known.unfinished,
        "erased": known.erased,
        "openers": held(known.openers),
        **{name: held(getattr(known.unique, name)) for name in writer_cache.UniqueKeys.__slots__},
        "raters": counts._raters,
        "pairs": {pair: list(sequences) for pair, sequences in counts._pairs.items()},
        "apart": {key: list(sequences) for key, sequences in counts._apart.items()},
        "turns": turns(known.turns),
    }


def read_anew(workspace: Workspace) -> dict[str, Any]:
    with workspace.reading() as connection:
        return remembered(writer_cache.load(connection))


def known(workspace: Workspace) -> WriterCache:
    return workspace._writer.known


def leaving(rater: str) -> commands.Remove:
    return commands.Remove(
        removal_id=f"x_{rater}", rater_id=RaterId(rater), kind=RemovalKind.WITHDRAWN, removed_at=making.NOW
    )


def follow(workspace: Workspace, other: Workspace) -> None:
    """Until one has taken over what the other committed."""
    wait_until(lambda: known(workspace).head == known(other).head)


def differing(one: Workspace, other: Workspace) -> list[str]:
    """What in the memory of another process is not as if it were read anew, after each transaction of one."""
    transactions, found = one._writer._transactions, []
    commit = transactions.commit

    def compared(written: DurableRows) -> None:
        commit(written)
        with contextlib.suppress(errors.NotFound):  # nothing is written, and everything is taken over
            other.submit(making.completing(making.battle().battle_id)).result()
        expected, got = read_anew(other), remembered(known(other))
        found.extend(part for part in expected if got[part] != expected[part])

    with mock.patch.object(transactions, "commit", compared):
        sent(one)
    return found


def test_after_every_command_of_another_process_the_memory_is_as_if_it_were_read_anew(process: Opener) -> None:
    one, other = process(), process()
    assert differing(one, other) == []
    assert known(other).head == known(one).head
    assert known(one).stopped == known(other).stopped


@pytest.mark.parametrize("part", ["_battles", "_turns"])
def test_what_is_not_taken_over_is_noticed(process: Opener, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """The positive control."""
    from arena.store.postgres import others  # noqa: PLC0415 - of an extra

    monkeypatch.setattr(others, part, lambda known, new: None)
    assert differing(process(), process())


def test_a_process_that_writes_nothing_sees_what_another_committed(process: Opener) -> None:
    one, other = process(), process()
    making.cast(one)
    follow(other, one)
    assert other.counts.of_rater(RaterId("r_asker")) == 1


def test_only_rows_that_are_new_are_read(process: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = process(), process()
    making.cast(one)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer_cache, "load", mock.Mock(side_effect=AssertionError("all of it is read")))
        for _ in range(3):
            making.cast(other)
            making.cast(one)
    assert known(one).head.votes == 7
    one.submit(leaving("r_leaver")).result()
    loads = mock.Mock(side_effect=writer_cache.load)
    monkeypatch.setattr(writer_cache, "load", loads)
    making.cast(other)
    assert loads.called, "the control: after a removal it is"


@pytest.mark.parametrize("meanwhile", ["nothing else", "a rater left"])
def test_a_battle_that_was_stopped_in_another_process_takes_no_vote_that_was_under_way(
    process: Opener, meanwhile: str
) -> None:
    one, other = process(), process()
    record = making.completed(one)
    stop = commands.VoidBattle(
        battle_id=record.battle.battle_id, void=making.void(cause=VoidCause.RATER, failed_side=None)
    )
    assert one.submit(stop).result()
    if meanwhile == "a rater left":
        one.submit(leaving("r_leaver")).result()
    vote = making.vote(record.battle.battle_id)
    with pytest.raises(errors.Conflict, match="stopped"):
        other.submit(commands.CastVote(vote=vote, record=record)).result()


def test_what_is_kept_of_a_battle_is_read_again_once_another_process_changed_it(process: Opener) -> None:
    one, other = process(), process()
    record = making.completed(one)
    battle_id = record.battle.battle_id
    assert other.battle(battle_id) is not None
    one.submit(commands.CastVote(vote=making.vote(battle_id), record=record)).result()
    follow(other, one)
    kept = other.battle(battle_id)
    assert kept is not None
    assert len(kept.record.votes) == 1


def test_a_battle_that_is_being_written_is_read_each_time(process: Opener) -> None:
    one, other = process(), process()
    battle_id = making.opened(one).battle.battle_id
    before = other.battle(battle_id)
    assert before is not None
    assert before.record.state is BattleState.OPEN
    one.submit(making.completing(battle_id)).result()
    after = other.battle(battle_id)
    assert after is not None
    assert after.record.state is BattleState.READY


def test_the_newest_battle_of_a_rater_may_be_of_another_process(process: Opener) -> None:
    one, other = process(), process()
    making.opened(other)
    battle_id = making.opened(one).battle.battle_id
    follow(other, one)
    assert other.latest_of(making.battle().rater_id) == battle_id
