"""Secrets that every process of an installation has to know, where one database is shared: what raters' values are
signed with, what their names hang on, what releases are signed with.

The first process makes them in its data folder, as an installation of one process does, and says them to the database;
those that come later find them there, and need the configuration and the database alone.
"""

from collections.abc import Iterator
from pathlib import Path

from arena.errors import StoreError
from arena.services import identity, paths, secret_files
from arena.store import database
from arena.store.instance import Instance


def bring(data_dir: Path, instance: Instance, workspace: str) -> None:
    """Let the data folder hold the secrets of the installation and of a workspace, where processes share one."""
    if (shared := instance.shared) is None:
        return
    for name, path, here in _secrets(data_dir, workspace):
        told = shared.secret(name, here)
        if told != here or not path.exists():
            secret_files.write(path, f"{told}\n".encode("ascii"))


def carry(data_dir: Path, instance: Instance, workspace: str) -> None:
    """Let the database have a workspace of a data folder, with its secrets. Raises `StoreError` where it has others."""
    if (shared := instance.shared) is None:
        return
    shared.enter_workspace(workspace)
    for name, _, here in _secrets(data_dir, workspace):
        if shared.secret(name, here) != here:
            raise StoreError(f"The database has another {name} than {data_dir}; copy into an empty database.")


def _secrets(data_dir: Path, workspace: str) -> Iterator[tuple[str, Path, str]]:
    """The name, the file and what it says of each."""
    folder = paths.workspace_path(data_dir, workspace).parent
    database.make_folder(folder)
    yield identity.SECRET_FILE, data_dir / identity.SECRET_FILE, identity.signing_secret(data_dir).hex()
    secret, names = (
        identity.workspace_secret(data_dir, workspace).hex(),
        identity.name_key(data_dir, workspace).to_json(),
    )
    yield f"{workspace}/{paths.SECRET}", folder / paths.SECRET, secret
    yield f"{workspace}/{paths.NAMES}", folder / paths.NAMES, names.strip()
    key = paths.release_key_path(data_dir, workspace)
    identity.release_signer(data_dir, workspace)
    yield f"{workspace}/{paths.RELEASE_KEY}", key, key.read_text(encoding="ascii").strip()
