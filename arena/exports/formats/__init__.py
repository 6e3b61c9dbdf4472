"""One format a file. They do not import each other; what they share is in `arena/exports/rows`."""
