"""What an arena keeps of a release whose texts are not in its folder: ids, manifest, signature, and a signed reason.

The reason is in `kept.json`: a rater was erased, or the release was written elsewhere. Without that file, a folder with
missing files counts as damaged.
"""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from arena.exports.folder import files, id_tables
from arena.exports.folder.manifest import MANIFEST
from arena.exports.proofs import signing, statements
from arena.exports.proofs.signing import Signed, Signer
from arena.exports.proofs.statements import SIGNATURE

KEPT = "kept.json"
ERASED = "a rater in it was erased"
ELSEWHERE = "it was written elsewhere"
WHYS = (ERASED, ELSEWHERE)


def names(listed: Iterable[str]) -> frozenset[str]:
    """Those of the listed files that are kept, because they hold ids and figures but no text."""
    return frozenset(id_tables.NAMES) & frozenset(listed)


def why(directory: Path, release: Signed, manifest_sha256: str) -> str | None:
    """The reason why the texts of a release are not here, as its signer states it; None where it is not stated."""
    try:
        signed = signing.read(json.loads(files.document(directory / KEPT)))
    except (OSError, ValueError, RecursionError):
        return None
    if signed is None or signed.key != release.key or not signed.valid():
        return None
    return next((why for why in WHYS if signed.statement == statements.kept_ids(manifest_sha256, why)), None)


def forget_texts(folder: Path, signer: Signer, why: str) -> None:
    """Delete every file of a release that proofs do not need, which are those with texts."""
    mark(folder, signer, why)
    for path in folder.iterdir():
        if path.name in (MANIFEST, SIGNATURE, KEPT, *id_tables.NAMES):
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    files.sync_folder(folder)


def mark(folder: Path, signer: Signer, why: str) -> None:
    """Write the signed reason why the texts of a release are not in this folder."""
    told = signer.sign(statements.kept_ids(files.sha256(folder / MANIFEST), why))
    (folder / KEPT).unlink(missing_ok=True)
    files.write_text(folder, KEPT, told.to_json())
