"""Ratings beside the peers: CPU time over all threads, from the same votes, interleaved, results compared.

    python benchmarks/ranking.py                 the table; --rounds 3 --only 200x1e6 --peer arena-rank --large
    python benchmarks/ranking.py --floor         DuckDB's bare scan of the same votes beside the whole fit

The peers live in `.venv-peers`, which this program builds once and then runs itself in. Every contender
(`peers/contenders.py`) starts at the same DuckDB table (ENUM columns) or Parquet file and loads it as its documentation
says. The first round warms compilers and caches up and is dropped; every later round starts again at the table. Time is
that of all threads and of child processes.
"""

# ruff: noqa: PLC0415 - the peers exist only in the second environment
import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import process
from peers import cases, contenders

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv-peers"
SEED = 20240613
_PAUSE = 0.3
"""Seconds before a measurement."""


def environment() -> Path:
    """The interpreter of the environment with the peers, made on first use."""
    python = ENVIRONMENT / "bin" / "python"
    if not (ENVIRONMENT / "complete").exists():
        print(f"Building {ENVIRONMENT.name} with the peers; this takes a minute or two.", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
        install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*install, "-r", str(ROOT / "benchmarks" / "peers.txt")], check=True)
        # Its server packages are not needed, and the release lags behind the repository.
        for fastchat in ("fschat @ git+https://github.com/lm-sys/FastChat", "fschat==0.2.36"):
            if subprocess.run([*install, "--no-deps", fastchat], check=False).returncode == 0:
                break
        (ENVIRONMENT / "complete").touch()
    return python


def votes(connection: Any, models: int, size: int, covariates: int = 0) -> None:
    """A table `votes` of seeded votes from a normal spread of strengths, a fifth of them ties."""
    import numpy
    import pyarrow

    chance = numpy.random.default_rng(SEED)
    strengths = chance.normal(0, 0.8, models)
    first = chance.integers(models, size=size)
    second = (first + chance.integers(1, models, size=size)) % models
    measured = chance.normal(size=(covariates, size))
    lean = 0.2 * measured.sum(axis=0) if covariates else 0.0
    won = chance.random(size) < 1 / (1 + numpy.exp(strengths[second] - strengths[first] - lean))
    outcome = numpy.where(chance.random(size) < 0.2, 2, numpy.where(won, 0, 1))
    names = pyarrow.array([f"model-{number:04d}" for number in range(models)])
    kinds = pyarrow.array(["model_a", "model_b", "tie"])
    columns = {
        "model_a": pyarrow.DictionaryArray.from_arrays(first.astype("int32"), names),
        "model_b": pyarrow.DictionaryArray.from_arrays(second.astype("int32"), names),
        "winner": pyarrow.DictionaryArray.from_arrays(outcome.astype("int32"), kinds),
        **{f"x{k}": measured[k] for k in range(covariates)},
    }
    loaded = connection.from_arrow(pyarrow.table(columns))
    quoted = ", ".join(f"'{name}'" for name in names.to_pylist())
    connection.execute("DROP TABLE IF EXISTS votes; DROP TYPE IF EXISTS model; DROP TYPE IF EXISTS outcome")
    connection.execute(
        f"CREATE TYPE model AS ENUM ({quoted}); CREATE TYPE outcome AS ENUM ('model_a', 'model_b', 'tie')"
    )
    loaded.create("loaded")
    others = "".join(f", x{k}" for k in range(covariates))
    connection.execute(
        f"CREATE TABLE votes AS SELECT model_a::model AS model_a, model_b::model AS model_b, winner::outcome AS winner"
        f"{others} FROM loaded; DROP TABLE loaded"
    )


def measured(contender: cases.Contender, source: Any) -> tuple[float, dict[str, float]]:
    """CPU seconds, and the ratings; threads that the contender before left spinning go to sleep first."""
    time.sleep(_PAUSE)
    begin = process.spent()
    ratings = contender(source)
    taken = process.spent() - begin
    if contender is contenders.fastchat_release_bootstrap:
        taken *= 100 / contenders.RELEASE_ROUNDS
    return taken, ratings


def origins(connection: Any, path: Path | None) -> dict[str, Callable[[], Any]]:
    """Where ours and the peers start: the table, or the Parquet file."""
    import duckdb

    if path is not None:
        return {"ours": lambda: path, "peers": lambda: duckdb.sql(f"FROM '{path}'")}
    return dict.fromkeys(("ours", "peers"), lambda: connection.sql("FROM votes"))


