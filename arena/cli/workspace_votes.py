"""The votes of a workspace, from the arena that runs or from its files."""

import io
import urllib.parse
from pathlib import Path

import pyarrow.parquet

import leaderboards
from arena import settings as configuration
from arena.cli import local, remote
from arena.domain.vote import Counting
from arena.store import tally
from leaderboards import settings


def read(given: Path | None, workspace: str, controls: str | None, counting: Counting) -> leaderboards.Votes:
    """Every vote of a workspace that a board is made of, with what the controls measure on its answers."""
    data_dir = configuration.data_dir(given)
    measures = [name for name in settings.columns(controls) if name in tally.MEASURES]
    if running := remote.find(data_dir, workspace):
        query = urllib.parse.urlencode([("votes", counting.value), *(("measure", name) for name in measures)])
        table = pyarrow.parquet.read_table(io.BytesIO(running.fetch("GET", f"/api/v1/votes?{query}")))
    else:
        with local.workspace(data_dir, workspace) as opened, opened.store.scanning() as connection:
            table = tally.votes(connection, measures, counting)
    return leaderboards.read(table, f"workspace {workspace}")
