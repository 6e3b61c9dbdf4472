"""Fits the weights by which `arena/exports/leaks/weighing.py` tells a model that speaks of itself from a mention.

Answers: those of `tests/exports/leaks` that name their models. An answer that is a leak has one place that gives it
away, and which one is not known: it is the one that the weights so far find likeliest. A logistic regression with an L1
penalty (FISTA: Beck & Teboulle 2009, SIAM J. Imaging Sciences 2, 183-202) leaves out the traits that say nothing.

Run: python scripts/leak_weights.py [--held SET]    fits, or says how the weights do on a set they were fitted without
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

sys.path.insert(0, str(Path(__file__).parent.parent))

from arena.exports import leaks
from arena.exports.leaks import weighing
from tests.exports.leaks import measuring

PENALTY = 1.2
LEAST = 3
"""Answers in which a trait must be."""
LIGHTEST = 0.1
"""A weight that is kept."""
ROUNDS, STEPS = 3, 400


class Answer(NamedTuple):
    """An answer and the traits of each place where it names its own side."""

    name: str
    leak: bool
    places: list[set[str]]


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--held", metavar="SET")
    held = options.parse_args().held
    answers = read()
    weights = fitted([answer for answer in answers if answer.name not in (held, "fresh")])  # that is a stranger's
    if held is None:
        _write(weights)
        return
    for at in (-0.5, 0.0, 0.5, 1.0):
        found = Counter(
            (a.leak, max((_sum(weights, p) for p in a.places), default=-9.0) >= at) for a in answers if a.name == held
        )
        print(
            f"{held} from {at}: leaks {found[True, True]} of {found[True, True] + found[True, False]}, "
            f"harmless flagged {found[False, True]} of {found[False, True] + found[False, False]}"
        )


def fitted(answers: list[Answer]) -> dict[str, float]:
    """The weights, and that of `always`."""
    answers = [answer for answer in answers if answer.places]
    seen = Counter(trait for answer in answers for trait in set().union(*answer.places))
    traits = sorted(trait for trait, number in seen.items() if number >= LEAST)
    column = {trait: at for at, trait in enumerate(traits)}
    places = [(of, place) for of, answer in enumerate(answers) for place in answer.places]
    cells = [(row, column[trait]) for row, (_, place) in enumerate(places) for trait in place if trait in column]
    matrix = sparse.csr_matrix((np.ones(len(cells)), tuple(zip(*cells, strict=True))), (len(places), len(traits)))
    owner = np.array([of for of, _ in places])
    leak = np.array([answers[of].leak for of, _ in places])
    chosen = np.ones(len(places), dtype=bool)
    weights = np.zeros(len(traits) + 1)
    for _ in range(ROUNDS):
        weights = _regression(matrix[chosen], leak[chosen], weights)
        sums = matrix @ weights[:-1]
        best: dict[int, int] = {}
        for row in np.flatnonzero(leak):
            if owner[row] not in best or sums[row] > sums[best[owner[row]]]:
                best[owner[row]] = int(row)
        chosen = ~leak
        chosen[list(best.values())] = True
    found = {
        trait: round(float(weight), 2)
        for trait, weight in zip(traits, weights, strict=False)
        if abs(weight) >= LIGHTEST
    }
    return found | {"always": round(float(weights[-1]), 2)}


def _regression(matrix: Any, leak: Any, start: Any) -> Any:
    sign = np.where(leak, 1.0, -1.0)
    rows = sparse.hstack([matrix, np.ones((matrix.shape[0], 1))]).tocsr()
    step = (
        4 / sparse.linalg.norm(rows, 2) ** 2
        if min(rows.shape) < 2
        else 4 / float(sparse.linalg.svds(rows, 1)[1][0]) ** 2
    )
    free = np.full(rows.shape[1], PENALTY)
    free[-1] = 0.0
    weights, ahead, pace = start.copy(), start.copy(), 1.0
    for _ in range(STEPS):
        slope = -(rows.T @ (sign / (1 + np.exp(np.clip(sign * (rows @ ahead), -30, 30)))))
        moved = ahead - step * slope
        after = np.sign(moved) * np.maximum(np.abs(moved) - step * free, 0)
        faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = after + (pace - 1) / faster * (after - weights)
        weights, pace = after, faster
    return weights


def _sum(weights: dict[str, float], place: set[str]) -> float:
    return weights["always"] + sum(weights.get(trait, 0.0) for trait in place)


def _text(name: str, *, leak: bool) -> list[Answer]:
    """The answers of a text file, as the model of the set that has names of its own."""
    return [Answer(name, leak, leaks.places(case.text, "alpha", measuring.OWN)) for case in measuring.cases(name)]


def read() -> list[Answer]:
    """Every answer there is."""
    listed = [answer for path in sorted(measuring.FOLDER.glob("*.jsonl")) for answer in _read(path)]
    return [*listed, *(a for name in ("said", "disguised", "harmless") for a in _text(name, leak=name != "harmless"))]


def _read(path: Path) -> list[Answer]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Answer(path.stem, row["leak"], leaks.places(row["answer"], row["model"]["name"], row["model"]["served_name"]))
        for row in rows
    ]


def _write(weights: dict[str, float]) -> None:
    path = Path(weighing.__file__).with_name("weights.txt")
    head = (
        [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
        if path.exists()
        else []
    )
    lines = [
        f"{weight:+.2f} {trait}" for trait, weight in sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    ]
    path.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    print(f"{len(weights)} weights")


if __name__ == "__main__":
    main()
