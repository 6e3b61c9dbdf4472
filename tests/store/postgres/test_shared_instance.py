"""What is revoked at one process is worth nothing at another, whatever went wrong there before."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from arena.domain.principal import Role
from tests import postgres
from tests.store import making
from tests.store.postgres.test_others import wait_until

pytestmark = pytest.mark.postgres


def test_a_process_that_could_not_look_once_looks_again(
    server: postgres.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arena.store.postgres import shared_instance  # noqa: PLC0415 - of an extra

    one, other = (shared_instance.open_instance(server.url(), tmp_path / name) for name in ("one", "other"))
    with closing(one), closing(other):
        token_id, plaintext = one.add_token(Role.READER, "default", making.NOW)
        wait_until(lambda: other.find_token(plaintext) is not None)
        file: Any = other._file
        told, failed = file._told, [0]

        def odd() -> int:
            failed[0] += 1
            if failed[0] == 1:
                raise RuntimeError("nobody thought of this")
            return int(told())

        monkeypatch.setattr(file, "_told", odd)
        wait_until(lambda: failed[0] > 0)
        one.revoke(token_id, making.NOW)
        wait_until(lambda: other.find_token(plaintext) is None)
