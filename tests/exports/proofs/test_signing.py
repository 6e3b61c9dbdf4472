"""`exports.proofs.signing`: the same statement has one signature, and no other statement has it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from arena.domain import ledger
from arena.errors import InvalidValue
from arena.exports.proofs import signing
from arena.exports.proofs.signing import Signed, Signer
from tests.exports import making

STATEMENT = {"schema": "signature/1", "about": "test", "count": 3, "text": "Grüße", "none": None}


def test_a_signature_is_valid_and_the_same_every_time() -> None:
    signed = making.SIGNER.sign(STATEMENT)
    assert signed.valid()
    assert signed == making.SIGNER.sign(dict(reversed(STATEMENT.items())))
    assert signed.key == making.SIGNER.public_key


@pytest.mark.parametrize(
    "change",
    [
        {"statement": {**STATEMENT, "count": 4}},
        {"statement": {**STATEMENT, "more": 1}},
        {"key": "0" * 64},
        {"key": making.SIGNER.public_key.upper()},
        {"key": "zz"},
        {"signature": "0" * 128},
        {"signature": ""},
    ],
)
def test_a_changed_statement_key_or_signature_is_not_valid(change: dict[str, Any]) -> None:
    signed = making.SIGNER.sign(STATEMENT)
    fields = {"statement": signed.statement, "key": signed.key, "signature": signed.signature}
    assert Signed(**fields).valid()
    assert not Signed(**(fields | change)).valid()


def test_two_installations_have_different_keys() -> None:
    first, second = (Signer(signing.new_key()) for _ in range(2))
    assert first.public_key != second.public_key
    signed = first.sign(STATEMENT)
    assert not Signed(statement=STATEMENT, key=second.public_key, signature=signed.signature).valid()


def test_a_document_is_read_back_and_anything_else_is_not() -> None:
    signed = making.SIGNER.sign(STATEMENT)
    document = json.loads(signed.to_json())
    assert signing.read(document) == signed
    for other in (None, [], {}, {**document, "more": 1}, {**document, "algorithm": "RSA"}, {**document, "key": 1}):
        assert signing.read(other) is None


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed here; install it to compare.")
def test_openssl_accepts_what_we_sign(tmp_path: Path) -> None:
    """Whoever distrusts our code checks with another."""
    signed = making.SIGNER.sign(STATEMENT)
    (tmp_path / "message").write_bytes(ledger.canonical(STATEMENT))
    (tmp_path / "signature").write_bytes(bytes.fromhex(signed.signature))
    header = bytes.fromhex("302a300506032b6570032100")  # SubjectPublicKeyInfo of an Ed25519 key, RFC 8410
    (tmp_path / "key.der").write_bytes(header + bytes.fromhex(signed.key))
    verify = "openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in message -sigfile signature"
    assert subprocess.run(verify.split(), cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "message").write_bytes(b"something else")
    assert subprocess.run(verify.split(), cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_a_key_is_given_in_hex_or_by_a_file(tmp_path: Path) -> None:
    key = making.SIGNER.public_key
    (tmp_path / "key.hex").write_text(f"{key}\n")
    header = bytes.fromhex("302a300506032b6570032100")
    public = serialization.load_der_public_key(header + bytes.fromhex(key))
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    for given in (key, key.upper(), f" {key} ", str(tmp_path / "key.hex"), str(tmp_path / "key.pem")):
        assert signing.public_key(given) == key


def test_what_is_no_key_is_refused_with_what_to_do(tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "other.pem").write_bytes(pem)
    (tmp_path / "noise").write_bytes(bytes(range(256)))
    for given in ("", "abc", str(tmp_path), str(tmp_path / "absent"), str(tmp_path / "noise")):
        with pytest.raises(InvalidValue, match="arena release key"):
            signing.public_key(given)
    with pytest.raises(InvalidValue, match="no Ed25519 public key"):
        signing.public_key(str(tmp_path / "other.pem"))
    for text in ("", "noise", pem.decode()):
        with pytest.raises(InvalidValue, match="put the right file back"):
            Signer(text)
