"""The file of a release that opens its votes, while it is written; there is none where no vote is opened."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from arena.exports.folder import opening
from arena.exports.folder.files import FileEntry, HashedFile
from arena.exports.folder.manifest import OpenedVotes
from arena.exports.folder.opening import Opening

TOGETHER = 256
"""Lines that are written at once."""


class OpeningsFile:
    """Lines in the order of leaves. Made by `opened`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: HashedFile | None = None
        self._held: list[bytes] = []
        self._votes = 0
        self._in_part = 0

    @classmethod
    @contextlib.contextmanager
    def opened(cls, folder: Path) -> Iterator[Self]:
        """The file is durable when the block is left without an error."""
        made = cls(folder)
        try:
            yield made
            made._write()
            if made._file is not None:
                made._file.close()
        finally:
            if made._file is not None:
                made._file.abandon()

    def add(self, leaf: int, opened: Opening) -> None:
        """Open a vote."""
        self._votes += 1
        self._in_part += not opened.whole
        self._held.append(opened.line(leaf))
        if len(self._held) == TOGETHER:
            self._write()

    @property
    def counts(self) -> OpenedVotes | None:
        """How many votes are opened; None where none is."""
        return OpenedVotes(votes=self._votes, in_part=self._in_part) if self._votes else None

    def entries(self) -> list[FileEntry]:
        """The file, where there is one, once it is closed."""
        return [] if self._file is None else [self._file.entry(opening.FILE, self._votes)]

    def _write(self) -> None:
        if self._held:
            self._file = self._file or HashedFile(self._folder / opening.FILE)
            self._file.write(b"".join(self._held))
            self._held = []
