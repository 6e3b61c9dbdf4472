"""Options that several commands share."""

import re
from pathlib import Path
from typing import Annotated

import typer

from arena.errors import InvalidValue


def workspace_name(name: str) -> str:
    """Refuse what can name no workspace, and would name a file elsewhere."""
    # With pydantic it takes longer to import than a small file to rank.
    from arena.settings.section import SLUG  # noqa: PLC0415

    if re.fullmatch(SLUG, name) is None:
        raise InvalidValue(f"{name!r} cannot name a workspace; it is 3 to 64 of a-z, 0-9, dot, dash and underscore.")
    return name


DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Where the arena's data is; ARENA_DATA_DIR otherwise.", show_default=False),
]
Workspace = Annotated[str, typer.Option("--workspace", help="Which workspace.", callback=workspace_name)]
Config = Annotated[Path, typer.Option("--config", help="A TOML file; configs/arena.toml explains every setting.")]
