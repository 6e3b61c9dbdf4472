"""A proof that one vote is in one release, as a document: `proof/1`.

It holds the path from the vote's commitment to the root, and the signed statement with that root. Whoever has the
receipt of the vote (line and commitment, told when it was cast) and the maker's public key can check it with nothing
else: not the release, not the arena.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arena.errors import InvalidValue, NotFound
from arena.exports import items, manifest, proofs, signing, verification
from arena.exports.signing import Signed
from arena.exports.statements import SIGNATURE
from arena.exports.verification import Checked

SCHEMA = "proof/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """That a vote is in a release."""

    vote_id: str
    line: int
    """Of the vote in the ledger."""
    commitment: str
    index: int
    """Of the leaf, from 0."""
    path: tuple[str, ...]
    signed: Signed
    """The release's own signature, with the root and the number of leaves."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON's own types."""
        return {
            "schema": SCHEMA,
            "vote_id": self.vote_id,
            "line": self.line,
            "commitment": self.commitment,
            "index": self.index,
            "path": list(self.path),
            "release": self.signed.to_dict(),
        }

    def to_json(self) -> str:
        """The document."""
        return json.dumps(self.to_dict(), indent=2) + "\n"


def prove(directory: Path, vote_id: str) -> Proof:
    """Prove from a release folder that a vote is in it. Raises `NotFound` saying why it is not."""
    signed = signing.read(_document(directory / SIGNATURE))
    if signed is None:
        raise InvalidValue(f"{directory} holds no {SIGNATURE} of a release; name the folder of a release.")
    manifest.read(directory)
    found, commitments = None, []
    for item in items.items(directory):
        if item.commitment is None or item.line is None:
            raise NotFound(f"{directory} was made from records outside a ledger, so no vote in it can be proved.")
        commitments.append(item.commitment)
        if item.vote_id == vote_id:
            found = item
    if found is None or found.commitment is None or found.line is None:
        raise NotFound(f"Vote {vote_id} is not in {directory}{_why_not(directory, vote_id)}.")
    return Proof(
        vote_id=vote_id,
        line=found.line,
        commitment=found.commitment,
        index=found.index,
        path=proofs.path(commitments, found.index),
        signed=signed,
    )


def read(document: Any) -> Proof:
    """The proof in a parsed document. Raises `InvalidValue` when it is not one."""
    match document:
        case {
            "schema": "proof/1",
            "vote_id": str(vote_id),
            "line": int(line),
            "commitment": str(commitment),
            "index": int(index),
            "path": list(path),
            "release": dict(release),
        } if all(isinstance(step, str) for step in path):
            signed = signing.read(release)
            if signed is not None:
                return Proof(
                    vote_id=vote_id,
                    line=line,
                    commitment=commitment,
                    index=index,
                    path=tuple(path),
                    signed=signed,
                )
    raise InvalidValue(f"This is no {SCHEMA} document; make one with `arena release prove DIR VOTE_ID`.")


def check(proof: Proof, key: str | None = None, receipt: Mapping[str, Any] | None = None) -> Checked:
    """Whether a proof leads from the vote, or from the receipt given, to a root that was signed."""
    problems = list(verification.signer(proof.signed, key))
    promised = proof.signed.statement.get("proofs")
    try:
        leads = isinstance(promised, dict) and proofs.leads(
            proof.commitment, proof.index, int(promised["leaves"]), proof.path, str(promised["root"])
        )
    except (ValueError, KeyError, TypeError):
        leads = False
    if not leads:
        problems.append(f"The path does not lead from vote {proof.vote_id} to the root that was signed.")
    if receipt is not None and (receipt.get("line"), receipt.get("commitment")) != (proof.line, proof.commitment):
        problems.append("The receipt is that of another vote.")
    valid = proof.signed.key if proof.signed.valid() else None
    return Checked(problems=tuple(problems), signer=valid, proven=valid is not None and valid == key)


def _why_not(directory: Path, vote_id: str) -> str:
    if any(row["vote_id"] == vote_id for row in items.read(directory, items.REMOVED)):
        return ": it was erased or withdrawn before"
    for row in items.read(directory, items.LEFT_OUT):
        if row["vote_id"] == vote_id:
            return f": it was left out ({row['reason']})"
    return "; left_out.parquet lists the battles that have no rows"


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
