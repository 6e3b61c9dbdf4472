"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Where the arena's data is; ARENA_DATA_DIR otherwise.", show_default=False),
]
Workspace = Annotated[str, typer.Option("--workspace", help="Which workspace.")]
