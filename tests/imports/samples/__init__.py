"""Small files in the shapes that are published, all of them invented: one a shape, and one a way of writing it."""

from pathlib import Path
from typing import Any

from arena.imports import files
from arena.imports.fields import Cell

FOLDER = Path(__file__).parent
FILES: dict[str, Path] = {path.name: path for path in sorted(FOLDER.iterdir()) if path.suffix not in (".py", "")}
"""Every sample by its name."""


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of a sample, which are all in order."""
    found = [row for _, row in files.rows(FILES[name]) if isinstance(row, dict)]
    return [{name: one.value if isinstance(one, Cell) else one for name, one in row.items()} for row in found]


ROWS: dict[str, dict[str, Any]] = {name: rows(name)[0] for name in FILES if name != "fastchat.json"}
"""The first row of each; that of a log of FastChat is no vote."""
ROWS["fastchat.json"] = rows("fastchat.json")[1]
