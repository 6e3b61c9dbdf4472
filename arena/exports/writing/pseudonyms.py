"""Names of raters in a release: keyed hashes that say who wrote several votes, and nothing about who it is.

    release key = HMAC-SHA256(secret, canonical JSON of [workspace, selection, ledger head])
    pseudonym   = "rater-" + the first 128 bits of HMAC-SHA256(release key, rater id), in hex

Without the secret nobody can test a guess. Another selection, or one more vote in the ledger, gives everybody
another name; the same selection at the same head gives the same names, so that a release can be built again.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from arena.domain import ledger
from arena.domain.ids import RaterId
from arena.domain.name_key import NameKey
from arena.exports.folder.manifest import LedgerHead

BITS = 128
"""Bits kept of each hash: enough that no two names collide by accident, and the column is half as wide."""


def keyed(
    key: NameKey, selection: Mapping[str, Any], head: ledger.Line | LedgerHead | None
) -> Callable[[RaterId], str]:
    """The function that names raters in one release."""
    position = None if head is None else [head.sequence, head.hash]
    of_release = key.of_release(selection, position)
    known: dict[RaterId, str] = {}

    def pseudonym(rater_id: RaterId) -> str:
        name = known.get(rater_id)
        if name is None:
            name = "rater-" + hmac.digest(of_release, rater_id.encode(), hashlib.sha256).hex()[: BITS // 4]
            known[rater_id] = name
        return name

    return pseudonym
