"""Seconds to copy an installation into PostgreSQL and back, killed twice on each way; every row of both is compared.

    python benchmarks/database_copy.py [--battles 100000] [--dir FOLDER]

Needs Debian's postgresql and the extra postgres: scripts/setup.sh .venv embedded,dev,postgres. CPU is that of the
command alone; PostgreSQL works beside it.
"""

import argparse
import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import duckdb
from filled import pairs

from arena.services import paths
from tests import postgres

KILLED_AT = (0.3, 0.7)
"""Shares of the answers that are there when the command is killed on the way there."""
KILLED_ONCE = ("copying-*/mirror-*.duckdb", "copying-*/copy/*.duckdb")
"""What is there when it is killed on the way back: what is read of the database, and the copy that is made of it."""
TABLES = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'here' AND table_name <> 'schema_version'"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--battles", type=int, default=100_000)
    parser.add_argument("--dir", type=Path, default=None, help="where to write; a temporary folder otherwise")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.dir) as folder, postgres.running() as server:
        here, back = Path(folder, "here"), Path(folder, "back")
        path = paths.workspace_path(here, paths.DEFAULT_WORKSPACE)
        path.parent.mkdir(parents=True)
        pairs.fill(path, given.battles)
        print(f"{given.battles:,} battles, each with a vote and two answers; {os.cpu_count()} cores")
        print(f"{'':<16}{'seconds':>9}{'CPU s':>9}{'load':>7}")
        there = {**os.environ, "ARENA_DATABASE": server.url()}
        into_database(["--from", str(here)], there, given.battles)
        into_folder(["--to", str(back)], there, back)
        compared(path, paths.workspace_path(back, paths.DEFAULT_WORKSPACE))


def into_database(options: list[str], environment: dict[str, str], battles: int) -> None:
    """The way there goes on where it was killed, so its seconds are those of all three commands."""
    with measured("there"):
        for share in KILLED_AT:
            process = begun(options, environment)
            assert process.stderr is not None
            for line in process.stderr:
                table, _, done = line.partition(": ")
                if table == "responses" and int(done.replace(",", "")) >= 2 * battles * share:
                    break
            else:
                raise SystemExit(f"It ended before it was killed: {process.wait()}")
            process.kill()
            process.communicate()
        finished(options, environment)


def into_folder(options: list[str], environment: dict[str, str], back: Path) -> None:
    """The way back begins anew each time, and leaves nothing that is taken for a workspace."""
    folder = paths.workspace_path(back, paths.DEFAULT_WORKSPACE).parent
    for sign in KILLED_ONCE:
        process = begun(options, environment)
        before = {*folder.glob(sign)}
        while not {*folder.glob(sign)} - before:
            if process.poll() is not None:
                raise SystemExit(f"It ended before it was killed: {process.returncode}")
            time.sleep(0.01)
        process.kill()
        process.communicate()
        if [*folder.glob("workspace.*")]:
            raise SystemExit("A part of a workspace was left by the command that was killed.")
    with measured("back"):
        finished(options, environment)
    if left := [*folder.glob("copying-*")]:
        raise SystemExit(f"What was killed is still there: {left}")


def begun(options: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    program = str(Path(sys.executable).parent / "arena")
    return subprocess.Popen(
        [program, "database", "copy", *options], env=environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip


def finished(options: list[str], environment: dict[str, str]) -> None:
    process = begun(options, environment)
    out, err = process.communicate()
    if process.returncode:
        raise SystemExit(err)
    print(out.strip())


@contextlib.contextmanager
def measured(name: str) -> Iterator[None]:
    def spent() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    started, before = time.perf_counter(), spent()
    yield
    took = time.perf_counter() - started
    print(f"{name:<16}{took:>9.1f}{spent() - before:>9.1f}{os.getloadavg()[0]:>7.1f}", flush=True)


def compared(here: Path, back: Path) -> None:
    """Raises `SystemExit` for a table of which a row differs."""
    with contextlib.closing(duckdb.connect()) as connection:
        connection.execute(f"ATTACH '{here}' AS here (READ_ONLY)")
        connection.execute(f"ATTACH '{back}' AS back (READ_ONLY)")
        rows = 0
        for (table,) in connection.execute(TABLES).fetchall():
            for one, other in (("here", "back"), ("back", "here")):
                alone = f"SELECT count(*) FROM (FROM {one}.{table} EXCEPT ALL FROM {other}.{table})"
                if (connection.execute(alone).fetchone() or (0,))[0]:
                    raise SystemExit(f"Table {table} differs.")
            rows += (connection.execute(f"SELECT count(*) FROM here.{table}").fetchone() or (0,))[0]
        print(f"{rows:,} rows are the same in both folders")


if __name__ == "__main__":
    main()
