"""A workspace in PostgreSQL, which several processes may write to at a time (docs/decisions/0072).

psycopg and ADBC are known here alone, and come with the extra `postgres`. `shared.open_shared` is the way in.
"""
