"""Each command starts from nothing, as the program that was installed; the other tests fork it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperGroup

from arena.cli import commands
from tests.cli.conftest import PROGRAM


def _names(group: TyperGroup, *before: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _names(command, *before, name)
        else:
            yield (*before, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(_names(commands.COMMANDS)), ids=" ".join)
def test_the_installed_program_has_the_command(name: tuple[str, ...], tmp_path: Path) -> None:
    done = subprocess.run([PROGRAM, *name, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert name[-1] in done.stdout
    assert not list(tmp_path.iterdir())
