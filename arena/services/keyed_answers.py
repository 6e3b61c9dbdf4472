"""Answers by Idempotency-Key, so that a request which is sent again gets the answer that it had.

For requests that make something and store no key with it: raters, battles, tasks. Votes keep theirs in the database.
Answers are kept in memory, for a day while the arena runs: after a restart nothing is lost by asking anew, since what
was being written then is void, an open task is given again, and a rater who asked nothing is stored nowhere.
"""

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar, cast

from arena.errors import Conflict, Malformed

KEY_LIMIT = 200
"""Characters in an Idempotency-Key."""
KEPT_FOR = timedelta(days=1)
MOST = 20_000
"""How many answers are kept; the oldest go first."""
REUSED = "This Idempotency-Key was used before with another request; send each new one with a new key."

Answer = TypeVar("Answer")


@dataclass(slots=True)
class _Kept:
    making: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked: str = ""
    answer: object = None
    answered_at: datetime | None = None


class KeyedAnswers:
    """The answers of one workspace."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._kept: OrderedDict[tuple[str, str, str], _Kept] = OrderedDict()

    async def once(
        self, what: str, owner: str, key: str | None, asked: object, make: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """What `make` answers, or answered when `owner` asked `what` with the same key. A refusal is not kept.

        Raises `Conflict` where the key came with another request, and waits where the first one is not answered yet.
        """
        if key is None:
            return await make()
        refuse_unusable(key)
        mark, sent = (what, owner, key), hashlib.sha256(json.dumps(asked).encode()).hexdigest()
        kept = self._kept.setdefault(mark, _Kept())
        async with kept.making:
            if kept.answered_at is not None and self._now() - kept.answered_at < KEPT_FOR:
                if kept.asked != sent:
                    raise Conflict(REUSED)
                return cast("Answer", kept.answer)
            try:
                kept.answer = made = await make()
            except BaseException:
                self._kept.pop(mark, None)
                raise
            kept.asked, kept.answered_at = sent, self._now()
            self._kept[mark] = kept
            self._kept.move_to_end(mark)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
            return made


def refuse_unusable(key: str) -> None:
    """Raise `Malformed` for what cannot be a key."""
    if not 1 <= len(key) <= KEY_LIMIT or not (key.isascii() and key.isprintable()):
        raise Malformed(
            f"Idempotency-Key has to be 1 to {KEY_LIMIT} printable ASCII characters; send a fresh one each time."
        )
