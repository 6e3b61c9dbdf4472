"""What the tests of the ranking engine share: real votes, made-up votes, and a second solver."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
from scipy import optimize


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real votes; without it these tests have nothing to compare with."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("The folder with real votes is not beside this checkout.")
    return folder


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """A CSV file of votes, written from rows."""

    def write(rows: list[tuple[Any, ...]], columns: str = "model_a,model_b,winner", name: str = "votes.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([columns, *(",".join(str(cell) for cell in row) for row in rows)]) + "\n")
        return path

    return write


@pytest.fixture(scope="session")
def simulated() -> Callable[..., list[dict[str, str]]]:
    """Votes drawn from known strengths: a list of dicts."""

    def simulate(strengths: numpy.ndarray, votes: int, seed: int, ties: float = 0.2) -> list[dict[str, str]]:
        chance = numpy.random.default_rng(seed)
        size = len(strengths)
        first = chance.integers(size, size=votes)
        second = (first + chance.integers(1, size, size=votes)) % size
        won = chance.random(votes) < 1 / (1 + numpy.exp(strengths[second] - strengths[first]))
        tied = chance.random(votes) < ties
        outcome = numpy.where(tied, "tie", numpy.where(won, "model_a", "model_b"))
        return [
            {"model_a": f"m{a:04d}", "model_b": f"m{b:04d}", "winner": str(w)}
            for a, b, w in zip(first, second, outcome, strict=True)
        ]

    return simulate


@pytest.fixture(scope="session")
def second_solver() -> Callable[[list[dict[str, str]]], dict[str, float]]:
    """Ratings by a way that shares no code with ours: the minorise-maximise iteration of Hunter (2004), row by row
    counts in dictionaries, then a polish by SciPy's root finder."""

    def solve(votes: list[dict[str, str]]) -> dict[str, float]:
        names = sorted({vote["model_a"] for vote in votes} | {vote["model_b"] for vote in votes})
        place = {name: index for index, name in enumerate(names)}
        wins = numpy.zeros((len(names), len(names)))
        for vote in votes:
            a, b = place[vote["model_a"]], place[vote["model_b"]]
            share = {"model_a": 1.0, "model_b": 0.0, "tie": 0.5}[vote["winner"]]
            wins[a, b] += share
            wins[b, a] += 1 - share
        games = wins + wins.T
        worth = numpy.ones(len(names))
        for _ in range(400):
            worth = wins.sum(axis=1) / (games / (worth[:, None] + worth[None, :])).sum(axis=1)
            worth /= numpy.exp(numpy.log(worth).mean())

        def score(logits: numpy.ndarray) -> numpy.ndarray:
            chance = 1 / (1 + numpy.exp(logits[None, :] - logits[:, None]))
            return wins.sum(axis=1) - (games * chance).sum(axis=1) - logits.mean()

        def slope(logits: numpy.ndarray) -> numpy.ndarray:
            chance = 1 / (1 + numpy.exp(logits[None, :] - logits[:, None]))
            bend = games * chance * (1 - chance)
            return bend - numpy.diag(bend.sum(axis=1)) - 1 / len(logits)

        logits = optimize.root(score, numpy.log(worth), jac=slope, tol=1e-13).x
        ratings = 1000 + 400 / numpy.log(10) * (logits - logits.mean())
        return dict(zip(names, ratings.tolist(), strict=True))

    return solve
