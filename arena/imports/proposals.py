"""The line that would import a file whose columns no shape has."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leaderboards.reading import proposals

TARGETS = ("model_a", "model_b", "winner", "prompt", "response_a", "response_b")


def line(path: Path, row: Mapping[str, Any]) -> str:
    """`arena import battles` with the columns that look like what is needed, and the winner that was seen."""
    columns = proposals.guessed(row, TARGETS)
    winner = row.peek(columns["winner"]) if hasattr(row, "peek") else row.get(columns["winner"])
    shown = [winner] if isinstance(winner, str | int | float) and len(str(winner)) <= 40 else []
    return f"arena import battles {shlex.quote(str(path))} {proposals.options(columns, shown)}".rstrip()
