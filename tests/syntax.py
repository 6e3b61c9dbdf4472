"""Syntax trees of the project's own files."""

import ast
import contextlib
import functools
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Inside it, trees can be made, also by `inspect`: the collector of cycles rests.

    In Python 3.11 its callbacks (hypothesis has one) upset the recursion depth that `ast` counts, and now and then it
    ends in "AST constructor recursion depth mismatch".
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@functools.cache
def parse(source: str) -> ast.Module:
    """The tree of a module, kept for the next rule that reads it."""
    with undisturbed():
        return ast.parse(source)
