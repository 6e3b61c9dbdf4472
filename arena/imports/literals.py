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
        return ast.literal_eval(_with_commas(text))
    except (ValueError, SyntaxError, MemoryError, RecursionError, tokenize.TokenError) as error:
        raise ValueError("it is neither JSON nor a Python list") from error


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
    return token.string in ("}", "]") or token.type == tokenize.STRING


def _begins(token: tokenize.TokenInfo) -> bool:
    return token.string in ("{", "[") or token.type == tokenize.STRING
