"""Proposes the options that would let an unknown file be read, from the names of its columns."""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leaderboards import errors
from leaderboards.reading import source

SIDES = (("a", "b"), ("1", "2"), ("0", "1"), ("left", "right"), ("first", "second"))
"""Words that say which side a column is about: the names of two columns that belong together differ in them alone."""
MODELS = ("model", "generator", "player", "name", "source")
"""Words in the names of columns that hold models, the likeliest first."""
LIKELY: Mapping[str, Sequence[str]] = {
    "winner": ("winner", "label", "preference", "preferred", "verdict", "outcome", "vote", "result", "choice", "chosen",
               "better"),
    "prompt": ("prompt", "instruction", "question", "query", "input", "task", "user", "message", "opening", "context"),
    "response": ("response", "answer", "output", "completion", "text", "reply", "summary", "generation"),
}  # fmt: skip
"""Words in the names of other columns, the likeliest first."""
LIKELY_OUTCOMES = {
    "a": "model_a", "left": "model_a", "first": "model_a", "model_1": "model_a", "modela": "model_a",
    "b": "model_b", "right": "model_b", "second": "model_b", "model_2": "model_b", "modelb": "model_b",
    "draw": "tie", "equal": "tie", "same": "tie", "both": "tie", "neither": "both_bad", "both bad": "both_bad",
    "none": "none", "null": "none", "nan": "none", "n/a": "none", "na": "none",
}  # fmt: skip
UNKNOWN = "OUTCOME"
"""Stands where nobody can guess what a value means."""
NUMBERED = {("0", "1"): {"0": "model_a", "1": "model_b"}, ("1", "2"): {"1": "model_a", "2": "model_b"}}
"""What numbers mean where columns are numbered so."""
KNOWN = {"model_a", "model_b", "tie", "both_bad", "tie (bothbad)", "tie_bothbad", "bothbad"}


WRAPPERS = {"data", "rows", "records", "items", "votes", "results", "battles"}
"""Names under which one object often holds all rows."""
_WRAPPED = 6
"""Most columns of such an object."""
_MISSPELT = 0.85
"""How alike a name must be to be a slip of the pen."""
_LONGEST = 40
"""Most characters of a value for which an option is proposed."""
NEEDED = "needed: model_a, model_b, winner, or counts per pair as model_a, model_b, win_a, win_b, tie, tie_bothbad"
PAIRS = {"chosen", "rejected"}


def unknown(part: source.SourcePart, columns: Sequence[str], lacking: Sequence[str]) -> str:
    """The sentence for a part that lacks columns: what it has, and the options that would map them."""
    said = f"{part.name} has no column {' and no column '.join(lacking)}"
    if set(columns) >= PAIRS:
        return f"{said}: it holds preference pairs, chosen and rejected, and which models wrote them is not in it."
    if otherwise := layout(source.only_row(part)):
        return f"{part.name} {otherwise}."
    found = guessed(columns, ("model_a", "model_b", "winner"))
    values: list[object] = []
    if found["winner"] in columns:
        column = source.quoted(found["winner"])
        models = [found[target] for target in ("model_a", "model_b") if found[target] in columns]
        names = ", ".join(f"CAST({source.quoted(name)} AS VARCHAR)" for name in models) or "NULL"
        query = (
            f"SELECT DISTINCT CAST({column} AS VARCHAR) AS said FROM {source.VOTES} "
            f"WHERE coalesce(CAST({column} AS VARCHAR) NOT IN ({names}), true) ORDER BY said LIMIT 5"
        )
        values = part.run(query, [found["winner"], *models])["said"].to_pylist()
    if all(column == "COLUMN" for column in found.values()):
        return f"{said}; {NEEDED}. It has {', '.join(columns[:20])}."
    meant = {target: column for target, column in found.items() if target != column}
    return (
        f"{said}; {NEEDED}. It has {', '.join(columns[:20])}: say which is meant, such as {options(found, values)} "
        f"(in Python map={meant})."
    )


def layout(row: Mapping[str, Any]) -> str | None:
    """Why the only object of a JSON file is no row, and how to write the rows; None where it may be one."""
    records = "write it again with DataFrame.to_json(path, orient='records')"
    lists = {column for column, value in row.items() if isinstance(value, list)}
    if "data" in lists and ("columns" in row or set(row) == {"schema", "data"}):
        return f"holds a frame in parts, {', '.join(row)}; {records}"
    if row and all(column.isdecimal() and isinstance(value, dict | list) for column, value in row.items()):
        return f"holds its rows under their numbers; {records}"
    inside = next((column for column in row if column in lists and column.lower() in WRAPPERS), None)
    if inside is not None and len(row) <= _WRAPPED:
        return (
            f"is one object with the columns {', '.join(row)}; if its rows are the list under "
            f'"{inside}", write that list to a file'
        )
    return None


