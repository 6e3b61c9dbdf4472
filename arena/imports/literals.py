"""Lists and objects as Python prints them, which is how `DataFrame.to_csv` writes them into a cell.

A list inside a frame may be an array of numpy, whose parts are printed without commas between them.
"""

import ast
import io
import tokenize
from typing import Any

LARGEST = 1024 * 1024
"""Most characters of a cell that is read so: the parsed value needs a hundred times the memory of the text."""


def loads(text: str) -> Any:
    """The value of a text. Raises `ValueError` where it is not a literal."""
    if len(text) > LARGEST:
        raise ValueError(f"it is a Python list of more than {LARGEST:,} characters; write it as JSON")
    try:
        return ast.literal_eval(_Plain().visit(ast.parse(_with_commas(text.strip()), mode="eval")))
    except (ValueError, SyntaxError, MemoryError, RecursionError, tokenize.TokenError) as error:
        raise ValueError("it is neither JSON nor a Python list") from error


class _Plain(ast.NodeTransformer):
    """Reads `array([...], dtype=object)`, which is how an array inside an array is printed, as its list."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """The first argument of a call of `array`; any other call stays, and is no literal."""
        self.generic_visit(node)
        listed = len(node.args) == 1 and isinstance(node.args[0], ast.List)
        array = isinstance(node.func, ast.Name) and node.func.id == "array"
        return node.args[0] if array and listed and all(word.arg == "dtype" for word in node.keywords) else node


def _with_commas(text: str) -> str:
    """The text with a comma between every two parts that follow each other without one: two texts, too, which Python
    would make one of and never prints so."""
    lines = text.splitlines(keepends=True)
    wanted: list[tuple[int, int]] = []
    before: tokenize.TokenInfo | None = None
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.NL, tokenize.NEWLINE):
            continue
        if before is not None and _ends(before) and _begins(token):
            wanted.append(token.start)
        before = token
    for line, column in reversed(wanted):
        lines[line - 1] = f"{lines[line - 1][:column]},{lines[line - 1][column:]}"
    return "".join(lines)


def _ends(token: tokenize.TokenInfo) -> bool:
    return token.string in ("}", "]", ")") or token.type == tokenize.STRING


def _begins(token: tokenize.TokenInfo) -> bool:
    return token.string in ("{", "[", "array") or token.type == tokenize.STRING
