"""One BLAS thread while ratings are computed.

The matrices of a board are small: more threads mostly spin, wait and burn processor time that a server needs
elsewhere. NumPy and SciPy each bring an OpenBLAS of their own, and both are asked directly; with another BLAS nothing
is changed.
"""

import ctypes
import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy
import scipy

_lock = threading.Lock()
_holders = 0
_before: list[int] = []


@contextmanager
def single_threaded() -> Iterator[None]:
    """Hold the BLAS libraries to one thread; what was set before comes back when the last holder leaves."""
    global _holders  # noqa: PLW0603 - the setting is one per process, so its count is too
    controls = _controls()
    with _lock:
        if _holders == 0:
            _before[:] = [get() for get, _ in controls]
            for _, put in controls:
                put(1)
        _holders += 1
    try:
        yield
    finally:
        with _lock:
            _holders -= 1
            if _holders == 0:
                for (_, put), threads in zip(controls, _before, strict=True):
                    put(threads)


@functools.cache
def _controls() -> tuple[tuple[Callable[[], int], Callable[[int], None]], ...]:
    """(get, set) of the number of threads, for each OpenBLAS that came with a wheel."""
    found = []
    for package in (numpy, scipy):
        folder = Path(str(package.__file__)).parent
        for library in sorted((folder.parent / f"{package.__name__}.libs").glob("*openblas*")):
            try:
                handle = ctypes.CDLL(str(library))
            except OSError:  # not loadable here: then NumPy does not use it either
                continue
            for suffix in ("64_", ""):
                name = f"scipy_openblas_set_num_threads{suffix}"
                if hasattr(handle, name):
                    getter = getattr(handle, f"scipy_openblas_get_num_threads{suffix}")
                    getter.restype = ctypes.c_int
                    found.append((getter, getattr(handle, name)))
                    break
    return tuple(found)
