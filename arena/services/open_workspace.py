"""A workspace that is open in this process, with everything its services and commands work with."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from arena.domain.name_key import NameKey
from arena.domain.principal import Principal
from arena.exports.personal import Recogniser
from arena.exports.proofs.signing import Signer
from arena.services import clock, identity, paths
from arena.services.auditing import Auditing
from arena.services.media_folder import MediaFolder
from arena.services.pseudonyms import Pseudonyms
from arena.services.shared_folder import SharedFolder
from arena.store import opening
from arena.store.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWorkspace:
    """What is at hand in one workspace."""

    name: str
    store: Workspace
    releases: Path
    """The folder its releases are kept in."""
    secret: bytes
    """What the values of its raters are signed with."""
    name_key: NameKey
    """What the names of its raters hang on."""
    signer: Signer
    recogniser: Recogniser | None = None
    """Finds names of people, where one is configured."""
    chance: random.Random = field(default_factory=random.SystemRandom)
    now: Callable[[], datetime] = clock.now
    bringing: threading.Lock = field(default_factory=threading.Lock)
    """Held while a release is brought from the database."""
    auditing: Auditing | None = None
    """Writes the audit log; None where a command opened the workspace without the installation."""

    def note(self, principal: Principal, did: str, subject: str, reason: str | None = None) -> None:
        """Add to the audit log what somebody did here that the ledger does not say of them."""
        if self.auditing is not None:
            self.auditing.note(principal, did, subject, self.now(), reason)

    @property
    def media(self) -> MediaFolder:
        """Its pictures, sounds and films."""
        return MediaFolder(self.store.path.with_name(paths.MEDIA), self.folder)

    @property
    def folder(self) -> SharedFolder:
        """Its releases and media beside those that other processes have."""
        return SharedFolder(self.store, self.releases, self.store.path.with_name(paths.MEDIA), self.bringing)

    @property
    def pseudonyms(self) -> Pseudonyms:
        """The names that answers show of its raters."""
        return Pseudonyms(self.name_key)


@contextmanager
def opened(
    data_dir: Path,
    name: str,
    recogniser: Recogniser | None = None,
    database: str | None = None,
    process: str | None = None,
) -> Iterator[OpenWorkspace]:
    """Open a workspace, made where there is none: in the data folder, which is laid out as today, or in a database,
    whose other processes know this one as `process`."""
    name_key = identity.name_key(data_dir, name)
    with opening.workspace(paths.workspace_path(data_dir, name), name, database, process) as store:
        yield OpenWorkspace(
            name=name,
            store=store,
            releases=paths.releases_path(data_dir, name),
            secret=identity.workspace_secret(data_dir, name),
            name_key=name_key,
            signer=identity.release_signer(data_dir, name),
            recogniser=recogniser,
        )
