"""What raters are told in place of a model's name: its alias, while it has one, and one made up while it is announced.

Labs and admins see names; everybody else sees aliases, wherever a name would stand. The gate puts them there, in
whatever leaves the arena as text, so that no route can forget it; files of a release that hold such a name are a lab's
own.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from arena.domain import permission
from arena.domain.ids import ModelName
from arena.domain.model import SLUG
from arena.domain.model_state import ModelChange, ModelState
from arena.domain.name_key import NameKey
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.errors import Conflict, InvalidValue

MADE_UP_BYTES = 4
BEFORE = rb"(?:(?<![A-Za-z0-9._-])|(?<=\\[bfnrt])|(?<=\\u[0-9a-fA-F]{4})|(?<=%[0-9a-fA-F]{2}))"
"""Where a name may begin: in JSON and in addresses, what stands before it may be written with a letter at its end."""
AFTER = rb"(?![A-Za-z0-9_-]|\.[A-Za-z0-9])"


class Aliases:
    """The aliases of one workspace, as of the last change."""

    def __init__(self, key: NameKey, changes: Iterable[ModelChange]) -> None:
        self._key = key
        self._last: dict[ModelName, ModelChange] = {}
        self._given: dict[str, ModelName] = {}
        """Every alias that ever was, with its model: none is given to another."""
        self.hidden: Mapping[str, str] = {}
        """The alias of each model whose name is not told."""
        self._pattern: re.Pattern[bytes] | None = None
        for change in changes:
            self._note(change)
        self._read()

    def take_over(self, change: ModelChange) -> None:
        """Go by a change from now on."""
        self._note(change)
        self._read()

    def of(self, name: ModelName) -> str | None:
        """The alias that a lab gave a model, if it has one now."""
        last = self._last.get(name)
        return None if last is None else last.alias

    def refuse_taken(self, alias: str, model: ModelName, names: Iterable[str]) -> None:
        """Raise for what cannot be an alias, or is somebody else's name or alias."""
        if SLUG.fullmatch(alias) is None:
            raise InvalidValue(f"alias is {alias!r}; it is 3 to 64 of a-z, 0-9, dot, dash and underscore.")
        if alias in names or self._given.get(alias, model) != model:
            raise Conflict(f"alias {alias} is, or was, what another model is called; choose another.")

    def pattern_for(self, principal: Principal | None) -> re.Pattern[bytes] | None:
        """What finds names that a principal is not told; None where they are told all."""
        if self._pattern is None or (principal is not None and permission.may(principal, Permission.CONDUCT)):
            return None
        return self._pattern

    def named(self, principal: Principal, told: str) -> str | None:
        """The model that a principal calls so. None for a name that they are not told: whoever guessed it learns
        nothing."""
        if self.pattern_for(principal) is None:
            return told
        if told in self.hidden:
            return None
        return next((name for name, alias in self.hidden.items() if alias == told), told)

    def told(self, found: re.Match[bytes]) -> bytes:
        """What stands in the place of a name that was found."""
        return self.hidden[found[0].decode()].encode()

    def within(self, principal: Principal, select: Mapping[str, Any], names: Iterable[str]) -> Mapping[str, Any]:
        """A selection as a principal may ask it: without models whose names they are not told."""
        if self.pattern_for(principal) is None:
            return select
        asked = select.get("models") or names
        return {**select, "models": sorted(set(asked) - set(self.hidden))}

    def may_know(self, principal: Principal, manifest: Mapping[str, Any]) -> bool:
        """Whether no name in what a release says of itself is kept from a principal."""
        pattern = self.pattern_for(principal)
        return pattern is None or pattern.search(json.dumps(manifest).encode()) is None

    def _note(self, change: ModelChange) -> None:
        self._last[change.model] = change
        if change.alias is not None:
            self._given[change.alias] = change.model

    def _read(self) -> None:
        self.hidden = {
            name: change.alias or self._made_up(name)
            for name, change in self._last.items()
            if change.alias is not None or change.state is ModelState.ANNOUNCED
        }
        names = b"|".join(re.escape(name.encode()) for name in sorted(self.hidden, key=len, reverse=True))
        self._pattern = re.compile(BEFORE + rb"(?:" + names + rb")" + AFTER) if names else None

    def _made_up(self, name: ModelName) -> str:
        return f"unannounced-{self._key.of_model(name)[:MADE_UP_BYTES].hex()}"
