"""Votes that are already in memory: DuckDB relations, and what `tables` makes an Arrow table of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow

from leaderboards import errors
from leaderboards.reading import source, tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A DuckDB relation, the caller's own or one over a frame; a `SourcePart`."""

    name: str
    columns: Mapping[str, str] | None
    relation: duckdb.DuckDBPyRelation = field(repr=False)
    held: object = field(default=None, repr=False)
    """The frame and connection behind the relation, kept alive with it."""

    def run(self, sql: str, columns: Sequence[str]) -> pyarrow.Table:
        """The answer to `sql`; columns the relation lacks are null."""
        known = self.columns or {}
        missing = [column for column in columns if column not in known]
        relation = self.relation
        if missing:
            nulls = ", ".join(f"NULL::VARCHAR AS {source.quoted(column)}" for column in missing)
            relation = relation.project(f"*, {nulls}")
        answer = relation.query(source.VOTES, sql)
        if answer is None:  # happens only for a statement that returns nothing
            raise errors.InputError(f"{self.name} gave no answer.")
        return answer.to_arrow_table()

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pyarrow.RecordBatch]:
        """These columns of all rows as they are, about `rows` at a time."""
        relation = self.relation
        if set(self.columns or ()) - set(columns):  # asking DuckDB for fewer columns has its price too
            relation = relation.project(", ".join(source.quoted(column) for column in columns))
        yield from relation.to_arrow_reader(rows)


def opened(votes: Any) -> Relation:
    """A relation or frame as a part of a source. Raises InputError when it is neither."""
    if isinstance(votes, duckdb.DuckDBPyRelation):
        return part("the DuckDB relation", votes, None)
    return _framed(*tables.table(votes))


def _framed(name: str, table: pyarrow.Table) -> Relation:
    doubled = sorted({column for column in table.column_names if table.column_names.count(column) > 1})
    if doubled:
        raise errors.InputError(f"{name} has the column {doubled[0]} twice.")
    if not table.column_names:
        raise errors.InputError(f"{name} has no columns; needed: model_a, model_b, winner.")
    connection = source.connection()
    return part(name, connection.from_arrow(table), (table, connection))


def part(name: str, relation: duckdb.DuckDBPyRelation, held: object) -> Relation:
    """A relation, with what must live as long as it does."""
    columns = dict(zip(relation.columns, (str(kind) for kind in relation.types), strict=True))
    return Relation(name=name, columns=columns, relation=relation, held=held)
