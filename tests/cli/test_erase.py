"""`arena erase`: through a running arena, and on the files, where not a byte of the texts is left."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from arena.services import paths
from arena.store.instance import Instance
from tests import arenas
from tests.cli.conftest import Command, refused
from tests.imports import making
from tests.inference import misbehaving

MODELS = ("echo", "say:No.")


def stored_bytes(data: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file())


def test_a_rater_is_erased_with_and_without_a_running_arena(arena: Command, tmp_path: Path) -> None:
    raters = []
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(tmp_path / "data", server.endpoint, MODELS)
        with arenas.hurried(), arenas.running(settings, pages=False) as running:
            for name in ("leaves-first", "leaves-second", "stays"):
                with running.rater() as rater:
                    arenas.vote(rater, arenas.battle(rater, f"{name} {name}"), "model_a", reason=name)
                    raters.append(rater.get("/api/v1/me").json()["id"])
            live = arena("erase", raters[0])
            assert live.returncode == 0, live.stderr
            assert "1 vote left, line 4 of the ledger" in live.stdout
            assert "Backups made before" in live.stdout
    assert b"leaves-second" in stored_bytes(tmp_path / "data"), "positive control"
    done = arena("erase", raters[1])
    assert done.returncode == 0, done.stderr
    assert b"leaves" not in stored_bytes(tmp_path / "data")
    assert b"stays" in stored_bytes(tmp_path / "data")
    assert arena("verify").stdout == "ledger of 7 lines: every vote is as it was recorded\n"
    exported = arena("export", "--format", "battles", "--out", "release")
    assert exported.returncode == 0, exported.stderr
    assert "1 row from 1 vote" in exported.stderr
    refused(arena("erase", raters[1]), 1, "erased already")
    with Instance.open(paths.instance_path(tmp_path / "data")) as instance:
        noted = [one for one in instance.audit.of("default") if one.did == "erased rater"]
    assert [one.subject for one in noted] == raters[:2], "each once, and not the one that was refused"
    assert [one.who == "command line" for one in noted] == [False, True]


def test_whoever_left_no_trace_here_is_not_erased_and_no_line_says_so(arena: Command, tmp_path: Path) -> None:
    assert arena("import", "battles", making.write(tmp_path / "log.jsonl", [making.lmarena()])).returncode == 0
    for unknown in (("r_TYPO",), ("r_1/../x y?z",), ("--source", "lmarena", "--judge", "nobody")):
        refused(arena("erase", *unknown), 2, "has no battle and no vote here")
    for half in ((), ("--source", "lmarena"), ("--judge", "x"), ("--source", "lmarena", "--judge", ""), ("",)):
        refused(arena("erase", *half), 2, "both --source SOURCE and --judge NAME")
    assert arena("verify").stdout == "ledger of 1 line: every vote is as it was recorded\n"


def test_an_imported_judge_is_erased_by_the_names_of_the_source_and_theirs(arena: Command, tmp_path: Path) -> None:
    path = making.write(tmp_path / "log.jsonl", [making.lmarena(judge="ann"), making.lmarena(judge="bob")])
    assert arena("import", "battles", path, "--source", "lab/log").returncode == 0
    erased = arena("erase", "--source", "lab/log", "--judge", "ann")
    assert erased.returncode == 0, erased.stderr
    assert "1 vote left, line 3 of the ledger" in erased.stdout
    for name in ("lab/log", "other"):
        again = arena("import", "battles", path, "--source", name)
        assert again.stdout == "0 votes on 0 new battles entered, 1 here already, 1 left outside\n"


KILLED = """
import os, signal
from arena import cli
from arena.exports.card import card

card.text = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
cli.main()
"""


def test_erasing_removes_what_a_killed_export_left(arena: Command, tmp_path: Path) -> None:
    assert arena("import", "battles", making.write(tmp_path / "log.jsonl", [making.lmarena()])).returncode == 0
    environment, there = {**os.environ, "ARENA_DATA_DIR": str(tmp_path / "data")}, tmp_path / "there"
    command = [sys.executable, "-c", KILLED, "export", "--format", "battles", "--out", str(there / "out")]
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    assert b"Why?" in stored_bytes(there), "positive control"
    erased = arena("erase", "--source", "lmarena", "--judge", "worker_1")
    assert erased.returncode == 0, erased.stderr
    assert "which a stopped arena had not finished" in erased.stderr
    assert not list(there.iterdir())
