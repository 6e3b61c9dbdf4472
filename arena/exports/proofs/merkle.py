"""Proof that a vote is in a release, for whoever holds nothing but a receipt.

The votes of a release are the leaves of a Merkle tree (RFC 6962, section 2.1), in the order of `items.parquet`:

    leaf = SHA-256(0x00 || commitment of the vote's line in the ledger, 32 bytes)
    node = SHA-256(0x01 || left || right), the left subtree being the largest full one

Its root is in the signed manifest. A path of about log2(votes) hashes leads from a leaf to the root and tells nothing
about any other vote. The different first bytes keep a node from passing for a leaf.
"""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf(commitment: str) -> bytes:
    """The leaf of a vote; `commitment` is hex."""
    return hashlib.sha256(b"\0" + bytes.fromhex(commitment)).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The node above two others."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """A Merkle tree that grows leaf by leaf and keeps one hash a level in memory."""

    def __init__(self) -> None:
        self._full: list[bytes] = []
        """Roots of full subtrees, the largest first: one for each bit set in `leaves`."""
        self.leaves = 0

    def add(self, commitment: str) -> None:
        """Append the leaf of a vote."""
        above, full, merged = leaf(commitment), self._full, self.leaves
        while merged & 1:
            above = node(full.pop(), above)
            merged >>= 1
        full.append(above)
        self.leaves += 1

    def root(self) -> str:
        """The root over the leaves so far, in hex."""
        if not self._full:
            return EMPTY.hex()
        right = self._full[-1]
        for left in reversed(self._full[:-1]):
            right = node(left, right)
        return right.hex()


def root(commitments: Iterable[str]) -> str:
    """The root over these votes."""
    tree = Tree()
    for commitment in commitments:
        tree.add(commitment)
    return tree.root()


def path(commitments: Sequence[str], index: int) -> tuple[str, ...]:
    """The hashes that lead from the leaf at `index`, from 0, to the root: the lowest first."""
    if not 0 <= index < len(commitments):
        raise IndexError(f"there is no leaf {index} among {len(commitments)}")
    row = [leaf(commitment) for commitment in commitments]
    found = []
    while len(row) > 1:
        if index ^ 1 < len(row):
            found.append(row[index ^ 1].hex())
        above = [node(left, right) for left, right in zip(row[::2], row[1::2], strict=False)]
        if len(row) % 2:
            above.append(row[-1])  # it has no neighbour, so it moves up unchanged
        row, index = above, index // 2
    return tuple(found)


def leads(commitment: str, index: int, leaves: int, hashes: Sequence[str], wanted: str) -> bool:
    """Whether this path leads from a vote's leaf to the root `wanted` of a tree of `leaves` leaves.

    Exactly the path that `path` gives is accepted: none shorter, none longer.
    """
    if not 0 <= index < leaves:
        return False
    reached, last, left = leaf(commitment), leaves - 1, list(hashes)
    while last:
        if index & 1 or index < last:
            if not left:
                return False
            beside = bytes.fromhex(left.pop(0))
            reached = node(beside, reached) if index & 1 else node(reached, beside)
        index, last = index >> 1, last >> 1
    return not left and reached.hex() == wanted
