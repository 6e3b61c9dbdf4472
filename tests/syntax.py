"""Syntax trees of the project's own files."""

import ast
import gc


def parse(source: str) -> ast.Module:
    """The tree of a module.

    The collector of cycles rests meanwhile: in Python 3.11 its callbacks (hypothesis has one) upset the recursion depth
    that `ast` counts, and now and then it ends in "AST constructor recursion depth mismatch".
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        if collecting:
            gc.enable()
