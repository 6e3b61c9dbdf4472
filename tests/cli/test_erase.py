"""`arena erase`: through a running arena, and on the files, where not a byte of the texts is left."""

from pathlib import Path

from tests import arenas
from tests.cli.conftest import Command, refused
from tests.inference import misbehaving

MODELS = ("echo", "say:No.")


def stored_bytes(data: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file())


def test_a_rater_is_erased_with_and_without_a_running_arena(arena: Command, tmp_path: Path) -> None:
    raters = []
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(tmp_path / "data", server.endpoint, MODELS)
        with arenas.running(settings) as running:
            for name in ("leaves-first", "leaves-second", "stays"):
                with running.rater() as rater:
                    arenas.vote(rater, arenas.battle(rater, f"{name} {name}"), "model_a", reason=name)
                    raters.append(rater.get("/api/v1/me").json()["id"])
            live = arena("erase", raters[0])
            assert live.returncode == 0, live.stderr
            assert "1 votes left, line 4 of the ledger" in live.stdout
            assert "Backups made before" in live.stdout
    assert b"leaves-second" in stored_bytes(tmp_path / "data"), "positive control"
    done = arena("erase", raters[1])
    assert done.returncode == 0, done.stderr
    assert b"leaves" not in stored_bytes(tmp_path / "data")
    assert b"stays" in stored_bytes(tmp_path / "data")
    assert arena("verify").stdout == "ledger of 5 lines: every vote is as it was recorded\n"
    exported = arena("export", "--format", "battles", "--out", "release")
    assert exported.returncode == 0, exported.stderr
    assert "1 rows from 1 votes" in exported.stderr
    refused(arena("erase", raters[1]), 1, "erased already")
