"""What the names of a workspace's raters hang on: in answers, in releases, and the drawing of a campaign's items.

    keyed(message) = HMAC-SHA256(secret, message)

The secret of a workspace from earlier also signs the values of raters, and may be the whole installation's. It stays at
home when such a workspace leaves. What it says about everybody and everything that is there goes along instead, in
`known`, beside a secret made from it for whoever comes later (docs/decisions/0054).
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from arena.domain import ledger
from arena.errors import StoreCorrupt

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class NameKey:
    """The key of one workspace's names."""

    workspace: str
    """What the workspace was called when its first rater got a name; it may be called otherwise since."""
    secret: bytes = field(repr=False)
    known: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """What another secret made of earlier messages, by their SHA-256."""

    def of_rater(self, digest: str) -> bytes:
        """What a rater's name is spelled from, by the hash of their stored id."""
        return self._keyed(f"name:{self.workspace}:{digest}".encode())

    def of_release(self, selection: Mapping[str, Any], position: list[Any] | None) -> bytes:
        """The key of the names in a release of this selection, at this line and hash of the ledger."""
        return self._keyed(ledger.canonical([self.workspace, dict(selection), position]))

    def of_model(self, name: str) -> bytes:
        """What the made-up alias of a model is spelled from."""
        return self._keyed(f"alias:{self.workspace}:{name}".encode())

    def of_items(self, campaign: str) -> bytes:
        """What the pairs of a campaign's prompts are drawn with."""
        return self._keyed(f"items:{self.workspace}:{campaign}".encode())

    def portable(
        self,
        raters: Iterable[str],
        releases: Iterable[tuple[Mapping[str, Any], list[Any] | None]],
        campaigns: Iterable[str],
    ) -> "NameKey":
        """A key that says the same of these and tells nobody this secret."""
        messages = [f"name:{self.workspace}:{digest}".encode() for digest in raters]
        messages += [ledger.canonical([self.workspace, dict(chosen), position]) for chosen, position in releases]
        messages += [f"items:{self.workspace}:{campaign}".encode() for campaign in campaigns]
        return NameKey(
            workspace=self.workspace,
            secret=hmac.digest(self.secret, f"names that travel:{self.workspace}".encode(), hashlib.sha256),
            known={_sha256(message): self._keyed(message) for message in messages},
        )

    def to_json(self) -> str:
        """As it is kept in a file."""
        known = {digest: value.hex() for digest, value in sorted(self.known.items())}
        return json.dumps({"workspace": self.workspace, "secret": self.secret.hex(), "known": known}, indent=0) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises `StoreCorrupt` for what `to_json` did not write."""
        try:
            read = json.loads(text)
            known = {str(digest): bytes.fromhex(value) for digest, value in read["known"].items()}
            made = cls(workspace=str(read["workspace"]), secret=bytes.fromhex(read["secret"]), known=known)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise StoreCorrupt(
                "The key of the raters' names cannot be read; put back the file that was there."
            ) from error
        if any(len(one) != SECRET_BYTES for one in (made.secret, *known.values())):
            raise StoreCorrupt("The key of the raters' names is cut short; put back the file that was there.")
        return made

    def _keyed(self, message: bytes) -> bytes:
        found = self.known.get(_sha256(message)) if self.known else None
        return found or hmac.digest(self.secret, message, hashlib.sha256)


def _sha256(message: bytes) -> str:
    return hashlib.sha256(message).hexdigest()
