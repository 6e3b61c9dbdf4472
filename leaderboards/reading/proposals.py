"""Proposes the options that would let an unknown file be read, from the names of its columns."""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

from leaderboards import errors
from leaderboards.reading import source

LIKELY: Mapping[str, Sequence[str]] = {
    "model_a": ("model_a", "modela", "model_1", "model1", "model_left", "left_model", "name_a", "left", "a",
                "player_a"),
    "model_b": ("model_b", "modelb", "model_2", "model2", "model_right", "right_model", "name_b", "right", "b",
                "player_b"),
    "winner": ("winner", "label", "preference", "preferred", "verdict", "outcome", "vote", "result", "choice"),
    "prompt": ("prompt", "instruction", "question", "query", "input", "task", "user"),
    "response_a": ("response_a", "response_1", "response1", "answer_a", "answer_1", "answer1", "output_a", "output_1",
                   "completion_a", "text_a", "left_text", "text1", "left", "a"),
    "response_b": ("response_b", "response_2", "response2", "answer_b", "answer_2", "answer2", "output_b", "output_2",
                   "completion_b", "text_b", "right_text", "text2", "right", "b"),
}  # fmt: skip
"""Frequent names of each column in other files, the likeliest first."""
LIKELY_OUTCOMES = {
    "a": "model_a", "left": "model_a", "1": "model_a", "first": "model_a", "model_1": "model_a",
    "b": "model_b", "right": "model_b", "2": "model_b", "second": "model_b", "model_2": "model_b",
    "draw": "tie", "equal": "tie", "same": "tie", "neither": "both_bad", "both": "tie",
}  # fmt: skip
KNOWN = {"model_a", "model_b", "tie", "both_bad", "tie (bothbad)", "tie_bothbad", "bothbad"}


NEEDED = "needed: model_a, model_b, winner, or counts per pair as model_a, model_b, win_a, win_b, tie, tie_bothbad"
PAIRS = {"chosen", "rejected"}


def unknown(part: source.SourcePart, columns: Sequence[str], lacking: Sequence[str]) -> str:
    """The sentence for a part that lacks columns: what it has, and the options that would map them."""
    said = f"{part.name} has no column {' and no column '.join(lacking)}"
    if set(columns) >= PAIRS:
        return f"{said}: it holds preference pairs, chosen and rejected, and which models wrote them is not in it."
    found = guessed(columns, ("model_a", "model_b", "winner"))
    values: list[object] = []
    if found["winner"] in columns:
        column = source.quoted(found["winner"])
        query = f"SELECT DISTINCT CAST({column} AS VARCHAR) AS said FROM {source.VOTES} ORDER BY said LIMIT 5"
        values = part.run(query, [found["winner"]])["said"].to_pylist()
    if all(column == "COLUMN" for column in found.values()):
        return f"{said}; {NEEDED}. It has {', '.join(columns[:20])}."
    return f"{said}; {NEEDED}. It has {', '.join(columns[:20])}: say which is meant, such as {options(found, values)}."


def guessed(columns: Iterable[str], targets: Iterable[str]) -> dict[str, str]:
    """For each of these names the column that is probably meant; `COLUMN` where none looks like it."""
    plain = {re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_"): column for column in columns}
    found: dict[str, str] = {}
    for target in targets:
        likely = (plain[name] for name in LIKELY[target] if name in plain and plain[name] not in found.values())
        others = [column for column in plain.values() if column not in found.values() and column not in LIKELY]
        found[target] = next(likely, None) or errors.close(target, others) or "COLUMN"
    return found


def options(columns: Mapping[str, str], values: Iterable[object]) -> str:
    """These guesses as options, with the values that were found in place of a winner."""
    maps = [f"--map {target}={shlex.quote(column)}" for target, column in columns.items() if target != column]
    seen = dict.fromkeys(str(value) for value in values if value is not None and str(value) not in KNOWN)
    said = [(value, LIKELY_OUTCOMES.get(value.strip().lower(), "OUTCOME")) for value in list(seen)[:4]]
    return " ".join([*maps, *(f"--outcome {shlex.quote(value)}={outcome}" for value, outcome in said)])
