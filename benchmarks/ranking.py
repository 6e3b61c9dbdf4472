"""Ratings beside the peers: CPU time over all threads, from the same votes, interleaved, results compared.

    python benchmarks/ranking.py                 the table; --rounds 3 --only 200x1e6 --large
    python benchmarks/ranking.py --floor         DuckDB's bare scan of the same votes beside the whole fit

The peers live in `.venv-peers`, which this program builds once and then runs itself in. Every contender starts at the
same DuckDB table (ENUM columns) or Parquet file and loads it as its documentation says; ours ends with intervals and
simultaneous rank sets, the peers' with what the title says. The first round warms compilers and caches up and is
dropped; every later round starts again at the table. FastChat is its latest release on PyPI (0.2.36), whose
matrix of votes times models needs 16 bytes a cell: where that is more than 4 GB it is left out and said so.
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

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv-peers"
SEED = 20240613


def environment() -> Path:
    """The interpreter of the environment with the peers, made on first use."""
    python = ENVIRONMENT / "bin" / "python"
    if not (ENVIRONMENT / "complete").exists():
        print(f"Building {ENVIRONMENT.name} with the peers; this takes a minute or two.", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
        install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*install, "-r", str(ROOT / "benchmarks" / "peers.txt")], check=True)
        subprocess.run([*install, "--no-deps", "fschat==0.2.36"], check=True)  # its server packages are not needed
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


def frame(source: Any) -> Any:
    """The votes as pandas with text columns, which is what the peers take."""
    loaded = source().df()
    for column in ("model_a", "model_b", "winner"):
        loaded[column] = loaded[column].astype(str)
    return loaded


def ours(source: Any) -> dict[str, float]:
    import leaderboards

    return {entry.model: entry.rating for entry in leaderboards.fit(source()).entries}


def ours_styled(source: Any) -> dict[str, float]:
    import leaderboards

    board = leaderboards.fit(source(), controls=["x0", "x1", "x2", "x3"])
    return {entry.model: entry.rating for entry in board.entries}


def ours_bootstrap(source: Any) -> dict[str, float]:
    import leaderboards

    board = leaderboards.fit(source(), interval="bootstrap", replicates=100)
    return {entry.model: entry.rating for entry in board.entries}


def arena_rank(source: Any) -> dict[str, float]:
    from arena_rank.models.bradley_terry import BradleyTerry
    from arena_rank.utils.data_utils import PairDataset

    dataset = PairDataset.from_pandas(frame(source))
    result = BradleyTerry(n_competitors=dataset.n_competitors).compute_ratings_and_cis(dataset)
    return dict(zip(result["competitors"], map(float, result["ratings"]), strict=True))


def arena_rank_styled(source: Any) -> dict[str, float]:
    from arena_rank.models.contextual_bradley_terry import ContextualBradleyTerry
    from arena_rank.utils.data_utils import ContextualPairDataset

    dataset = ContextualPairDataset.from_pandas(frame(source), ["x0", "x1", "x2", "x3"], reweighted=False)
    model = ContextualBradleyTerry(n_competitors=dataset.n_competitors, n_features=4)
    result = model.compute_ratings_and_cis(dataset)
    return dict(zip(result["competitors"], map(float, result["ratings"]), strict=True))


def evalica(source: Any) -> dict[str, float]:
    import evalica as package
    import numpy

    loaded = frame(source)
    winners = loaded["winner"].map(
        {"model_a": package.Winner.X, "model_b": package.Winner.Y, "tie": package.Winner.Draw}
    )
    scores = package.bradley_terry(loaded["model_a"], loaded["model_b"], winners).scores
    logs = numpy.log(scores) * 400 / numpy.log(10)
    return dict((logs - logs.mean() + 1000).items())


def fastchat(source: Any) -> dict[str, float]:
    import types

    # The module imports the whole server; its rating function needs none of that.
    for name, offered in {
        "fastchat.model": (),
        "fastchat.model.model_registry": ("get_model_info",),
        "fastchat.serve.monitor.basic_stats": ("get_log_files",),
        "fastchat.serve.monitor.clean_battle_data": ("clean_battle_data",),
    }.items():
        module = sys.modules.setdefault(name, types.ModuleType(name))
        for attribute in offered:
            setattr(module, attribute, None)
    from fastchat.serve.monitor.elo_analysis import compute_elo_mle_with_tie

    return dict(compute_elo_mle_with_tie(frame(source)).items())


def arenakit(source: Any) -> dict[str, float]:
    import numpy
    from arenakit import boot, schema

    loaded = frame(source)
    arena = object.__new__(schema.Arena)  # its constructor takes a list of a million validated objects
    names, codes = numpy.unique(numpy.concatenate([loaded["model_a"], loaded["model_b"]]), return_inverse=True)
    arena.models = names.tolist()
    arena.a, arena.b = (side.astype(numpy.int32) for side in numpy.split(codes, 2))
    outcome = {"model_a": schema.A_WINS, "model_b": schema.B_WINS, "tie": schema.TIE}
    arena.y = loaded["winner"].map(outcome).to_numpy(numpy.int8)
    arena.item = arena.voter = None
    result = boot.bootstrap(arena, n_resamples=100)
    logs = (result.point - result.point.mean()) * 400 / numpy.log(10) + 1000
    return dict(zip(arena.models, logs.tolist(), strict=True))


Contender = Callable[[Any], dict[str, float]]
CASES: list[tuple[str, int, int, int, str, dict[str, Contender]]] = [
    (
        "20, 1e6, from a table",
        20,
        10**6,
        0,
        "table",
        {"arena-rank": arena_rank, "evalica": evalica, "FastChat": fastchat},
    ),
    ("200, 1e6", 200, 10**6, 0, "table", {"arena-rank": arena_rank, "evalica": evalica, "FastChat": fastchat}),
    ("200, 1e7", 200, 10**7, 0, "table", {"arena-rank": arena_rank, "evalica": evalica, "FastChat": fastchat}),
    ("1000, 1e5", 1000, 10**5, 0, "table", {"arena-rank": arena_rank, "evalica": evalica, "FastChat": fastchat}),
    (
        "200, 1e6, from Parquet",
        200,
        10**6,
        0,
        "parquet",
        {"arena-rank": arena_rank, "evalica": evalica, "FastChat": fastchat},
    ),
    ("100 bootstraps, 200, 1e6", 200, 10**6, 0, "table", {"arenakit": arenakit}),
    ("style, 4 covariates, 200, 1e6", 200, 10**6, 4, "table", {"arena-rank": arena_rank_styled}),
]
BARS = {
    "20, 1e6, from a table": {"arena-rank": 60, "evalica": 18, "FastChat": 35},
    "200, 1e6": {"arena-rank": 25, "evalica": 6, "FastChat": 13},
    "200, 1e7": {"arena-rank": 22, "evalica": 11, "FastChat": 30},
    "1000, 1e5": {"arena-rank": 8, "evalica": 1, "FastChat": 2},
    "200, 1e6, from Parquet": {"arena-rank": 10, "evalica": 2.5, "FastChat": 5},
    "100 bootstraps, 200, 1e6": {"arenakit": 2.5, "FastChat": 30},
    "style, 4 covariates, 200, 1e6": {"arena-rank": 18, "FastChat": 9},
}


def measured(contender: Contender, source: Any) -> tuple[float, dict[str, float]]:
    """CPU seconds over all threads, and the ratings."""
    begin = time.process_time()
    ratings = contender(source)
    return time.process_time() - begin, ratings


def origins(connection: Any, path: Path | None) -> dict[str, Callable[[], Any]]:
    """Where ours and the peers start: the table, or the Parquet file."""
    import duckdb

    if path is not None:
        return {"ours": lambda: path, "peers": lambda: duckdb.sql(f"FROM '{path}'")}
    return dict.fromkeys(("ours", "peers"), lambda: connection.sql("FROM votes"))


def compare(rounds: int, only: str | None, large: bool) -> None:
    """Print one line per case and peer."""
    import duckdb

    print("| log (models, votes) | ours, CPU s | peer | peer, CPU s | ratio | bar | largest rating difference |")
    print("|---|---:|---|---:|---:|---:|---:|")
    for title, models, size, covariates, origin, peers in CASES:
        if (only and only not in title.replace(", ", "x")) or (size >= 10**7 and not large and not only):
            continue
        connection = duckdb.connect()
        votes(connection, models, size, covariates)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "votes.parquet"
            connection.execute(f"COPY votes TO '{path}' (FORMAT parquet)")
            mine: Contender = ours_styled if covariates else ours_bootstrap if "bootstrap" in title else ours
            sources = origins(connection, path if origin == "parquet" else None)
            run = {"ours": mine, **peers}
            if "FastChat" in run and 16 * size * models > 4 * 2**30:
                del run["FastChat"]
                print(
                    f"| {title} | | FastChat | left out: its matrix needs {16 * size * models / 2**30:.0f} GB | | | |"
                )
            times: dict[str, list[float]] = {name: [] for name in run}
            ratings: dict[str, dict[str, float]] = {}
            for number in range(rounds + 1):
                for name, contender in run.items():
                    spent, ratings[name] = measured(contender, sources["ours" if name == "ours" else "peers"])
                    if number:
                        times[name].append(spent)
        own = statistics.median(times["ours"])
        for name in list(run)[1:]:
            peer = statistics.median(times[name])
            shift = statistics.fmean(ratings[name].values()) - statistics.fmean(ratings["ours"].values())
            apart = max(abs(ratings[name][model] - shift - rating) for model, rating in ratings["ours"].items())
            bar = BARS[title].get(name, "")
            print(
                f"| {title} | {own:.3f} | {name} | {peer:.3f} | {peer / own:.1f} | >= {bar} | {apart:.2g} |", flush=True
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
    spent = []
    for _ in range(20):
        begin = time.process_time()
        running.add("model-0001", "model-0002", "model_a")
        running.fit()
        spent.append(time.process_time() - begin)
    print(f"\nOne more vote at 200 models: new board in {1000 * statistics.median(spent):.1f} ms (bar: 5 ms).")


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
    print(f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}; {versions}; seed {SEED}.\n")


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--only", help="cases whose title, with x for commas, holds this text: 200x1e6")
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
        compare(given.rounds, given.only, given.large)
    floor([10**6, 10**7] if given.large or given.floor else [10**6])


if __name__ == "__main__":
    main()
