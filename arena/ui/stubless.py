"""Gradio imported in half the time: without its habit of writing type stubs into its own package.

At every import Gradio reads its source for each component and writes `.pyi` files beside it, which only editors read.
That is half of its import, two seconds of every start, and two programs that start at once write the same files. There
is no setting against it, so the function that does it is replaced right after its module has run.
"""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType

MODULE = "gradio.component_meta"
WRITER = "create_or_modify_pyi"


def nothing(*_: object) -> None:
    """Write no stub."""


class StublessFinder(importlib.abc.MetaPathFinder):
    """Finds the module that writes stubs, and nothing else."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module as Python finds it, with a loader that takes the writer out."""
        if name != MODULE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec


class Loader(importlib.machinery.SourceFileLoader):
    """Runs the module and replaces its writer."""

    def exec_module(self, module: ModuleType) -> None:
        """As Python does, then the replacement."""
        super().exec_module(module)
        setattr(module, WRITER, nothing)


def install() -> None:
    """Let an import of Gradio from now on write no stubs."""
    sys.meta_path.insert(0, StublessFinder())
