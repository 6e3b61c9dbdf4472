"""Seconds and memory of a board with intervals from a Parquet file of any size, 200 models.

    python benchmarks/ranking_memory.py [--votes 100000000] [--rounds 2] [--dir FOLDER]

DuckDB makes the votes and writes the file, 0.2 GB for a hundred million, which is not measured. Each board is made
by a process of its own; CPU seconds and the kernel's count of its peak memory are from its start.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import process

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import leaderboards

MODELS = 200


def written(count: int, path: Path) -> None:
    """A file of votes, the same for the same count: any two of the models, a fifth of the votes ties."""
    duckdb.execute(
        f"""
        COPY (
            SELECT
                format('model-{{:03d}}', first) AS model_a,
                format('model-{{:03d}}', (first + step) % {MODELS}) AS model_b,
                CASE WHEN chance < 200 THEN 'tie' WHEN chance < 600 THEN 'model_a' ELSE 'model_b' END AS winner
            FROM (
                SELECT
                    hash(vote, 'first') % {MODELS} AS first,
                    hash(vote, 'step') % {MODELS - 1} + 1 AS step,
                    hash(vote, 'winner') % 1000 AS chance
                FROM range({count}) AS made(vote)
            )
        ) TO '{path}' (FORMAT parquet)
        """
    )


def measured(path: Path) -> str:
    """One board in this process, as a row of the table."""
    started = time.perf_counter()
    board = leaderboards.fit(path)
    seconds = time.perf_counter() - started
    bounded = sum(entry.se is not None for entry in board.entries)
    return f"| {board.votes:,} | {bounded} | {seconds:.1f} | {process.spent():.1f} | {process.peak():.0f} |"


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--votes", type=int, default=100_000_000)
    reader.add_argument("--rounds", type=int, default=2)
    reader.add_argument("--dir", type=Path, help="where to write; a temporary folder otherwise")
    reader.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    given = reader.parse_args()
    if given.run:
        print(measured(given.run))
        return
    with tempfile.TemporaryDirectory(dir=given.dir) as folder:
        path = Path(folder) / "votes.parquet"
        written(given.votes, path)
        print(
            f"{path.stat().st_size / 2**20:,.0f} MB of Parquet; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n"
        )
        print("| votes | models with intervals | seconds | CPU s | peak MB |\n|---:|---:|---:|---:|---:|", flush=True)
        for _ in range(given.rounds):
            subprocess.run([sys.executable, __file__, "--run", str(path)], check=True)


if __name__ == "__main__":
    main()
