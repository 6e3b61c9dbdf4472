"""What `ledger.verify` makes of files: of an earlier schema, empty ones, and ones that cannot be read to their end."""

import os
import shutil
from pathlib import Path
from unittest import mock

import duckdb
import pytest

from arena import errors
from arena.store import database, failures, heads, ledger, ledger_rows, migrations
from arena.store.workspace import Workspace
from tests.store import making
from tests.store.test_migrations import released

SOUND = ledger.VerifyReport(lines=3, problems=())


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with three votes by an earlier schema, and its heads."""
    path = tmp_path_factory.mktemp("earlier") / "a.duckdb"
    released(path, {1, 3})
    newer = Path(shutil.copyfile(path, path.with_name("newer.duckdb")))
    Workspace.open(newer).close()
    heads.beside(newer).rename(heads.beside(path))
    return path


@pytest.fixture
def path(earlier: Path, tmp_path: Path) -> Path:
    """A copy to do things to."""
    shutil.copyfile(heads.beside(earlier), tmp_path / "a.heads")
    return Path(shutil.copyfile(earlier, tmp_path / "a.duckdb"))


def change(path: Path, statement: str) -> None:
    with database.connect(path) as connection:
        connection.execute(statement)


def test_a_file_of_an_earlier_schema_is_verified_and_stays_as_it_is(path: Path) -> None:
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    assert ledger.verify(path) == SOUND
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before


def test_a_file_of_this_schema_is_verified_where_it_lies(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        making.cast(workspace)
    with mock.patch.object(shutil, "copyfile", side_effect=AssertionError):
        assert ledger.verify(workspace.path) == ledger.VerifyReport(lines=1, problems=())
    change(workspace.path, "UPDATE votes SET winner = 'tie'")
    assert ledger.verify(workspace.path).problems


def test_damage_that_shows_while_the_schema_is_read_is_a_problem(path: Path) -> None:
    damage = duckdb.Error("Corrupt database file: computed checksum 1 does not match stored checksum 2 in block 3")
    with mock.patch.object(ledger.migrations, "version", side_effect=damage):
        (problem,) = ledger.verify(path).problems
    assert problem.startswith(f"{path} is not what was written")


def test_an_absent_file_is_told_from_a_broken_one(tmp_path: Path) -> None:
    with pytest.raises(errors.StoreError, match="does not exist"):
        ledger.verify(tmp_path / "none.duckdb")
    (tmp_path / "junk.duckdb").write_bytes(b"junk" * 5000)
    found = ledger.verify(tmp_path / "junk.duckdb")
    assert found.lines == 0
    assert "is not what was written" in found.problems[0]
    assert "arena restore" in found.problems[0]
    with pytest.raises(errors.StoreCorrupt, match="not a valid DuckDB database"):
        Workspace.open(tmp_path / "junk.duckdb")


def test_a_change_to_a_file_of_an_earlier_schema_is_found(path: Path) -> None:
    change(path, "UPDATE votes SET winner = 'tie' WHERE winner <> 'tie'")
    found = ledger.verify(path)
    assert found.lines == 3
    assert found.problems
    assert all("changed after the vote" in problem for problem in found.problems)


def test_the_heads_of_a_file_of_an_earlier_schema_are_looked_at(path: Path) -> None:
    heads.beside(path).unlink()
    (problem,) = ledger.verify(path).problems
    assert problem.startswith("a.heads is missing")


def test_what_is_still_in_the_log_of_an_earlier_schema_is_verified(path: Path) -> None:
    with database.connect(path) as connection:
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        connection.execute("UPDATE ledger SET hash = 'ab' WHERE sequence = 2")
    assert path.with_name("a.duckdb.wal").exists()
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    assert ledger.verify(path).problems
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before


def test_what_a_killed_verification_left_is_replaced(path: Path) -> None:
    left = path.parent / ".verified"
    left.mkdir()
    with database.connect(Path(shutil.copyfile(path, left / path.name))) as connection:
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        connection.execute("DELETE FROM votes")
    assert (left / f"{path.name}.wal").exists()
    assert ledger.verify(path) == SOUND
    assert not left.exists()


def test_a_file_of_a_later_schema_is_named_and_left_to_a_newer_arena(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    Workspace.open(path).close()
    change(path, "INSERT INTO schema_version (number, name) VALUES (9999, 'later')")
    with pytest.raises(errors.StoreError, match=f"^{path} has schema 9999"):
        ledger.verify(path)


def test_a_copy_that_cannot_be_removed_hides_nothing_that_was_found(path: Path) -> None:
    with mock.patch.object(os, "rmdir", side_effect=OSError):
        assert ledger.verify(path) == SOUND


def test_a_copy_that_fails_is_not_left_behind(path: Path) -> None:
    damage = failures.DatabaseError("Corrupt database file")
    with mock.patch.object(migrations, "migrate", side_effect=damage):
        (problem,) = ledger.verify(path).problems
    assert "is not what was written" in problem
    assert not (path.parent / ".verified").exists()


def test_a_file_killed_while_it_was_made_is_sound_unless_something_was_promised(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    database.connect(path).close()
    assert ledger.verify(path) == ledger.VerifyReport(lines=0, problems=())
    promised = {"hash": "ab", "votes": 0, "models": 0, "battles": 0, "responses": 0, "voids": 0, "releases": 0}
    heads.beside(path).write_bytes(heads.WorkspaceHead(**promised).written())  # type: ignore[arg-type]
    assert ledger.verify(path).problems == ()
    for table in ("votes", "battles", "models"):
        heads.beside(path).write_bytes(heads.WorkspaceHead(**(promised | {table: 1})).written())  # type: ignore[arg-type]
        assert ledger.verify(path) == ledger.VerifyReport(lines=0, problems=(f"{path} is empty and should not be.",))


def test_a_ledger_that_cannot_be_counted_is_reported_with_what_was_found(path: Path) -> None:
    change(path, "DROP TABLE ledger")
    with mock.patch.object(ledger.verification, "problems", return_value=iter(["It is broken."])):
        assert ledger.verify(path) == ledger.VerifyReport(lines=0, problems=("It is broken.",))


@pytest.mark.parametrize(
    ("number", "rest"), [(0, ()), (2, ()), (3, ("1 more problem not listed.",)), (4, ("2 more problems not listed.",))]
)
def test_problems_beyond_a_number_are_counted(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int, rest: tuple[str, ...]
) -> None:
    monkeypatch.setattr(ledger, "NAMED_PROBLEMS", 2)
    told = [f"Problem {place}." for place in range(number)]
    with mock.patch.object(ledger.verification, "problems", return_value=iter(told)) as asked:
        assert ledger.verify(path).problems == (*told[:2], *rest)
    assert asked.call_args.args[1] == path


def test_the_head_is_the_last_line(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        with workspace.reading() as connection:
            assert ledger.head(connection) is None
        for _ in range(2):
            making.cast(workspace)
        with workspace.reading() as connection:
            last = ledger.head(connection)
            assert last is not None
            assert (last.sequence, last) == (2, ledger_rows.last(connection))
