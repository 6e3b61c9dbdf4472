"""Passwords: hashed with argon2id, compared in the same time whoever is asked for, refused where they are guessable.

There are no rules of composition. A password has at least 12 characters and costs more than 10^10 guesses, as zxcvbn
counts them with the account's e-mail and name in mind.
"""

import asyncio
import functools
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import argon2
import zxcvbn_rs_py

from arena.domain.account import DECOMPOSED
from arena.errors import DoesNotFit, InvalidValue, Overloaded
from arena.services.tries import BUSY, WAIT_SECONDS

SHORTEST = 12
LONGEST = 1000
"""Characters. Longer ones are no safer, and hashing them is work that strangers could ask for."""
GUESSES_LOG10 = 10
"""What zxcvbn calls safely unguessable: it would take 10^10 guesses."""
AT_ONCE = 2
"""Passwords that are hashed at the same time: each takes 64 MB and a core for a moment. The others wait."""


class Passwords:
    """Hashes and compares passwords, each in a thread."""

    def __init__(self, hasher: argon2.PasswordHasher | None = None, wait_seconds: float = WAIT_SECONDS) -> None:
        self._hasher = hasher or argon2.PasswordHasher()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._wait_seconds = wait_seconds

    @functools.cached_property
    def _nobody(self) -> str:
        """Compared with where there is no account, so that this takes as long."""
        return self._hasher.hash("the password of nobody")

    async def hashed(self, password: str) -> str:
        """What is stored of a password."""
        async with self._place():
            return await asyncio.to_thread(self._hasher.hash, spelled(password))

    async def match(self, stored: str, password: str) -> bool:
        """Whether a password is the one of a hash; never where the hash is empty, after the same time."""
        if not fits(password):
            stored, password = "", ""
        async with self._place():
            same = await asyncio.to_thread(self._compare, stored, spelled(password))
        return same and bool(stored)

    def is_old(self, stored: str) -> bool:
        """Whether a hash was made with weaker parameters than are used now."""
        return self._hasher.check_needs_rehash(stored)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Wait for a place, in the order in which it was asked for. Raises `Overloaded` where none comes."""
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._places.acquire()
        except TimeoutError:
            raise Overloaded(BUSY) from None
        try:
            yield
        finally:
            self._places.release()

    def _compare(self, stored: str, password: str) -> bool:
        nobody = self._nobody  # made by the first comparison, whoever it is about: most commands compare none
        try:
            return self._hasher.verify(stored or nobody, password)
        except argon2.exceptions.VerifyMismatchError:
            return False


def refuse_weak(password: str, *about: str) -> None:
    """Raise `InvalidValue` for a password that is too short or can be guessed; `about` is known of whoever has it."""
    length = len(spelled(password)) if fits(password) else len(password)
    if not SHORTEST <= length <= LONGEST:
        as_sent = SHORTEST <= len(password) <= LONGEST  # and shorter or longer where each sign is spelled in one way
        raise (DoesNotFit if as_sent else InvalidValue)(
            f"password has {length} characters; it needs {SHORTEST} to {LONGEST}. Four words that do not belong "
            "together are enough."
        )
    known = [part for text in about for part in (text, *text.replace("@", " ").replace(".", " ").split())]
    if zxcvbn_rs_py.zxcvbn(spelled(password), known).guesses_log10 < GUESSES_LOG10:
        raise DoesNotFit(
            "password can be guessed: it is made of common words, names, dates or patterns. Add two or three words "
            "that do not belong together."
        )


def fits(password: str) -> bool:
    """Whether a password is short enough to be normalised, and so to be anybody's."""
    return len(password) <= DECOMPOSED * LONGEST


def spelled(password: str) -> str:
    """A password that fits as it is hashed: the same from every keyboard."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode()
