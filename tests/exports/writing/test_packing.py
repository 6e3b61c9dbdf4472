"""A release as one zip: whole, in pieces, the same bytes every time."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from arena.exports.writing import packing

FILES = {"manifest.json": b'{"schema": "release/1"}\n', "data/train.jsonl": b"row\n" * 700_000, "README.md": b""}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / "rel_1" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "rel_1"


def test_it_unpacks_to_the_folder_byte_for_byte(folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(packing.zipped(folder, "release-1")))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            f"release-1/{name}": content for name, content in FILES.items()
        }


def test_it_comes_in_pieces_no_larger_than_what_is_read_at_a_time(folder: Path) -> None:
    pieces = list(packing.zipped(folder, "release-1"))
    assert max(map(len, pieces)) < packing.CHUNK + 1000
    assert len(pieces) > 3


def test_the_same_release_is_the_same_bytes_whatever_the_time_of_its_files(folder: Path) -> None:
    before = b"".join(packing.zipped(folder, "release-1"))
    for path in folder.rglob("*"):
        if path.is_file():
            path.touch()
    assert b"".join(packing.zipped(folder, "release-1")) == before


def test_the_manifest_is_told_by_its_hash_and_a_folder_that_is_gone_by_none(folder: Path) -> None:
    assert packing.manifest_sha256(folder) == hashlib.sha256(FILES["manifest.json"]).hexdigest()
    assert packing.names(folder) == ("README.md", "data/train.jsonl", "manifest.json")
    assert packing.manifest_sha256(folder / "nothing") is None
    assert packing.names(folder / "nothing") == ()
