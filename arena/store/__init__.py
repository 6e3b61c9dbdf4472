"""The database: DuckDB and every line of SQL live here. `workspace.Workspace` is the way in."""
