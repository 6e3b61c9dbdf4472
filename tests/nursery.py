"""Processes that start from one that has imported everything, so that a kill costs no seconds of imports.

A session has one such process whichever context asks for it, and the last list of modules counts: so all that any test
needs stands in this one. DuckDB imports pandas at the first query where it is installed.
"""

import multiprocessing

MODULES = [
    "pandas",
    "arena.cli.serving",
    "tests.browser.served",
    "tests.server.crashing_arena",
    "tests.store.voting_child",
]
NURSERY = multiprocessing.get_context("forkserver")
NURSERY.set_forkserver_preload(MODULES)
