"""Selections over HTTP: what each filter takes, examples, and releases of what was selected."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import arenas
from tests.api.test_exports import export
from tests.api.test_refusals import refused
from tests.inference import misbehaving

MODELS = ("echo", "say:No.")
VOTES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Why is the sky so blue in the morning?", {"winner": "model_a", "strength": "clearly", "tags": ["clear"]}),
    ("How long should I boil a fresh egg?", {"winner": "model_b", "strength": "slightly"}),
    ("Warum ist der Himmel am Morgen so blau?", {"winner": "model_a"}),
    ("What should I call my new black cat?", {"winner": "tie"}),
    ("Who was the first person on the moon?", {"winner": "both_bad"}),
)


@pytest.fixture(scope="module")
def voted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """An arena with five votes of one rater."""
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(tmp_path_factory.mktemp("selections"), server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings, pages=False) as running, running.rater() as rater:
            for prompt, ballot in VOTES:
                arenas.vote(rater, arenas.battle(rater, prompt), **ballot).raise_for_status()
            yield running


@pytest.fixture
def boss(voted: arenas.Arena) -> Iterator[httpx.Client]:
    with voted.admin() as client:
        yield client


def test_stored_selections_are_listed_and_a_broken_file_says_what_is_wrong(
    voted: arenas.Arena, boss: httpx.Client
) -> None:
    folder = voted.installation.settings.data_dir / "selections"
    folder.mkdir()
    (folder / "ours.toml").write_text('languages = ["en"]\nsince = 2026-03-01\n')
    (folder / "broken.toml").write_text('langauges = ["en"]\n')
    (folder / "strict.toml").write_text("minimum_votes = 4\n")
    listed = {one["name"]: one for one in boss.get("/api/v1/selections").raise_for_status().json()["selections"]}
    assert listed["ours"]["select"] == {"languages": ["en"], "since": "2026-03-01T00:00:00+00:00"}
    assert listed["everything"]["select"] == {"test_share": 0.1}
    assert listed["strict"]["select"] == {"minimum_votes": 4}
    assert "did you mean" in listed["broken"]["problem"]
    assert listed["broken"]["select"] is None
    assert {"strict", "margins"} <= listed.keys()


def counted(client: httpx.Client, **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.post("/api/v1/selections/counts", json=body).raise_for_status().json()
    return found


def test_everything_is_counted_as_the_board_counts_it(boss: httpx.Client) -> None:
    found = counted(boss, select={}, format="trl-dpo")
    assert found["recorded"] - found["withdrawn"] == found["counted"] == found["votes"] == 5
    assert boss.get("/api/v1/leaderboards/overall").json()["votes"] == found["counted"]
    assert found["filters"] == []
    assert found["values"]["campaigns"] == {"default": 5}
    assert found["values"]["languages"] == {"en": 4, "de": 1}
    assert found["values"]["strengths"] == {"not_given": 3, "clearly": 1, "slightly": 1}
    assert found["values"]["sources"] == {"arena": 5}
    assert sorted(found["values"]["models"].values()) == [5, 5]
    quick = counted(boss, select={}, format="trl-dpo", by_language=False)
    assert quick == found
    assert found["values"]["categories"] == {"none": 5}
    assert found["format"]["rows"] == {"train": 3, "test": 0}
    assert {left["reason"]: left["count"] for left in found["format"]["left_out"]} == {"tie": 1, "both_bad": 1}
    assert found["format"]["left_out"][0]["explanation"]


def test_each_filter_says_how_many_it_took_and_how_many_remain(boss: httpx.Client) -> None:
    found = counted(boss, select={"languages": ["en"], "strengths": ["clearly", "slightly"]})
    assert [(one["key"], one["reason"], one["votes"], one["votes_remain"]) for one in found["filters"]] == [
        ("strengths", "strength", 3, 2),
        ("languages", "language", 0, 2),
    ]
    assert found["votes"] == 2
    assert found["select"] == {"languages": ["en"], "strengths": ["clearly", "slightly"]}
    assert found["values"]["strengths"] == {"not_given": 2, "clearly": 1, "slightly": 1}
    assert found["values"]["languages"] == {"en": 2}
    assert found["format"] is None


def test_a_vote_more_is_counted_at_once_and_a_withdrawn_one_no_more(voted: arenas.Arena, boss: httpx.Client) -> None:
    long = {"minimum_prompt_characters": 60}
    before = counted(boss, select=long)
    assert before["votes"] == 0
    with voted.rater() as rater:
        arenas.vote(rater, arenas.battle(rater, "Why? " * 13)).raise_for_status()
        assert counted(boss, select=long)["votes"] == 1
        rater.post("/api/v1/me/withdrawal").raise_for_status()
    after = counted(boss, select=long)
    assert (after["votes"], after["withdrawn"] - before["withdrawn"]) == (0, 1)
    assert after["recorded"] - after["withdrawn"] == after["counted"] == before["counted"]


def test_examples_are_what_the_format_writes_and_other_ones_for_another_seed(boss: httpx.Client) -> None:
    def drawn(seed: int, **select: Any) -> list[dict[str, Any]]:
        body = {"format": "trl-dpo", "seed": seed, "select": select}
        pairs: list[dict[str, Any]] = (
            boss.post("/api/v1/selections/preview", json=body).raise_for_status().json()["pairs"]
        )
        return pairs

    pairs = drawn(1)
    assert pairs == drawn(1)
    assert len({tuple(pair["prompt"] for pair in drawn(seed)) for seed in range(8)}) > 1
    assert {pair["prompt"] for pair in pairs} == {VOTES[0][0], VOTES[1][0], VOTES[2][0]}
    for pair in pairs:
        assert {pair["chosen"], pair["rejected"]} == {pair["text_a"], pair["text_b"]}
        assert pair["rows"][0]["chosen"] == [{"role": "assistant", "content": pair["chosen"]}]
        assert (pair["votes"], pair["agreeing"], pair["split"]) == (1, 1, "train")
    (clear,) = drawn(1, strengths=["clearly"])
    assert (clear["winner"], clear["strength"], clear["tags"]) == ("model_a", "clearly", ["clear"])


def test_examples_are_masked_as_the_rows_are(voted: arenas.Arena, boss: httpx.Client) -> None:
    with voted.rater() as rater:
        prompt = "Write to jo@example.org, please."
        arenas.vote(rater, arenas.battle(rater, prompt)).raise_for_status()

        def drawn(**select: Any) -> str:
            select |= {"minimum_prompt_characters": len(prompt), "maximum_prompt_characters": len(prompt)}
            body = {"format": "trl-dpo", "select": select}
            return boss.post("/api/v1/selections/preview", json=body).raise_for_status().text

        assert "jo@example.org" in drawn()
        assert "jo@example.org" not in drawn(mask=["mail"])
        rater.delete("/api/v1/me").raise_for_status()
        assert "jo@example.org" not in drawn()


@pytest.mark.parametrize("path", ["counts", "preview"])
@pytest.mark.parametrize(
    ("select", "words"),
    [
        ({"langauges": ["en"]}, ("langauges", "did you mean 'languages'")),
        ({"languages": []}, ("languages is empty",)),
        ({"minimum_votes": "3"}, ("minimum_votes is '3'", "whole number")),
        ({"campaigns": "../x\0"}, ("campaigns", "a line of 1 to 200")),
    ],
)
def test_what_is_no_selection_is_refused_in_a_sentence(
    boss: httpx.Client, path: str, select: dict[str, Any], words: tuple[str, ...]
) -> None:
    refused(boss.post(f"/api/v1/selections/{path}", json={"select": select, "format": "trl-dpo"}), 422, *words)
    refused(boss.post("/api/v1/exports", json={"select": select, "format": "trl-dpo"}), 422, *words)


def test_an_unknown_format_and_a_rater_are_refused(voted: arenas.Arena, boss: httpx.Client) -> None:
    refused(boss.post("/api/v1/selections/counts", json={"format": "papyrus"}), 422, "papyrus", "trl-dpo")
    refused(boss.post("/api/v1/selections/preview", json={"format": "papyrus"}), 422, "papyrus", "trl-dpo")
    refused(boss.post("/api/v1/selections/counts", json={"select": []}), 400, "select")
    with voted.rater() as rater:
        refused(rater.post("/api/v1/selections/counts", json={}), 403, "trainer")
        refused(rater.post("/api/v1/selections/preview", json={"format": "battles"}), 403, "trainer")


def test_a_release_holds_what_was_counted(boss: httpx.Client) -> None:
    select = {"languages": ["en"], "ties": "drop", "test_share": 0.5}
    found = counted(boss, select=select, format="trl-kto")
    counts = export(boss, format="trl-kto", select=select)["manifest"]["counts"]
    assert counts["counted"]["votes"] == found["counted"]
    assert counts["votes"] == found["votes"]
    assert counts["not_selected"]["votes"] == {"language": 1, "tie": 1}
    assert counts["rows"] == found["format"]["rows"]
    assert counts["left_out"] == {left["reason"]: left["count"] for left in found["format"]["left_out"]}


def test_a_selection_without_a_row_makes_no_release(boss: httpx.Client) -> None:
    status = boss.post("/api/v1/exports", json={"format": "trl-dpo", "select": {"languages": ["zu"]}}).json()
    while status["state"] == "building":
        status = boss.get(f"/api/v1/exports/{status['release_id']}").json()
    assert status["state"] == "failed"
    assert "language 5" in status["problem"]
    assert "No release was made" in status["problem"]


def test_a_selection_that_breaks_the_promise_of_a_release_is_refused_at_once_and_by_its_number(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with misbehaving.serve(listed=MODELS) as server, arenas.hurried():
        settings = arenas.settings_for(tmp_path, server.endpoint, MODELS)
        with arenas.running(settings, pages=False) as running, running.rater() as rater, running.admin() as admin:
            for prompt, ballot in VOTES[:3]:
                arenas.vote(rater, arenas.battle(rater, prompt), **ballot).raise_for_status()
            keeps = {"held_out_share": 0.01}
            nothing = admin.get("/api/v1/selections/promised").raise_for_status().json()
            assert nothing == {"select": {}, "releases": []}
            promised = export(admin, format="battles", select=keeps)
            kept = admin.get("/api/v1/selections/promised").raise_for_status().json()
            assert kept == {"select": keeps, "releases": [1]}
            refused(rater.get("/api/v1/selections/promised"), 403, "trainer")
            for path in ("/api/v1/exports", "/api/v1/selections/counts", "/api/v1/selections/preview"):
                answer = admin.post(path, json={"format": "battles"})
                refused(answer, 422, f"Release 1 ({promised['release_id']}) promised", "held_out_share=0.01")
                refused(
                    admin.post(path, json={"format": "battles", "select": {"held_out_share": 0.6}}), 422, "0 to 0.5"
                )
            assert len(admin.get("/api/v1/exports").json()["exports"]) == 1
            assert counted(admin, format="battles", select=keeps)["votes"] == 3, "positive control"
            shown = admin.post("/api/v1/selections/preview", json={"format": "battles", "select": keeps})
            assert len(shown.raise_for_status().json()["pairs"]) == 3, "positive control"
            assert export(admin, format="battles", select=keeps)["number"] == 2
    assert "Traceback" not in caplog.text
