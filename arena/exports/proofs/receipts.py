"""A proof that one vote is in one release, as a document: `proof/1`.

It holds the path from the vote's commitment to the root, and the signed statement with that root. By itself it shows
that a commitment is in the release; its vote id and line are only claims. They are confirmed by either of

    the release   whose `items.parquet` names vote, line and place of each commitment
    the content   which opens the commitment with the salt of the receipt, and names the vote: what the arena sends to
                  the rater with the proof

and neither check needs the arena.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arena.domain import ledger, vote_tree
from arena.errors import InvalidValue, NotFound
from arena.exports.folder import files, id_tables, manifest
from arena.exports.proofs import kept, merkle, opened, signing, verification
from arena.exports.proofs.signing import Signed
from arena.exports.proofs.statements import SIGNATURE
from arena.exports.proofs.verification import Checked

SCHEMA = "proof/1"
SALT = re.compile(f"[0-9a-f]{{{2 * ledger.SALT_BYTES}}}")
"""A salt has exactly this length: a longer one could contain the beginning of the committed content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentOpening:
    """What the arena sends to the rater with the proof, to open the commitment."""

    salt: str
    content: Mapping[str, Any]
    """The content that was committed to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof that a vote is in a release."""

    vote_id: str
    line: int
    """The vote's line in the ledger."""
    commitment: str
    index: int
    """The number of the leaf, from 0."""
    path: tuple[str, ...]
    signed: Signed
    """The release's own signature, with the root and the number of leaves."""
    opening: SentOpening | None = None
    """The opening that came with the proof, if any. It is not part of the document."""

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
    for item in id_tables.items(directory):
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
        path=merkle.path(commitments, found.index),
        signed=signed,
    )


def read(document: Any) -> Proof:
    """The proof in a parsed document, alone or with its opening.

    Raises `InvalidValue` for any other document, also for a proof with additional fields, which nobody would check.
    """
    inner, opening = document, None
    match document:
        case {"proof": dict(inner), "salt": str(salt), "content": dict(content), **rest} if set(rest) <= {
            "contributor"
        }:
            opening = SentOpening(salt=salt, content=content)
        case {"proof": dict(found), **rest} if set(rest) <= {"contributor"} or _unopened(rest):
            inner = found
    match inner:
        case {
            "schema": "proof/1",
            "vote_id": str(vote_id),
            "line": int(line),
            "commitment": str(commitment),
            "index": int(index),
            "path": list(path),
            "release": dict(release),
        } if len(inner) == 7 and bool not in map(type, (line, index)) and all(isinstance(step, str) for step in path):
            signed = signing.read(release)
            if signed is not None:
                return Proof(
                    vote_id=vote_id,
                    line=line,
                    commitment=commitment,
                    index=index,
                    path=tuple(path),
                    signed=signed,
                    opening=opening,
                )
    raise InvalidValue(f"This is no {SCHEMA} document; make one with `arena release prove DIR VOTE_ID`.")


def _unopened(rest: Mapping[Any, Any]) -> bool:
    """Whether this is the arena's answer to somebody who may not open the commitment."""
    return set(rest) == {"contributor", "salt", "content"} and not any(value for value in rest.values())


def check(proof: Proof, key: str | None = None, receipt: Mapping[str, Any] | None = None) -> Checked:
    """Whether the commitment leads to a signed root, and whether receipt and opening, where given, agree with it."""
    problems = list(verification.signer(proof.signed, key))
    promised = proof.signed.statement.get("proofs")
    try:
        leads = isinstance(promised, dict) and merkle.leads(
            proof.commitment, proof.index, int(promised["leaves"]), proof.path, str(promised["root"])
        )
    except (ValueError, KeyError, TypeError):
        leads = False
    if not leads:
        problems.append(f"The path does not lead from vote {proof.vote_id} to the root that was signed.")
    if receipt is not None:
        problems += _receipt(proof, receipt)
    if proof.opening is not None:
        problems += _opened_by(proof.opening, proof.commitment, proof.vote_id)
    valid = proof.signed.key if proof.signed.valid() else None
    return Checked(problems=tuple(problems), signer=valid, proven=valid is not None and valid == key)


