"""What others made is what they published: every file as THIRD_PARTY.md says, and nothing that it does not name."""

import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `([^`]+)` \|.*\| ([^|]+) \| ([^|]+) \| `([0-9a-f]{64})` \|$", re.MULTILINE)
NAMED = {path: sha256 for path, _, _, sha256 in ROW.findall((ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8"))}
FOLDERS = ("arena/ui/static/vendor", "arena/ui/static/fonts", "tests/browser/vendor")


def test_every_file_is_the_one_that_was_published() -> None:
    assert {path: hashlib.sha256((ROOT / path).read_bytes()).hexdigest() for path in NAMED} == NAMED


def test_every_file_of_others_is_named_and_its_licence_lies_beside_it() -> None:
    files = {file for folder in FOLDERS for file in (ROOT / folder).rglob("*") if file.is_file()}
    licences = {file for file in files if file.name in ("LICENSE", "OFL.txt")}
    assert {str(file.relative_to(ROOT)) for file in files - licences} == set(NAMED)
    assert {file.parent for file in files - licences} == {licence.parent for licence in licences}
