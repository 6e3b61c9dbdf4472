"""One SELECT of a lab's own, read before it is run: what it may hold, and what it needs.

The statement is read by DuckDB's own parser, and what came of it is walked: tables that are not the lab's, functions
that reach outside the query, and everything that is not a SELECT are refused by not being on the list. What runs is
written anew from what was read.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from arena.errors import DoesNotFit
from arena.store import rows
from arena.store.connections import Connection

Tables = Mapping[str, Iterable[str]]
"""Tables of a lab, each with its columns."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class LabStatement:
    """A statement that may be run."""

    text: str
    needs: Tables
    """The tables it names, each with the columns that it may ask of it."""


def read(connection: Connection, query: str, tables: Tables) -> LabStatement:
    """Read a statement. Raises `DoesNotFit` for what is not one SELECT over these tables."""
    found = json.loads(_one(connection, "SELECT json_serialize_sql(?)", query))
    if found["error"]:
        if found["error_type"] == "not implemented":
            raise DoesNotFit("Only SELECT is answered here (with WITH, joins, and UNION), and it changes nothing.")
        raise DoesNotFit(f"That is not SQL as DuckDB reads it: {found['error_message']}.")
    if len(found["statements"]) != 1:
        raise DoesNotFit(f"One SELECT is answered at a time; these are {len(found['statements'])}.")
    guard = _Guard(tables, _functions(connection), frozenset(name.lower() for name in _with_names(found)))
    guard.walk(found["statements"][0])
    text = _one(connection, "SELECT json_deserialize_sql(?)", json.dumps(found))
    return LabStatement(text=text, needs=guard.needed())


def _one(connection: Connection, statement: str, text: str) -> str:
    return str(rows.fetched(connection, statement, [text])[0][0])


@dataclass(slots=True)
class _Guard:
    """Walks a statement, refuses what is not on the lists, and notes what is named."""

    tables: Tables
    functions: frozenset[str]
    own: frozenset[str]
    """Names that the statement gives itself, by WITH."""
    texts: set[str] = field(default_factory=set)
    """Every text in it: whatever columns it asks for are among them."""
    named: set[str] = field(default_factory=set)
    """Tables of the lab that it names."""
    whole_rows: bool = False
    """Whether it asks for columns without naming them."""
    spoken: set[str] = field(default_factory=set)
    """What it calls the lab's tables: such a name alone stands for a whole row."""
    alone: set[str] = field(default_factory=set)
    """Names that stand alone in an expression."""

    def walk(self, part: Any) -> None:
        """Look at every part, the innermost too."""
        if isinstance(part, list):
            for one in part:
                self.walk(one)
        elif isinstance(part, dict):
            self._look(part)
            for one in part.values():
                self.walk(one)
        elif isinstance(part, str):
            self.texts.add(part.lower())

    def needed(self) -> Tables:
        """Each table that is named with its columns, as far as they may be asked for: one at least, to count rows."""
        every = self.whole_rows or bool(self.alone & self.spoken)
        return {
            name: tuple(one for one in columns if every or one in self.texts) or (next(iter(columns)),)
            for name, columns in self.tables.items()
            if name in self.named
        }

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
        self.whole_rows |= part.get("class") == "STAR" or part.get("ref_type") == "NATURAL"
        if part.get("class") == "COLUMN_REF" and len(part["column_names"]) == 1:
            self.alone.add(str(part["column_names"][0]).lower())

    def _function(self, part: dict[str, Any]) -> None:
        name = part["function_name"].lower()
        if part["schema"] or part["catalog"] or name not in self.functions:
            raise DoesNotFit(f"The function {name} is not answered here: it is none of DuckDB's that only compute.")

    def _table(self, part: dict[str, Any]) -> None:
        name = part["table_name"]
        if part["schema_name"] or part["catalog_name"] or part.get("at_clause"):
            raise DoesNotFit(f"Name tables alone, without a schema or catalog before {name}.")
        known = name.lower()
        if known not in self.own and known not in self.tables:
            raise DoesNotFit(f"There is no table {name} here; {self._listed()}")
        self.named.add(known)
        self.spoken |= {known, part["alias"].lower()}

    def _listed(self) -> str:
        return f"there are {', '.join(self.tables)}."


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
