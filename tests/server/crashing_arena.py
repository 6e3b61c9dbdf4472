"""An arena in a process of its own, to be killed: `serve` is what that process runs."""

import sys
from pathlib import Path
from unittest import mock

from arena.server import app, run
from arena.settings import Settings
from tests import arenas


def serve(settings_json: str, address: str) -> None:
    """Run the arena, without its pages; its address is written to the file `address` once it accepts requests."""

    def started(url: str, _: object) -> None:
        Path(address).write_text(url)

    sys.argv = ["arena"]
    with arenas.hurried(), mock.patch.object(app, "build", arenas.without_pages):
        run.run(Settings.model_validate_json(settings_json), started)
