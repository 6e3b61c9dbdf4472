"""A data folder that commit 6d1c148 left: what it told its raters, labs and trainers then is told again today."""

import hashlib
import json
import os
import shutil
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import duckdb
import httpx
import orjson
import pytest

from arena.exports.proofs import receipts, verification
from arena.store import database, migrations
from tests import arenas
from tests.api.test_exports import export
from tests.inference import misbehaving
from tests.old.make_workspace import MODELS

ARCHIVE = Path(__file__).parent / "workspace-6d1c148.tar.xz"
FORMATS = ("battles", "trl-dpo", "trl-kto", "helpsteer3")


def unpacked(folder: Path) -> dict[str, Any]:
    """What the archive was told, with its data folder put into `folder`."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    told: dict[str, Any] = json.loads((folder / "told.json").read_text())
    return told


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[arenas.Arena, dict[str, Any]]]:
    """The arena of that folder, opened by today's program."""
    folder = tmp_path_factory.mktemp("old")
    told = unpacked(folder)
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(folder / "data", server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings) as arena:
            yield arena, told


@pytest.fixture
def admin(opened: tuple[arenas.Arena, dict[str, Any]]) -> Iterator[httpx.Client]:
    arena, told = opened
    with arena.client(told["admin_token"]) as client:
        yield client


@pytest.fixture
def told(opened: tuple[arenas.Arena, dict[str, Any]]) -> dict[str, Any]:
    return opened[1]


def test_the_ledger_is_the_same_and_sound(admin: httpx.Client, told: dict[str, Any]) -> None:
    assert told["verification"]["problems"] == []
    assert admin.get("/api/v1/verification").json()["problems"] == []
    before = told["ledger"].splitlines()
    now = admin.get("/api/v1/ledger").raise_for_status().text.splitlines()
    lines = [line for line in before if '"previous"' in line]
    assert len(lines) == told["verification"]["lines"]
    assert [line for line in now if '"previous"' in line][: len(lines)] == lines


def test_the_board_has_the_same_numbers(admin: httpx.Client, told: dict[str, Any]) -> None:
    board = admin.get("/api/v1/leaderboards/overall").raise_for_status().json()
    assert {key: board[key] for key in told["board"]} == told["board"]


@pytest.mark.parametrize("number", range(6))
def test_a_rater_is_told_the_same_votes_with_the_same_receipts_and_proofs(
    opened: tuple[arenas.Arena, dict[str, Any]], number: int
) -> None:
    arena, told = opened
    before = told["raters"][number]
    with arena.client(before["token"]) as client:
        answer = client.get("/api/v1/me/contributions")
        if number == told["removed"]["erased"]:
            assert answer.status_code == 401
            return
        now = answer.raise_for_status().json()
        votes = before["contributions"]["votes"]
        assert [missing(old, new) for old, new in zip(votes, now["votes"], strict=True)] == [[]] * len(votes)
        assert (now["withdrawn"], now["scope"]) == (
            before["contributions"]["withdrawn"],
            before["contributions"]["scope"],
        )
        used = {one["release_id"]: one for one in now["releases"]}
        assert all(used[one["release_id"]] == one for one in before["contributions"]["releases"])
        receipt = {vote["vote_id"]: vote["receipt"] for vote in now["votes"]}
        assert before["proofs"]
        for one in before["proofs"]:
            assert client.get(one["path"]).raise_for_status().json() == one["told"]
            proof = receipts.read(one["told"]["proof"])
            checked = receipts.check(proof, told["key"]["key"], receipt[one["path"].rpartition("/")[2]])
            assert (checked.proven, checked.problems) == (True, ())


def test_a_release_made_then_verifies_now_but_for_the_texts_that_were_erased(
    opened: tuple[arenas.Arena, dict[str, Any]],
) -> None:
    arena, told = opened
    folders = {path.name: path for path in arena.installation.settings.data_dir.rglob("rel_*") if path.is_dir()}
    for release in told["releases"].values():
        checked = verification.release(folders[release["release_id"]], told["key"]["key"])
        assert (checked.proven, checked.problems) == (True, ())
    assert verification.release(folders[told["first"]], told["key"]["key"]).problems, "its rows were erased"


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_same_votes_are_exported_byte_for_byte(
    opened: tuple[arenas.Arena, dict[str, Any]], admin: httpx.Client, format_name: str
) -> None:
    """What a format said then it says now, in the same order; fields that came later may stand beside it."""
    arena, told = opened
    release = told["releases"][format_name]
    folders = {path.name: path for path in arena.installation.settings.data_dir.rglob("rel_*") if path.is_dir()}
    status = export(admin, format=format_name)
    assert missing(release["counts"], status["manifest"]["counts"]) == []
    folders[status["release_id"]] = folders[release["release_id"]].parent / status["release_id"]
    for name, digest in release["rows"].items():
        before = (folders[release["release_id"]] / name).read_bytes()
        assert hashlib.sha256(before).hexdigest() == digest
        file = folders[status["release_id"]] / name
        now = file.read_bytes() if file.exists() else b""  # a part without rows has no file any more
        rows = [json.loads(line) for line in before.splitlines()]
        kept = [
            {key: new[key] for key in old} for old, new in zip(rows, map(json.loads, now.splitlines()), strict=True)
        ]
        assert b"".join(orjson.dumps(row) + b"\n" for row in kept) == before


def missing(before: Any, now: Any, path: str = "") -> list[str]:
    """Where `now` says something else than `before`; what it says besides is no matter."""
    if isinstance(before, dict) and isinstance(now, dict):
        return [found for key in before for found in missing(before[key], now.get(key), f"{path}.{key}")]
    return [] if before == now else [f"{path}: {before!r} is {now!r} now"]


