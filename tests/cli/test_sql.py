"""`arena sql`, on a folder and through an arena that runs on it."""

import json
from pathlib import Path

import pytest

from arena.services import open_workspace
from tests import arenas
from tests.cli.conftest import Command, refused
from tests.store import making

QUERY = "SELECT winner, count(*) AS votes, ['a'] AS list, NULL AS nothing FROM votes GROUP BY ALL"


@pytest.mark.slow
def test_a_workspace_is_asked_alone_and_through_its_arena(arena: Command, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with open_workspace.opened(data, "default") as here:
        making.cast(here.store)
        making.cast(here.store)
        shown = here.pseudonyms.name(making.battle().rater_id)

    def asked() -> None:
        found = json.loads(arena("sql", QUERY, "--format", "json").stdout)
        assert found["rows"] == [["model_a", 2, ["a"], None]]
        assert found["columns"] == ["winner", "votes", "list", "nothing"]
        assert arena("sql", QUERY, "--format", "csv").stdout == 'winner,votes,list,nothing\nmodel_a,2,"[""a""]",\n'
        assert arena("sql", "SELECT rater FROM raters").stdout.split() == ["rater", "-" * len(shown), shown]
        refused(arena("sql", "DELETE FROM votes"), 2, "Only SELECT")
        refused(arena("sql", "SELECT * FROM main.votes"), 2, "without a schema")

    asked()
    with arenas.running(arenas.settings_for(data, "http://127.0.0.1:9/v1", ()), pages=False):
        asked()
        more = arena("sql", "SELECT x FROM range(10001) AS t(x)", "--format", "csv")
        assert more.returncode == 0
        assert "first 10,000" in more.stderr


def test_a_long_text_is_cut_where_people_read_it(arena: Command, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with open_workspace.opened(data, "default"):
        pass
    assert (
        arena("sql", "SELECT repeat('long ', 30) AS text, 1 AS one").stdout.splitlines()[2] == f"{'long ' * 11}long…  1"
    )


def test_what_raters_wrote_runs_in_no_spreadsheet_and_moves_no_cursor(arena: Command, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with open_workspace.opened(data, "default") as here:
        making.cast(here.store, reason='=HYPERLINK("http://evil.example")')
        making.cast(here.store, reason="\x1b[2Jfine")
    query = "SELECT reason, -1 AS number FROM votes ORDER BY reason DESC"
    assert arena("sql", query, "--format", "csv").stdout.splitlines()[1] == (
        '"\'=HYPERLINK(""http://evil.example"")",-1'
    )
    assert json.loads(arena("sql", query, "--format", "json").stdout)["rows"][0][0].startswith("=HYPERLINK"), "control"
    table = arena("sql", query).stdout
    assert "\x1b" not in table
    assert "?[2Jfine" in table
