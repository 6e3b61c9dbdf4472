"""The limits that a workspace sets itself, and what is refused of one that comes from elsewhere."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import arenas
from tests.imports import media_samples as samples

MODELS = ("echo", "lines")
CEILING = 2_000_000
"""What the configuration allows."""


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    data: Path = tmp_path_factory.mktemp("limited")
    settings = arenas.settings_for(data, "http://127.0.0.1:9/v1", MODELS, limits={"media_bytes": CEILING})
    with arenas.running(settings, pages=False) as running:
        yield running


def imported(client: httpx.Client, file: Path, set_name: str) -> dict[str, Any]:
    """What became of the prompts of a file."""
    path = f"/w/lab-m/api/v1/prompt-sets/{set_name}/imports"
    begun = client.post(path, json={"kind": "prompts", "file": str(file)}).raise_for_status().json()
    while begun["state"] == "reading":
        time.sleep(0.01)
        begun = client.get(f"{path}/{begun['import_id']}").raise_for_status().json()
    found: dict[str, Any] = begun
    return found


def test_a_workspace_takes_no_larger_file_than_it_says(arena: arenas.Arena, tmp_path: Path) -> None:
    (tmp_path / "picture.jpg").write_bytes(samples.image("JPEG", size=(600, 400)))
    size = (tmp_path / "picture.jpg").stat().st_size
    rows = tmp_path / "prompts.jsonl"
    rows.write_text(json.dumps({"prompt": "What is this?", "image": "picture.jpg"}))
    with arena.admin() as operator:
        made = operator.post("/api/v1/workspaces", json={"name": "lab-m"}).raise_for_status().json()
        with arena.client(Path(made["admin_token_file"]).read_text().strip()) as lab:
            rules = "/w/lab-m/api/v1/workspace"
            assert lab.get(rules).json()["media_bytes"] == CEILING
            assert lab.patch(rules, json={"media_bytes": size - 1}).json()["media_bytes"] == size - 1
            refused = imported(lab, rows, "pictures")
            assert "media_bytes allows" in json.dumps(refused), refused
            assert (refused["state"], refused["entered"]) != ("done", 1)
            assert lab.patch(rules, json={"media_bytes": size}).json()["media_bytes"] == size
            assert imported(lab, rows, "pictures")["entered"] == 1, "positive control"
            assert lab.patch(rules, json={"media_bytes": 10 * CEILING}).json()["media_bytes"] == CEILING
            assert lab.patch(rules, json={"media_bytes": 1023}).status_code == 422
            newest = lab.get("/w/lab-m/api/v1/audit-log").json()["entries"]
            assert ("changed settings", f"media_bytes = {size}") in [(one["did"], one["to"]) for one in newest]
        assert operator.get("/api/v1/workspace").json()["media_bytes"] == CEILING, "the others keep theirs"


def test_a_workspace_that_is_not_as_it_left_is_refused_with_what_is_wrong(arena: arenas.Arena, tmp_path: Path) -> None:
    with arena.admin() as operator:
        made = operator.post("/api/v1/workspaces", json={"name": "lab-left"}).raise_for_status().json()
        with arena.client(Path(made["admin_token_file"]).read_text().strip()) as lab:
            body = {"directory": str(tmp_path / "left")}
            lab.post("/w/lab-left/api/v1/workspace/exports", json=body).raise_for_status()
        whole, asked = tmp_path / "left", {"directory": str(tmp_path / "came"), "name": "lab-came"}
        for damage in (
            lambda came: (came / "names").unlink(),
            lambda came: (came / "workspace.sha256").write_bytes(b"\xff"),
            lambda came: (came / "workspace.sha256").write_text("0  ../../etc/passwd\n"),
            lambda came: (came / "workspace.sha256").write_text("0  \0\n"),
            lambda came: (came / "workspace.json").write_text("[" * 100_000),
            lambda came: (came / "workspace.json").write_text('{"schema": "workspace/9"}'),
        ):
            came = Path(shutil.copytree(whole, tmp_path / "came"))
            damage(came)
            refused = operator.post("/api/v1/workspaces/imports", json=asked)
            assert refused.status_code == 409, refused.text
            assert str(came) in refused.json()["detail"], "it says what"
            shutil.rmtree(came)
        assert operator.post("/api/v1/workspaces/imports", json=asked).status_code == 404
        shutil.copytree(whole, tmp_path / "came")
        assert operator.post("/api/v1/workspaces/imports", json=asked).status_code == 201, "positive control"
