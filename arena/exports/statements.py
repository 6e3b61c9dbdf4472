"""What is signed: a few lines about a release, or about an exported ledger.

They are derived from what they are about, so whoever checks a signature derives them again and compares.
"""

from collections.abc import Mapping
from typing import Any

from arena.domain import ledger
from arena.exports import signing

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
