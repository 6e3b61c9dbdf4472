"""Pictures, sounds and films of a workspace, each kept in its folder once, under the hash of its bytes.

DATA_DIR/workspaces/NAME/media/SHA256.EXTENSION
"""

import os
import re
from pathlib import Path
from typing import Final

from arena.domain.parts import Media, MediaKind
from arena.errors import NotFound
from arena.exports.folder import files
from arena.imports.media_files import MediaFile
from arena.services.shared_folder import SharedFolder

EXTENSIONS: Final = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "video/mp4": "mp4",
    "video/webm": "webm",
}
SHA256: Final = re.compile("[0-9a-f]{64}")


class MediaFolder:
    """The folder of one workspace, which is there from the first file on."""

    def __init__(self, folder: Path, shared: SharedFolder | None = None) -> None:
        """`shared` is what other processes have, where there may be others."""
        self._folder = folder
        self._shared = shared

    def keep(self, file: MediaFile) -> None:
        """Store a file; it is durable when this returns. One that is here already stays as it is."""
        path = self.path(file.media)
        if not path.exists():
            self._write(path, file)
        if self._shared is not None:
            self._shared.share_file(path)

    def _write(self, path: Path, file: MediaFile) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            opened.write(file.data)
            opened.flush()
            os.fsync(opened.fileno())
        beside.rename(path)
        files.sync_folder(self._folder)

    def load(self, media: Media) -> bytes:
        """The bytes of a stored file."""
        self._bring(media.sha256)
        return self.path(media).read_bytes()

    def path(self, media: Media) -> Path:
        """Where a file is, or would be."""
        return self._folder / f"{media.sha256}.{EXTENSIONS[media.media_type]}"

    def find(self, sha256: str) -> tuple[Path, Media]:
        """A stored file and what it is. Raises `NotFound`, also for what is no hash."""
        if SHA256.fullmatch(sha256):
            self._bring(sha256)
            for media_type, extension in EXTENSIONS.items():
                path = self._folder / f"{sha256}.{extension}"
                if path.is_file():
                    kind = MediaKind(media_type.partition("/")[0])
                    return path, Media(kind=kind, sha256=sha256, media_type=media_type)
        raise NotFound("There is no such picture, sound or film in this workspace.")

    def _bring(self, sha256: str) -> None:
        """Have a file here that another process has."""
        if self._shared is not None and not any(self._folder.glob(f"{sha256}.*")):
            self._shared.bring_files(f"{sha256}.")
