"""What other processes did is looked for again, also after a look that failed."""

import asyncio
from pathlib import Path

import pytest

from arena.services import battle_writing
from tests.services import tasking


async def test_a_look_that_fails_is_not_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(battle_writing, "LEFT_SECONDS", 0.0)
    looks, again = [0], asyncio.Event()

    def look() -> None:
        looks[0] += 1
        if looks[0] == 1:
            raise RuntimeError("nobody thought of this")
        again.set()

    async with tasking.opened(tmp_path, tasking.Clock()) as services:
        services.battling.writing.looks.append(look)
        looking = asyncio.create_task(services.battling.writing._look_for_left())
        waiting = asyncio.create_task(again.wait())
        done, _ = await asyncio.wait([looking, waiting], return_when=asyncio.FIRST_COMPLETED)
        assert done == {waiting}
        looking.cancel()
