"""One SELECT of a lab's own over its tables, and nothing else.

The statement is read by DuckDB's own parser, and what came of it is walked: tables that are not the lab's, functions
that reach outside the query, and everything that is not a SELECT are refused by not being on the list. What runs is
written anew from what was read, inside a transaction that can only read.
"""

import contextlib
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow

from arena.domain.ids import RaterId
from arena.errors import DoesNotFit, TooLarge
from arena.store import failures, lab_tables, rows
from arena.store.connections import Connection
from arena.store.workspace import Workspace

SECONDS = 10.0
"""How long a query may take."""
ROWS = 10_000
"""How many rows it may give."""
BYTES = 50_000_000
"""How much they may hold."""
_PIECE = 500
"""Rows fetched at once, between which their size is looked at."""

_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE"})
_TABLES = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY", "EXPRESSION_LIST", "TABLE_FUNCTION"})
_MODIFIERS = frozenset(
    {"LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "ORDER_MODIFIER", "DISTINCT_MODIFIER"}
    | {"ORDER_DEFAULT", "ASCENDING", "DESCENDING"}
)
_MAKING_ROWS = frozenset({"unnest", "range", "generate_series"})
_OUTSIDE = frozenset(
    {"current_setting", "getvariable", "json_serialize_plan", "json_deserialize_sql", "parse_duckdb_log_message"}
)
"""Functions without side effects that read settings or the catalog."""
_BY_CHANCE = frozenset({"random", "uuid", "gen_random_uuid", "uuidv4", "uuidv7"})
"""Functions that DuckDB counts among those with side effects, for they give another value each time."""
_VIEW, _WITH = "lab_", "with_"
"""What the names of the lab's tables and of a query's own begin with in what is run: no stored table's name does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRows:
    """What a query gave."""

    columns: tuple[str, ...]
    rows: list[list[Any]]
    """As JSON has values: times in RFC 3339, decimals as numbers, bytes in hex."""
    truncated: bool
    """Whether there were more rows."""


def ask(workspace: Workspace, query: str, names: Mapping[RaterId, RaterId], seconds: float = SECONDS) -> QueryRows:
    """Run one SELECT over the tables of `lab_tables`. `names` are those that answers show of raters.

    Raises `InvalidValue` for what is not one, and for one that fails or takes too long, `TooLarge` for too much.
    """
    with workspace.connection() as connection, _explained(seconds):
        connection.register(lab_tables.NAMES, pyarrow.table({"stored": list(names), "name": list(names.values())}))
        connection.execute("BEGIN TRANSACTION READ ONLY")
        tables = lab_tables.queries(connection)
        text = _Guard(connection, tables).rewritten(query)
        given = ", ".join(f"{_VIEW}{name} AS ({one})" for name, one in tables.items())
        limit = threading.Timer(seconds, connection.interrupt)
        limit.daemon = True
        limit.start()
        try:
            return _fetched(connection.execute(f"WITH {given} SELECT * FROM ({text}) LIMIT {ROWS + 1}"))
        finally:
            limit.cancel()


class _Guard:
    """Reads one statement of somebody's."""

    def __init__(self, connection: Connection, tables: Mapping[str, str]) -> None:
        self._connection = connection
        self._tables = tables
        self._functions = _functions(connection)
        self._own: frozenset[str] = frozenset()

    def rewritten(self, query: str) -> str:
        """The statement with its tables under the names they have here."""
        read = json.loads(self._one("SELECT json_serialize_sql(?)", query))
        if read["error"]:
            if read["error_type"] == "not implemented":
                raise DoesNotFit("Only SELECT is answered here (with WITH, joins, and UNION), and it changes nothing.")
            raise DoesNotFit(f"That is not SQL as DuckDB reads it: {read['error_message']}.")
        if len(read["statements"]) != 1:
            raise DoesNotFit(f"One SELECT is answered at a time; these are {len(read['statements'])}.")
        self._own = frozenset(name.lower() for name in _with_names(read))
        self._walk(read["statements"][0])
        return self._one("SELECT json_deserialize_sql(?)", json.dumps(read))

    def _one(self, statement: str, text: str) -> str:
        found = rows.fetched(self._connection, statement, [text])
        return str(found[0][0])

    def _walk(self, part: Any) -> None:
        """Look at every part, the innermost too."""
        if isinstance(part, list):
            for one in part:
                self._walk(one)
        elif isinstance(part, dict):
            self._look(part)
            for one in part.values():
                self._walk(one)

    def _look(self, part: dict[str, Any]) -> None:
        kind = part.get("type")
        if "function_name" in part:
            self._function(part)
        elif "class" not in part and isinstance(kind, str) and kind not in _NODES | _TABLES | _MODIFIERS:
            raise DoesNotFit(f"{kind.replace('_', ' ').lower()} is not answered here; write it as a plain SELECT.")
        if kind == "BASE_TABLE" and "class" not in part:
            self._table(part)
        elif kind == "TABLE_FUNCTION" and part["function"]["function_name"].lower() not in _MAKING_ROWS:
            raise DoesNotFit(f"{part['function']['function_name']} is no table here; {self._listed()}")
        for named in part.get("map", ()) if set(part) == {"map"} else ():
            named["key"] = _WITH + named["key"].lower()

    def _function(self, part: dict[str, Any]) -> None:
        name = part["function_name"].lower()
        if part["schema"] or part["catalog"] or name not in self._functions:
            raise DoesNotFit(f"The function {name} is not answered here: it is none of DuckDB's that only compute.")

    def _table(self, part: dict[str, Any]) -> None:
        name = part["table_name"]
        if part["schema_name"] or part["catalog_name"] or part.get("at_clause"):
            raise DoesNotFit(f"Name tables alone, without a schema or catalog before {name}.")
        known = name.lower()
        if known not in self._own and known not in self._tables:
            raise DoesNotFit(f"There is no table {name} here; {self._listed()}")
        inside = (_WITH if known in self._own else _VIEW) + known
        part["alias"] = part["alias"] or name
        part["table_name"] = inside
        part["qualified_name"] = {"path": [inside]}

    def _listed(self) -> str:
        return f"there are {', '.join(self._tables)}."


def _with_names(part: Any) -> Iterator[str]:
    """The names of every WITH, wherever it stands."""
    if isinstance(part, list):
        for one in part:
            yield from _with_names(one)
    elif isinstance(part, dict):
        if set(part) == {"map"}:
            yield from (str(named["key"]) for named in part["map"])
        for one in part.values():
            yield from _with_names(one)


def _functions(connection: Connection) -> frozenset[str]:
    """Functions of DuckDB that only compute."""
    found = rows.fetched(
        connection,
        "SELECT lower(function_name), bool_or(coalesce(has_side_effects, false)) FROM duckdb_functions() "
        "WHERE internal AND (function_type IN ('scalar', 'aggregate') "
        "OR function_type = 'macro' AND NOT starts_with(function_name, 'pg_')) GROUP BY ALL",
    )
    windows = {"row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead", "nth_value"}
    pure = {name for name, reaching in found if not reaching}
    return frozenset((pure - _OUTSIDE) | windows | _BY_CHANCE | _MAKING_ROWS)


@contextlib.contextmanager
def _explained(seconds: float) -> Iterator[None]:
    """Inside it, what the database says of a query becomes a refusal; that its file is gone stays what it is."""
    try:
        yield
    except failures.Interrupted as error:
        raise DoesNotFit(
            f"The query was ended after {seconds:g} seconds; ask for less, such as one campaign or one month."
        ) from error
    except failures.ENDED:
        raise
    except failures.DatabaseError as error:
        said = str(error).split("\n\nLINE ")[0].replace(_VIEW, "").replace(_WITH, "")
        raise DoesNotFit(f"DuckDB refused the query: {said.strip()}") from error


def _fetched(result: Any) -> QueryRows:
    columns = tuple(column[0] for column in result.description)
    found: list[list[Any]] = []
    size = 0
    while piece := result.fetchmany(_PIECE):
        found += [[_plain(value) for value in row] for row in piece]
        size += sum(len(value) for row in found[-len(piece) :] for value in row if isinstance(value, str))
        if size > BYTES:
            raise TooLarge(f"The answer is larger than {BYTES // 1_000_000} MB; ask for fewer rows or columns.")
    return QueryRows(columns=columns, rows=found[:ROWS], truncated=len(found) > ROWS)


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if value - value == 0 else None
        case Decimal():
            return float(value)
        case datetime():
            return value.isoformat() + ("Z" if value.tzinfo is None else "")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes():
            return value.hex()
        case list() | tuple():
            return [_plain(one) for one in value]
        case dict():
            return {str(key): _plain(one) for key, one in value.items()}
        case _:
            return str(value)
