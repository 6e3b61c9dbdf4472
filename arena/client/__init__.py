"""A client of the HTTP API for programs: `Client`, and `AsyncClient` for those that await.

    from arena.client import Client

    with Client("http://127.0.0.1:7860", token) as arena:
        board = arena.boards.get()

A method answers with the JSON of its route (docs/routes.md). What the arena refuses is raised as the error of
`arena.errors` that the arena itself raised, with its sentence. Docs: docs/api.md.
"""

from arena.client.awaiting import AsyncClient
from arena.client.blocking import Client
from arena.client.calls import Event

__all__ = ["AsyncClient", "Client", "Event"]
