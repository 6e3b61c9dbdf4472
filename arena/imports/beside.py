"""Files that a row names: they lie beside the file of rows, or in a folder there, and nowhere else."""

from collections.abc import Callable
from pathlib import Path

from arena.domain.parts import Media
from arena.errors import InvalidValue, TooLarge
from arena.imports import cells
from arena.imports.imported_vote import RowFault

Take = Callable[[Path, str], Media]
"""Takes a file in, called so by its row. Raises `InvalidValue` and `TooLarge`."""


def taken(rows: Path, name: str, take: Take) -> Media:
    """The picture, sound or film that a row of a file names. Raises `RowFault`."""
    folder = rows.parent.resolve()
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            raise RowFault(f"{cells.shown(name)} is no file beside {rows.name}; put it there, and name it from there.")
        return take(path, cells.shown(name))
    except (InvalidValue, TooLarge) as error:
        raise RowFault(str(error)) from error
    except (OSError, ValueError) as error:
        raise RowFault(f"{cells.shown(name)} cannot be read; check the name and who may read it.") from error
