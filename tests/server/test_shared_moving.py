"""A workspace that was exported is taken in by an arena over a database, and is there at every process."""

import itertools
from pathlib import Path
from unittest import mock

import httpx
import pytest

from arena.services import shared_workspaces
from arena.store import opening
from tests.arenas import Arena, Two, seconds_until
from tests.imports import making as imported
from tests.server.test_removed_workspaces import made, removed
from tests.store import making

pytestmark = pytest.mark.postgres
COUNT = itertools.count(1)


@pytest.fixture
def exported(two: Two, tmp_path: Path) -> Path:
    """A workspace with an imported vote and a release, in a folder; the workspace is removed then."""
    name = f"lab-{next(COUNT)}"
    with two.one.client(made(two, two.one, name)) as lab:
        file = imported.write(tmp_path / "votes.jsonl", [imported.battles()])
        begun = lab.post(f"/w/{name}/api/v1/imports", json={"files": [str(file)]}).raise_for_status().json()
        path = f"/w/{name}/api/v1/imports/{begun['import_id']}"
        seconds_until(lambda: lab.get(path).json()["state"] == "done")
        release = lab.post(f"/w/{name}/api/v1/exports", json={"format": "battles"}).raise_for_status().json()
        path = f"/w/{name}/api/v1/exports/{release['release_id']}"
        seconds_until(lambda: lab.get(path).json()["state"] == "done")
        lab.post(f"/w/{name}/api/v1/workspace/exports", json={"directory": str(tmp_path / "out")}).raise_for_status()
    removed(two, two.one, name)
    return tmp_path / "out"


def taken_in(two: Two, arena: Arena, folder: Path, name: str) -> httpx.Response:
    with arena.client(two.one.admin_token) as operator:
        return operator.post("/api/v1/workspaces/imports", json={"directory": str(folder), "name": name})


def test_what_was_exported_is_taken_in_and_there_at_every_process(two: Two, exported: Path) -> None:
    token = Path(taken_in(two, two.other, exported, "lab-in").raise_for_status().json()["admin_token_file"]).read_text()
    for arena in two:
        with arena.client(token.strip()) as lab:
            seconds_until(lambda lab=lab: lab.get("/w/lab-in/api/v1/workspace").status_code == 200)  # type: ignore[misc]
            verified = lab.get("/w/lab-in/api/v1/verification").raise_for_status().json()
            assert (verified["lines"], verified["problems"]) == (1, [])
            (release,) = lab.get("/w/lab-in/api/v1/exports").raise_for_status().json()["exports"]
            archive = f"/w/lab-in/api/v1/exports/{release['release_id']}/archive"
            seconds_until(lambda lab=lab, archive=archive: lab.get(archive).status_code == 200)  # type: ignore[misc]
    assert taken_in(two, two.one, exported, "lab-in").status_code == 409, "a name that is taken"
    files = {one.name for one in (two.other.installation.settings.data_dir / "workspaces" / "lab-in").iterdir()}
    assert "workspace.duckdb" not in files
    removed(two, two.one, "lab-in")


def test_one_that_ended_halfway_is_nothing_and_is_taken_in_by_the_next_try(two: Two, exported: Path) -> None:
    ends = mock.patch.object(opening, "settle_copy", side_effect=KeyError("it ends here"))
    with ends, pytest.raises(KeyError):
        shared_workspaces.take_in(
            two.one.installation.settings.data_dir, two.one.installation.instance, exported, "lab-half", "t_1",
            making.NOW, url=str(two.one.installation.settings.database),
            shared=two.one.installation.instance.shared,
        )  # fmt: skip
    assert two.one.installation.instance.shared is not None
    assert "lab-half" not in two.one.installation.instance.shared.workspaces
    assert not (two.one.installation.settings.data_dir / "workspaces" / "lab-half").exists()
    taken_in(two, two.one, exported, "lab-half").raise_for_status()
    removed(two, two.one, "lab-half")


def test_what_is_damaged_is_refused_with_a_sentence(two: Two, exported: Path) -> None:
    (exported / "ledger.jsonl").write_text("")
    answer = taken_in(two, two.one, exported, "lab-bad")
    assert (answer.status_code, "ledger.jsonl" in answer.text) == (409, True)
    assert two.one.installation.named("lab-bad") is None
