"""`services.selecting`: figures are kept until the ledger moves, and work that nobody waits for ends."""

import asyncio
import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from arena.domain.principal import Principal, Role
from arena.errors import Forbidden, InvalidValue
from arena.services import battle_groups
from arena.services.selecting import Selecting
from arena.store import selection
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making

TRAINER = Principal(id="t_1", role=Role.TRAINER, workspace="default")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "default.duckdb") as opened:
        making.cast(opened)
        yield opened


async def test_figures_are_read_once_until_a_vote_comes(workspace: Workspace, tmp_path: Path) -> None:
    selecting = Selecting(workspace, tmp_path)
    with mock.patch.object(battle_groups, "counted", wraps=battle_groups.counted) as read:
        first = await selecting.counts(TRAINER, {"ties": "drop"})
        assert await selecting.counts(TRAINER, {"ties": "drop", "leaks": "keep"}) is first
        assert read.call_count == 1
        await asyncio.to_thread(making.cast, workspace)
        assert (await selecting.counts(TRAINER, {"ties": "drop"})).counted.votes == first.counted.votes + 1
        assert read.call_count == 2


async def test_a_rater_and_a_lab_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    selecting = Selecting(workspace, tmp_path)
    for role in (Role.RATER, Role.READER):
        other = Principal(id="x_1", role=role, workspace="default")
        with pytest.raises(Forbidden, match="trainer"):
            await selecting.counts(other, {})
        with pytest.raises(Forbidden, match="trainer"):
            await selecting.preview(other, {}, "trl-dpo")
        with pytest.raises(Forbidden, match="trainer"):
            await selecting.stored(other)
        with pytest.raises(Forbidden, match="trainer"):
            await selecting.promised(other)


async def test_a_model_that_nobody_knows_is_named_with_those_spelled_nearly_so(
    workspace: Workspace, tmp_path: Path
) -> None:
    selecting = Selecting(workspace, tmp_path)
    known = ["smol-plain", "smol-terse"]
    workspace.submit(commands.AddModels(models=tuple(making.model(name) for name in known))).result()
    with pytest.raises(InvalidValue, match=r"models names 'smol-ters', which .* did you mean smol-terse"):
        await selecting.counts(TRAINER, {"models": ["smol-plain", "smol-ters"]})
    with pytest.raises(InvalidValue, match=r"models names 'zzz', .*known: smol-plain, smol-terse"):
        await selecting.preview(TRAINER, {"models": ["zzz"]}, "trl-dpo")
    assert (await selecting.counts(TRAINER, {"models": known})).counted.votes == 1, "positive control"


async def test_counting_leaves_the_loop_free_and_ends_when_nobody_waits(workspace: Workspace, tmp_path: Path) -> None:
    with workspace.reading() as connection:
        (record,) = selection.voted(connection)
    reading, ended = threading.Event(), threading.Event()

    def endless(*_: object) -> Iterator[object]:
        try:
            for _ in itertools.count():
                reading.set()
                time.sleep(0.001)
                yield record
        finally:
            ended.set()

    selecting = Selecting(workspace, tmp_path)
    with mock.patch.object(selection, "records", endless):
        task = asyncio.create_task(selecting.counts(TRAINER, {}))
        assert await asyncio.to_thread(reading.wait, 30)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(ended.wait, 30)
    assert (await selecting.counts(TRAINER, {})).counted.votes == 1


async def test_languages_are_counted_once_they_are_found_and_asked_for(workspace: Workspace, tmp_path: Path) -> None:
    selecting = Selecting(workspace, tmp_path)
    first = await selecting.counts(TRAINER, {}, by_language=False)
    assert "languages" not in first.counted.values
    found = (await selecting.counts(TRAINER, {})).counted
    assert sum(found.values["languages"].values()) == found.votes == first.counted.votes
    assert (await selecting.counts(TRAINER, {}, by_language=False)).counted == found
    await asyncio.to_thread(making.cast, workspace)
    assert "languages" not in (await selecting.counts(TRAINER, {}, by_language=False)).counted.values
    (code,) = found.values["languages"]
    asked = await selecting.counts(TRAINER, {"languages": [code]}, by_language=False)
    assert asked.counted.votes == asked.counted.values["languages"][code] == 2


async def test_figures_do_not_wait_while_languages_are_found(workspace: Workspace, tmp_path: Path) -> None:
    selecting, finding, found = Selecting(workspace, tmp_path), threading.Event(), threading.Event()

    def slowly(_record: object) -> str:
        finding.set()
        found.wait(30)
        return "en"

    with mock.patch.object(battle_groups.languages, "language_of", slowly):
        slow = asyncio.create_task(selecting.counts(TRAINER, {}))
        assert await asyncio.to_thread(finding.wait, 30)
        quick = await selecting.counts(TRAINER, {}, by_language=False)
        assert not slow.done()
        found.set()
        assert (await slow).counted.votes == quick.counted.votes
