"""The statements that are signed: about a release, an exported ledger, a receipt, or ids kept without texts.

A statement is derived from the thing it is about, so whoever checks a signature derives it again and compares.
"""

from collections.abc import Mapping
from typing import Any

from arena.domain import ledger
from arena.exports.proofs import signing

SIGNATURE = "signature.json"


def release(manifest: Mapping[str, Any], manifest_sha256: str) -> dict[str, Any]:
    """About a release: its manifest's hash, and from the manifest what proofs of single votes need."""
    return {
        "schema": signing.SCHEMA,
        "about": "release",
        "manifest_sha256": manifest_sha256,
        "ledger_head": manifest["ledger_head"],
        "proofs": manifest["proofs"],
    }


def exported_ledger(head: ledger.Line | None) -> dict[str, Any]:
    """About an exported ledger: how many lines it has, and the hash of the last."""
    return {
        "schema": signing.SCHEMA,
        "about": "ledger",
        "ledger_head": None if head is None else {"sequence": head.sequence, "hash": head.hash},
    }


def receipt(vote_id: str, line: ledger.Line) -> dict[str, Any]:
    """About a vote: which line of the ledger is its."""
    return {
        "schema": signing.SCHEMA,
        "about": "receipt",
        "vote_id": vote_id,
        "line": line.sequence,
        "hash": line.hash,
        "commitment": line.commitment,
    }


def kept_ids(manifest_sha256: str, why: str) -> dict[str, Any]:
    """About a release of which only what proofs need is kept, and why."""
    return {"schema": signing.SCHEMA, "about": "ids", "manifest_sha256": manifest_sha256, "why": why}
