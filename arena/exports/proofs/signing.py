"""Who made a release: Ed25519 over a statement that holds the manifest's hash.

    statement = {"schema": "signature/1", "about": "release", "manifest_sha256": ..., "ledger_head": ..., "proofs": ...}
    signature = Ed25519(key of the installation, canonical JSON of the statement)

The manifest holds the hash of every other file, so one signature covers the folder. The Merkle root and the ledger's
head are repeated in the statement: a proof of one vote then needs these few lines and not the manifest. Ed25519 draws
no random numbers, so the same statement always has the same signature and a release built again is the same bytes.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from arena.domain import ledger
from arena.errors import InvalidValue
from arena.exports.folder import manifest_schema

SCHEMA = "signature/1"
ALGORITHM = "Ed25519"
KEY = re.compile(r"[0-9a-f]{64}")
"""The spelling of a public key."""
SIGNATURE = re.compile(r"[0-9a-f]{128}")
PEM = "-----BEGIN"
KEY_FILE_BYTES = 10_000
"""The largest size of a file with a key."""


class Signer:
    """The private key of an installation."""

    def __init__(self, pem: str) -> None:
        """Raises `InvalidValue` when the text is not an Ed25519 private key in PEM."""
        try:
            key = serialization.load_pem_private_key(pem.encode(), password=None)
        except (ValueError, TypeError) as error:
            raise InvalidValue("The release key is not a private key in PEM; put the right file back.") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise InvalidValue("The release key is not an Ed25519 key; put the right file back.")
        self._key = key
        self.public_key = key.public_key().public_bytes_raw().hex()
        """The public key, with which others check signatures, in hex."""

    def sign(self, statement: Mapping[str, Any]) -> "Signed":
        """Sign a statement, which is made of JSON's own types."""
        signature = self._key.sign(ledger.canonical(statement)).hex()
        return Signed(statement=statement, key=self.public_key, signature=signature)


def new_key() -> str:
    """A private key for a new installation, in PEM."""
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A statement with its signature: what `signature.json` holds."""

    statement: Mapping[str, Any]
    key: str
    """The public key, in hex."""
    signature: str

    def valid(self) -> bool:
        """Whether the holder of the key signed exactly this statement. This does not say whose key it is."""
        if not (KEY.fullmatch(self.key) and SIGNATURE.fullmatch(self.signature)):
            return False
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
            public.verify(bytes.fromhex(self.signature), ledger.canonical(self.statement))
        except (InvalidSignature, ValueError):
            return False
        return True

    def to_dict(self) -> dict[str, Any]:
        """As JSON's own types."""
        return {
            "statement": dict(self.statement),
            "algorithm": ALGORITHM,
            "key": self.key,
            "signature": self.signature,
        }

    def to_json(self) -> str:
        """The document in its one valid spelling, so that any changed byte is found."""
        return json.dumps(self.to_dict(), indent=2, sort_keys=True) + "\n"


def read(document: Any) -> Signed | None:
    """The signed statement in a parsed document; None when it is not shaped like one."""
    match document:
        case {"statement": dict(statement), "algorithm": "Ed25519", "key": str(key), "signature": str(signature)}:
            fits = len(document) == 4 and manifest_schema.shallow(statement)
            return Signed(statement=statement, key=key, signature=signature) if fits else None
    return None


def public_key(given: str) -> str:
    """The public key that `--key` names, in hex: the key itself, or a file that holds it in hex or PEM.

    Raises `InvalidValue` when it is neither.
    """
    text = given.strip()
    if KEY.fullmatch(text.lower()):
        return text.lower()
    try:
        with Path(given).open("rb") as file:
            text = file.read(KEY_FILE_BYTES).decode().strip()
    except (OSError, ValueError) as error:
        raise InvalidValue(
            f"--key {given!r} is neither a public key of 64 hex digits nor a file that holds one; "
            "`arena release key` prints the key of an arena."
        ) from error
    if KEY.fullmatch(text.lower()):
        return text.lower()
    try:
        key = serialization.load_pem_public_key(text.encode())
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise InvalidValue(f"{given} holds no Ed25519 public key, neither in hex nor in PEM; name the right file.")
    return key.public_bytes_raw().hex()
