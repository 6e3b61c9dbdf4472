"""SQL of a lab: one SELECT over the tables of its workspace."""

from typing import Any

from fastapi import APIRouter

from arena.api.bodies import Body
from arena.api.who import Arena, Who

router = APIRouter(prefix="/api/v1/sql", tags=["selections"])


class SqlQuery(Body):
    """One SELECT in DuckDB's SQL."""

    query: str


class SqlAnswer(Body):
    """The first 10,000 rows."""

    columns: list[str]
    rows: list[list[Any]]
    """One list a row, in the order of the columns; times in RFC 3339."""
    truncated: bool
    """Whether there were more rows."""


@router.post("")
async def ask_sql(arena: Arena, who: Who, body: SqlQuery) -> SqlAnswer:
    """Ask the tables `votes, battles, answers, models, campaigns, assignments, raters`. At most 10 seconds."""
    answer = await arena.asking_sql.ask(who, body.query)
    return SqlAnswer(columns=list(answer.columns), rows=answer.rows, truncated=answer.truncated)
