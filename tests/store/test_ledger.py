"""Verification finds every change to what was voted on, and says which."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from arena import errors
from arena.store import database, heads, ledger
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making

VOTES = 6


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed workspace with a few votes and other things."""
    path = tmp_path_factory.mktemp("sound") / "a.duckdb"
    fill(path)
    return path


def fill(path: Path) -> None:
    with Workspace.open(path) as workspace:
        workspace.submit(commands.AddModels(models=(making.model(),))).result()
        for _ in range(VOTES - 1):
            making.cast(workspace)
        making.cast(workspace, strength=None, tags=(), reason=None, edit=None, reading_seconds=None)
        void = making.opened(workspace)
        workspace.submit(commands.VoidBattle(battle_id=void.battle.battle_id, void=making.void())).result()


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    """A copy to do things to."""
    shutil.copyfile(heads.beside(sound), tmp_path / "a.heads")
    return Path(shutil.copyfile(sound, tmp_path / "a.duckdb"))


def change(path: Path, *statements: str) -> None:
    """Do something to a workspace past its writer."""
    with database.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_sound_workspace_has_no_problems(path: Path) -> None:
    assert ledger.verify(path) == ledger.VerifyReport(lines=VOTES, problems=())
    with Workspace.open(path) as workspace:
        assert workspace.verify() == ledger.VerifyReport(lines=VOTES, problems=())


SECOND = "(SELECT vote_id FROM votes WHERE sequence = 2)"
ITS_BATTLE = "(SELECT battle_id FROM votes WHERE sequence = 2)"

VOTE_CHANGES = {
    "winner": "'model_b'",
    "strength": "'slightly'",
    "tags": "to_json(list_reverse(from_json(tags, '[\"VARCHAR\"]')))",
    "reason": "reason || ' '",
    "edit": "NULL",
    "reading_seconds": "reading_seconds + 1e-9",
    "cast_at": "cast_at + INTERVAL 1 MICROSECOND",
    "rater_id": "'r_askes'",
    "idempotency_key": "idempotency_key || '0'",
    "request_sha256": "'1' || substring(request_sha256, 2)",
    "salt": "'00' || substring(salt, 3) || '00'",
    "sequence": "sequence + 100",
    "battle_id": "(SELECT battle_id FROM votes WHERE sequence = 3)",
    "vote_id": "'v_other'",
    "kept": "reverse(kept)",
}
BATTLE_CHANGES = {
    "prompt": "replace(prompt, 'w', 'v')",
    "history": 'to_json(list_reverse(from_json(history, \'[{"role": "VARCHAR", "content": "VARCHAR"}]\')))',
    "model_a": "model_b",
    "model_b": "model_a",
    "turn": "turn + 1",
    "continues": "NULL",
    "continued_side": "'a'",
    "conversation_id": "'c_other'",
    "campaign": "'other'",
    "rater_id": "'r_other'",
    "draw_probability": "draw_probability * 2",
    "created_at": "created_at - INTERVAL 1 MICROSECOND",
}
RESPONSE_CHANGES = {
    "text": "text || chr(8203)",
    "finish_reason": "'length'",
    "prompt_tokens": "prompt_tokens + 1",
    "completion_tokens": "0",
    "first_token_seconds": "first_token_seconds * 2",
    "total_seconds": "total_seconds + 1",
    "side": "CASE side WHEN 'a' THEN 'b' ELSE 'a' END",
}


@pytest.mark.parametrize("column", VOTE_CHANGES)
def test_one_changed_value_of_a_vote_is_found(path: Path, column: str) -> None:
    change(path, f"UPDATE votes SET {column} = {VOTE_CHANGES[column]} WHERE sequence = 2")

    problems = ledger.verify(path).problems
    assert any("line 2 " in problem for problem in problems), problems


@pytest.mark.parametrize("column", BATTLE_CHANGES)
def test_one_changed_value_of_a_battle_that_was_voted_on_is_found(path: Path, column: str) -> None:
    change(path, f"UPDATE battles SET {column} = {BATTLE_CHANGES[column]} WHERE battle_id = {ITS_BATTLE}")

    assert any("is not what line 2 of the ledger commits to" in one for one in ledger.verify(path).problems)


