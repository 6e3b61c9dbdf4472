"""The data folder is closed to other users of the machine, also where an older arena left it open."""

import logging
import os
import stat
from pathlib import Path
from unittest import mock

import pytest

from arena.services import paths


def mode(path: Path) -> int:
    """The permissions of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_folder_that_was_open_is_closed_with_all_in_it(tmp_path: Path) -> None:
    data, outside = tmp_path / "data", tmp_path / "outside"
    inner = data / "releases" / "rel_1"
    inner.mkdir(parents=True, mode=0o755)
    files = [data / "instance.duckdb", inner / "README.md", outside]
    for file in files:
        file.write_text("x")
        file.chmod(0o664)
    (inner / "README.md").chmod(0o444)
    (data / "link").symlink_to(outside)
    (data / "broken").symlink_to(tmp_path / "nothing")
    paths.make_private(data)
    assert {mode(folder) for folder in (data, data / "releases", inner)} == {0o700}
    assert [mode(file) for file in files] == [0o600, 0o400, 0o664]


def test_a_new_folder_is_private_whatever_the_system_says(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        paths.make_private(tmp_path / "data")
    finally:
        os.umask(before)
    assert mode(tmp_path / "data") == 0o700


def test_files_made_meanwhile_are_private_and_others_as_before(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with paths.private_files():
            (tmp_path / "within").write_text("x")
        (tmp_path / "after").write_text("x")
    finally:
        os.umask(before)
    assert (mode(tmp_path / "within"), mode(tmp_path / "after")) == (0o600, 0o644)


def test_a_folder_of_somebody_else_is_told_to_the_admin(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tmp_path.chmod(0o755)
    error = PermissionError(1, "Operation not permitted", str(tmp_path))
    with mock.patch.object(Path, "chmod", side_effect=error), caplog.at_level(logging.WARNING):
        paths.make_private(tmp_path)
    assert f"{tmp_path} is open to other users of this machine" in caplog.text
