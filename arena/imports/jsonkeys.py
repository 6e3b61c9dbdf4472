"""JSON whose objects may not have a key twice, because nobody can tell which of the two values is meant."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from arena.imports.imported_vote import RowFault


class Objects:
    """Makes objects of their keys and values, and remembers a key that one of them has twice."""

    def __init__(self) -> None:
        self._twice: str | None = None

    def __call__(self, pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        """The object; with a key twice, what it is made of does not matter."""
        found = dict(pairs)
        if len(found) < len(pairs):
            self._twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        return found

    def begin(self) -> None:
        """Forget what was seen: a new value begins."""
        self._twice = None

    def demand_once(self) -> None:
        """Raise `RowFault` where an object since the beginning has a key twice."""
        if self._twice is not None:
            raise RowFault(f"an object in it has the key {json.dumps(self._twice)} twice.")


def loads(text: str | bytes) -> Any:
    """A value of JSON, NaN among them, which data frames write. Raises `ValueError` for none, `RowFault` for a key that
    stands twice.
    """
    objects = Objects()
    found = json.loads(text, object_pairs_hook=objects)
    objects.demand_once()
    return found
