"""Writing a database file anew, so that no part of it that was freed still holds what was erased.

DuckDB marks freed blocks as free and leaves their bytes; and a block that two columns share keeps the bytes of the one
that moved away as long as the other stays. Nothing in SQL reaches them. So whatever was erased is blank at once for
every query, and its bytes go when the file is written anew: when `arena erase` finds no arena running, and otherwise
when the arena starts the next time. So does the e-mail of a closed account.
"""

import secrets
from pathlib import Path

from arena import errors
from arena.store import database, failures


def run(path: Path, done: str) -> None:
    """Write the file anew and put it in place of the old one; a crash leaves either of them, whole. `done` is the
    statement that notes it in the new one, which is called `anew`.

    Raises `StoreError` when there is no room for a second copy; then nothing has changed.
    """
    copy = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    quoted = str(copy).replace("'", "''")
    try:
        with database.connect(path) as connection, failures.translated(path):
            for left in path.parent.glob(f".{path.name}.{'[0-9a-f]' * 8}*"):  # by one that was killed: none is alive
                left.unlink()
            connection.execute("CHECKPOINT")
            name = str(connection.execute("SELECT current_database()").fetchall()[0][0]).replace('"', '""')
            connection.execute(f"ATTACH '{quoted}' AS anew")
            connection.execute(f'COPY FROM DATABASE "{name}" TO anew')
            connection.execute(done)
            connection.execute("CHECKPOINT anew")
            connection.execute("DETACH anew")
        database.settle(copy, path)
    except OSError as error:
        raise errors.StoreError(
            f"{path} could not be written anew ({error.strerror}), so freed parts of it may still hold what was "
            "erased; free as much space as it takes, then start the arena again."
        ) from error
    finally:
        copy.unlink(missing_ok=True)
        copy.with_name(f"{copy.name}.wal").unlink(missing_ok=True)
