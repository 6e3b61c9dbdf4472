"""The folder of a process beside the files that all processes of a workspace keep in their database.

A release is put there before it is recorded, and comes from there into the folder of a process that is asked for it. A
picture, a sound or a film does the same. What an erasure takes is dropped in the database, and from then on in every
folder: copies are removed within seconds, and at the start of a process that was away.
"""

import logging
import secrets
import shutil
import threading
from collections.abc import Collection, Sequence
from pathlib import Path

from arena.domain.ids import ReleaseId
from arena.exports.folder import id_tables
from arena.exports.folder.manifest import MANIFEST
from arena.exports.proofs import kept
from arena.exports.proofs.statements import SIGNATURE
from arena.exports.writing import atomic_folder, packing
from arena.services import paths
from arena.store import releases
from arena.store.workspace import Workspace

log = logging.getLogger(__name__)

RELEASES = f"{paths.RELEASES}/"
MEDIA = f"{paths.MEDIA}/"
"""How names of files begin in the database."""
IDS = "ids"
"""The folder of what proofs need of releases whose texts are elsewhere."""
TRIES = 3
"""How often a release is brought, where its texts are dropped meanwhile."""


class SharedFolder:
    """Releases and media of one workspace in the folder of this process. Nothing is done where there is one process."""

    def __init__(self, store: Workspace, releases: Path, media: Path, bringing: threading.Lock) -> None:
        """With the folders of both. `bringing` is held while one is brought: one of the workspace at a time."""
        self._store = store
        self._files = store.files
        self._releases = releases
        self._media = media
        self._bringing = bringing

    def share(self, release_id: ReleaseId, work: str) -> None:
        """Put a release where every process finds it, before it is recorded. What exports that were killed on their way
        left there goes, unless another process took over the work of making them."""
        if self._files.shared:
            self._files.forget_unrecorded(work)
            self._put(_named(release_id))

    def bring(self, release_id: ReleaseId) -> None:
        """Have a release in the folder, as far as it is kept."""
        if not self._files.shared or not release_id.isascii():
            return
        directory = self._releases / release_id
        for _ in range(TRIES):
            names = self._there(_named(release_id))
            if not names or (self._copied(directory, names) and self._there(_named(release_id)) == names):
                return
            shutil.rmtree(directory, ignore_errors=True)

    def ids(self, release_id: ReleaseId) -> Path:
        """A folder with what proofs need of a release, no text; it is absent where the release is not kept."""
        directory = self._releases / release_id
        if not self._files.shared or not release_id.isascii() or directory.exists():
            return directory
        wanted = {f"{_named(release_id)}{name}" for name in (MANIFEST, SIGNATURE, *id_tables.NAMES)}
        names = [name for name in self._there(_named(release_id)) if name in wanted]
        beside = self._releases.with_name(IDS) / release_id
        return beside if names and self._copied(beside, names) else directory

    def bring_all(self) -> None:
        """Have every release and every picture, sound and film in the folder, for a copy of all."""
        if self._files.shared:
            for release_id in self._recorded():
                self.bring(release_id)
            self.bring_files("")

    def share_file(self, path: Path) -> None:
        """Put a picture, a sound or a film where every process finds it."""
        name = f"{MEDIA}{path.name}"
        if self._files.shared and not self._there(name):
            self._files.put(name, path)

    def bring_files(self, start: str) -> None:
        """Have those in the folder whose names begin so; all of them, with nothing."""
        for name in self._there(f"{MEDIA}{start}") if self._files.shared else ():
            path = self._media / name.removeprefix(MEDIA)
            beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
            if not path.exists() and self._get(name, beside):
                beside.rename(path)

    def share_all(self) -> None:
        """Put there what this folder alone has, as that of the installation that became the first process."""
        if self._files.shared:
            self.follow(0)
            self._files.forget_dropped()
            for release_id in self._recorded():
                self._put(_named(release_id), self._files.names(_named(release_id)))
            known = self._files.names(MEDIA)
            for path in self._media.glob("[0-9a-f]*"):
                if f"{MEDIA}{path.name}" not in known:
                    self._files.put(f"{MEDIA}{path.name}", path)

    def follow(self, before: int) -> int:
        """Remove copies of what was dropped: what is left of their releases is brought when it is asked for. Returns
        how many files were dropped so far; nothing is done while those are as many as `before`."""
        if (dropped := self._files.dropped()) == before:
            return dropped
        for name, there in self._files.names(RELEASES).items():
            if not there and (self._releases / name.removeprefix(RELEASES)).exists():
                release = self._releases / Path(name).parts[1]
                shutil.rmtree(release)
                log.warning("removed a copy of release %s: a rater in it was erased", release.name)
        return dropped

    def bring_erased(self, erased: Collection[str]) -> None:
        """Have those releases in the folder that hold one of these votes, and texts."""
        for release_id in self._recorded() if self._files.shared else ():
            under = _named(release_id)
            if not any(name.startswith(f"{under}data/") for name in self._there(under)):
                continue
            if any(item.vote_id in erased for item in id_tables.items(self.ids(release_id))):
                self.bring(release_id)

    def drop_texts(self) -> None:
        """Drop everywhere what was taken out of the releases in this folder."""
        if not self._files.shared:
            return
        for marked in self._releases.glob(f"rel_*/{kept.KEPT}"):
            under = _named(marked.parent.name)
            local = {f"{under}{name}" for name in packing.names(marked.parent)}
            if gone := set(self._there(under)) - local:
                self._files.put(f"{under}{kept.KEPT}", marked)
                self._files.drop(gone)

    def _there(self, under: str) -> list[str]:
        return [name for name, there in self._files.names(under).items() if there]

    def _copied(self, directory: Path, names: Sequence[str]) -> bool:
        """Whether a folder has copies of these files of one release, or has them now: one is brought at a time."""
        with self._bringing:
            if directory.exists():
                return True
            with atomic_folder.whole(directory, directory.name) as hidden:
                whole = all(self._get(name, hidden / name.removeprefix(_named(directory.name))) for name in names)
            if not whole:
                shutil.rmtree(directory)
            return whole

    def _put(self, under: str, known: Collection[str] = ()) -> None:
        directory = self._releases / under.removeprefix(RELEASES)
        for name in packing.names(directory):
            if f"{under}{name}" not in known:
                self._files.put(f"{under}{name}", directory / name)

    def _get(self, name: str, path: Path) -> bool:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._files.get(name, path)

    def _recorded(self) -> list[ReleaseId]:
        with self._store.reading() as connection:
            return [one.release_id for one in releases.listed(connection)]


def _named(release_id: str) -> str:
    return f"{RELEASES}{release_id}/"
