"""A backup of the whole installation, laid out as the data folder is, and its way back.

    DIRECTORY/instance.duckdb, signing-secret, admin-token, selections/
    DIRECTORY/workspaces/NAME/workspace.duckdb, workspace.heads, secret, names, release-key, releases/, media/
    DIRECTORY/installation.sha256       of every other file, as `sha256sum --check` reads it

Whoever reads it can sign in as anybody and sign releases: every file is for its owner alone. It appears whole or not at
all, and so does the data folder that it is put back to.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from arena.errors import NotFound, StoreCorrupt, StoreError
from arena.services import checked_folder, paths
from arena.store import backup, ledger
from arena.store.instance import Instance
from arena.store.workspace import Workspace

SUMS = "installation.sha256"
COPIED = (
    "signing-secret",
    "admin-token*",
    "selections/*.toml",
    "workspaces/*/release-key",
    "workspaces/*/secret",
    "workspaces/*/names",
    "workspaces/*/selections/*.toml",
    "workspaces/*/media/[0-9a-f]*",
    "workspaces/*/releases/rel_*",
)
"""What is copied as it lies; databases are written by whoever has them open."""
RESTORING = "restoring"
"""A file of a data folder of which a part is still to go into the database: it says of what backup."""


def write(data_dir: Path, directory: Path, instance: Instance, served: Mapping[str, Workspace]) -> Path:
    """Copy everything of an installation into a new folder; returns it. Workspaces that are not served are opened.

    Releases are copied after the databases that list them, so none is missing; keep others from being swept meanwhile.
    """
    with checked_folder.becoming(directory, "the backup") as folder:
        instance.copy_to(checked_folder.place(folder, paths.instance_path(folder)))
        for name in sorted({*paths.workspaces(data_dir), *served}):
            with ExitStack() as opened:
                path = paths.workspace_path(data_dir, name)
                workspace = served[name] if name in served else opened.enter_context(Workspace.open(path))
                backup.copy_to(workspace, checked_folder.place(folder, paths.workspace_path(folder, name)))
        checked_folder.copy(data_dir, COPIED, folder)
        checked_folder.write_sums(folder, SUMS)
    return directory


def is_one(directory: Path) -> bool:
    """Whether a folder is a backup of an installation."""
    return (directory / SUMS).is_file()


def restore(directory: Path, data_dir: Path, note: str | None = None) -> Path:
    """Put a backup back as the data folder, verified before it appears. Returns `data_dir`. A `note` is a file in it,
    which says what backup it is, for whoever has more to do with it.

    Raises `StoreError` when something is there already, and `StoreCorrupt` when the backup is not what was written.
    """
    if not is_one(directory):
        raise NotFound(
            f"{directory} is no backup of an installation: it has no {SUMS}. Name one that `arena backup DIR "
            "--installation` made, or leave --installation out to restore a workspace."
        )
    if checked_folder.exists(data_dir):
        raise StoreError(f"{data_dir} exists and is not overwritten; move it away first, or name another --data-dir.")
    with checked_folder.becoming(data_dir, "the data folder") as folder:
        checked_folder.copy_listed(directory, SUMS, folder, "restore another backup")
        for name in paths.workspaces(folder):
            report = ledger.verify(paths.workspace_path(folder, name))
            if report.problems:
                raise StoreCorrupt(f"Workspace {name} does not verify, nothing was restored: {report.problems[0]}")
        Instance.open(paths.instance_path(folder)).close()
        if note is not None:
            (folder / note).write_text(mark(directory))
    return data_dir


def refuse_unfinished(data_dir: Path) -> None:
    """Raise `StoreError` for a data folder of which a part is still to go into the database."""
    if (data_dir / RESTORING).exists():
        raise StoreError(
            f"{data_dir} was not restored to its end; run `arena restore BACKUP --installation --data-dir {data_dir}` "
            "again with the same backup, which goes on there."
        )


def mark(directory: Path) -> str:
    """What tells one backup from every other."""
    return checked_folder.digest(directory / SUMS)
