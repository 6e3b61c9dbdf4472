"""What reading costs where processes share a database: a release of a million votes, and another process's board.

    python benchmarks/shared_reads.py [--votes 1000000] [--tries 40] [--rounds 1] [--dir FOLDER]

The same votes are in a DuckDB file and in PostgreSQL, written there by the databases themselves. The same release is
made of the file and of the mirror of a process, in processes of their own, and every file of both is compared. Making
the mirror, which a process does once as it starts, is measured alone. Then two arenas run over the database: a rater
votes at one, and the board is asked of the other until it counts the vote. CPU is that of the process that reads;
PostgreSQL works beside it. Needs Debian's postgresql and the extra postgres:
scripts/setup.sh .venv embedded,dev,postgres
"""

import argparse
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import filled
import process
import served
import shared_database
from served import Client

from arena.domain.ids import ReleaseId
from arena.domain.selection import Selection
from arena.services import exporting, identity, paths
from arena.services.exporting import Order
from arena.services.open_workspace import OpenWorkspace
from arena.store import opening
from tests import postgres

FORMAT = "battles"
VOID_EACH = 50
"""Of so many battles that `filled` makes, one is void."""
BOARD = "/api/v1/leaderboards/overall"
PAUSE = 0.005
PATIENCE = 60.0
MIRROR, FILE = "the mirror of PostgreSQL", "the DuckDB file"


def release(data_dir: Path, folder: Path, url: str | None) -> None:
    """Make the release, in this process, and print what it took, as JSON."""
    name = paths.DEFAULT_WORKSPACE
    path = paths.workspace_path(data_dir if url is None else folder / "process", name)
    begun, busy = time.perf_counter(), process.spent()
    with opening.workspace(path, name, url) as workspace:
        opened, opened_busy = time.perf_counter(), process.spent()
        here = OpenWorkspace(
            name=name,
            store=workspace,
            releases=folder,
            secret=identity.signing_secret(data_dir),
            name_key=identity.name_key(data_dir, name),
            signer=identity.release_signer(data_dir, name),
        )
        wanted = Order(release_id=ReleaseId("rel_benchmark"), format=FORMAT, selection=Selection())
        exporting.build(here, wanted, folder / "release")
        files = sorted(one for one in (folder / "release").rglob("*") if one.is_file())
        done, done_busy = time.perf_counter(), process.spent()
    told = {
        "opening": (opened - begun, opened_busy - busy),
        "release": (done - opened, done_busy - opened_busy),
        "peak_mb": process.peak(),
        "files": {str(one.relative_to(folder)): digest(one) for one in files},
    }
    print(json.dumps(told))


def digest(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def releases(data_dir: Path, url: str, rounds: int) -> None:
    """Both, one after the other. Raises `SystemExit` where they are not the same bytes."""
    print(f"{'release from':<28}{'opening s':>11}{'CPU s':>8}{'release s':>11}{'CPU s':>8}{'peak MB':>9}{'load':>7}")
    found = []
    for name, database in ((FILE, None), (MIRROR, url)) * rounds:
        with tempfile.TemporaryDirectory(dir=data_dir.parent) as folder:
            command = [sys.executable, __file__, "--release", folder, "--dir", str(data_dir)]
            given = {key: value for key, value in os.environ.items() if key != "ARENA_DATABASE"}
            done = subprocess.run(
                command, env=given | ({"ARENA_DATABASE": database} if database else {}), stdout=subprocess.PIPE,
                text=True, check=True,
            )  # fmt: skip
        took = json.loads(done.stdout.splitlines()[-1])
        found.append(took["files"])
        figures = (*took["opening"], *took["release"])
        print(f"{name:<28}" + "".join(f"{one:>{11 if place % 2 == 0 else 8}.1f}" for place, one in enumerate(figures))
              + f"{took['peak_mb']:>9,.0f}{os.getloadavg()[0]:>7.1f}", flush=True)  # fmt: skip
    if any(one != found[0] for one in found):
        raise SystemExit("The releases are not the same bytes, so nothing is compared here.")
    print(f"{len(found[0])} files of each release are the same bytes")


def board(data_dir: Path, url: str, token: str, battles: list[str]) -> None:
    """How long after a vote at one process the board of the other counts it."""
    os.environ["ARENA_DATABASE"] = url
    other = data_dir.parent / "other"
    other.mkdir()
    with served.serving(data_dir) as (_, one), served.serving(other) as (pid, another):
        rater, reader = Client(one, token), Client(another, token)
        votes = reader.ask("GET", BOARD)["votes"]
        found = []
        busy = served.spent(pid)
        for battle_id in battles:
            rater.vote(battle_id)
            voted, votes = time.perf_counter(), votes + 1
            while reader.ask("GET", BOARD)["votes"] != votes:
                if time.perf_counter() - voted > PATIENCE:
                    raise SystemExit(f"The board of the other process has no vote {votes:,} after {PATIENCE:.0f} s.")
                time.sleep(PAUSE)
            found.append(time.perf_counter() - voted)
        busy = served.spent(pid) - busy
    found.sort()
    print(
        f"a board of {votes:,} votes at another process, after {len(found)} votes: median {middle(found, 0.5):.3f} s, "
        f"p95 {middle(found, 0.95):.3f} s, worst {found[-1]:.3f} s; {1000 * busy / len(found):.0f} ms of its CPU each "
        f"(load {os.getloadavg()[0]:.1f})"
    )


def middle(ordered: list[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


@contextlib.contextmanager
def told(name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    print(f"{name}: {time.perf_counter() - started:.0f} s (load {os.getloadavg()[0]:.1f})", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--votes", type=int, default=1_000_000)
    parser.add_argument("--tries", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--dir", type=Path, default=None, help="where to write; a temporary folder otherwise")
    parser.add_argument("--release", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.release:
        release(given.dir, given.release, os.environ.get("ARENA_DATABASE"))
        return
    with tempfile.TemporaryDirectory(dir=given.dir, prefix="shared-reads-") as folder, postgres.running() as server:
        data_dir = Path(folder, "data")
        voted = given.votes + given.votes // (VOID_EACH - 1)
        with told(f"{given.votes:,} votes written to a file"):
            token = filled.fill(data_dir, voted, given.tries)
        with told("copied into PostgreSQL"):
            shared_database.take_in(data_dir, server.url())
        releases(data_dir, server.url(), given.rounds)
        board(data_dir, server.url(), token, [filled.battle_id(voted + number + 1) for number in range(given.tries)])


if __name__ == "__main__":
    main()
