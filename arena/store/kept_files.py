"""Files of a workspace that are no rows: releases, pictures, sounds and films. One process keeps them in its folder;
several keep them in the database, too, and the folder of each has copies of those that it was asked for.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol


class KeptFiles(Protocol):
    """The database's copies, by a name such as `releases/rel_01K7QX/manifest.json`. All may raise `Overloaded`."""

    shared: bool
    """Whether there are any."""

    def names(self, under: str) -> Mapping[str, bool]:
        """Those whose names begin so, each with whether it is there: False for one that was dropped."""

    def put(self, name: str, path: Path) -> None:
        """Keep the bytes of a file. What was dropped stays so."""

    def get(self, name: str, path: Path) -> bool:
        """Write the kept bytes to a new file. Returns False where none are kept."""

    def drop(self, names: Collection[str]) -> None:
        """Delete these for everybody."""

    def forget_dropped(self) -> None:
        """Delete what is left of dropped ones where somebody was killed while they were put."""

    def forget_unrecorded(self, work: str) -> None:
        """Know nothing of files of releases that are not recorded, as if they had never been. For who does the work
        of recording some; of whom another took it over, nothing is done."""

    def dropped(self) -> int:
        """How many were dropped so far: where that changes, copies have to go."""

    def close(self) -> None:
        """Ask nothing any more."""


class FolderAlone:
    """The folder of the one process is all there is."""

    shared = False

    def names(self, under: str) -> Mapping[str, bool]:
        return {}

    def put(self, name: str, path: Path) -> None:
        return

    def get(self, name: str, path: Path) -> bool:
        return False

    def drop(self, names: Collection[str]) -> None:
        return

    def forget_dropped(self) -> None:
        return

    def forget_unrecorded(self, work: str) -> None:
        return

    def dropped(self) -> int:
        return 0

    def close(self) -> None:
        return


FOLDER = FolderAlone()
