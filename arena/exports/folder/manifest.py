"""The manifest of a release: what was asked for, what came of it, and the hash of every file.

The manifest holds no time and no release id. So the same selection at the same ledger head gives the same bytes in the
whole folder, and two people can compare their copies (docs/decisions/0003).
"""

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from arena.domain.personal import Masked
from arena.domain.selection import Selection
from arena.errors import InvalidValue
from arena.exports.folder import files, manifest_schema
from arena.exports.folder.credit import Credit
from arena.exports.folder.files import FileEntry
from arena.exports.format import Unit

MANIFEST = "manifest.json"
SCHEMA, FORMER = "release/2", "release/1"
"""The schema that is written now, and the one before it, which had its tables of ids only as Parquet."""
FIRST_PROMPT = "first prompt of the conversation"
VERSION = re.compile(r"(?P<kind>[a-z]+)/(?P<number>[0-9]{1,9})")
TREE = "RFC 6962 with SHA-256, over the commitments of items.jsonl"


class ReleaseOrigin(StrEnum):
    """Where the battles of a release were fought."""

    ARENA = "arena"
    """All in the arena that wrote the release."""
    IMPORTED = "imported"
    """All elsewhere."""
    MIXED = "mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseCounts:
    """Figures of a release: `counted` = selected + `not_selected`; `units` = `taken` + the sum of `left_out`."""

    counted: Mapping[str, int]
    """`battles` and `votes` that count, before the selection: what leaderboards are made of."""
    not_selected: Mapping[str, Mapping[str, int]]
    """`votes` by the first reason that each is not selected for, and `battles` by the reason that took out their last
    vote. `left_out.parquet` names each vote."""
    battles: int
    """Battles selected."""
    votes: int
    """Votes selected."""
    unit: Unit
    """What `units`, `taken` and `left_out` count."""
    units: int
    taken: int
    left_out: Mapping[str, int]
    """Units by reason; `left_out.parquet` names each."""
    rows: Mapping[str, int]
    """Number of rows by split."""
    double_rows: int
    """Rows that are the same as an earlier row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerHead:
    """Where the vote ledger stood when the release was read."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedVotes:
    """Votes whose published fields anybody can check against the ledger, in `openings.jsonl`."""

    votes: int
    in_part: int
    """Of them, where a text of the row is not the one that was voted on (it was masked, or thoughts were taken out), or
    where nobody can read the row of this format back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """The Merkle tree that proofs of single votes refer to."""

    leaves: int
    """Votes in the release."""
    root: str
    tree: str = TREE


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRule:
    """How rows were split."""

    seed: int
    test_share: float
    by: str = FIRST_PROMPT
    held_out_share: float = 0.0
    """Share of first prompts that are in no release."""

    @classmethod
    def of(cls, selection: Selection, seed: int) -> Self:
        """The rule that a selection asks for."""
        by = "cluster of nearly equal first prompts" if selection.split_by_cluster else FIRST_PROMPT
        return cls(seed=seed, test_share=selection.test_share, by=by, held_out_share=selection.held_out_share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What `manifest.json` says."""

    format: str
    workspace: str
    selection: Mapping[str, Any]
    split: SplitRule
    ledger_head: LedgerHead | None
    code_version: str
    license: str | None
    languages: tuple[str, ...]
    """ISO 639 codes: the selected ones, or otherwise the detected ones, most frequent first."""
    languages_found_in: int
    """Number of battles in which they were detected; 0 where the selection names them, or none was detected."""
    counts: ReleaseCounts
    not_carried: Mapping[str, int]
    """The parts of a battle that the rows do not carry, by the names of `carried.PARTS`, and how many units have
    each."""
    models: tuple[str, ...]
    """The models whose answers are in the rows."""
    raters: int
    """How many raters have votes in the rows."""
    proofs: Proofs | None
    """None where the records came from no ledger."""
    opened: OpenedVotes | None
    """Said where any is."""
    removed: int
    """Votes that left before this release, in `removed.parquet`."""
    private: int
    """Votes in the rows that may not be published, because the rater or the author of the prompt does not agree.
    Written only where there are any."""
    consent: tuple[str, ...]
    """Versions of the consent text that the raters were shown; none where everything was imported."""
    origin: ReleaseOrigin
    """Where the battles in the rows were fought."""
    masked: Masked | None
    """None where the selection masks nothing."""
    credit: Credit
    policy: str | None = None
    """Version of the policy by which votes were held for what audits found. Written only where there was an audit."""
    command: str
    """Ready to paste in the release's folder."""
    files: tuple[FileEntry, ...]
    """Every file but this manifest and the signature over it, by path."""

    def to_dict(self) -> dict[str, Any]:
        """The content of the file, as JSON's own types."""
        document: dict[str, Any] = json.loads(self.to_json())
        return document

    def to_json(self) -> str:
        """The content of the file."""
        document = {"schema": SCHEMA, **dataclasses.asdict(self)}
        for name in ("private", "opened", "policy"):
            if not document[name]:
                del document[name]
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read(directory: Path) -> dict[str, Any]:
    """The manifest of a release folder, as JSON's own types.

    Raises `InvalidValue` when there is none, when a newer arena wrote it, or when it does not have the shape of one.
    `verification` says whether anything was changed.
    """
    try:
        document = json.loads(files.document(directory / MANIFEST))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidValue(f"{directory} holds no {MANIFEST} of a release; name the folder of a release.") from error
    refuse_newer(directory, document)
    if not isinstance(document, dict) or document.get("schema") not in (SCHEMA, FORMER):
        raise InvalidValue(f"{directory} holds no {MANIFEST} of a release ({SCHEMA}); name the folder of a release.")
    for name in manifest_schema.misshapen(document):
        raise InvalidValue(
            f"{directory / MANIFEST} does not say {name!r} as a release does; get the release again from its maker."
        )
    return document


def refuse_newer(directory: Path, document: Any) -> None:
    """Raise `InvalidValue` when a document says that a newer arena wrote it."""
    schema = document.get("schema") if isinstance(document, dict) else None
    said, known = VERSION.fullmatch(str(schema)), VERSION.fullmatch(SCHEMA)
    if said and known and said["kind"] == known["kind"] and int(said["number"]) > int(known["number"]):
        raise InvalidValue(
            f"{directory} was written by a newer arena ({said[0]}; this one reads up to {SCHEMA}). "
            "Install that version, then try again."
        )