@pytest.mark.parametrize("column", RESPONSE_CHANGES)
def test_one_changed_value_of_an_answer_is_found(path: Path, column: str) -> None:
    change(path, f"UPDATE responses SET {column} = {RESPONSE_CHANGES[column]} WHERE battle_id = {ITS_BATTLE}")

    assert any("is not what line 2 of the ledger commits to" in one for one in ledger.verify(path).problems)


@pytest.mark.parametrize("column", ["subject", "commitment", "previous", "hash", "sequence"])
def test_one_changed_value_of_the_ledger_is_found(path: Path, column: str) -> None:
    value = "sequence + 50" if column == "sequence" else f"reverse({column})"
    change(path, f"UPDATE ledger SET {column} = {value} WHERE sequence = 2")

    assert ledger.verify(path).problems


REWRITES: dict[str, tuple[str, ...]] = {
    "a vote dropped": ("DELETE FROM votes WHERE sequence = 2",),
    "a line dropped": ("DELETE FROM ledger WHERE sequence = 2",),
    "a vote and its line dropped": ("DELETE FROM votes WHERE sequence = 2", "DELETE FROM ledger WHERE sequence = 2"),
    "the last vote and its line dropped": (
        f"DELETE FROM votes WHERE sequence = {VOTES}",
        f"DELETE FROM ledger WHERE sequence = {VOTES}",
    ),
    "everything dropped": ("DELETE FROM votes", "DELETE FROM ledger"),
    "two votes swapped": (
        "UPDATE votes SET sequence = CASE sequence WHEN 2 THEN 3 ELSE 2 END WHERE sequence IN (2, 3)",
    ),
    "two lines swapped": (
        "UPDATE ledger SET sequence = CASE sequence WHEN 2 THEN 3 ELSE 2 END WHERE sequence IN (2, 3)",
    ),
    "a vote doubled": ("INSERT INTO votes SELECT * FROM votes WHERE sequence = 2",),
    "a line doubled": ("INSERT INTO ledger SELECT * FROM ledger WHERE sequence = 2",),
    "a vote slipped in": (
        "INSERT INTO votes SELECT * REPLACE ('v_new' AS vote_id, 'r_new' AS rater_id) FROM votes WHERE sequence = 2",
    ),
    "a battle dropped": (f"DELETE FROM battles WHERE battle_id = {ITS_BATTLE}",),
    "a battle doubled": (f"INSERT INTO battles SELECT * FROM battles WHERE battle_id = {ITS_BATTLE}",),
    "an answer dropped": (f"DELETE FROM responses WHERE side = 'a' AND battle_id = {ITS_BATTLE}",),
    "an answer doubled": (f"INSERT INTO responses SELECT * FROM responses WHERE battle_id = {ITS_BATTLE}",),
    "a battle voided after its vote": (
        f"INSERT INTO voids SELECT {ITS_BATTLE}, 'arena', NULL, '', TIMESTAMP '2026-01-01', NULL",
    ),
    "an unvoted battle dropped": ("DELETE FROM battles WHERE battle_id IN (SELECT battle_id FROM voids)",),
    "a void dropped": ("DELETE FROM voids",),
    "a model dropped": ("DELETE FROM models",),
}


@pytest.mark.parametrize("rewrite", REWRITES)
def test_rows_dropped_doubled_swapped_or_slipped_in_are_found(path: Path, rewrite: str) -> None:
    change(path, *REWRITES[rewrite])

    assert ledger.verify(path).problems


def test_a_history_rewritten_with_a_chain_of_its_own_is_found_by_the_heads(path: Path, tmp_path: Path) -> None:
    """Whoever can write the file can compute a whole new chain; only the heads know the old one."""
    forged = tmp_path / "forged" / "a.duckdb"
    fill(forged)
    assert ledger.verify(forged).problems == ()
    shutil.copyfile(forged, path)

    assert "is not the one that was acknowledged" in ledger.verify(path).problems[0]
    with pytest.raises(errors.StoreCorrupt, match=r"not the database that a\.heads speaks of"):
        Workspace.open(path)


