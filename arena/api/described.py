"""What the fields of bodies mean, for the OpenAPI document: the sentence under each field, as it stands in the source.

Read when the document is first asked for: pydantic would read every source at every start.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def describe(schemas: dict[str, Any]) -> None:
    """Add the meaning of every field that has one and says none, to bodies by their names."""
    classes = {found.name: found for found in _classes()}
    for name, schema in schemas.items():
        meanings = dict(_meanings(name, classes))
        for field, told in schema.get("properties", {}).items():
            if "$ref" not in told and meanings.get(field):
                told.setdefault("description", meanings[field])


def _classes() -> Iterator[ast.ClassDef]:
    for path in sorted(FOLDER.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                yield node


def _meanings(name: str, classes: dict[str, ast.ClassDef]) -> Iterator[tuple[str, str]]:
    """Fields of a body and of what it is made from, those of the body last; by its alias where it has one."""
    found = classes.get(name)
    if found is None:
        return
    for base in found.bases:
        called = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
        yield from _meanings(called, classes)
    for field, told in zip(found.body, found.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and _is_text(told):
            yield _alias(field) or field.target.id, " ".join(ast.literal_eval(told.value).split())  # type: ignore[attr-defined]


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _alias(field: ast.AnnAssign) -> str | None:
    """What requests call a field whose name Python does not take."""
    given = field.value.keywords if isinstance(field.value, ast.Call) else []
    return next((str(ast.literal_eval(one.value)) for one in given if one.arg == "alias"), None)
