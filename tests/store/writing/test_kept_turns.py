"""What is kept of turns at items is what the file says, whatever raters did, and after every start anew."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from arena.domain.ids import RaterId
from arena.store import database
from arena.store.connections import Analytical
from arena.store.writing import stored_turns
from arena.store.writing.kept_turns import KeptTurns
from tests.lengths import at_length
from tests.services import qualifying_made, task_steps, tasking
from tests.services.task_steps import RATERS
from tests.services.tasking import Clock, rater

STEPS = 45
CAMPAIGN = "default"
PEOPLE = [(rater(number).rater_id,) for number in range(RATERS)] + [(rater(0).rater_id, rater(1).rater_id)]
"""Each is one rater, or somebody who was two before they signed in."""

TURNS = """
SELECT turn.battle_id, turn.assignment_id, turn.rater_id, turn.since, turn.purpose, vote.vote_id IS NOT NULL AS voted,
    vote.vote_id IS NOT NULL AND vote.rater_id NOT IN (SELECT rater FROM removals WHERE kind = 'withdrawn') AS counts,
    ending.cause AS ended, coalesce(turn.deadline > $now, true) AS runs, vote.sequence, vote.shown_left, vote.winner
FROM assignments AS turn
LEFT JOIN votes AS vote ON vote.assignment_id = turn.assignment_id
LEFT JOIN assignment_ends AS ending ON ending.assignment_id = turn.assignment_id
WHERE turn.rater_id <> ''
"""
OPEN = "NOT voted AND ended IS NULL AND runs"
"""Of a turn at a moment."""
STATES = f"""
WITH turns AS ({TURNS})
SELECT items.battle_id, items.set_name, items.gold,
    count(*) FILTER (WHERE counts OR ({OPEN})),
    count(*) FILTER (WHERE counts),
    count(*) FILTER (WHERE counts AND winner = 'model_a'),
    count(*) FILTER (WHERE counts AND winner = 'model_b'),
    coalesce(bool_or(list_contains($raters, turns.rater_id) AND (voted OR ended <> 'expired' OR ({OPEN}))), false)
