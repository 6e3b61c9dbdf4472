"""A vote on two pictures: told with their addresses, committed to by hash, left out of pairs, verified in a release."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from arena.domain import vote_tree
from arena.domain.ids import BattleId, RaterId
from arena.exports.proofs import verification
from arena.imports import media_files
from arena.services import paths
from arena.store import battles
from arena.store.writing import commands
from tests import arenas
from tests.imports import media_samples as samples
from tests.store import making


@pytest.mark.parametrize("form", ["battles", "trl-dpo"])
def test_a_vote_on_two_pictures_is_in_a_release_that_verifies_and_in_no_pair(tmp_path: Path, form: str) -> None:
    settings = arenas.settings_for(tmp_path, "http://127.0.0.1:9/v1", ["echo", "lines"])
    with arenas.running(settings, pages=False) as arena, arena.rater() as rater, arena.admin() as admin:
        found = arena.services.identity.rater(rater.headers["Authorization"].removeprefix("Bearer "))
        assert found is not None
        files = [media_files.read(samples.image("PNG", colour=colour), "file", 100_000) for colour in ("red", "blue")]
        one, two = settings.models[0].name, settings.models[1].name
        battle = making.battle(rater_id=RaterId(found.id), model_a=one, model_b=two)
        answers = [replace(making.response(""), media=(file.media,)) for file in files]
        workspace = arena.services.workspace
        workspace.submit(commands.OpenBattle(battle=battle)).result()
        workspace.submit(
            commands.CompleteBattle(
                battle_id=battle.battle_id, response_a=answers[0], response_b=answers[1], completed_at=making.NOW
            )
        ).result()
        told = rater.get(f"/api/v1/battles/{battle.battle_id}").json()
        shown = [told[f"media_{side}"] for side in "ab"]
        assert shown == [
            [{"kind": "image", "media_type": "image/png", "url": f"/api/v1/media/{file.media.sha256}"}]
            for file in files
        ]
        assert arenas.vote(rater, battle.battle_id).status_code == 201
        with workspace.reading() as connection:
            record = battles.load(connection, BattleId(battle.battle_id))
        assert record is not None
        assert vote_tree.value("answer_a", record.votes[0], record) == [
            {"type": "image", "media_type": "image/png", "sha256": files[0].media.sha256}
        ]
        begun = admin.post("/api/v1/exports", json={"format": form}).json()
        while begun["state"] == "building":
            time.sleep(0.1)
            begun = admin.get(f"/api/v1/exports/{begun['release_id']}").json()
        if form == "trl-dpo":
            assert "left out: media 1" in begun["problem"]
            return
        assert begun["state"] == "done", begun
        checked = verification.release(paths.releases_path(tmp_path, "default") / begun["release_id"])
        assert checked.problems == ()
        assert sum(begun["manifest"]["counts"]["rows"].values()) == 1
