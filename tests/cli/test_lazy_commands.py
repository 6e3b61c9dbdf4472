"""The command line imports a command when it runs, not before."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from typer.core import TyperGroup

from arena.cli import commands
from arena.cli.lazy_commands import Later

HEAVY = {"duckdb", "fastapi", "gradio", "httpx", "leaderboards", "numpy", "pyarrow", "scipy"}


def _commands(group: TyperGroup) -> Iterator[Later]:
    for command in group.commands.values():
        if isinstance(command, TyperGroup):
            yield from _commands(command)
        else:
            assert isinstance(command, Later)
            yield command


def _imported(run: str) -> set[str]:
    """What of `HEAVY` a fresh process has imported after this statement."""
    code = f"import sys; from arena.cli import commands\n{run}\nprint('modules:', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return HEAVY & set(done.stdout.rsplit("modules:", 1)[1].split())


@pytest.mark.parametrize("command", list(_commands(commands.COMMANDS)), ids=lambda command: command.place)
def test_a_command_says_at_greater_length_what_its_group_says_of_it(command: Later) -> None:
    """So each place is a function that exists, and no line goes stale."""
    said = " ".join(command.whole().help.split())
    assert command.help
    assert said.startswith(command.help.rstrip("."))


def test_the_help_of_a_group_imports_no_command() -> None:
    assert _imported("commands.COMMANDS(['--help'], standalone_mode=False)") == set()
    assert _imported("commands.COMMANDS(['release', '--help'], standalone_mode=False)") == set()


def test_a_command_imports_what_it_needs() -> None:
    """The control: what runs is imported, and checking a release needs neither database, pages nor rankings."""
    needed = _imported("commands.COMMANDS(['release', 'verify', '--help'], standalone_mode=False)")
    assert needed == {"numpy", "pyarrow"}
