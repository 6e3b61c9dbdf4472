"""An arena in a process of its own, to be killed: `serve` is what that process runs."""

import sys
from pathlib import Path

from arena.server import app, run  # noqa: F401 - imported before the fork, so that a start takes no second
from arena.settings import Settings
from tests import arenas


def serve(settings_json: str, address: str) -> None:
    """Run the arena; its address is written to the file `address` once it accepts requests."""

    def started(url: str, _: object) -> None:
        Path(address).write_text(url)

    sys.argv = ["arena"]
    with arenas.hurried():
        run.run(Settings.model_validate_json(settings_json), started)
