"""Release folders made to break their readers: each ends in one sentence, and none hangs."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from arena.errors import InvalidValue
from arena.exports.folder import files, id_tables, manifest
from arena.exports.proofs import comparison, receipts, signing, verification
from arena.exports.proofs.signing import Signer
from arena.exports.writing import release
from tests.exports import making
from tests.exports.proofs.test_verification import resign

STRANGER = Signer(signing.new_key())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "out"
    release.write(folder, "battles", making.assorted(), making.facts())
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "copy")


READERS: tuple[Callable[[Path], object], ...] = (
    lambda folder: comparison.compare(folder, folder).to_json(),
    lambda folder: receipts.prove(folder, "v_101").to_json(),
)


def refused(folder: Path, words: str) -> None:
    """Every reader ends in one sentence with these words."""
    for reader in READERS:
        with pytest.raises(InvalidValue, match=words) as raised:
            reader(folder)
        assert "\n" not in str(raised.value)


def test_an_honest_release_is_read(copy: Path) -> None:
    """Positive control of everything below, also where a stranger signed it."""
    resign(copy, json.loads((copy / "manifest.json").read_text()), STRANGER)
    assert verification.release(copy).problems == ()
    for reader in READERS:
        assert reader(copy)


DEEP: dict[str, Any] = {}
for _ in range(300):
    DEEP = {"in": DEEP}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        *[("proofs", said) for said in ([1], "x", 5, {}, {"leaves": "1", "root": "0"}, {"leaves": True, "root": ""})],
        *[("ledger_head", said) for said in (5, "x", [], {"sequence": -1, "hash": ""}, {"sequence": 1, "hash": 2})],
        *[("counts", said) for said in (5, "x", None, {}, {"unit": [], "battles": 1, "votes": 1, "rows": {}})],
        *[("credit", said) for said in ("x", {"shares": 5}, {"shares": [{"contributor": "one", "weight": -1}]})],
        *[("selection", said) for said in ([], None, DEEP)],
        *[("private", said) for said in (-1, "1", None)],
        ("split", 1),
        ("format", None),
        ("license", 5),
    ],
)
def test_a_signed_manifest_of_another_shape_ends_in_a_sentence(copy: Path, name: str, said: object) -> None:
    document = json.loads((copy / "manifest.json").read_text())
    resign(copy, {**document, name: said}, STRANGER)
    assert f"manifest.json does not say '{name}' as a release does." in verification.release(copy).problems
    refused(copy, f"does not say '{name}' as a release does")


@pytest.mark.parametrize("name", ["counts", "credit", "selection"])
def test_a_signed_manifest_that_leaves_something_out_ends_in_a_sentence(copy: Path, name: str) -> None:
    document = json.loads((copy / "manifest.json").read_text())
    del document[name]
    resign(copy, document, STRANGER)
    assert verification.release(copy).problems
    refused(copy, f"does not say '{name}'")


def test_a_file_listed_twice_is_found(copy: Path) -> None:
    document = json.loads((copy / "manifest.json").read_text())
    resign(copy, {**document, "files": [*document["files"], document["files"][0]]}, STRANGER)
    assert verification.release(copy).problems == ("manifest.json does not list files as a release does.",)
    refused(copy, "does not say 'files'")


@pytest.mark.parametrize("name", ["manifest.json", "signature.json", "items.parquet"])
def test_a_pipe_is_no_file_of_a_release_and_nobody_waits_for_it(copy: Path, name: str) -> None:
    (copy / name).unlink()
    os.mkfifo(copy / name)
    assert verification.release(copy).problems
    if name != "signature.json":
        refused(copy, name)
    with pytest.raises(InvalidValue, match=name):
        receipts.prove(copy, "v_101")


def listed(folder: Path) -> None:
    """List items.parquet as it is now, and sign that."""
    document = json.loads((folder / "manifest.json").read_text())
    entry = next(entry for entry in document["files"] if entry["path"] == "items.parquet")
    entry["bytes"] = (folder / "items.parquet").stat().st_size
    entry["sha256"] = files.sha256(folder / "items.parquet")
    resign(folder, document, STRANGER)


def test_a_signed_table_that_is_none_ends_in_a_sentence(copy: Path) -> None:
    table = pq.read_table(copy / "items.parquet")
    honest = (copy / "items.parquet").read_bytes()
    nobody = table.set_column(5, "vote_id", pa.nulls(len(table), pa.string()))
    wrong = table.set_column(7, "commitment", pa.array(["zz"] * len(table)))
    for other in (table.drop_columns(["commitment"]), wrong):
        pq.write_table(other, copy / "items.parquet")
        listed(copy)
        assert "items.jsonl and items.parquet do not hold the same rows." in verification.release(copy).problems
    for content in (b"", b"PAR1garbagePAR1", honest[:-20]):
        (copy / "items.parquet").write_bytes(content)
        listed(copy)
        assert len(verification.release(copy).problems) == 1
        refused(copy, "items.parquet cannot be read")
    pq.write_table(nobody, copy / "items.parquet")
    refused(copy, "a row names nothing")
    (copy / "items.parquet").unlink()
    assert "items.parquet is missing." in verification.release(copy).problems
    refused(copy, "there is no such file")
    with pytest.raises(InvalidValue, match="there is no such file"):
        list(id_tables.items(copy))


def test_a_few_bytes_that_unpack_to_gigabytes_end_in_a_sentence(copy: Path) -> None:
    """80 GB here, of one commitment for every row."""
    table = pq.read_table(copy / "items.parquet")
    many = table.take(pa.array([0] * 20_000))
    long = pa.DictionaryArray.from_arrays(pa.array([0] * len(many), pa.int32()), pa.array(["a" * 4_000_000]))
    bomb = many.set_column(7, "commitment", long)
    with pq.ParquetWriter(copy / "items.parquet", bomb.schema, store_schema=False) as writer:
        writer.write_table(bomb)
    assert (copy / "items.parquet").stat().st_size < 300_000
    listed(copy)
    assert "items.jsonl and items.parquet do not hold the same rows." in verification.release(copy).problems
    refused(copy, "a text in it is longer than any id")


def test_the_manifest_of_an_honest_release_is_read_whole(made: Path) -> None:
    assert manifest.read(made) == json.loads((made / "manifest.json").read_text())
