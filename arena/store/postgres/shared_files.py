"""Files of a workspace as rows: a row a megabyte, and one that says that all of them are there.

Nothing is changed but by dropping it, which leaves the name, so that no folder brings back what an erasure took.
"""

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from arena.store import rows
from arena.store.postgres.asking import Asking

PART_BYTES = 1 << 20
DROPPED = "SELECT name FROM files WHERE dropped"
PUT = (
    "INSERT INTO file_parts (name, part, content) VALUES (?, ?, ?) "
    "ON CONFLICT (name, part) DO UPDATE SET content = excluded.content RETURNING part"
)
ENTER = (  # of what was dropped meanwhile no part stays
    "WITH entered AS (INSERT INTO files (name, bytes, dropped) VALUES (?, ?, false) "
    "ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes WHERE NOT files.dropped RETURNING name) "
    "DELETE FROM file_parts WHERE name = ? AND (part >= ? OR NOT EXISTS (SELECT * FROM entered)) RETURNING part"
)
HAS_TURN = "EXISTS (SELECT * FROM works WHERE work = ? AND process_id = ?)"


class SharedFiles:
    """The rows, asked on a session of their own. For any thread."""

    shared = True

    def __init__(self, url: str, schema_name: str, identity: str, process: str) -> None:
        self._process = process
        self._asking = Asking(url, schema_name, identity)
        self._asked = self._asking.asked

    def names(self, under: str) -> Mapping[str, bool]:
        found = self._asked(
            "SELECT name, NOT dropped FROM files WHERE substr(name, 1, ?) = ? ORDER BY name", [len(under), under]
        )
        return dict(found)

    def put(self, name: str, path: Path) -> None:
        count = size = 0
        with path.open("rb") as file:
            while content := file.read(PART_BYTES):
                self._asked(PUT, [name, count, content])
                count, size = count + 1, size + len(content)
        self._asked(ENTER, [name, size, name, count])

    def get(self, name: str, path: Path) -> bool:
        found = self._asked("SELECT bytes FROM files WHERE name = ? AND NOT dropped", [name])
        if not found:
            return False
        left, part = int(found[0][0]), 0
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            while left > 0:
                content = self._asked("SELECT content FROM file_parts WHERE name = ? AND part = ?", [name, part])
                if not content:  # it was dropped meanwhile
                    return False
                left, part = left - file.write(content[0][0]), part + 1
            file.flush()
            os.fsync(file.fileno())
        return left == 0

    def drop(self, names: Collection[str]) -> None:
        if names:
            among, ids = rows.among("name", list(names))
            dropping = f"WITH gone AS (UPDATE files SET dropped = true WHERE {among}) "  # both, or neither
            self._asked(f"{dropping} DELETE FROM file_parts WHERE {among} RETURNING part", [*ids, *ids])

    def forget_dropped(self) -> None:
        self._asked(f"DELETE FROM file_parts WHERE name IN ({DROPPED}) RETURNING part")

    def forget_unrecorded(self, work: str) -> None:
        for table in ("files", "file_parts"):  # asked where releases are recorded: a mirror may be behind
            self._asked(
                f"DELETE FROM {table} WHERE name LIKE 'releases/%/%' AND {HAS_TURN} "
                "AND split_part(name, '/', 2) NOT IN (SELECT release_id FROM releases) RETURNING name",
                [work, self._process],
            )

    def dropped(self) -> int:
        return int(self._asked("SELECT count(*) FROM files WHERE dropped")[0][0])

    def close(self) -> None:
        self._asking.close()
