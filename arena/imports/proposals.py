"""The line that would import a file whose columns no shape has."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from leaderboards.reading import proposals

CHOSEN = "chosen"
FIGURES = ("score", "rating", "reward", "logp", "logprob", "rank", "token", "length", "id", "idx", "uuid")
"""Words in the names of columns, also in the plural, that say something about an answer, and are not its text."""
TARGETS = ("model_a", "model_b", "winner", "prompt", "response_a", "response_b")


def line(path: Path, row: Mapping[str, Any]) -> str:
    """`arena import battles` with the columns that look like what is needed, and the winner that was seen."""
    pairs = [name for name in row if CHOSEN in name and _rejected(name) in row]
    if pairs:
        return _command(path, proposals.options(_of_pairs(pairs, row), []))
    columns = proposals.guessed(row, TARGETS)
    winner = row.peek(columns["winner"]) if hasattr(row, "peek") else row.get(columns["winner"])
    shown = [winner] if isinstance(winner, str | int | float) and len(str(winner)) <= 40 else []
    return _command(path, proposals.options(columns, shown))


def _command(path: Path, options: str) -> str:
    return f"arena import battles {shlex.quote(str(path))} {options}".rstrip()


def _rejected(name: str) -> str:
    return name.replace(CHOSEN, "rejected")


def _is_figure(name: str) -> bool:
    return any(word.removesuffix("s") in FIGURES for word in proposals.words_of(name))


def _of_pairs(pairs: Sequence[str], columns: Iterable[str]) -> dict[str, str]:
    """The columns of a chosen and a rejected answer, of whose they are, and of what was asked."""
    models = [name for name in pairs if "model" in name]
    answers = [name for name in pairs if name not in models and not _is_figure(name)]
    found = proposals.guessed([name for name in columns if CHOSEN not in name and "rejected" not in name], ("prompt",))
    for targets, names in ((("chosen", "rejected"), answers), (("model_a", "model_b"), models)):
        if names:
            name = min(names, key=len)
            found |= dict(zip(targets, (name, _rejected(name)), strict=True))
    return found
