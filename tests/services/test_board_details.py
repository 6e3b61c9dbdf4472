"""What lies behind a board costs once: neighbours are fitted again in blocks that are kept."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

import leaderboards
from arena.domain.principal import Principal, Role
from arena.services import board_details, board_fitting
from arena.services.aliases import Aliases
from arena.services.board_details import BoardDetails
from arena.services.board_settings import PLAIN
from arena.services.boards import Boards
from leaderboards.showing import influence

MODELS = [f"model-{number:02}" for number in range(30)]


def test_each_neighbour_is_fitted_again_once_whatever_parts_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    running = leaderboards.Running()
    for place, model in enumerate(MODELS):
        for other in MODELS[place + 1 :]:
            running.add(model, other, "model_a", 12)
            running.add(model, other, "model_b", 9)
    ranking = board_fitting.fitted(running, {}, "head")
    fitted: list[str] = []

    def fewest(board: leaderboards.Board, pairs: Sequence[tuple[str, str]]) -> tuple[influence.Flip, ...]:
        fitted.extend(higher for higher, _ in pairs)
        return tuple(influence.Flip(higher=one, lower=other, votes=3, share=0.1) for one, other in pairs)

    async def find(*_: object) -> Any:
        return ranking

    monkeypatch.setattr(board_details.influence, "fewest", fewest)
    boards = cast(Boards, SimpleNamespace(find=find))
    details = BoardDetails(boards, cast(Aliases, SimpleNamespace()))
    who = Principal(id="r_1", role=Role.RATER, workspace="default")

    async def asked(after: int, limit: int) -> list[str]:
        _, told = await details.doubts(who, "overall", PLAIN, after, limit)
        assert told.total == len(MODELS) - 1
        return [gap.higher for gap in told.neighbours]

    async def ask() -> None:
        whole = await asked(0, 500)
        assert len(whole) == len(MODELS) - 1
        for after, limit in ((0, 5), (3, 4), (18, 5), (25, 100), (29, 10), (400, 10)):
            assert await asked(after, limit) == whole[after : after + limit]

    asyncio.run(ask())
    assert len(fitted) == len(set(fitted)) == len(MODELS) - 1, "of the 400th there is none"
