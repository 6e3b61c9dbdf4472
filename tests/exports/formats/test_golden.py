"""Whole releases against committed ones: a difference is a change of meaning, to be reviewed as one.

`WRITE_GOLDEN=1 .venv/bin/python -m pytest tests/exports/formats/test_golden.py` writes them anew.
"""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from arena import exports
from arena.exports.writing import release
from tests.exports import making

GOLDEN = Path(__file__).parent / "golden"


def readable(folder: Path) -> dict[str, str]:
    """The files of a release that people read.

    Sizes and hashes of Parquet files depend on the version of pyarrow, and with them the card that tells their size,
    and the hash and signature above them.
    """
    read = {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".parquet"
    }
    read["README.md"] = re.sub(r"(?m)^  download_size: \d+$", "  download_size: 0", read["README.md"])
    manifest = json.loads(read["manifest.json"])
    for entry in manifest["files"]:
        if entry["path"].endswith((".parquet", "README.md")):
            del entry["bytes"], entry["sha256"]
    read["manifest.json"] = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    signature = json.loads(read["signature.json"])
    del signature["statement"]["manifest_sha256"], signature["signature"]
    read["signature.json"] = json.dumps(signature, indent=2) + "\n"
    return read


@pytest.mark.parametrize("name", exports.FORMATS)
def test_a_release_reads_as_the_committed_one(tmp_path: Path, name: str) -> None:
    facts = making.facts(
        test_share=0.4, license="cc-by-4.0", languages=("en",), selection={"test_share": 0.4}, removed=making.REMOVED
    )
    release.write(tmp_path / "out", name, making.assorted(), facts)
    found = readable(tmp_path / "out")
    if os.environ.get("WRITE_GOLDEN"):
        shutil.rmtree(GOLDEN / name, ignore_errors=True)
        for path, text in found.items():
            (GOLDEN / name / path).parent.mkdir(parents=True, exist_ok=True)
            (GOLDEN / name / path).write_text(text)
    committed = {
        path.relative_to(GOLDEN / name).as_posix(): path.read_text()
        for path in (GOLDEN / name).rglob("*")
        if path.is_file()
    }
    assert found == committed
