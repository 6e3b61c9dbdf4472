"""The page docs/commands.md, from the parsers that read a command line: every command with its options."""

import argparse
from collections.abc import Iterator
from typing import Any

from typer.core import TyperGroup

import arena.cli.commands
from arena.cli import rank
from arena.cli.lazy_commands import Later
from scripts.tables import table

OPENING = """# Commands

Generated from the parser of `arena` by `make docs`; do not edit by hand.

A command exits with 0 when it is done, 1 when it failed and 2 when the input is wrong. What went wrong is one sentence
on stderr: what happened, to what, and what to do next. Every command that touches data takes `--data-dir`; without it,
`ARENA_DATA_DIR` counts, and then `arena-data` in the folder where you are. A command asks the arena that runs on the
data, and opens the files itself where none runs. `arena COMMAND --help` shows the same as this page.
"""


def page() -> str:
    """The whole page as Markdown."""
    parts = [OPENING]
    for name, command in commands():
        parts.append(f"## `{name}`")
        parts += _argparse(rank.parser()) if name == "arena rank" else _click(command, name)
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with the words that call it, in the order of the help."""
    yield from _below("arena", arena.cli.commands.COMMANDS)


def _below(name: str, group: Any) -> Iterator[tuple[str, Any]]:
    for word, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _below(f"{name} {word}", command)
        else:
            yield f"{name} {word}", command.whole() if isinstance(command, Later) else command


def _click(command: Any, name: str) -> list[str]:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
    words = [name, *(["[OPTIONS]"] if options else []), *map(_argument, arguments)]
    return [
        f"```text\n{' '.join(words)}\n```",
        command.help or "",
        table(("argument", "meaning"), [(f"`{_argument(one)}`", one.help) for one in arguments if one.help]),
        table(("option", "default", "meaning"), [_option(one) for one in options]),
    ]


def _argument(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return f"{name if argument.required else f'[{name}]'}{'...' if argument.nargs == -1 else ''}"


def _option(option: Any) -> tuple[str, str, str]:
    value = "" if option.is_flag else f" {option.metavar or option.opts[0].lstrip('-').upper()}"
    if option.required:
        default = "required"
    elif option.is_flag or option.default is None:
        default = ""
    else:
        default = f"`{option.default}`"
    return f"`{option.opts[0]}{value}`", default, option.help or ""


def _argparse(parser: argparse.ArgumentParser) -> list[str]:
    flags = [one for one in parser._actions if one.option_strings and one.dest not in ("help", "version")]
    return [
        "```text\narena rank [OPTIONS] [FILE]...\n```",
        "Rank models by votes: from files (CSV, JSON, JSONL, Parquet, each also .gz; - for standard input), or from "
        "the workspace when no file is named. [What the figures mean](ratings.md).",
        table(("option", "default", "meaning"), [_flag(one) for one in flags]),
    ]


def _flag(action: argparse.Action) -> tuple[str, str, str]:
    metavar = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    values = "" if action.nargs == 0 else f" {metavar}"
    none = action.default is None or action.default is False or action.default == []
    said = (action.help or "")[:1].upper() + (action.help or "")[1:]
    return f"`{', '.join(action.option_strings)}{values}`", "" if none else f"`{action.default}`", f"{said}."
