"""What the pairing policies know: votes that boards count, taken over in the background, and the same for everybody."""

from pathlib import Path

import pytest

from arena.domain.ids import ModelName
from arena.services import pair_designs
from arena.services.pair_designs import PairDesigns
from arena.services.voting import Ballot
from tests.services import making, tasking
from tests.services.tasking import Clock, principal, rater

LAB = principal("lab")
FIRST, SECOND, THIRD = map(ModelName, tasking.MODELS)


def votes(wins: dict[tuple[ModelName, ModelName], tuple[int, int]]) -> dict[tuple[ModelName, ModelName, str], int]:
    found = {}
    for (one, other), (won, lost) in wins.items():
        found[one, other, "model_a"] = won
        found[one, other, "model_b"] = lost
    return found


def test_without_a_board_nothing_is_designed() -> None:
    assert pair_designs.of_votes({}) == {}
    apart = votes({(FIRST, SECOND): (3, 2)}) | {(THIRD, ModelName("fourth"), "tie"): 1}
    assert pair_designs.of_votes(apart) == {}


def test_a_design_has_a_share_for_every_pair_and_more_for_the_close_one() -> None:
    found = pair_designs.of_votes(votes({(FIRST, SECOND): (52, 48), (FIRST, THIRD): (97, 3), (SECOND, THIRD): (97, 3)}))
    assert len(found) == 3
    assert sum(found.values()) == pytest.approx(1)
    assert all(share > 0 for share in found.values())


async def test_a_policy_learns_of_votes_in_the_background(tmp_path: Path) -> None:
    async with tasking.opened(tmp_path, Clock()) as services:
        tasking.fill(services.workspace, 4, models=tasking.MODELS)
        table = {"name": "covering", **tasking.campaign(), "anonymous": True, "pairing": "coverage", "floor": 3}
        campaign = await services.campaigns.create(LAB, table, start=True)
        designs = PairDesigns(making.here(services.workspace, tmp_path), services.campaigns)
        assert designs.seen(campaign).votes == {}
        assert designs.seen(campaign).floor == 3
        drawn = set()
        for _ in range(4):
            task = await services.tasks.next(rater(1), "covering")
            turn = await services.tasks.turn(rater(1), task.battle_id)
            ballot = Ballot(winner="model_a")
            await services.voting.cast(rater(1), turn.record, ballot, f"key {turn.id}", turn.assignment)
            drawn.add(frozenset((turn.record.battle.model_a, turn.record.battle.model_b)))
        assert designs.seen(campaign).votes == {}
        await designs.refresh()
        known = designs.seen(campaign).votes
        assert set(known) == drawn
        assert sum(known.values()) == 4