def guessed(columns: Iterable[str], targets: Iterable[str]) -> dict[str, str]:
    """For each of these names the column that is probably meant; `COLUMN` where none looks like it."""
    words = {column: words_of(column) for column in columns}
    pairs = [(column, other) for column, said in words.items() if (other := _opposite(said, words)) is not None]
    alone = [column for column in words if not any(column in pair for pair in pairs)]
    found: dict[str, str] = {}
    for target in targets:
        kind, _, side = target.rpartition("_")
        free = [column for column in words if column not in found.values()]
        if side in SIDES[0]:
            both = _both(words, [pair for pair in pairs if pair[side == "b"] in free], kind)
            bare = (column for column in free if words[column] in [(pair[side == "b"],) for pair in SIDES])
            meant = next(bare, None) if both is None else both[side == "b"]
        else:
            asked = [column for column in alone if column in free and (target == "winner" or "id" not in words[column])]
            meant = _named(words, asked, LIKELY[target])
        found[target] = meant or errors.close(target, free, _MISSPELT) or "COLUMN"
    return found


def words_of(column: str) -> tuple[str, ...]:
    """The words of a column's name, in small letters."""
    return tuple(word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+", column))


def _opposite(said: tuple[str, ...], words: Mapping[str, tuple[str, ...]]) -> str | None:
    """The column that is about the other side, of one that is about the first."""
    others = [tuple(right if word == left else word for word in said) for left, right in SIDES if left in said]
    return next((column for column, other in words.items() if other in others and other != said), None)


def _named(words: Mapping[str, tuple[str, ...]], columns: Sequence[str], likely: Sequence[str]) -> str | None:
    """The column whose name has the likeliest word, the shortest of several."""
    return next((column for word in likely for column in sorted(columns, key=len) if word in words[column]), None)


def _both(words: Mapping[str, tuple[str, ...]], pairs: Sequence[tuple[str, str]], kind: str) -> tuple[str, str] | None:
    """The two columns that are called like models, or like responses and not like models, or by their side alone."""
    of_models = [pair for pair in pairs if set(MODELS) & set(words[pair[0]])]
    fitting = of_models if kind == "model" else [pair for pair in pairs if pair not in of_models]
    for word in MODELS if kind == "model" else LIKELY[kind]:
        for pair in sorted(fitting, key=lambda pair: len(pair[0])):
            if word in words[pair[0]]:
                return pair
    return next((pair for pair in pairs if len(words[pair[0]]) == 1), None)


def outcome_option(value: object, names: Sequence[str]) -> str:
    """The end of a sentence about a winner that is no outcome: how to say what it means."""
    text = str(value)
    if text.startswith(("{", "[")):
        return (
            "; the column holds lists or objects, so write one vote a row, as DataFrame.to_json(orient='records') does."
        )
    near = errors.close(text, names)
    if near is not None:
        return f'; the nearest name is "{near}".'
    if len(text) > _LONGEST:
        return "."
    meant = outcome(text)
    return (
        f"; say what it means with --outcome {shlex.quote(text)}={meant}, in Python outcomes={{{text!r}: {meant!r}}}."
    )


def options(columns: Mapping[str, str], values: Iterable[object]) -> str:
    """These guesses as options, with the values that were found in place of a winner."""
    maps = [f"--map {target}={shlex.quote(column)}" for target, column in columns.items() if target != column]
    seen = dict.fromkeys(str(value) for value in values if value is not None and str(value) not in KNOWN)
    said = [(value, outcome(value, columns.values())) for value in list(seen)[:4]]
    return " ".join([*maps, *(f"--outcome {shlex.quote(value)}={meant}" for value, meant in said)])


def outcome(value: str, columns: Iterable[str] = ()) -> str:
    """What a value probably stands for; OUTCOME where that cannot be told."""
    plain = value.strip().lower()
    if plain in KNOWN:
        return "both_bad" if "bad" in plain else plain
    words = {word for column in columns for word in words_of(column)}
    numbered = next((meant for side, meant in NUMBERED.items() if set(side) <= words), {})
    return (
        LIKELY_OUTCOMES.get(plain)
        or LIKELY_OUTCOMES.get(plain.replace(" ", ""))
        or numbered.get(plain.removesuffix(".0"))
        or UNKNOWN
    )
