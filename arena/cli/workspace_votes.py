"""The votes of a workspace, from the arena that runs or from its files."""

import io
import urllib.parse
from pathlib import Path

import pyarrow.parquet

import leaderboards
from arena import settings as configuration
from arena.cli import local, remote
from arena.services.board_settings import BoardSettings
from arena.store import board_votes
from arena.store.board_votes import MEASURES, RATER
from leaderboards import settings


def read(
    given: Path | None, workspace: str, controls: str | None, part: BoardSettings, head: str | None
) -> leaderboards.Votes:
    """Every vote of a workspace that the board of a cut is made of, with what the controls measure on its answers."""
    data_dir = configuration.data_dir(given)
    measures = [name for name in settings.columns(controls) if name in MEASURES]
    if running := remote.find(data_dir, workspace):
        asked = [*part.words.items(), *(("measure", name) for name in measures), *([("head", head)] if head else [])]
        query = urllib.parse.urlencode(asked)
        table = pyarrow.parquet.read_table(io.BytesIO(running.fetch("GET", f"/api/v1/votes?{query}")))
    else:
        with local.workspace(data_dir, workspace) as opened:
            with opened.store.scanning() as connection:
                table = board_votes.one_by_one(connection, measures, part.counting, part.cut, head)
            at = table.column_names.index(RATER)
            table = table.set_column(at, RATER, opened.pseudonyms.column(table.column(RATER)))
    return leaderboards.read(table, f"workspace {workspace}")
