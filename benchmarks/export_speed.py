"""Seconds and memory to write a million preference pairs as a release, beside `datasets` writing the same rows.

    python benchmarks/export_speed.py [--pairs 1000000] [--rounds 2] [--dir FOLDER] [--store] [--alone]

A pair has a prompt of 400 bytes and two answers of 1,200. Ours is the whole release in `trl-dpo`: Parquet and JSON
lines, the table of ids, the proof tree, every file hashed and synced, manifest, card and signature. `datasets` is given
a generator of the same rows, made by the same function from the same records, and writes Parquet alone, or both files
that a release has; it hashes and syncs nothing. Their JSON lines are compared, byte for byte.
Each run is a process of its own, with the kernel's count of its peak
memory; the runs alternate. Making the records is part of every run, and is measured alone as well. No language is
detected and no personal data is looked for. With `--store` the records are written to a workspace first, which is not
measured, and every run reads them from there, a page ahead: what `arena export` does, and `datasets` given what the
store gives. `--alone` leaves out the others. What bounds ours is the interpreter: one thread makes rows and opens
votes, while reading, columns, compression, hashing and writing fill another core. On a busy machine, look at the CPU
seconds.
"""

import argparse
import functools
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import process
from filled import pairs

from arena import exports
from arena.domain import ledger
from arena.domain.battle import BattleRecord
from arena.domain.ids import ReleaseId, VoteId
from arena.domain.name_key import NameKey
from arena.domain.selection import Selection
from arena.exports.folder import files
from arena.exports.format import Context, Row, Taken
from arena.exports.proofs import signing
from arena.exports.proofs.signing import Signer
from arena.exports.writing import release
from arena.exports.writing.release_inputs import ReleaseFacts
from arena.services import exporting
from arena.services.exporting import Order
from arena.services.open_workspace import OpenWorkspace
from arena.store import selection
from arena.store.workspace import Workspace

NAMES = NameKey(workspace="default", secret=b"benchmark")
COLUMNS = ("seconds", "cpu", "peak_mb", "disk_mb", "load")
FORMAT = exports.FORMATS["trl-dpo"]


WORKSPACE = "default.duckdb"


def rows(made: Iterable[BattleRecord]) -> Iterator[Row]:
    """The rows of the release."""
    context = Context(pseudonym=str)
    for record in made:
        for outcome in FORMAT.convert(record, context):
            if isinstance(outcome, Taken):
                yield from outcome.rows


def lines(vote_ids: Sequence[VoteId]) -> Mapping[VoteId, ledger.Line]:
    """A line of the ledger for each vote, as the store would give it."""
    return {
        vote_id: ledger.Line(
            sequence=int(vote_id[2:]) + 1,
            subject=vote_id,
            commitment=f"{int(vote_id[2:]) * 0x9E3779B97F4A7C15:064x}"[-64:],
            previous=ledger.GENESIS,
            hash=ledger.GENESIS,
        )
        for vote_id in vote_ids
    }


def ours(count: int, folder: Path) -> None:
    facts = ReleaseFacts(
        release_id=ReleaseId("rel_benchmark"),
        ledger_head=None,
        code_version="benchmark",
        workspace="default",
        name_key=NAMES,
        signer=Signer(signing.new_key()),
        selection=Selection(),
        lines=lines,
    )
    release.write(folder / "release", FORMAT.name, pairs.records(count), facts)


def theirs(count: int, folder: Path, *, json_lines: bool = False) -> None:
    import datasets  # noqa: PLC0415 - measured only in this run, and not needed for ours

    datasets.disable_progress_bars()
    given = functools.partial(rows_of, count, folder)
    made = datasets.Dataset.from_generator(given, cache_dir=str(folder / "cache"))
    made.to_parquet(str(folder / "train.parquet"))
    if json_lines:
        made.to_json(str(folder / "train.jsonl"))


def rows_of(count: int, folder: Path) -> Iterator[Row]:
    """The rows, from the workspace where there is one."""
    path = folder.parent / WORKSPACE
    if not path.exists():
        yield from rows(pairs.records(count))
        return
    with (
        Workspace.open(path) as workspace,
        workspace.scanning() as connection,
        selection.frugal(connection),
        selection.Ahead(connection) as ahead,
    ):
        yield from rows(ahead.records())


def making_alone(count: int, folder: Path) -> None:
    for _ in rows_of(count, folder):
        pass


def export(_count: int, folder: Path) -> None:
    wanted = Order(release_id=ReleaseId("rel_benchmark"), format=FORMAT.name, selection=Selection())
    with Workspace.open(folder.parent / WORKSPACE) as workspace:
        here = OpenWorkspace(
            name="default",
            store=workspace,
            releases=folder,
            secret=b"benchmark",
            name_key=NAMES,
            signer=Signer(signing.new_key()),
        )
        exporting.build(here, wanted, folder / "release")


RUNS: dict[str, Callable[[int, Path], None]] = {
    "release.write, the whole release": ours,
    "datasets, Parquet alone": theirs,
    "datasets, Parquet and JSON lines": functools.partial(theirs, json_lines=True),
    "making the rows alone": making_alone,
}
FROM_STORE: dict[str, Callable[[int, Path], None]] = {
    "arena export, the whole release": export,
    **{name: run for name, run in RUNS.items() if run is not ours},
}


def measured(name: str, count: int, folder: Path) -> None:
    """Do one run in this process and print what it took, as JSON."""
    started, busy = time.perf_counter(), time.process_time()
    (RUNS | FROM_STORE)[name](count, folder)
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - started,
                "cpu": time.process_time() - busy,
                "peak_mb": process.peak(),
                "lines": [files.sha256(path) for path in folder.rglob("train.jsonl")],
                "disk_mb": sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20,
            }
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds and memory to write preference pairs.")
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--dir", type=Path, help="where to write; a temporary folder otherwise")
    parser.add_argument("--store", action="store_true", help="read the records from a workspace, made first")
    parser.add_argument("--alone", action="store_true", help="measure ours alone")
    parser.add_argument("--run", choices=list(RUNS | FROM_STORE), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        measured(given.run, given.pairs, given.dir)
        return
    names = list(FROM_STORE if given.store else RUNS)
    if given.alone:
        names = names[:1]
    elif importlib.util.find_spec("datasets") is None:
        print("`datasets` is not installed here, so ours is measured alone; `pip install datasets` to compare.")
        names = [name for name in names if not name.startswith("datasets")]
    print(
        f"{given.pairs:,} pairs, prompt {pairs.PROMPT_BYTES} bytes, answers {pairs.ANSWER_BYTES}; {platform.machine()}"
    )
    print(f"{'':42}{'seconds':>9}{'CPU s':>9}{'peak MB':>9}{'disk MB':>9}{'load':>9}")
    written: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="export-speed-", dir=given.dir) as parent:
        if given.store:
            pairs.fill(Path(parent, WORKSPACE), given.pairs)
        for name in [name for _ in range(given.rounds) for name in names]:
            folder = Path(parent, "run")
            folder.mkdir()
            try:
                command = [sys.executable, __file__, "--run", name, "--pairs", str(given.pairs), "--dir", str(folder)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
            finally:
                shutil.rmtree(folder)
            took = json.loads(done.stdout.splitlines()[-1])
            took["load"] = os.getloadavg()[0]
            print(f"{name:42}" + "".join(f"{took[key]:9,.1f}" for key in COLUMNS), flush=True)
            written.update(took["lines"])
    if len(written) > 1:
        raise SystemExit("Not the same JSON lines were written, so nothing is compared here.")


if __name__ == "__main__":
    main()
