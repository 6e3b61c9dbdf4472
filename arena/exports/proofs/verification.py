"""Checks that a release is what its maker signed. Needs only the folder: no arena, no network, no other data.

    files      every byte of every file is as the manifest says; no file is missing, and none was added
    manifest   is the one that was signed
    signature  is valid, in its one spelling, and by the holder of a key, where one is given
    agreement  what the manifest says is true of the rows and the tables of ids: `agreement`

Without a key, a valid signature only shows that one maker wrote all of it: whoever changes a file can sign the result
with another key. So the report then says that the signer is unproven.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from arena.domain import wording
from arena.errors import InvalidValue
from arena.exports.folder import files, manifest_schema
from arena.exports.folder.manifest import FORMER, MANIFEST, SCHEMA, refuse_newer
from arena.exports.proofs import agreement, kept, signing, statements
from arena.exports.proofs.signing import Signed
from arena.exports.proofs.statements import SIGNATURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a verification found."""

    problems: tuple[str, ...]
    """A sentence for each problem; empty when nothing was changed."""
    signer: str | None
    """The public key of a valid signature."""
    proven: bool
    """Whether that is the expected key."""
    notes: tuple[str, ...] = ()
    """A sentence for each thing that this check does not show."""


def release(directory: Path, key: str | None = None) -> Checked:
    """Check a release folder; `key` is the public key of who should have signed it.

    Raises `InvalidValue` when there is no such folder, or when a newer arena wrote it.
    """
    if not directory.is_dir():
        raise InvalidValue(f"{directory} is not a folder; name the folder of a release.")
    manifest_bytes = _read(directory / MANIFEST)
    manifest, signature = _parsed(manifest_bytes), _parsed(_read(directory / SIGNATURE))
    signed = signing.read(signature)
    problems = list(_signature(directory, signed, key))
    if manifest_bytes is None or not isinstance(manifest, dict):
        problems.append(_unreadable(directory, MANIFEST))
        return _checked(problems, signed, key)
    if signed is not None and signed.statement.get("manifest_sha256") != _sha256(manifest_bytes):
        problems.append(f"{MANIFEST} is not the one that was signed.")
    else:
        refuse_newer(directory, manifest)
        problems += _statement(manifest, signed)
    listed = _listed(manifest)
    if listed is None:
        problems.append(f"{MANIFEST} does not list files as a release does.")
        return _checked(problems, signed, key)
    problems += [f"{MANIFEST} does not say {name!r} as a release does." for name in manifest_schema.misshapen(manifest)]
    why = None if signed is None else kept.why(directory, signed, _sha256(manifest_bytes))
    notes = [f"Its texts are not here: {why}. Its ids, proofs and signature are."] if why else []
    if manifest["schema"] == FORMER:
        notes.append(
            "It is of an older arena: its ids are Parquet alone, and its removals name no lines of the ledger."
        )
    if why is None and not problems:
        notes += _opened(manifest)
    problems += _files(directory, listed, here_alone=None if why is None else kept.names(listed))
    if not problems:
        problems += agreement.problems(directory, manifest, texts=why is None)
    return _checked(problems, signed, key, notes)


def signer(signed: Signed, key: str | None) -> Iterator[str]:
    """What is wrong with a signature and who made it."""
    if not signed.valid():
        yield "The signature is not valid: what it stands under was changed after signing."
    elif key is not None and signed.key != key:
        yield f"The signer is {signed.key}, not the holder of the key given."


def _opened(manifest: dict[str, Any]) -> Iterator[str]:
    """How many votes anybody can check against the ledger, where those are not all."""
    leaves = manifest["proofs"]["leaves"] if manifest["proofs"] else 0
    told = manifest.get("opened", {"votes": 0, "in_part": 0})
    if told["votes"] < leaves:
        yield (
            f"Opened are {told['votes']:,} of its {wording.counted(leaves, 'vote')}: what the rows of the others "
            "should say, only their raters can show."
        )
    if told["in_part"]:
        yield (
            "Opened in part, as a text in the row was changed or nobody can read the row back: "
            f"{wording.counted(told['in_part'], 'vote')}."
        )


