"""`arena qualifications create|list`, on a folder and through an arena that runs on it."""

from pathlib import Path

from arena.services import open_workspace
from tests import arenas
from tests.cli.conftest import Command, refused
from tests.services import qualifying_made

FILE = """field = "law"
gold_set = "known"
practice = 1
items = 2
needed = 2
tries = 1
"""
LINE = "1 of practice, then 2 of 2 right, 1 try, then 7 days to wait; valid for 365 days\n"


def test_a_test_is_made_of_a_file_once_and_listed(arena: Command, tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "law.toml"
    data.mkdir()
    with open_workspace.opened(data, "default") as here:
        qualifying_made.fill(here.store, 3)
    file.write_text(FILE)
    made = arena("qualifications", "create", file)
    assert (made.returncode, made.stdout) == (0, f"law: {LINE}"), made.stderr
    refused(arena("qualifications", "create", file), 1, "has a qualification")
    assert arena("qualifications", "list").stdout == f"law: {LINE}"

    for text, word in (
        (FILE.replace('"law"', '"code"').replace("tries = 1", "tries = 9"), "19 are needed"),
        (FILE + "extra = 1\n", "no key 'extra'"),
        (FILE.replace("items = 2", 'items = "2"'), "a whole number"),
        ('gold_set = "known"\n', "says no field"),
        ("field = ", "not TOML"),
    ):
        file.write_text(text)
        refused(arena("qualifications", "create", file), 2, word)

    with arenas.running(arenas.settings_for(data, "http://127.0.0.1:9/v1", ()), pages=False):
        assert arena("qualifications", "list").stdout == f"law: {LINE}"
        file.write_text(FILE.replace('"law"', '"code"'))
        assert arena("qualifications", "create", file).stdout == f"code: {LINE}"
        refused(arena("qualifications", "create", file), 1, "has a qualification")
