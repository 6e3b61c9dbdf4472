"""Rows that are the same as an earlier row: counted, or left out while rows are written.

Counting them at the end takes 8 bytes a row. Leaving them out takes a set of the hashes of all rows written so far:
some 100 MB for a million rows.
"""

import hashlib
from array import array
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc


class Doubles:
    """The rows written so far to one release."""

    def __init__(self, *, first_only: bool) -> None:
        """`first_only`: leave out the rows of a battle, or of a vote, where all of them were written before."""
        self._first_only = first_only
        self._hashes = array("q")
        self._seen: set[bytes] = set()

    def new(self, lines: Sequence[bytes]) -> bool:
        """Whether these rows should be written; if so, they are remembered as written."""
        if self._first_only:
            named = [hashlib.blake2b(line, digest_size=16).digest() for line in lines]
            if self._seen.issuperset(named):
                return False
            self._seen.update(named)
        self.wrote(lines)
        return True

    def wrote(self, lines: Iterable[bytes]) -> None:
        """Count rows that are written whatever came before them."""
        self._hashes.extend(map(hash, lines))

    @property
    def count(self) -> int:
        """How many of the rows written are the same as an earlier one."""
        if not self._hashes:
            return 0
        hashes = pa.Array.from_buffers(pa.int64(), len(self._hashes), [None, pa.py_buffer(self._hashes)])
        return len(self._hashes) - int(pc.count_distinct(hashes).as_py())
