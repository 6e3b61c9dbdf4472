"""Write docs/settings.md from arena/settings: every key, its type, its default, and the docstring beneath it.

python scripts/settings_page.py           write the page
python scripts/settings_page.py --check   exit 1 when the page is not what would be written
"""

import argparse
import ast
import inspect
import itertools
import sys
import typing
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from arena import settings

PAGE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"

OPENING = """# Settings

Generated from `arena/settings` by `make docs`; do not edit by hand.

An arena reads one TOML file, named with `--config`; `configs/arena.toml` shows every key with its default and why one
would change it. A key that is not in this list is an error that names the line. Where the data lies may also come
from the command line (`--data-dir`) or from the environment (`ARENA_DATA_DIR`), in this order, before the file.
Secrets are never written in the file: `api_key_env` names the environment variable that holds one.
"""


def page() -> str:
    """The whole page as Markdown."""
    parts = [OPENING]
    for heading, model in sections(settings.Settings, ""):
        parts.append(f"\n## {heading or 'Top level'}\n\n{inspect.getdoc(model)}\n")
        parts.append("| key | type | default | meaning |\n|---|---|---|---|\n" + "\n".join(_rows(model)) + "\n")
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def sections(model: type[BaseModel], path: str, *, repeated: bool = False) -> Iterator[tuple[str, type[BaseModel]]]:
    """Every table of the file with the heading it has in TOML, outermost first."""
    yield (f"`[[{path}]]`" if repeated else f"`[{path}]`" if path else ""), model
    for name, field in model.model_fields.items():
        if inner := _table(field):
            yield from sections(inner, f"{path}.{name}".lstrip("."), repeated=_repeats(field))


def _rows(model: type[BaseModel]) -> list[str]:
    meanings = docstrings(model)
    return [
        f"| `{name}` | {_type(field)} | {_default(field)} | {meanings.get(name, '')} |"
        for name, field in model.model_fields.items()
        if not _table(field)
    ]


def _table(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a field that is a table, or an array of tables."""
    for candidate in (field.annotation, *typing.get_args(field.annotation)):
        if inspect.isclass(candidate) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _repeats(field: FieldInfo) -> bool:
    return typing.get_origin(field.annotation) is tuple


def docstrings(model: type[BaseModel]) -> dict[str, str]:
    """The text under each field of a class and of those that it is made from, as written in their sources."""
    found = {}
    for kind in reversed(model.__mro__):
        if not issubclass(kind, BaseModel) or kind is BaseModel:
            continue
        definition = next(node for node in ast.parse(inspect.getsource(kind)).body if isinstance(node, ast.ClassDef))
        for field, text in itertools.pairwise(definition.body):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
                found[field.target.id] = " ".join(ast.literal_eval(text.value).split())
    return found


def _type(field: FieldInfo) -> str:
    """The type in TOML's words, with its bounds."""
    words: list[str] = []
    bounds: list[str] = []
    _describe(field.annotation, words, bounds)
    for constraint in field.metadata:
        _bound(constraint, bounds)
    return " or ".join(dict.fromkeys(words)) + (f", {' and '.join(dict.fromkeys(bounds))}" if bounds else "")


def _describe(annotation: Any, words: list[str], bounds: list[str]) -> None:
    names = {bool: "true or false", int: "whole number", float: "number", str: "text", Path: "path", datetime: "time"}
    if annotation in names:
        words.append(names[annotation])
    elif annotation is type(None):
        return
    elif typing.get_origin(annotation) is typing.Annotated:
        base, *constraints = typing.get_args(annotation)
        _describe(base, words, bounds)
        for constraint in constraints:
            _bound(constraint, bounds)
    elif typing.get_origin(annotation) is typing.Literal:
        words.extend(f'`"{one}"`' for one in typing.get_args(annotation))
    elif typing.get_origin(annotation) is tuple:
        inner: list[str] = []
        _describe(typing.get_args(annotation)[0], inner, bounds)
        words.append(f"list of {' or '.join(inner)}")
    elif typing.get_origin(annotation) is dict:
        words.append("table")
    elif arguments := typing.get_args(annotation):
        for argument in arguments:
            _describe(argument, words, bounds)
    else:
        names_of_pydantic = {"HttpUrl": "URL", "IPvAnyNetwork": "address or network"}
        words.append(names_of_pydantic.get(annotation.__name__, annotation.__name__))


def _bound(constraint: Any, bounds: list[str]) -> None:
    """Add what a constraint of pydantic asks, in words."""
    for part in getattr(constraint, "metadata", None) or [constraint]:
        for attribute, sign in (("gt", ">"), ("ge", ">="), ("lt", "<"), ("le", "<=")):
            if (value := getattr(part, attribute, None)) is not None:
                bounds.append(f"{sign} {value:,}")
        if (pattern := getattr(part, "pattern", None)) is not None:
            bounds.append(f"matching `{pattern}`")


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if field.default is None:
        return "none"
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    return f"`{field.default}`"


def main() -> int:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == page():
        return 0
    print("docs/settings.md is not what arena/settings says; run `make docs`.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
