"""Releases over HTTP: listed, numbered, stopped, and fetched as one zip that verifies."""

import io
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest

from arena.exports.proofs import verification
from arena.services import exporting
from tests import arenas
from tests.api.test_exports import export
from tests.api.test_refusals import refused

EXPORTS = "/api/v1/exports"


@pytest.fixture
def voted(rater: httpx.Client, admin: httpx.Client) -> httpx.Client:
    """The admin of an arena that holds a vote."""
    arenas.vote(rater, arenas.battle(rater, "List it."), "model_a").raise_for_status()
    return admin


@pytest.fixture
def slow() -> Iterator[threading.Event]:
    """Exports that read battles until they are stopped; the event says that one has begun."""
    begun = threading.Event()

    def build(*arguments: Any) -> dict[str, Any]:
        progress: Callable[[int], None] = next(one for one in arguments if callable(one))
        for battles in range(3000):
            progress(battles)
            begun.set()
            time.sleep(0.01)
        raise AssertionError("nobody stopped it")

    with mock.patch.object(exporting, "build", build):
        yield begun


def ended(client: httpx.Client, release_id: str) -> dict[str, Any]:
    """An export once it is over."""
    limit = time.monotonic() + 30
    while True:
        status: dict[str, Any] = client.get(f"{EXPORTS}/{release_id}").raise_for_status().json()
        if status["state"] != "building":
            return status
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_releases_are_numbered_in_the_order_made(voted: httpx.Client) -> None:
    first, second = export(voted, format="trl-dpo"), export(voted, format="battles")
    listed = [one for one in voted.get(EXPORTS).json()["exports"] if one["state"] == "done"]
    assert [one["release_id"] for one in listed][-2:] == [first["release_id"], second["release_id"]]
    assert [one["number"] for one in listed] == list(range(1, len(listed) + 1))
    assert (first["number"], second["number"]) == (len(listed) - 1, len(listed))
    assert listed[-1]["rows"] == sum(second["manifest"]["counts"]["rows"].values())
    assert listed[-1]["created_at"] == second["created_at"]
    assert "manifest" not in listed[-1]


def test_a_release_as_one_zip_unpacks_to_what_verifies(voted: httpx.Client, tmp_path: Path) -> None:
    status = export(voted, format="trl-kto")
    answer = voted.get(f"{EXPORTS}/{status['release_id']}/archive").raise_for_status()
    folder = f"release-{status['number']}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{folder}.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist()) == [f"{folder}/{name}" for name in status["files"]]
        archive.extractall(tmp_path)
    key = voted.get(f"{EXPORTS}/key").json()["key"]
    checked = verification.release(tmp_path / folder, key)
    assert (checked.problems, checked.proven) == ((), True)
    (tmp_path / folder / "data" / "train.jsonl").write_text("{}\n")
    assert verification.release(tmp_path / folder, key).problems


def test_the_manifest_is_told_by_the_hash_that_was_signed(voted: httpx.Client) -> None:
    status = export(voted, format="trl-dpo")
    signature = voted.get(f"{EXPORTS}/{status['release_id']}/files/signature.json").text
    assert status["manifest_sha256"] in signature


def test_a_release_that_ended_after_the_list_was_asked_is_done_with_its_number_or_not_yet(
    arena: arenas.Arena, voted: httpx.Client
) -> None:
    status = export(voted, format="trl-dpo")
    path = f"{EXPORTS}/{status['release_id']}"
    with mock.patch.object(arena.services.exporting, "listed", return_value=None):
        early = voted.get(path).json()
    assert (early["state"], early["number"], early["files"]) == ("building", None, [])
    assert voted.get(path).json() == status
    assert (status["state"], status["number"] > 0, bool(status["manifest_sha256"])) == ("done", True, True)


def test_an_export_that_is_stopped_makes_no_release(voted: httpx.Client, slow: threading.Event) -> None:
    before = voted.get(EXPORTS).json()["exports"]
    status = voted.post(EXPORTS, json={"format": "trl-dpo"}).json()
    path = f"{EXPORTS}/{status['release_id']}"
    assert slow.wait(30)
    assert voted.delete(path).raise_for_status().status_code == 202
    over = ended(voted, status["release_id"])
    assert (over["state"], over["problem"], over["files"]) == ("failed", "It was stopped. No release was made.", [])
    refused(voted.delete(path), 409, "failed already")
    refused(voted.get(f"{path}/archive"), 404, "is no release")
    after = voted.get(EXPORTS).json()["exports"]
    assert [one for one in after if one["state"] == "done"] == [one for one in before if one["state"] == "done"]
    assert (after[-1]["release_id"], after[-1]["number"]) == (status["release_id"], None)


def test_a_release_that_was_made_cannot_be_stopped(voted: httpx.Client) -> None:
    status = export(voted, format="trl-dpo")
    refused(voted.delete(f"{EXPORTS}/{status['release_id']}"), 409, "done already", "stays")
    assert voted.get(f"{EXPORTS}/{status['release_id']}").json()["files"] == status["files"]


def test_a_rater_sees_stops_and_fetches_no_release(voted: httpx.Client, rater: httpx.Client) -> None:
    status = export(voted, format="trl-dpo")
    path = f"{EXPORTS}/{status['release_id']}"
    for answer in (rater.get(EXPORTS), rater.get(path), rater.delete(path), rater.get(f"{path}/archive")):
        refused(answer, 403, "trainer")
    refused(voted.get(f"{EXPORTS}/rel_none/archive"), 404, "rel_none")


def test_a_release_whose_texts_are_gone_is_not_packed_and_says_so_and_its_ids_stay(
    arena: arenas.Arena, rater: httpx.Client, admin: httpx.Client
) -> None:
    arenas.vote(rater, arenas.battle(rater, "Gone soon."), "model_a").raise_for_status()
    with arena.rater() as other:
        arenas.vote(other, arenas.battle(other, "Stays."), "model_b").raise_for_status()
        status = export(admin, format="trl-dpo")
        path = f"{EXPORTS}/{status['release_id']}"
        for part in ("archive", "files/data/train.jsonl"):
            assert admin.get(f"{path}/{part}").status_code == 200, "positive control"
        rater.delete("/api/v1/me").raise_for_status()
        for part in ("archive", "files/data/train.jsonl", "files/README.md"):
            refused(admin.get(f"{path}/{part}"), 404, "no longer kept here", "a rater was erased")
        assert admin.get(f"{path}/files/signature.json").status_code == 200
        refused(admin.get(f"{path}/files/data/none.jsonl"), 404, "its manifest lists them")