FROM items LEFT JOIN turns ON turns.battle_id = items.battle_id AND (items.gold OR turns.purpose IS NULL)
WHERE items.campaign = $campaign GROUP BY ALL ORDER BY ALL
"""
OF_THEM = "list_contains($raters, rater_id) AND battle_id IN (SELECT battle_id FROM items WHERE campaign = $campaign)"


def told(connection: Analytical, raters: Sequence[RaterId], clock: Clock) -> Sequence[Any]:
    """What the file says of the items of a campaign and of somebody with these ids."""
    now = database.stored_time(clock())

    def ask(query: str, **more: object) -> list[tuple[Any, ...]]:
        given = {"now": now, "raters": list(raters), "campaign": CAMPAIGN, **more}
        used = {name: value for name, value in given.items() if f"${name}" in query}
        return connection.execute(query, used).fetchall()

    states = ask(STATES)
    turns = f"SELECT {{}} FROM ({TURNS}) WHERE {OF_THEM} AND {{}} ORDER BY 1"
    return (
        [row for row in states if not row[2]],
        [(row[0], row[-1]) for row in states if row[2]],
        sum(row[-1] for row in states if not row[2] and row[1] == tasking.SET),
        [row[0] for row in ask(turns.format("assignment_id", OPEN))],
        [row[0] for row in ask(turns.format("since", "voted AND since >= $since"), since=now - timedelta(hours=1))],
        ask(turns.format("count(*)", "purpose IN ('gold', 'repeat') AND (voted OR ended <> 'expired')"))[0][0],
        [
            row[1:]
            for row in ask(
                f"SELECT sequence, battle_id, shown_left, battle_id IN (SELECT battle_id FROM assignments WHERE "
                f"purpose = 'repeat' AND list_contains($raters, rater_id)) FROM ({TURNS}) WHERE {OF_THEM} AND voted "
                "AND purpose IS NULL AND battle_id IN (SELECT battle_id FROM items WHERE NOT gold) ORDER BY 1"
            )
        ]
        if len(raters) == 1
        else [],
    )


def kept(turns: KeptTurns, raters: Sequence[RaterId], clock: Clock) -> Sequence[Any]:
    """What is kept of the same."""
    now = clock()
    ordinary = turns.items_of(CAMPAIGN, tasking.SET)
    gold = turns.items_of(CAMPAIGN, qualifying_made.GOLD_SET, gold=True)
    free = {id(one) for one in turns.not_theirs([*ordinary, *gold], raters, now)}
    places = turns.with_places(ordinary, [], now, overlap=1_000)
    assert {id(one) for _, one in turns.with_places(ordinary, raters, now, overlap=1_000)} <= free
    complete = {id(one) for one in turns.complete(ordinary, overlap=1)}
    assert complete == {id(one) for one in ordinary if one.counted}
    return (
        sorted(
            (one.battle_id, one.set_name, one.gold, taken, one.counted, one.for_a, one.for_b, id(one) not in free)
            for taken, one in places
        ),
        sorted((one.battle_id, id(one) not in free) for one in gold),
        turns.had(raters, CAMPAIGN, tasking.SET, now),
        [one.assignment_id for one in turns.open_of(raters, CAMPAIGN, now)],
        [database.stored_time(one) for one in turns.voted_since(raters, CAMPAIGN, now - timedelta(hours=1))],
        turns.records(raters, CAMPAIGN),
        [(item.battle_id, side, again) for item, side, again in turns.voted(raters[0], CAMPAIGN)]
        if len(raters) == 1
        else [],
    )


def differences(folder: Path, seed: int, *, restarts: bool = False, to_the_first: bool = False, **campaign: Any) -> int:
    """How often what is kept, or what a start would read, differs from what the file says, over random steps."""

    async def work(clock: Clock, dice: random.Random, gone: set[int], steps: int) -> int:
        found = 0
        async with tasking.opened(folder, clock, overlap=2, **campaign) as services:
            for _ in range(steps):
                await task_steps.step(services, clock, dice, gone, leave=3)
                with services.workspace.reading() as connection:
                    anew = stored_turns.load(connection)
                    for raters in dice.sample(PEOPLE, 2):
                        says = told(connection, raters, clock)
                        found += kept(services.workspace.turns, raters, clock) != says
                        found += kept(anew, raters, clock) != says
                if found and to_the_first:
                    break
        return found

    async def run() -> int:
        clock, dice, gone = Clock(), random.Random(seed), set[int]()
        async with tasking.opened(folder, clock, overlap=2, **campaign) as services:
            tasking.fill(services.workspace, 6)
            qualifying_made.fill(services.workspace, 4)
        each = [STEPS // 3] * 3 if restarts else [STEPS]
        return sum([await work(clock, dice, gone, steps) for steps in each])

    return asyncio.run(run())


@pytest.mark.parametrize("seed", [0, *at_length(1)])
def test_what_is_kept_is_what_the_file_says(tmp_path: Path, seed: int) -> None:
    assert differences(tmp_path, seed, gold=0.3, gold_set=qualifying_made.GOLD_SET) == 0


def test_repeats_are_kept_as_the_file_has_them_and_a_start_finds_the_same(tmp_path: Path) -> None:
    with mock.patch("arena.pairing.record_tasks.REPEAT_AFTER", 1):
        assert differences(tmp_path, 3, restarts=True, repeats=0.4, gold=0.1, gold_set=qualifying_made.GOLD_SET) == 0


@pytest.mark.parametrize("forgotten", ["ended", "left", "cast"])
def test_the_control_finds_what_is_not_kept(tmp_path: Path, forgotten: str) -> None:
    with mock.patch.object(KeptTurns, forgotten):
        assert differences(tmp_path, 1, to_the_first=True) > 0
