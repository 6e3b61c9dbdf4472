"""Commands that are imported when they run, so that none waits for what only the others need.

A group's help shows the line given here and imports nothing. Click's own way is a group that imports a command when it
is looked up; it looks all of them up for its help.
"""

import importlib
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class Later(TyperCommand):
    """A command of a group: its name, the function, and the line that the group's help shows."""

    def __init__(self, name: str, place: str, line: str, **settings: Any) -> None:
        super().__init__(name, help=line)
        self.place = place
        """`module.function` in `arena.cli`."""
        self.settings = settings

    def make_context(self, *given: Any, **named: Any) -> Any:
        """The context of the whole command, which runs in place of this one."""
        return self.whole().make_context(*given, **named)

    def whole(self) -> Any:
        """The command with its options, made from the function."""
        module, _, function = self.place.partition(".")
        alone = typer.Typer(add_completion=False)
        alone.command(self.name, context_settings=self.settings)(
            getattr(importlib.import_module(f"arena.cli.{module}"), function)
        )
        return typer.main.get_command(alone)


def group(name: str, line: str, *commands: Later | TyperGroup) -> TyperGroup:
    """Commands under one name."""
    return TyperGroup(name=name, help=line, commands=list(commands), no_args_is_help=True)
