"""The query of a request: every word that its route does not declare is refused, and so is a word said twice that is no
list. Ignored, a misspelt word would give another answer than the one that was asked for.
"""

from collections.abc import Iterable, Mapping
from typing import get_origin

from fastapi import Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute

from arena.errors import Malformed

FROM_ELSEWHERE = ("/api/v1/organisation/answer",)
"""Where a browser is sent by another server, which adds words of its own (RFC 6749, 4.1.2: ignore those)."""


def listed(given: Iterable[str]) -> tuple[str, ...]:
    """The values of a list, which a query gives with commas or repeated."""
    return tuple(one for text in given for one in text.split(",") if one)


async def refuse_unknown(request: Request) -> None:
    """Raise `Malformed` for a word of the query that the route does not know, and for one that stands twice."""
    route = request.scope.get("route")
    if (
        not request.query_params
        or not isinstance(route, APIRoute)
        or route.path in FROM_ELSEWHERE
        or not route.include_in_schema
    ):
        return
    known = declared(route)
    for name in request.query_params:
        if name not in known:
            accepted = f"it takes {', '.join(known)}" if known else "it takes no query"
            raise Malformed(f"{request.url.path} does not know {name!r} in its query; {accepted}.")
        if not known[name] and len(request.query_params.getlist(name)) > 1:
            raise Malformed(f"{name} stands twice in the query. Give it once.")


def declared(route: APIRoute) -> Mapping[str, bool]:
    """The words that a route takes in its query, and whether each is a list."""
    fields = [one for one in get_flat_params(route.dependant) if isinstance(one.field_info, params.Query)]
    return {field.alias: get_origin(field.field_info.annotation) in (list, tuple) for field in fields}
