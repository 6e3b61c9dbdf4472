"""What several votes on one stored pair become: the majority, a row for each vote, and the same rows as live."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from arena import errors
from arena.domain.ids import ReleaseId
from arena.domain.selection import Selection
from arena.exports.proofs import verification
from arena.services import exporting
from arena.services.exporting import Order
from arena.services.workspace_services import Services
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.services import making as opened
from tests.services import tasking
from tests.services.tasking import Clock, rater
from tests.services.test_tasks import take, vote
from tests.store import making


def rows(workspace: Workspace, folder: Path, form: str) -> list[dict[str, Any]]:
    """The rows of a release that verifies."""
    order = Order(release_id=ReleaseId(f"rel_{form}"), format=form, selection=Selection.from_mapping({}))
    exporting.build(opened.here(workspace, folder.parent), order, folder)
    assert not verification.release(folder, None).problems
    path = folder / "data" / "train.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


async def judge(services: Services, wanted: Sequence[str | None]) -> None:
    """Have a new rater each vote for the model called so, or for none, on the one item there is."""
    for number, name in enumerate(wanted):
        turn = await take(services, rater(number))
        seen = turn.seen.battle
        winner = "tie" if name is None else "model_a" if seen.model_a == name else "model_b"
        await vote(services, rater(number), turn, winner)


def test_an_item_is_exported_as_its_majority_says(tmp_path: Path) -> None:
    async def exported(place: str, wanted: Sequence[str | None]) -> tuple[list[Any], list[Any], int]:
        async with tasking.opened(tmp_path / place, Clock(), overlap=3) as services:
            tasking.fill(services.workspace, 1, category="science")
            await judge(services, wanted)
            pairs = rows(services.workspace, tmp_path / f"{place}-dpo", "trl-dpo")
            votes = rows(services.workspace, tmp_path / f"{place}-battles", "battles")
            assert services.workspace.verify().problems == ()
            return pairs, votes, (await services.boards.overall(tasking.principal("lab"))).board.votes

    pairs, votes, counted = asyncio.run(exported("majority", ["first", "second", "first"]))
    assert [pair["chosen"][0]["content"] for pair in pairs] == ["An answer to p000, number 0."]
    won = [row["model_a"] if row["winner"] == "model_a" else row["model_b"] for row in votes]
    assert won == ["first", "second", "first"]
    assert {(row["question_id"], row["category"], row["language"]) for row in votes} == {
        (votes[0]["question_id"], "science", "en")
    }
    assert counted == 3
    with pytest.raises(errors.InvalidValue, match="no_majority 1"):
        asyncio.run(exported("apart", ["first", "second", None]))


def test_a_vote_on_a_stored_pair_exports_the_bytes_of_one_fought_live(tmp_path: Path) -> None:
    async def stored() -> str:
        async with tasking.opened(tmp_path / "stored", Clock()) as services:
            tasking.fill(services.workspace, 1, language_detected=True)
            turn = await take(services, rater(1))
            winner = "model_a" if turn.seen.battle.model_a == "first" else "model_b"
            await vote(services, rater(1), turn, winner)
            rows(services.workspace, tmp_path / "of-stored", "trl-dpo")
            rows(services.workspace, tmp_path / "of-stored-helpsteer3", "helpsteer3")
            return str(turn.record.battle.model_a)

    left = asyncio.run(stored())
    with Workspace.open(tmp_path / "live.duckdb") as workspace:
        texts = {"first": "An answer to p000, number 0.", "second": "An answer to p000, number 1."}
        right = "second" if left == "first" else "first"
        battle = making.battle(
            prompt="Question 0?", history=(), turn=1, continues=None, continued_side=None, model_a=left, model_b=right
        )
        workspace.submit(commands.OpenBattle(battle=battle)).result()
        done = commands.CompleteBattle(
            battle_id=battle.battle_id,
            response_a=making.response(texts[left]),
            response_b=making.response(texts[right]),
            completed_at=making.NOW,
        )
        workspace.submit(done).result()
        cast = making.vote(
            battle.battle_id,
            winner="model_a" if left == "first" else "model_b",
            strength=None,
            tags=(),
            reason=None,
            edit=None,
        )
        record = making.loaded(workspace, battle.battle_id)
        workspace.submit(commands.CastVote(vote=cast, record=record)).result()
        rows(workspace, tmp_path / "of-live", "trl-dpo")
        rows(workspace, tmp_path / "of-live-helpsteer3", "helpsteer3")
    for kind in ("", "-helpsteer3"):
        for file in ("train.jsonl", "train.parquet"):
            of_stored, of_live = (tmp_path / f"of-{how}{kind}" / "data" / file for how in ("stored", "live"))
            assert of_stored.read_bytes() == of_live.read_bytes()
