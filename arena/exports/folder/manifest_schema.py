"""The schema of a manifest: checks that every field that is read has the type that its readers expect.

Anybody can sign a manifest, so a valid signature says nothing about its fields. They are checked once, when the
manifest is read. `verification` checks whether they are true of the files.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

DEEPEST = 20
"""Levels of nesting that are too many for a release."""


def misshapen(document: Mapping[str, Any]) -> Iterator[str]:
    """The names of the fields that are missing from a manifest or have another type."""
    if not whole(document.get("private", 0)):
        yield "private"
    if "opened" in document and not _opened(document["opened"]):
        yield "opened"
    if not _text(document.get("policy", "")):
        yield "policy"
    for name, fits in SHAPES.items():
        if name not in document or not fits(document[name]):
            yield name


def whole(value: Any) -> bool:
    """Whether a value is a whole number from 0; `true` is not."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def shallow(value: Any, levels: int = DEEPEST) -> bool:
    """Whether a value is nested no deeper than a release needs."""
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(shallow(one, levels - 1) for one in inner)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _mapping(value: Any) -> bool:
    return isinstance(value, dict) and shallow(value)


def _license(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _head(value: Any) -> bool:
    match value:
        case None:
            return True
        case {"sequence": sequence, "hash": str()}:
            return whole(sequence)
    return False


def _proofs(value: Any) -> bool:
    match value:
        case None:
            return True
        case {"leaves": leaves, "root": str()}:
            return whole(leaves)
    return False


def _opened(value: Any) -> bool:
    match value:
        case {"votes": votes, "in_part": in_part} if len(value) == 2:
            return whole(votes) and whole(in_part)
    return False


def _counts(value: Any) -> bool:
    match value:
        case {"unit": str(), "battles": battles, "votes": votes, "rows": dict(rows)}:
            return all(map(whole, (battles, votes, *rows.values())))
    return False


def _credit(value: Any) -> bool:
    match value:
        case {"shares": list(shares)}:
            return all(map(_share, shares))
    return False


def _share(value: Any) -> bool:
    match value:
        case {"contributor": str(), "weight": weight}:
            return whole(weight)
    return False


def _files(value: Any) -> bool:
    """Whether a value is a list of files, none of them twice."""
    if not (isinstance(value, list) and all(map(_file, value))):
        return False
    return len({entry["path"] for entry in value}) == len(value)


def _file(value: Any) -> bool:
    match value:
        case {"path": str(), "bytes": size, "sha256": str()}:
            return whole(size)
    return False


SHAPES: Mapping[str, Callable[[Any], bool]] = {
    "format": _text,
    "workspace": _text,
    "selection": _mapping,
    "split": _mapping,
    "ledger_head": _head,
    "code_version": _text,
    "license": _license,
    "counts": _counts,
    "proofs": _proofs,
    "credit": _credit,
    "files": _files,
}
"""By name, what else of the manifest is read."""