@pytest.mark.parametrize(
    "nonsense",
    [
        """votes SET tags = '["nonsense"]' WHERE sequence = 2""",
        "votes SET tags = 'clear' WHERE sequence = 2",
        "votes SET tags = '5' WHERE sequence = 2",
        f"battles SET history = '' WHERE battle_id = {ITS_BATTLE}",
        f"battles SET history = 'null' WHERE battle_id = {ITS_BATTLE}",
        f"""battles SET history = '[{{"role": "user"}}]' WHERE battle_id = {ITS_BATTLE}""",
    ],
)
def test_a_value_no_arena_writes_is_a_problem_and_not_a_crash(path: Path, nonsense: str) -> None:
    change(path, f"UPDATE {nonsense}")

    problems = ledger.verify(path).problems
    assert len(problems) == 1
    assert problems[0].startswith("Vote v_")
    assert "ledger line 2" in problems[0]


def test_missing_heads_are_a_problem(path: Path) -> None:
    heads.beside(path).unlink()

    assert "a.heads is missing" in ledger.verify(path).problems[0]


def test_many_problems_are_counted_beyond_the_first_hundred(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "NAMED_PROBLEMS", 2)
    change(path, "UPDATE votes SET salt = '00'")

    problems = ledger.verify(path).problems
    assert len(problems) == 3
    assert problems[2] == f"{VOTES - 2} more problems not listed."


def test_verification_walks_the_ledger_in_pages(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arena.store.verification.PAGE", 2)
    assert ledger.verify(path).problems == ()
    change(path, "UPDATE votes SET winner = 'tie' WHERE sequence = 5", "DELETE FROM ledger WHERE sequence = 3")

    problems = ledger.verify(path).problems
    assert any("Ledger lines 3 to 3 are missing" in problem for problem in problems)
    assert any("line 5 of the ledger commits to" in problem for problem in problems)


def test_verification_changes_no_byte(path: Path) -> None:
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    ledger.verify(path)
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before


@pytest.mark.parametrize("unfinished", [b"", b'{"battles":7,"ha'])
def test_a_line_of_the_heads_torn_by_a_crash_is_no_problem(path: Path, unfinished: bytes) -> None:
    with heads.beside(path).open("ab") as file:
        file.write(unfinished)

    assert ledger.verify(path).problems == ()
    with Workspace.open(path) as workspace:
        making.cast(workspace)
    assert ledger.verify(path).problems == ()


def test_a_workspace_behind_its_heads_is_not_opened(path: Path) -> None:
    def refuse(match: str) -> None:
        with pytest.raises(errors.StoreCorrupt, match=match):
            Workspace.open(path)

    _with_head(path, votes=VOTES + 3, hash="f" * 64)
    refuse(r"lost 3 of 9 votes that were acknowledged: it is behind a\.heads")
    heads.beside(path).unlink()
    with Workspace.open(path) as workspace:
        assert making.cast(workspace).line.sequence == VOTES + 1


def _with_head(path: Path, **changes: object) -> None:
    last = heads.last(heads.beside(path))
    assert last is not None
    with heads.beside(path).open("ab") as file:
        file.write(replace(last, **changes).written())  # type: ignore[arg-type]


def test_a_lost_log_is_noticed(tmp_path: Path, crashed: Callable[[], Path]) -> None:
    """The control: DuckDB alone opens the same file as if nothing were missing."""
    path = crashed()
    path.with_name(f"{path.name}.wal").unlink()

    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM votes").fetchone() == (0,)
    assert f"lost {VOTES} of {VOTES} votes" in ledger.verify(path).problems[-1].replace(", ", " and ")
    with pytest.raises(errors.StoreCorrupt, match=f"lost {VOTES} of {VOTES} votes"):
        Workspace.open(path)


@pytest.fixture
def crashed(tmp_path: Path) -> Callable[[], Path]:
    """Makes a workspace whose process died, so that its votes are in the log only."""

    def make() -> Path:
        path = tmp_path / "crashed" / "a.duckdb"
        with Workspace.open(path) as workspace:
            for _ in range(VOTES):
                making.cast(workspace)
            copied = tmp_path / "copied"
            shutil.copytree(path.parent, copied)
        return copied / "a.duckdb"

    return make
