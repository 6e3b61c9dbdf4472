"""`arena models add|pause|resume|retire` over the API of the arena that runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import arenas
from tests.cli.conftest import Command, refused
from tests.inference import misbehaving

TABLE = '[[models]]\nname = "{name}"\nserved_name = "{served_name}"\nendpoint = "{endpoint}"\n'


@pytest.fixture(scope="module")
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve(listed=("echo", "say:No.")) as running:
        yield running


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, server: misbehaving.Server) -> Iterator[arenas.Arena]:
    settings = arenas.settings_for(tmp_path_factory.mktemp("arena"), server.endpoint, ("echo", "say:No."))
    with arenas.running(settings, pages=False) as found:
        yield found


def test_a_checkpoint_is_tried_added_paused_resumed_and_retired(
    arena: Command, tmp_path: Path, running: arenas.Arena, server: misbehaving.Server
) -> None:
    data = ("--data-dir", running.installation.settings.data_dir)
    file = tmp_path / "checkpoint.toml"
    file.write_text(TABLE.format(name="checkpoint-7", served_name="say:No.", endpoint=server.endpoint))
    tried = arena("models", "add", file, "--try", *data)
    assert (tried.returncode, tried.stdout) == (0, "checkpoint-7: answers: No.\n"), tried.stderr
    assert arena("models", "add", file, "--reason", "Of today.", *data).stdout.startswith(
        "checkpoint-7: active, line 1"
    )
    refused(arena("models", "add", file, *data), 1, "checkpoint-7 was given before")
    for command, state in (("pause", "paused"), ("resume", "active"), ("retire", "retired")):
        done = arena("models", command, "checkpoint-7", "--reason", "As planned.", *data)
        assert done.stdout.startswith(f"checkpoint-7: {state}, line"), done.stderr
    refused(arena("models", "resume", "checkpoint-7", "--reason", "x", *data), 1, "is retired")
    with running.admin() as admin:
        assert len(admin.get("/api/v1/changes").json()["changes"]) == 4


def test_a_model_that_cannot_take_part_fails_the_try(
    arena: Command, tmp_path: Path, running: arenas.Arena, server: misbehaving.Server
) -> None:
    file = tmp_path / "checkpoint.toml"
    file.write_text(TABLE.format(name="checkpoint-8", served_name="status-500", endpoint=server.endpoint))
    tried = arena("models", "add", file, "--try", "--data-dir", running.installation.settings.data_dir)
    assert tried.returncode == 1
    assert "status 500" in tried.stdout


def test_without_an_arena_or_a_table_it_says_so(arena: Command, tmp_path: Path, running: arenas.Arena) -> None:
    file = tmp_path / "empty.toml"
    file.write_text("")
    refused(arena("models", "add", file, "--data-dir", running.installation.settings.data_dir), 2, "[[models]]")
    refused(arena("models", "pause", "x-1", "--reason", "x", "--data-dir", tmp_path / "data"), 2, "No arena runs on")
