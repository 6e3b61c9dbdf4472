"""Secrets that every process of an installation has to know, where one database is shared: what raters' values are
signed with, what their names hang on, what releases are signed with.

The first process makes them in its data folder, as an installation of one process does, and says them to the database;
those that come later find them there, and need the configuration and the database alone.
"""

from pathlib import Path

from arena.services import identity, paths, secret_files
from arena.store import database
from arena.store.instance import Instance


def bring(data_dir: Path, instance: Instance, workspace: str) -> None:
    """Let the data folder hold the secrets of the installation and of a workspace."""
    folder = paths.workspace_path(data_dir, workspace).parent
    database.make_folder(folder)
    for name, path, here in (
        (identity.SECRET_FILE, data_dir / identity.SECRET_FILE, identity.signing_secret(data_dir).hex()),
        (f"{workspace}/{paths.SECRET}", folder / paths.SECRET, identity.workspace_secret(data_dir, workspace).hex()),
        (f"{workspace}/{paths.NAMES}", folder / paths.NAMES, identity.name_key(data_dir, workspace).to_json().strip()),
    ):
        _bring(instance, name, path, here)
    key = paths.release_key_path(data_dir, workspace)
    identity.release_signer(data_dir, workspace)
    _bring(instance, f"{workspace}/{paths.RELEASE_KEY}", key, key.read_text(encoding="ascii").strip())


def _bring(instance: Instance, name: str, path: Path, here: str) -> None:
    told = instance.secret(name, here)
    if told != here or not path.exists():
        secret_files.write(path, f"{told}\n".encode("ascii"))