def _checked(problems: list[str], signed: Signed | None, key: str | None, notes: Sequence[str] = ()) -> Checked:
    valid = signed.key if signed is not None and signed.valid() else None
    return Checked(
        problems=tuple(problems), signer=valid, proven=valid is not None and valid == key, notes=tuple(notes)
    )


def _signature(directory: Path, signed: Signed | None, key: str | None) -> Iterator[str]:
    if signed is None:
        yield _unreadable(directory, SIGNATURE)
        return
    if _read(directory / SIGNATURE) != signed.to_json().encode():
        yield f"{SIGNATURE} is not spelt as it was written."
    yield from signer(signed, key)


def _statement(manifest: dict[str, Any], signed: Signed | None) -> Iterator[str]:
    """Whether the signed statement agrees with the manifest."""
    if signed is None:
        return
    try:
        expected = statements.release(manifest, str(signed.statement.get("manifest_sha256")))
    except KeyError as absent:
        yield f"{MANIFEST} does not say {absent}, as a release does."
        return
    if signed.statement != expected:
        yield f"What was signed in {SIGNATURE} is not what {MANIFEST} says."


def _listed(manifest: dict[str, Any]) -> dict[str, tuple[int, str]] | None:
    """Size and hash of every file by path; None when the manifest is not shaped like one."""
    if manifest.get("schema") not in (SCHEMA, FORMER) or not isinstance(manifest.get("files"), list):
        return None
    listed: dict[str, tuple[int, str]] = {}
    for entry in manifest["files"]:
        match entry:
            case {"path": str(path), "bytes": int(size), "sha256": str(digest)} if _inside(path) and path not in listed:
                listed[path] = (size, digest)
            case _:
                return None
    return listed


def _inside(path: str) -> bool:
    """Whether a path is in its one valid spelling and stays inside the folder."""
    parts = PurePosixPath(path).parts
    return bool(parts) and ".." not in parts and "\\" not in path and "\0" not in path and "/".join(parts) == path


def _files(directory: Path, listed: dict[str, tuple[int, str]], here_alone: frozenset[str] | None) -> Iterator[str]:
    """What is wrong with the files. `here_alone`: the listed files that should be here where texts are not kept."""
    expected = {*listed, MANIFEST, SIGNATURE} if here_alone is None else {*here_alone, MANIFEST, SIGNATURE, kept.KEPT}
    folders = {str(folder) for path in expected for folder in PurePosixPath(path).parents} - {"."}
    found, extra = set(), []
    for root, below, names in os.walk(directory):
        for name in (*below, *names):
            path = Path(root, name)
            relative = path.relative_to(directory).as_posix()
            is_folder = path.is_dir() and not path.is_symlink()
            if relative not in (folders if is_folder else expected):
                extra.append(relative)
            elif path.is_symlink() or not (is_folder or path.is_file()):
                yield f"{relative} is not a file of its own."
            elif not is_folder:
                found.add(relative)
    for relative in sorted(extra):
        yield f"{relative!r} is there and does not belong to the release."
    for relative in sorted(expected - found):
        yield f"{relative} is missing."
    for relative in sorted(found & set(listed)):
        size, digest = listed[relative]
        path = directory / relative
        if path.stat().st_size != size:
            yield f"{relative} has {path.stat().st_size:,} bytes instead of {size:,}."
        elif files.sha256(path) != digest:
            yield f"{relative} was changed."


def _read(path: Path) -> bytes | None:
    try:
        return None if path.is_symlink() else files.document(path)
    except OSError:
        return None


def _parsed(content: bytes | None) -> Any:
    try:
        return None if content is None else json.loads(content)
    except (ValueError, RecursionError):
        return None


def _unreadable(directory: Path, name: str) -> str:
    if not os.path.lexists(directory / name):
        return f"{name} is missing."
    return f"{name} cannot be read: it is not what was written."


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
