"""The ledger as stored, and the check that nothing in a workspace differs from what was written."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from arena import errors
from arena.domain import wording
from arena.domain.ledger import Line
from arena.store import database, failures, heads, ledger_rows, migrations, verification
from arena.store.connections import Connection

NAMED_PROBLEMS = 100
"""Problems told one by one; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """What a verification found."""

    lines: int
    """Lines of the ledger that were walked."""
    problems: tuple[str, ...]
    """One sentence each; none when all is as it was written."""


def head(connection: Connection) -> Line | None:
    """The ledger's last line, or None before the first vote."""
    return ledger_rows.last(connection)


def verify(path: Path) -> VerifyReport:
    """Verify the file of a workspace that no process has open. Nothing is changed, not even a log replayed for good.

    Raises `StoreHeld` when a process has it open, `StoreError` when there is no such file; damage is a problem.
    """
    if not path.exists():
        raise errors.StoreError(f"{path} does not exist; name a workspace with --data-dir.")
    try:
        with failures.translated(path):
            return _verified(path)
    except (errors.StoreCorrupt, errors.StoreStopped) as damage:
        return VerifyReport(lines=0, problems=(str(damage),))


def _verified(path: Path) -> VerifyReport:
    with database.connect(path, read_only=True) as connection:
        steps = migrations.known("workspace")
        version, missing = migrations.version(connection), migrations.missing(connection, steps)
        if version == 0 or (version == steps[-1].number and not missing):
            return report(connection, path)
    return _verify_earlier(path)


def _verify_earlier(path: Path) -> VerifyReport:
    """Verify a file of an earlier schema by a copy that is brought to today's."""
    folder = path.with_name(".verified")
    shutil.rmtree(folder, ignore_errors=True)  # left by one that was killed
    database.make_folder(folder)
    try:
        copy = folder / path.name
        for source, goal in ((path, copy), *((log, folder / log.name) for log in path.parent.glob(f"{path.name}.wal"))):
            shutil.copyfile(source, goal)
        with database.connect(copy) as connection:
            migrations.migrate(connection, migrations.known("workspace"), path)
            return report(connection, path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def report(connection: Connection, path: Path) -> VerifyReport:
    """Verify the workspace at `path` through a connection to it."""
    if migrations.version(connection) == 0:
        # Killed while it was made: sound unless more was acknowledged before.
        promised = heads.last(heads.beside(path))
        empty = promised is None or not any((promised.votes, promised.battles, promised.models))
        return VerifyReport(lines=0, problems=() if empty else (f"{path} is empty and should not be.",))
    told: list[str] = []
    more = 0
    for problem in verification.problems(connection, path):
        if len(told) < NAMED_PROBLEMS:
            told.append(problem)
        else:
            more += 1
    if more:
        told.append(f"{wording.counted(more, 'more problem')} not listed.")
    try:
        lines = ledger_rows.count(connection)
    except failures.DatabaseError:  # already told
        lines = 0
    return VerifyReport(lines=lines, problems=tuple(told))
