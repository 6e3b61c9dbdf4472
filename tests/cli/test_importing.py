"""`arena import battles`: on the files, through a running arena, killed in the middle, and by raters: never."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from arena import errors
from arena.cli import importing
from arena.domain import ids
from arena.services import import_duplicates
from arena.store import heads
from tests import arenas
from tests.cli.conftest import Command, refused
from tests.forking import Forking
from tests.imports import making
from tests.inference import misbehaving

MODELS = ("echo", "say:No.")
ROWS = [
    making.lmarena(
        question_id=f"q{n}", judge=f"worker_{n % 7}", winner=("model_a", "model_b", "tie", "both_bad")[n % 4]
    )
    for n in range(40)
]
BAD = [making.lmarena(winner="banana"), making.lmarena(model_b="GPT 4")]


def counted(done: subprocess.CompletedProcess[str]) -> str:
    """What a successful import says."""
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_import_makes_the_workspace_and_tells_bad_rows_by_number(arena: Command, tmp_path: Path) -> None:
    path = making.write(tmp_path / "log.jsonl.gz", [*ROWS, *BAD])
    done = arena("import", "battles", path, "--workspace", "otherlab", "--data-dir", "elsewhere")
    assert counted(done) == "40 votes on 40 new battles entered, 0 here already, 2 left outside"
    assert done.stderr.splitlines() == [
        'row 41 of log.jsonl.gz: winner is "banana"; accepted: model_a, model_b, tie, both_bad.',
        'row 42 of log.jsonl.gz: "GPT 4" stands against itself.',
    ]
    there = ("--workspace", "otherlab", "--data-dir", "elsewhere")
    again = arena("import", "battles", path, *there)
    assert counted(again) == "0 votes on 0 new battles entered, 40 here already, 2 left outside"
    assert arena("verify", *there).stdout == "ledger of 40 lines: every vote is as it was recorded\n"


def test_what_is_not_kept_is_named_after_the_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [making.lmarena(question_id=f"q{n}", anony=True, winner=None if n == 2 else "tie") for n in range(4)]
    path = making.write(tmp_path / "log.jsonl", [*rows, making.lmarena(question_id="q9", flags={"toxic": False})])
    importing.battles([path], data_dir=tmp_path / "data", unvoted="skip")
    said = capsys.readouterr()
    counts = "4 votes on 4 new battles entered, 0 here already, 0 left outside, 1 passed over without a vote"
    assert said.out == f"{counts}\n"
    assert said.err == "Not kept: anony (3 rows), flags (1 row).\n"
    pairs = making.write(tmp_path / "pairs.jsonl", [{"q": "Why?", "good": "Yes.", "bad": "No.", "note": "x"}])
    importing.battles(
        [pairs], data_dir=tmp_path / "data", mapped=["prompt=q", "chosen=good", "rejected=bad"], source="ours"
    )
    said = capsys.readouterr()
    assert said.err.startswith("Not kept: note (1 row).\n1 vote of a source that names no models")
    with pytest.raises(errors.InvalidValue, match='map is "prompt"; it must be TARGET=COLUMN'):
        importing.battles([pairs], data_dir=tmp_path / "data", mapped=["prompt"])


@pytest.mark.parametrize(
    ("rows", "options", "sentence"),
    [
        (BAD, {}, "Nothing was imported: 0 votes on 0 new battles entered"),
        ([{"a": 1}], {}, "has the columns a, which no shape has; say what they mean"),
        (ROWS, {"shape": "papyrus"}, "'papyrus' is no shape"),
        (ROWS, {"shape": "trl"}, "Nothing was imported"),
        (ROWS, {"source": "a b"}, "it is the data set's name"),
    ],
)
def test_what_cannot_be_imported_is_refused(
    tmp_path: Path, rows: list[making.Row], options: dict[str, Any], sentence: str
) -> None:
    chosen = {"shape": None, "source": None, "workspace": "default", **options}
    with pytest.raises(errors.InvalidValue) as refusal:
        importing.battles([making.write(tmp_path / "log.jsonl", rows)], data_dir=tmp_path / "data", **chosen)
    assert sentence in str(refusal.value)


def test_wrong_input_ends_with_2_and_a_sentence(arena: Command, tmp_path: Path) -> None:
    refused(arena("import", "battles", "absent.jsonl"), 2, "absent.jsonl does not exist")
    refused(arena("import", "battles", "absent.jsonl", "--workspace", "../x"), 2, "cannot name a workspace")
    nothing = arena("import", "battles", making.write(tmp_path / "log.jsonl", BAD))
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert nothing.stderr.splitlines()[-1].startswith("arena: Nothing was imported")


def test_a_file_that_was_cut_short_keeps_what_was_read_and_ends_with_1(arena: Command, tmp_path: Path) -> None:
    path = making.write(tmp_path / "log.jsonl.gz", ROWS)
    whole = path.read_bytes()
    path.write_bytes(whole[:-12])
    there = ("--data-dir", str(tmp_path / "data"))
    for entered in (True, False):
        done = arena("import", "battles", path, *there)
        assert done.returncode == 1
        assert done.stdout.startswith("0 votes") is not entered
        assert "1 left outside" in done.stdout
        assert "log.jsonl.gz could not be read to the end" in done.stderr.splitlines()[-1]
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(tmp_path / "data", server.endpoint, MODELS)
        with arenas.running(settings, pages=False):
            live = arena("import", "battles", path, *there)
            assert live.returncode == 1
            assert "what the rest holds is unknown" in live.stderr.splitlines()[-1]
    path.write_bytes(whole)
    assert arena("import", "battles", path, *there).returncode == 0, "positive control"
    assert arena("verify").stdout == "ledger of 40 lines: every vote is as it was recorded\n"


def test_a_running_arena_reads_the_files_itself(arena: Command, tmp_path: Path) -> None:
    """Ranked, exported and voted on beside its own battles; the roster still serves its own models only."""
    path = making.write(tmp_path / "log.parquet", [*ROWS, *BAD])
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(tmp_path / "data", server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings, pages=False) as running, running.rater() as rater:
            done = arena("import", "battles", "log.parquet")
            assert counted(done) == "40 votes on 40 new battles entered, 0 here already, 2 left outside"
            assert done.stderr.splitlines()[1] == 'row 42 of log.parquet: "GPT 4" stands against itself.'
            assert counted(arena("import", "battles", path)).startswith("0 votes on 0 new battles entered, 40 here")
            refused(arena("import", "battles", path, "--from", "papyrus"), 2, "'papyrus' is no shape")
            meant = ("--map", "prompt=q", "--map", "response_a=l", "--map", "response_b=r", "--map", "winner=v")
            table = [{"q": "Why?", "l": "L.", "r": "R.", "v": said, "note": "x"} for said in ("A", None)]
            rest = ("--outcome", "A=model_a", "--unvoted", "skip")
            done = arena("import", "battles", making.write(tmp_path / "table.jsonl", table), *meant, *rest)
            assert counted(done).startswith("1 vote on 1 new battle entered")
            assert counted(done).endswith("0 left outside, 1 passed over without a vote")
            assert done.stderr.startswith("Not kept: note (1 row).\n1 vote of a source that names no models")
            for _ in range(4):
                revealed = arenas.vote(rater, arenas.battle(rater, "One?"), "model_a").json()
                assert {revealed["model_a"], revealed["model_b"]}.isdisjoint({"GPT 4", "command"})
            with running.client() as public:
                board = rater.get("/api/v1/leaderboards/overall").json()
                assert board["votes"] == 45
                assert public.get("/readyz").status_code == 200
            assert arena("verify").stdout == "ledger of 45 lines: every vote is as it was recorded\n"
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(tmp_path / "data", server.endpoint, MODELS)
        with arenas.running(settings, pages=False) as running, running.admin() as admin:
            assert admin.get("/api/v1/leaderboards/overall").json()["votes"] == 45


def test_raters_labs_and_trainers_import_nothing(tmp_path: Path) -> None:
    path = making.write(tmp_path / "log.jsonl", ROWS)
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(tmp_path / "data", server.endpoint, MODELS)
        with arenas.running(settings, pages=False) as running, running.admin() as admin:
            asked = {"files": [str(path)]}
            tokens = [admin.post("/api/v1/tokens", json={"role": role}).json()["token"] for role in ("lab", "trainer")]
            for client in (running.rater(), *map(running.client, tokens)):
                with client:
                    assert client.post("/api/v1/imports", json=asked).status_code == 403
                    assert client.get("/api/v1/imports/imp_x").status_code == 403
            with running.client() as nobody:
                assert nobody.post("/api/v1/imports", json=asked).status_code == 401
            assert admin.post("/api/v1/imports", json={"files": ["log.jsonl"]}).status_code == 422
            assert admin.post("/api/v1/imports", json={"files": []}).status_code == 422
            assert admin.get("/api/v1/imports/imp_x").status_code == 404
            begun = admin.post("/api/v1/imports", json=asked)  # the control: the admin may
            assert begun.status_code == 202
            assert _finished(admin, begun.json()["import_id"])["votes"] == len(ROWS)


def test_an_imported_rater_is_nobody_here(tmp_path: Path) -> None:
    """Neither the name in the file nor the id that stands for it opens anything, and what they judged is not shown."""
    canary = "canary-rater-of-the-file"
    path = making.write(tmp_path / "log.jsonl", [making.lmarena(judge=canary)])
    rater_id = ids.derived("r", "lmarena", canary)
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(tmp_path / "data", server.endpoint, MODELS)
        with (
            arenas.hurried(),
            arenas.running(settings, pages=False) as running,
            running.admin() as admin,
            running.rater() as rater,
        ):
            _finished(admin, admin.post("/api/v1/imports", json={"files": [str(path)]}).json()["import_id"])
            with running.services.workspace.reading() as connection:
                stored = connection.execute("SELECT battle_id, rater_id FROM votes").fetchall()
            assert [row[1] for row in stored] == [rater_id] == [import_duplicates.rater("lmarena", _entry(canary), "")]
            own = rater.headers["Authorization"].removeprefix("Bearer ")
            signature = own.partition(".")[2]
            for token in (canary, rater_id, f"{rater_id}.", f"{rater_id}.{signature}", f"{canary}.{signature}"):
                with running.client(token) as impostor:
                    assert impostor.get("/api/v1/me").status_code == 401
            with running.client(own) as control:
                assert control.get("/api/v1/me").status_code == 200
            battle_id = stored[0][0]
            assert rater.get(f"/api/v1/battles/{battle_id}").status_code == 404
            voted = rater.post(
                f"/api/v1/battles/{battle_id}/votes", json={"winner": "tie"}, headers={"Idempotency-Key": "k"}
            )
            assert voted.status_code == 404


@pytest.mark.slow
def test_killed_anywhere_and_given_again_every_vote_is_there_once(tmp_path: Path, ready: Forking) -> None:
    rows = [making.lmarena(question_id=f"q{n}", judge=f"worker_{n % 50}", tstamp=None) for n in range(6000)]
    path = making.write(tmp_path / "log.jsonl", rows)
    database = tmp_path / "data/workspaces/default/workspace.duckdb"
    command = ["arena", "import", "battles", str(path)]
    environment = {**os.environ, "ARENA_DATA_DIR": str(tmp_path / "data")}
    killed_at = []
    for pages in (1, 3, 6, 9):
        process = ready.start(command, tmp_path, environment)
        deadline = time.monotonic() + 60
        while _votes(database) < pages * 500 and time.monotonic() < deadline:
            time.sleep(0.002)
        with contextlib.suppress(ProcessLookupError):  # it was quicker
            os.kill(process, signal.SIGKILL)
        ready.ended(command)
        killed_at.append(_votes(database))
    assert 0 < killed_at[0] < 6000  # the control: it was killed in the middle
    done = ready.run(command, tmp_path, environment)
    assert done.returncode == 0, done.stderr
    verified = ready.run(["arena", "verify"], tmp_path, environment)
    assert verified.stdout == "ledger of 6,000 lines: every vote is as it was recorded\n", verified.stderr


def _votes(database: Path) -> int:
    head = heads.last(heads.beside(database))
    return 0 if head is None else head.votes


def _entry(judge: str) -> making.ImportedVote:
    return making.one("lmarena", making.lmarena(judge=judge))


def _finished(admin: httpx.Client, import_id: str) -> making.Row:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status: making.Row = admin.get(f"/api/v1/imports/{import_id}").json()
        if status["state"] != "reading":
            assert status["state"] == "done", status
            return status
        time.sleep(0.05)
    raise AssertionError("the import does not end")
