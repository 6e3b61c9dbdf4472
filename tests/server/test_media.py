"""Pictures, sounds and films leave under a policy of their own, and nothing in them runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.imports import media_files
from tests import arenas
from tests.arenas import Arena
from tests.imports import media_samples as samples


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    data: Path = tmp_path_factory.mktemp("data")
    settings = arenas.settings_for(data, "http://127.0.0.1:9/v1", ["echo", "lines"])
    with arenas.running(settings, pages=False) as running:
        yield running


def test_a_file_is_served_as_what_it_is_and_may_do_nothing(arena: Arena) -> None:
    file = media_files.read(samples.image("PNG"), "file", 100_000)
    arena.services.media.keep(file)
    with arena.rater() as rater:
        found = rater.get(f"/api/v1/media/{file.media.sha256}")
        part = rater.get(f"/api/v1/media/{file.media.sha256}", headers={"Range": "bytes=0-3"})
    assert found.content == file.data
    assert found.headers["content-type"] == "image/png"
    assert found.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["cross-origin-resource-policy"] == "same-origin"
    assert "immutable" in found.headers["cache-control"]
    assert (part.status_code, part.content) == (206, b"\x89PNG")


def test_the_same_file_is_kept_once(arena: Arena) -> None:
    file = media_files.read(samples.wav(), "file", 100_000)
    arena.services.media.keep(file)
    path = arena.services.media.path(file.media)
    before = path.stat().st_ino
    arena.services.media.keep(file)
    assert path.stat().st_ino == before
    assert path.stat().st_mode & 0o077 == 0
    assert not list(path.parent.glob("*.partial"))


@pytest.mark.parametrize("name", ["0" * 64, "..%2fworkspace.duckdb", "workspace.duckdb", "%00", "A" * 64])
def test_nothing_else_can_be_had_so(arena: Arena, name: str) -> None:
    with arena.rater() as rater:
        answer = rater.get(f"/api/v1/media/{name}")
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


def test_without_an_identity_there_is_nothing_to_see(arena: Arena) -> None:
    file = media_files.read(samples.image("GIF"), "file", 100_000)
    arena.services.media.keep(file)
    with arena.client() as nobody:
        assert nobody.get(f"/api/v1/media/{file.media.sha256}").status_code == 401
