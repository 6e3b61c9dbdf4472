"""What may be shown of prompts and battles: to labs all of their own, to others what a campaign publishes.

Battles show which model gave which answer. So those are not shown whose answers another campaign still gives to raters.
"""

from collections.abc import Callable, Sequence

from arena.domain import permission
from arena.domain.campaign import DEFAULT, Publishing
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.errors import DoesNotFit, NotFound
from arena.services.import_duplicates import CAMPAIGN as IMPORTED
from arena.store import shown_prompts
from arena.store.shown_prompts import AskedSet
from arena.store.workspace import Workspace

SEEING_ALL = (Permission.CONDUCT, Permission.EXPORT)
"""Whoever may do one of these reads every prompt and answer of the workspace anyway."""


class Publication:
    """What the campaigns of one workspace publish now."""

    def __init__(
        self,
        workspace: Workspace,
        publishing: Callable[[Publishing], Sequence[str]],
        still_asking: Callable[[], Sequence[AskedSet]] = tuple,
    ) -> None:
        self._workspace = workspace
        self._publishing = publishing
        self.still_asking = still_asking
        """The sets whose stored answers campaigns give to raters, or will."""

    def campaigns(self, principal: Principal, what: Publishing) -> tuple[str, ...] | None:
        """The campaigns whose prompts, or battles, a principal is shown where their raters agree. None: all."""
        if any(permission.may(principal, one) for one in SEEING_ALL):
            return None
        named = tuple(self._publishing(what))
        return (*named, IMPORTED) if DEFAULT in named else named

    def refuse_hidden(self, principal: Principal, prompt: str | None) -> None:
        """Raise for a prompt that a principal is not shown, as if nobody had asked it; and for all prompts at once."""
        campaigns = self.campaigns(principal, Publishing.PROMPTS)
        if campaigns is None:
            return
        if prompt is None:
            raise DoesNotFit("by=prompt needs value, the id of one prompt that is published.")
        with self._workspace.scanning() as connection:
            if not campaigns or not shown_prompts.may_show(connection, prompt, campaigns):
                raise NotFound("There is no such prompt here, or it is not published.")