def compare(rounds: int, only: str | None, peer: str | None, large: bool) -> None:
    """Print one line per case and peer."""
    import duckdb

    print("| log (models, votes) | ours, CPU s | peer | peer, CPU s | ratio | bar | largest rating difference |")
    print("|---|---:|---|---:|---:|---:|---:|")
    for case in cases.every():
        title, size, models = case.title, case.size, case.models
        if (only and only not in title.replace(", ", "x")) or (size >= 10**7 and not large and not only):
            continue
        run = {"ours": case.mine, **{name: what for name, (what, _) in case.peers.items() if peer in (None, name)}}
        if run.get("FastChat") is contenders.fastchat_release and 16 * size * models > 4 * 2**30:
            del run["FastChat"]
            print(f"| {title} | | FastChat | left out: its matrix needs {16 * size * models / 2**30:.0f} GB | | | |")
        connection = duckdb.connect()
        votes(connection, models, size, case.covariates)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "votes.parquet"
            connection.execute(f"COPY votes TO '{path}' (FORMAT parquet)")
            sources = origins(connection, path if case.parquet else None)
            times: dict[str, list[float]] = {name: [] for name in run}
            ratings: dict[str, dict[str, float]] = {}
            for number in range(rounds + 1):
                for name, contender in run.items():
                    taken, ratings[name] = measured(contender, sources["ours" if name == "ours" else "peers"])
                    if number:
                        times[name].append(taken)
        own = statistics.median(times["ours"])
        for name in list(run)[1:]:
            other = statistics.median(times[name])
            shift = statistics.fmean(ratings[name].values()) - statistics.fmean(ratings["ours"].values())
            apart = max(abs(ratings[name][model] - shift - rating) for model, rating in ratings["ours"].items())
            bar = case.peers[name][1]
            print(
                f"| {title} | {own:.3f} | {name} | {other:.3f} | {other / own:.1f} | >= {bar:g} | {apart:.2g} |",
                flush=True,
            )
        connection.close()


def floor(sizes: list[int]) -> None:
    """Print the whole fit beside DuckDB's bare scan and count of the same votes."""
    import duckdb

    import leaderboards

    print("\n| votes, 200 models | bare scan, CPU s | read + fit + intervals, CPU s | times |")
    print("|---|---:|---:|---:|")
    for size in sizes:
        connection = duckdb.connect()
        votes(connection, 200, size)
        query = "SELECT model_a, model_b, winner, count(*) FROM votes GROUP BY ALL"
        times: dict[str, list[float]] = {"scan": [], "fit": []}
        for number in range(4):
            begin = time.process_time()
            connection.sql(query).to_arrow_table()
            middle = time.process_time()
            leaderboards.fit(connection.sql("FROM votes"))
            if number:
                times["scan"].append(middle - begin)
                times["fit"].append(time.process_time() - middle)
        scan, fit = (statistics.median(times[name]) for name in ("scan", "fit"))
        print(f"| {size:,} | {scan:.3f} | {fit:.3f} | {fit / scan:.2f} |", flush=True)
    running = leaderboards.Running(connection.sql("FROM votes"))
    running.fit()
    taken = []
    for _ in range(50):
        begin = time.process_time()
        running.add("model-0001", "model-0002", "model_a")
        running.fit()
        taken.append(time.process_time() - begin)
    print(f"\nOne more vote at 200 models: new board in {1000 * statistics.median(taken):.1f} ms (bar: 5 ms).")


def header() -> None:
    """Machine, versions and seed."""
    from importlib import metadata

    names = ("arena-rank", "evalica", "arenakit", "fschat", "numpy", "scipy", "duckdb", "jax", "scikit-learn")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    fastchat = "FastChat from its repository" if contenders.fastchat_is_new() else "FastChat's release"
    print(
        f"{model}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}, Python {platform.python_version()}; "
        f"{versions}; {fastchat}; seed {SEED}.\n"
    )


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--only", help="cases whose title, with x for commas, holds this text: 200x1e6")
    reader.add_argument("--peer", help="only this peer: arena-rank, evalica, FastChat, arenakit")
    reader.add_argument("--large", action="store_true", help="also ten million votes")
    reader.add_argument("--floor", action="store_true", help="only the bare scan beside the fit")
    reader.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = reader.parse_args()
    if not given.inside:
        python = environment()
        paths = {**os.environ, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}
        sys.exit(subprocess.run([str(python), __file__, "--inside", *sys.argv[1:]], env=paths, check=False).returncode)
    header()
    if not given.floor:
        compare(given.rounds, given.only, given.peer, given.large)
    if given.floor or not given.only:
        floor([10**6, 10**7] if given.large or given.floor else [10**6])


if __name__ == "__main__":
    main()