def receipt(document: Mapping[str, Any], key: str | None = None) -> Checked:
    """Whether a receipt, as `read_receipt` gives it, was signed, and whether its content, if given, opens it."""
    signed = signing.read(document.get("signature"))
    if signed is None:
        problem = "The receipt is not signed: it is of an older arena, or was taken apart."
        return Checked(problems=(problem,), signer=None, proven=False)
    problems = list(verification.signer(signed, key))
    said = {name: document.get(name) for name in ("vote_id", "line", "hash", "commitment")}
    if signed.statement != {"schema": signing.SCHEMA, "about": "receipt", **said}:
        problems.append("What was signed is not what the receipt says.")
    content, salt = document.get("content"), document.get("salt")
    if content is not None:
        opening = SentOpening(salt=str(salt), content=content)
        problems += _opened_by(opening, str(document.get("commitment")), str(document.get("vote_id")))
    valid = signed.key if signed.valid() else None
    return Checked(problems=tuple(problems), signer=valid, proven=valid is not None and valid == key)


def read_receipt(document: Any) -> dict[str, Any] | None:
    """A receipt, alone, inside the answer to the vote, or with its content; None for anything else."""
    inner = document.get("receipt", document) if isinstance(document, dict) else None
    if not isinstance(inner, dict) or not {"line", "commitment"} <= set(inner):
        return None
    return {**inner, **{name: document[name] for name in ("vote_id", "content") if name in document}}


def missing(proof: Proof, directory: Path) -> Iterator[str]:
    """How a checked release folder differs from the vote of a proof."""
    if proof.signed != signing.read(_document(directory / SIGNATURE)):
        yield "The proof is of another release."
        return
    said = (proof.index, proof.vote_id, proof.line, proof.commitment)
    found, beside = None, 0
    for item in id_tables.items(directory):
        if said == (item.index, item.vote_id, item.line, item.commitment):
            found = item
    if found is None:
        yield (
            f"{id_tables.ITEMS} does not list vote {proof.vote_id} with line {proof.line} and this commitment at "
            f"place {proof.index}."
        )
        return
    if proof.opening is not None and not (directory / kept.KEPT).exists():
        place = (found.split, found.row)
        beside = sum((item.split, item.row) == place for item in id_tables.items(directory))
        record = opened.record(proof.opening.content)
        yield from opened.problems(directory, manifest.read(directory), found, beside == 1, record)


def _receipt(proof: Proof, receipt: Mapping[str, Any]) -> Iterator[str]:
    """How a receipt, with or without the id of its vote, differs from the proof."""
    if (receipt.get("line"), receipt.get("commitment")) != (proof.line, proof.commitment):
        yield "The receipt is that of another vote."
    elif receipt.get("vote_id", proof.vote_id) != proof.vote_id:
        yield f"The receipt is that of vote {receipt['vote_id']}; the proof names {proof.vote_id}."
    elif proof.opening is not None and receipt.get("salt", proof.opening.salt) != proof.opening.salt:
        yield "The salt of the receipt is not the one that came with the proof."


def _opened_by(opening: SentOpening, commitment: str, vote_id: str) -> Iterator[str]:
    """What is wrong with an opening of the commitment of a vote."""
    if not opens(opening, commitment):
        yield "Salt and content do not open the commitment."
        return
    vote = opening.content.get("fields", opening.content.get("vote"))
    if not isinstance(vote, dict) or vote.get("vote_id") != vote_id:
        yield f"The content that opens the commitment is not that of vote {vote_id}."


def opens(opening: SentOpening, commitment: str) -> bool:
    """Whether a commitment is to this content under this salt, in whichever version the content is."""
    if not SALT.fullmatch(opening.salt):
        return False
    try:
        if opening.content.get("schema") == vote_tree.SCHEMA:
            return vote_tree.commitment(opening.salt, vote_tree.of_content(opening.content)) == commitment
        told = ledger.canonical(opening.content)
    except (ValueError, RecursionError):
        return False
    return hashlib.sha256(bytes.fromhex(opening.salt) + told).hexdigest() == commitment


def _why_not(directory: Path, vote_id: str) -> str:
    if any(row["vote_id"] == vote_id for row in id_tables.read(directory, id_tables.REMOVED)):
        return ": it was erased or withdrawn before"
    for row in id_tables.read(directory, id_tables.LEFT_OUT):
        if row["vote_id"] == vote_id:
            return f": it was left out ({row['reason']})"
    return "; left_out.parquet lists the battles that have no rows"


def _document(path: Path) -> Any:
    try:
        return json.loads(files.document(path))
    except (OSError, ValueError, RecursionError):
        return None
