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


def bring(data_dir: Path, instance: Instance, workspace: str) -> bool:
    """Write the secrets of the installation and of a workspace into the data folder, where processes share a database.
    Returns False, and writes nothing, where that workspace is no more.

    Raises `StoreError` where the secrets of a workspace that is a file would be overwritten: they are nowhere else.
    """
    if (shared := instance.shared) is None:
        return True
    signed = (data_dir / identity.SECRET_FILE, paths.release_key_path(data_dir, workspace))
    fresh = [path for path in signed if not path.exists()]
    with instance.transaction():  # meanwhile nobody removes it
        if workspace not in shared.workspaces:
            return False
        changed = []
        for name, path, here in _secrets(data_dir, workspace):
            told = shared.secret(name, here)
            if told != here and path not in fresh:
                _refuse_overwriting(data_dir, workspace, name)
            if told != here or not path.exists():
                changed.append((path, told))
        for path, told in changed:  # all of them, or none
            secret_files.write(path, f"{told}\n".encode("ascii"))
    return True


def carry(data_dir: Path, instance: Instance, workspace: str) -> None:
    """Let the database have a workspace of a data folder, with its secrets. Raises `StoreError` where it has others."""
    if (shared := instance.shared) is None:
        return
    shared.enter_workspace(workspace)
    for name, _, here in _secrets(data_dir, workspace):
        if shared.secret(name, here) != here:
            raise StoreError(f"The database has another {name} than {data_dir}; copy into an empty database.")


def _refuse_overwriting(data_dir: Path, workspace: str, name: str) -> None:
    """Raise `StoreError` where a secret may not be overwritten: one of a workspace that is a file, or that of the
    installation where any is."""
    files = paths.workspaces(data_dir)
    if workspace in files or (files and name == identity.SECRET_FILE):
        raise StoreError(
            f"The database has another {name} than {data_dir}, where a workspace is a file that was not copied into "
            "this database; name another data folder, or an empty database to copy into."
        )


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
