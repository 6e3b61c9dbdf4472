"""The trainers' loader, `datasets`, on releases: by the card's configuration, and file by file."""

import subprocess
import sys
from pathlib import Path

import pytest

from arena import exports
from arena.exports.writing import release
from tests.exports import making

LOAD = """
import json, os, sys
import datasets

folder, cache, share = sys.argv[1:]
by_card = datasets.load_dataset(folder, cache_dir=cache)
expected = ["train", "test"] if share == "0.4" else ["train"]
assert list(by_card) == expected, by_card
for part in expected:
    with open(f"{folder}/data/{part}.jsonl", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    lines = datasets.load_dataset("json", data_files=f"{folder}/data/{part}.jsonl", split="train", cache_dir=cache)
    assert by_card[part].to_list() == rows == lines.to_list(), part
    print(part, len(rows), *by_card[part].column_names)
stream = datasets.load_dataset(folder, split="train", streaming=True)
assert list(stream) == by_card["train"].to_list()
sys.stdout.flush()
os._exit(0)  # on a busy machine, threads of the streaming reader abort an ordinary exit now and then
"""


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.4])
@pytest.mark.parametrize("name", exports.FORMATS)
def test_datasets_reads_a_release_as_it_is(tmp_path: Path, name: str, share: float) -> None:
    """In a process of its own, offline: the loader must need nothing but the folder."""
    pytest.importorskip("datasets")
    hostile = [
        making.record(number, prompt=text, text_a=text + "!", votes=(making.vote(number, edit=text + "."),))
        for number, text in enumerate(making.HOSTILE, start=20)
    ]
    records = [*making.assorted(), *hostile]
    manifest = release.write(tmp_path / "out", name, records, making.facts(test_share=share))
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(tmp_path / "out"), str(tmp_path / "cache"), str(share)],
        env={"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    columns = " ".join(exports.FORMATS[name].schema.names)
    assert done.stdout.splitlines() == [
        f"{part} {count} {columns}" for part, count in manifest.counts.rows.items() if count
    ]
