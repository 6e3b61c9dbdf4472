"""Rows that are the very same as earlier ones: counted, or found before they are written.

To count them at the end, 8 bytes a row are kept. To leave them out, what stands already has to be known while rows are
written: 16 bytes a row and what a set takes beside them, some 100 MB for a million rows.
"""

import hashlib
from array import array
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc


class Doubles:
    """The rows of a release as far as it has come."""

    def __init__(self, *, first_only: bool) -> None:
        """`first_only` says that rows are left out where all of a battle, or of a vote, stand there already."""
        self._first_only = first_only
        self._hashes = array("q")
        self._seen: set[bytes] = set()

    def new(self, lines: Sequence[bytes]) -> bool:
        """Whether rows are to be written; they are taken note of where they are."""
        if self._first_only:
            named = [hashlib.blake2b(line, digest_size=16).digest() for line in lines]
            if self._seen.issuperset(named):
                return False
            self._seen.update(named)
        self._hashes.extend(map(hash, lines))
        return True

    @property
    def count(self) -> int:
        """Rows written that are the same as an earlier one."""
        if not self._hashes:
            return 0
        hashes = pa.Array.from_buffers(pa.int64(), len(self._hashes), [None, pa.py_buffer(self._hashes)])
        return len(self._hashes) - int(pc.count_distinct(hashes).as_py())
