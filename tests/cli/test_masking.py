"""`arena export --select mask=...`: what raters wrote, masked on its way out; names by a recogniser of one's own."""

import json
from pathlib import Path

import pytest

from tests import arenas
from tests.cli.conftest import Command, refused
from tests.inference import misbehaving

MODELS = ("echo", "say:No.")
ROOT = Path(__file__).resolve().parents[2]
RECOGNISER = "tests.exports.personal.test_names:capitals"


@pytest.mark.slow
def test_an_export_masks_what_it_is_asked_to_and_nothing_else(arena: Command, tmp_path: Path) -> None:
    with misbehaving.serve(listed=MODELS) as server:
        made = arenas.settings_for(tmp_path / "data", server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(made, pages=False) as running, running.rater() as rater:
            told = arenas.battle(rater, "I am Jane Roe, jane@example.com, 202-555-0123.")
            arenas.vote(rater, told, "model_a").raise_for_status()
    words = ("export", "--format", "trl-dpo", "--out", "out", "--select", "mask=mail,name")
    refused(arena(*words), 2, "no name_recogniser is set", "leave out the kind name")
    done = arena(*words, ARENA_NAME_RECOGNISER=RECOGNISER, PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stderr
    assert "I am [NAME], [EMAIL], 202-555-0123." in (tmp_path / "out" / "data" / "train.jsonl").read_text()
    masked = json.loads((tmp_path / "out" / "manifest.json").read_text())["masked"]
    assert (masked["kinds"], masked["names"]) == (["mail", "name"], RECOGNISER)
    assert masked["found"]["mail"] == masked["found"]["name"] > 0
