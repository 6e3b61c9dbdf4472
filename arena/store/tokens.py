"""The tokens of an installation in memory: found by hash, by id and by who made them, so that a request walks none.

A token is `arena_` and 256 bits of chance, shown once; only its SHA-256 is stored.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from arena.domain.principal import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a token. Its secret is not."""

    token_id: str
    role: Role
    workspace: str
    hash: str
    """SHA-256 of the whole plaintext."""
    created_at: datetime
    revoked_at: datetime | None
    made_by: str | None = None
    """The id of an account or of a token."""
    campaign: str | None = None
    """The one campaign it is for."""


class Tokens:
    """Every token ever made, the revoked ones too, in the order made."""

    def __init__(self, tokens: Iterable[Token] = ()) -> None:
        self._tokens: dict[str, Token] = {}
        self._ids: dict[str, str] = {}
        """The id of each hash."""
        self._made: defaultdict[tuple[str, str | None], list[str]] = defaultdict(list)
        """The ids of what each made in a workspace."""
        for token in tokens:
            self.put(token)

    def put(self, token: Token) -> None:
        """Know a token, or know it otherwise than before."""
        if token.token_id not in self._tokens:
            self._ids[token.hash] = token.token_id
            self._made[token.workspace, token.made_by].append(token.token_id)
        self._tokens[token.token_id] = token

    def all(self) -> list[Token]:
        return list(self._tokens.values())

    def of_hash(self, digest: str) -> Token | None:
        token_id = self._ids.get(digest)
        return None if token_id is None else self._tokens[token_id]

    def of_id(self, token_id: str) -> Token | None:
        return self._tokens.get(token_id)

    def made_by(self, workspace: str, maker: str) -> list[Token]:
        """Those that an account or a token, by its id, made in a workspace."""
        return [self._tokens[token_id] for token_id in self._made.get((workspace, maker), ())]
