"""The database: DuckDB and every line of SQL live here."""
