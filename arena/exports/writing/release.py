"""Writes a release: a folder that appears whole, or not at all.

Everything is written into a hidden folder, hashed and synced; one rename makes it visible. If anything fails before, be
it a full disk or a stop in the middle, the hidden folder is removed and the target is left as it was.
"""

import contextlib
import dataclasses
import gc
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from arena import exports
from arena.domain.battle import BattleRecord
from arena.domain.ids import ReleaseId
from arena.domain.plain_battles import PlainBattles
from arena.errors import InvalidValue
from arena.exports.card import card
from arena.exports.folder import files, id_tables
from arena.exports.folder.files import FileEntry
from arena.exports.folder.manifest import MANIFEST, Manifest
from arena.exports.format import Format
from arena.exports.proofs import kept, statements
from arena.exports.proofs.signing import Signer
from arena.exports.proofs.statements import SIGNATURE
from arena.exports.writing import atomic_folder
from arena.exports.writing.assembly import Assembly
from arena.exports.writing.release_inputs import ReleaseFacts

PAGE = 50
"""Records held at a time: few enough that they are freed before the garbage collector looks at them. With 500, the
collector takes a fifth of the time of writing."""
PROGRESS_EVERY = 1000
"""Records between two reports of progress."""


def write(
    directory: Path,
    format_name: str,
    records: Iterable[BattleRecord | PlainBattles],
    facts: ReleaseFacts,
    progress: Callable[[int], None] | None = None,
    noted: Path | None = None,
) -> Manifest:
    """Write `directory`, which must not exist, from records in their stable order.

    Plain battles may come as columns where `plain.suffice` says so. `progress` is called now and then with the number
    of records read; an error that it raises ends the release. `noted` is the folder of releases in which this one is
    noted while it is unfinished. Raises InvalidValue for an unknown format, an existing target or a selection without a
    single row, and ReleaseFailed when the files cannot be written.
    """
    form = exports.named(format_name)
    if not 0 <= facts.selection.test_share < 1:
        raise InvalidValue(f"test_share is {facts.selection.test_share}; it is a share from 0 to less than 1.")
    if os.path.lexists(directory):
        raise InvalidValue(f"{directory} already exists; name a new folder for the release, or move that one away.")
    with atomic_folder.becoming(directory, facts.release_id, noted) as folder, _collector_at_rest():
        return _fill(folder, form, records, facts, progress)


@contextlib.contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keeps the garbage collector from going through the objects that existed before the block.

    Millions of records come and go in the block, and the collector would do so again with every page of them. A running
    arena has put them aside for good.
    """
    if gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def keep_ids(directory: Path, copy: Path, release_id: ReleaseId, signer: Signer) -> None:
    """Copy what proofs need of a release that was written elsewhere: ids and the signature, no text.

    Raises ReleaseFailed when that cannot be written.
    """
    with atomic_folder.becoming(copy, release_id) as folder:
        for name in (MANIFEST, SIGNATURE, *id_tables.NAMES):
            shutil.copyfile(directory / name, folder / name)
        kept.mark(folder, signer, kept.ELSEWHERE)


def _fill(
    folder: Path,
    form: Format,
    records: Iterable[BattleRecord | PlainBattles],
    facts: ReleaseFacts,
    progress: Callable[[int], None] | None,
) -> Manifest:
    """Write every file of the release into an empty folder."""
    data = folder / "data"
    data.mkdir()
    with Assembly.opened(folder, form, facts) as assembly:
        told = 0
        for page in _pages(records):
            if isinstance(page, PlainBattles):
                assembly.add_plain(page)
            else:
                assembly.add(page)
            if progress is not None and assembly.battles - told >= PROGRESS_EVERY:
                told = assembly.battles
                progress(told)
        if progress is not None and assembly.battles != told:
            progress(assembly.battles)
        assembly.finish()
    manifest = assembly.manifest()
    wanted = [files.write_text(folder, name, text) for name, text in form.files(manifest.counts.rows).items()]
    manifest = dataclasses.replace(manifest, files=_by_path([*manifest.files, *wanted]))
    readme = files.write_text(folder, "README.md", card.text(manifest, form))
    manifest = dataclasses.replace(manifest, files=_by_path([*manifest.files, readme]))
    written = files.write_text(folder, MANIFEST, manifest.to_json())
    signed = facts.signer.sign(statements.release(manifest.to_dict(), written.sha256))
    files.write_text(folder, SIGNATURE, signed.to_json())
    files.sync_folder(data)
    files.sync_folder(folder)
    return manifest


def _pages(records: Iterable[BattleRecord | PlainBattles]) -> Iterator[list[BattleRecord] | PlainBattles]:
    """Records in pages; columns are cut to be told of as often."""
    page: list[BattleRecord] = []
    for found in records:
        if not isinstance(found, PlainBattles):
            page.append(found)
            if len(page) < PAGE:
                continue
        if page:
            yield page
            page = []
        if isinstance(found, PlainBattles):
            for start in range(0, len(found), PROGRESS_EVERY):
                yield found.cut(start, start + PROGRESS_EVERY)
    if page:
        yield page


def _by_path(entries: Iterable[FileEntry]) -> tuple[FileEntry, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.path))
