"""The manifest of a release: what was asked for, what came of it, and the hash of every file.

It holds neither a clock's time nor the id under which the arena records the release, so the same selection at the
same ledger head gives the same bytes in the whole folder, and two people can compare what they hold. See
docs/decisions/0003.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arena.exports.credit import Credit
from arena.exports.files import FileEntry
from arena.exports.format import Unit

MANIFEST = "manifest.json"
SCHEMA = "release/1"
TREE = "RFC 6962 with SHA-256, over the commitments of items.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """In and out: `units` = `taken` + the sum of `left_out`."""

    battles: int
    """Battles selected."""
    votes: int
    """Votes on them."""
    unit: Unit
    """What `units`, `taken` and `left_out` count."""
    units: int
    taken: int
    left_out: Mapping[str, int]
    """Units by reason; `left_out.parquet` names each."""
    rows: Mapping[str, int]
    """By split."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the vote ledger stood when the release was read."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """What proofs of single votes lead to."""

    leaves: int
    """Votes in the release."""
    root: str
    tree: str = TREE


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRule:
    """How rows were split."""

    seed: int
    test_share: float
    by: str = "first prompt of the conversation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What `manifest.json` says."""

    format: str
    workspace: str
    selection: Mapping[str, Any]
    split: SplitRule
    ledger_head: Head | None
    code_version: str
    license: str | None
    languages: tuple[str, ...]
    counts: Counts
    models: tuple[str, ...]
    """Whose answers are in the rows."""
    raters: int
    """Whose votes are in the rows."""
    proofs: Proofs | None
    """None where the records came from no ledger."""
    removed: int
    """Votes that left before this release, in `removed.parquet`."""
    credit: Credit
    command: str
    """Ready to paste in the release's folder."""
    files: tuple[FileEntry, ...]
    """Every file but this manifest and the signature over it, by path."""

    def to_dict(self) -> dict[str, Any]:
        """What the file holds, as JSON's own types."""
        document: dict[str, Any] = json.loads(self.to_json())
        return document

    def to_json(self) -> str:
        """What the file holds."""
        return json.dumps({"schema": SCHEMA, **dataclasses.asdict(self)}, indent=2, ensure_ascii=False) + "\n"
