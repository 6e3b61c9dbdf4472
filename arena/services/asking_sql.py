"""SQL of a lab over its own workspace: one query at a time, read-only, and few at once in all workspaces."""

import asyncio

from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.store import lab_queries, rater_facts
from arena.store.lab_queries import QueryRows

AT_ONCE = 2
"""Queries that are answered at the same moment in all workspaces: each may take 1 GB (docs/decisions/0080)."""


class AskingSql:
    """Answers queries of one workspace; who asks while another is answered waits."""

    def __init__(self, here: OpenWorkspace, places: asyncio.Semaphore) -> None:
        """`places` are those of all workspaces."""
        self._here = here
        self._places = places
        self._one = asyncio.Lock()

    async def ask(self, principal: Principal, query: str) -> QueryRows:
        """Raises `InvalidValue` for what is not one SELECT over the lab's tables, or fails, and `TooLarge`."""
        demand(principal, Permission.CONDUCT)
        async with self._one, self._places:
            return await asyncio.to_thread(ask, self._here, query)


def ask(here: OpenWorkspace, query: str) -> QueryRows:
    """The same for who has the files."""
    with here.store.reading() as connection:
        stored = rater_facts.every(connection)
    return lab_queries.ask(here.store, query, {rater_id: here.pseudonyms.name(rater_id) for rater_id in stored})