def test_what_is_missing_is_found() -> None:
    assert missing({"a": {"b": 1}}, {"a": {"b": 2, "c": 3}}) == [".a.b: 1 is 2 now"]
    assert missing({"a": {"b": 1}}, {"a": {"b": 1, "c": 3}}) == []


def test_nested_columns_say_as_json_what_they_said(opened: tuple[arenas.Arena, dict[str, Any]], tmp_path: Path) -> None:
    """Of every battle and vote that was there: the texts of the history, and the tags."""
    arena, _ = opened
    unpacked(tmp_path)
    (file,) = (tmp_path / "data" / "workspaces").glob("*.duckdb")
    queries = ("SELECT battle_id, history FROM battles ORDER BY ALL", "SELECT vote_id, tags FROM votes ORDER BY ALL")
    with duckdb.connect(str(file), read_only=True) as connection:
        before = [connection.execute(query).fetchall() for query in queries]
    assert all(any(value for _, value in found) for found in before), "positive control"
    with arena.services.workspace.reading() as connection:
        for query, found in zip(queries, before, strict=True):
            now = dict(connection.execute(query).fetchall())
            assert {key: now[key] for key, _ in found} == {key: orjson.dumps(value).decode() for key, value in found}, (
                "as the writer writes it"
            )


class Dying:
    """A connection whose process ends as if killed when it is asked for statement number `last`."""

    def __init__(self, connection: Any, last: int) -> None:
        self._connection, self._left = connection, last

    def execute(self, *arguments: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            os._exit(9)
        return self._connection.execute(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class Watched:
    """A connection that notes, before each statement, what its files say: what a kill there would leave."""

    def __init__(self, connection: Any, file: Path) -> None:
        self._connection, self._file = connection, file
        self.noted: list[bytes] = []

    def execute(self, *arguments: Any) -> Any:
        self.noted.append(bytes_of(self._file))
        return self._connection.execute(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@pytest.mark.slow(seconds=15)
def test_killed_at_any_statement_of_the_migrations_a_database_is_old_or_new(tmp_path: Path) -> None:
    """Each migration is killed at each statement before which its files say something new, the first and the last
    included: a kill between two of those leaves what a kill at the first of them left."""
    unpacked(tmp_path)
    (file,) = (tmp_path / "data" / "workspaces").glob("*.duckdb")
    goal = newest(Path(shutil.copy(file, tmp_path / "whole.duckdb")))
    at, before = file, state(file)
    assert goal["schema_version"] != before["schema_version"]
    for step in missing_in(file):
        whole = Path(shutil.copy(at, tmp_path / f"{step.number}.duckdb"))
        noted = watched(whole, to=step.number)
        after = state(whole)
        seen = []
        for statement in sorted({*changes(noted), len(noted) - 1}):
            trial = Path(shutil.copy(at, tmp_path / "trial.duckdb"))
            assert migrated(trial, to=step.number, last=statement) == 9
            untouched = bytes_of(trial) == bytes_of(at)  # and what it becomes is shown below
            seen.append(before if untouched else state(trial))
            assert seen[-1] in (before, after), f"killed at statement {statement} of {step.name}"
            assert untouched or newest(trial) == goal, f"killed at statement {statement} of {step.name}"
            for path in files_of(trial):
                path.unlink()
        assert (seen[0], seen[-1]) == (before, after), "killed before the checkpoint, what was committed is there"
        at, before = whole, after
    assert before == goal


def changes(noted: list[bytes]) -> list[int]:
    """Where something is noted that was not noted just before; the first, too."""
    return [number for number, one in enumerate(noted) if not number or one != noted[number - 1]]


def missing_in(file: Path) -> list[migrations.Migration]:
    """The migrations that a file has not had."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return migrations.missing(cast(Any, connection), migrations.known("workspace"))


def newest(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row, once a file is brought to the newest schema."""
    assert migrated(file) == 0
    return state(file)


def files_of(database: Path) -> list[Path]:
    """The file of a database and what stands beside it."""
    return sorted(database.parent.glob(f"{database.name}*"))


def bytes_of(database: Path) -> bytes:
    """A digest of all of it but its name."""
    found = {path.name.removeprefix(database.name): path.read_bytes() for path in files_of(database)}
    return hashlib.sha256(b"".join(f"{name} ".encode() + content for name, content in found.items())).digest()


def migrated(file: Path, *, to: int | None = None, last: int = sys.maxsize) -> int:
    """Migrate, up to a number, in a process that dies at a statement; its exit code, 0 where there were no more
    statements."""
    child = os.fork()
    if child == 0:
        connection = unchecked(file)
        migrations.migrate(cast(Any, Dying(connection, last)), steps(to), file)
        connection.close()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def watched(file: Path, *, to: int) -> list[bytes]:
    """Migrate, up to a number; what the files said before each statement."""
    with unchecked(file) as connection:
        watching = Watched(connection, file)
        migrations.migrate(cast(Any, watching), steps(to), file)
    return watching.noted


def unchecked(file: Path) -> duckdb.DuckDBPyConnection:
    """A connection that leaves the log as it is when it closes, as a kill does."""
    connection = database.connect(file)
    connection.execute("PRAGMA disable_checkpoint_on_shutdown")
    return connection


def steps(to: int | None) -> list[migrations.Migration]:
    """The migrations up to a number, or all."""
    return [step for step in migrations.known("workspace") if to is None or step.number <= to]


def state(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with duckdb.connect(str(file), read_only=not file.with_suffix(".duckdb.wal").exists()) as connection:
        names = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        return {name: connection.execute(f'FROM "{name}" ORDER BY ALL').fetchall() for (name,) in names}
