"""Tokens are shown once, stored hashed, and open nothing once revoked."""

from pathlib import Path

import pytest

from arena import errors
from arena.domain.principal import Principal, Role
from arena.store.instance import Instance
from tests.store import making


def test_a_token_tells_who_carries_it_also_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "instance.duckdb"
    with Instance.open(path) as instance:
        token_id, plaintext = instance.add_token(Role.TRAINER, "default", making.NOW)
        assert instance.find_token(plaintext) == Principal(id=token_id, role=Role.TRAINER, workspace="default")
    with Instance.open(path) as instance:
        assert instance.find_token(plaintext) == Principal(id=token_id, role=Role.TRAINER, workspace="default")
        assert [token.created_at for token in instance.tokens()] == [making.NOW]


def test_another_token_tells_nothing(tmp_path: Path) -> None:
    with Instance.open(tmp_path / "instance.duckdb") as instance:
        _, plaintext = instance.add_token(Role.ADMIN, "default", making.NOW)
        for wrong in ("", plaintext[:-1], plaintext + "x", plaintext.upper(), "\ud800"):
            assert instance.find_token(wrong) is None


def test_a_revoked_token_opens_nothing_also_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "instance.duckdb"
    with Instance.open(path) as instance:
        token_id, plaintext = instance.add_token(Role.LAB, "default", making.NOW)
        _, other = instance.add_token(Role.LAB, "default", making.NOW)
        instance.revoke(token_id, making.NOW)
        instance.revoke(token_id, making.NOW)
        assert instance.find_token(plaintext) is None
    with Instance.open(path) as instance:
        assert instance.find_token(plaintext) is None
        assert instance.find_token(other) is not None
        assert {token.token_id: token.revoked_at for token in instance.tokens()}[token_id] == making.NOW


def test_revoking_an_unknown_token_says_so(tmp_path: Path) -> None:
    with (
        Instance.open(tmp_path / "instance.duckdb") as instance,
        pytest.raises(errors.NotFound, match="no token t_unknown"),
    ):
        instance.revoke("t_unknown", making.NOW)


def test_no_file_holds_the_plaintext(tmp_path: Path) -> None:
    """The control is the id, which is stored as it is."""
    folder = tmp_path / "data"
    with Instance.open(folder / "instance.duckdb") as instance:
        token_id, plaintext = instance.add_token(Role.ADMIN, "default", making.NOW)
    with Instance.open(folder / "instance.duckdb") as instance:
        instance.add_token(Role.ADMIN, "default", making.NOW)
    stored = b"".join(file.read_bytes() for file in folder.iterdir())

    assert token_id.encode() in stored
    assert plaintext.removeprefix("arena_").encode() not in stored
