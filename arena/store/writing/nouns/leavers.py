"""Raters who were erased: a request of theirs that was under way meanwhile must not put anything back."""

from arena import errors
from arena.domain.ids import RaterId
from arena.domain.removal import hashed
from arena.store.writing.writer_cache import WriterCache


class Leavers:
    """Those of this transaction, on top of those who were erased before."""

    def __init__(self, known: WriterCache) -> None:
        self._known = known
        self._now: set[str] = set()

    def add(self, rater_id: RaterId) -> None:
        """Note that a rater is erased in this transaction."""
        self._now.add(hashed(rater_id))

    def refuse(self, *rater_ids: RaterId) -> None:
        """Raise `Conflict` where one of these raters was erased. A battle that was read since has nobody's name."""
        if not (self._now or self._known.erased):
            return
        if "" in rater_ids or any(one in self._now or one in self._known.erased for one in map(hashed, rater_ids)):
            raise errors.Conflict("This rater was erased: nothing more of theirs is stored.")

    def remember(self) -> None:
        """Take over those of this transaction, which is durable."""
        self._known.erased.update(self._now)
